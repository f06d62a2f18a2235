//! Which app a request names, before anything about it is proven.

use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::login;
use super::platform::Platform;
use super::request::Received;
use crate::protocol::basic;

/// The client id that a request names: by its credentials, a parameter, its access token or the
/// visit to the login widget that it belongs to.
pub(super) fn named_client(platform: &Platform, request: &Received) -> Option<String> {
    let basic = request.header(AUTHORIZATION.as_str()).map(basic::decode);
    let basic = basic.and_then(|readings| readings.into_iter().next()).map(|(id, _)| id);
    let parameters = [&request.form, &request.query];
    let parameter = |name| parameters.iter().find_map(|parameters| parameters.get(name));
    basic
        .or_else(|| parameter("client_id").map(str::to_owned))
        .or_else(|| claim(parameter("client_assertion")?, "sub"))
        .or_else(|| claim(request.authorization("bearer")?, "cid"))
        .or_else(|| login::visiting_app(platform, parameter("ticket")?))
}

fn claim(token: &str, name: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims[name].as_str().map(str::to_owned)
}
