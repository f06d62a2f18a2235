//! The platform's TLS over HTTP: the certificate that it shows, and the authority to trust.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use jiff::Timestamp;
use serde::Deserialize;

use super::answer::{Answer, Refusal, json_body, read};
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::mock::serving::{Kind, Tls, TlsError};

/// `GET tls`: the certificate that new connections get.
pub(super) async fn show(Extension(platform): Extension<Platform>) -> Answer {
    Ok(Json(tls(&platform)?.certificate()).into_response())
}

/// What `POST tls` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    certificate: Kind,
    not_after: Option<Timestamp>,
}

/// `POST tls`: another certificate from now on.
pub(super) async fn change(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let tls = tls(&platform)?;
    let wanted: Wanted = read(json_body(&request)?)?;
    let shown = tls.show(wanted.certificate, wanted.not_after);
    let refuse = |error: TlsError| {
        let field = if matches!(error, TlsError::Moment) { "not_after" } else { "certificate" };
        Refusal::field(field, format!("It is not possible to {error}."))
    };
    Ok(Json(shown.map_err(refuse)?).into_response())
}

/// `GET ca.pem`: the certificate of the authority. It is public: whoever asks gets it.
pub(super) async fn authority(Extension(platform): Extension<Platform>) -> Answer {
    let pem = tls(&platform)?.ca_pem();
    Ok(([(CONTENT_TYPE, "application/x-pem-file")], pem).into_response())
}

fn tls(platform: &Platform) -> Result<&Tls, Refusal> {
    platform.tls().ok_or_else(|| Refusal::not_found("The platform is not served over TLS."))
}
