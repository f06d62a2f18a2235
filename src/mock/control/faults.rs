//! The platform's faults: planted, looked at, removed.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, json_body, read, shown};
use crate::mock::fault::{Fault, Planted};
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET faults`: all that were planted, also those that will not strike again.
pub(super) async fn list(Extension(platform): Extension<Platform>) -> Answer {
    let faults = platform.faults().list();
    shown(json!({"faults": faults.iter().map(written).collect::<Vec<_>>()}))
}

/// `POST faults`: plants one.
pub(super) async fn plant(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let fault: Fault = read(json_body(&request)?)?;
    let planted = platform.faults().plant(fault);
    let id = planted.map_err(|error| Refusal::field(error.member, error.why))?;
    let planted = find(&platform, id)?;
    Ok((StatusCode::CREATED, Json(written(&planted))).into_response())
}

/// `GET faults/{id}`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
) -> Answer {
    let id = id.parse().map_err(|_| nothing())?;
    shown(written(&find(&platform, id)?))
}

/// `DELETE faults/{id}`: removes one.
pub(super) async fn remove(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
) -> Answer {
    let removed = id.parse().is_ok_and(|id| platform.faults().remove(id));
    if removed { list(Extension(platform)).await } else { Err(nothing()) }
}

/// `DELETE faults`: removes all.
pub(super) async fn clear(Extension(platform): Extension<Platform>) -> Answer {
    platform.faults().clear();
    list(Extension(platform)).await
}

fn find(platform: &Platform, id: u64) -> Result<Planted, Refusal> {
    let planted = platform.faults().list().into_iter().find(|planted| planted.id == id);
    planted.ok_or_else(nothing)
}

fn written(planted: &Planted) -> Value {
    serde_json::to_value(planted).unwrap_or_default()
}

fn nothing() -> Refusal {
    Refusal::not_found("There is no fault of this number.")
}
