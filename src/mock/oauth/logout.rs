//! Ends the user's session in the login widget (OpenID Connect RP-Initiated Logout 1.0 §2).

use std::sync::Arc;

use axum::Extension;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::Value;
use url::Url;

use crate::mock::bearer::claims;
use crate::mock::login::{self, cookie, session};
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Received;

/// `GET {oauth}/logout`: to a registered address of the app that `id_token_hint` was issued to, or
/// to a page that says that the session is over.
pub(super) async fn logout(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let refuse = |why: &str| login::error_page(StatusCode::BAD_REQUEST, why);
    let hint = request.query.get("id_token_hint");
    let app = hint.and_then(|hint| issued_to(&platform, hint));
    if hint.is_some() && app.is_none() {
        return refuse("id_token_hint is not an ID token of this platform.");
    }
    let to = request.query.get("post_logout_redirect_uri");
    let registered = |to: &&str| {
        let uris = app.iter().flat_map(|app| &app.post_logout_redirect_uris);
        uris.into_iter().any(|uri| uri == to)
    };
    if to.is_some_and(|to| !registered(&to)) {
        return refuse("post_logout_redirect_uri is not registered by the app of id_token_hint.");
    }
    if let Some(session) = session(&platform, &request) {
        platform.state().sessions.remove(session);
    }
    let mut response = match to.and_then(|to| Url::parse(to).ok()) {
        None => login::signed_out(),
        Some(mut url) => {
            if let Some(state) = request.query.get("state") {
                url.query_pairs_mut().append_pair("state", state);
            }
            login::redirect(url.as_str())
        }
    };
    if let Ok(value) = HeaderValue::from_str(&cookie(&platform, "")) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// The app of an ID token, which may have expired.
fn issued_to(platform: &Platform, id_token: &str) -> Option<Arc<App>> {
    let claims = claims(platform, id_token)?;
    platform.state().app(claims.get("aud").and_then(Value::as_str)?)
}
