//! Token endpoints of realms, as Keycloak has them.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::token::exchange;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `POST` to the token endpoint of a realm.
pub(in crate::mock) async fn realm_token(
    Extension(platform): Extension<Platform>,
    Path(realm): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let dialect = platform.dialect();
    let realms = dialect.paths.realms.as_ref().filter(|realms| realms.names.contains(&realm));
    let Some(realms) = realms else {
        return (StatusCode::NOT_FOUND, Json(json!({"error": "Realm does not exist"})))
            .into_response();
    };
    let answer = exchange(&platform, &request, &realms.grants).await;
    answer.unwrap_or_else(|refusal| refusal.into_response(&platform))
}
