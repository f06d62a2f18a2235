//! How an app proves itself in a request (RFC 6749 §2.3, RFC 7523 §2.2).

use url::Url;

use super::super::case::{Case, Platform};
use super::secrets::Ready;
use crate::clock::Clock;
use crate::http::{Body, Call};
use crate::project::{CredentialPlace, RegisteredApp};
use crate::protocol::assertion::{ASSERTION_TYPE, Assertion, audience};
use crate::protocol::basic;
use crate::secret::Secret;

/// A request with these parameters by which the app proves itself in the way of its registration.
pub(super) fn proven(
    case: &Case<'_>,
    platform: &Platform,
    app: &RegisteredApp,
    own: &Ready,
    (address, parameters): (Url, &[(&str, &str)]),
) -> Call {
    let mut form: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut header = None;
    if let Some(key) = &own.key {
        let token_endpoint = case.endpoint(platform, "token_endpoint").unwrap_or(address.clone());
        let pattern = case.dialect.client_assertion.audiences.first().cloned().unwrap_or_default();
        let issuer = platform.discovery.text("issuer").unwrap_or_default();
        let aud = audience(&pattern, issuer, &token_endpoint);
        let now = Clock::system().unix();
        let assertion = Assertion::new(key, &own.client_id, &aud, now).sign(key);
        form.push(("client_assertion_type".to_owned(), ASSERTION_TYPE.to_owned()));
        form.push(("client_assertion".to_owned(), assertion.expose().to_owned()));
    } else if let Some(secret) = &own.secret {
        let usual = case.dialect.token.credentials_in_body;
        if app.credentials_in.map_or(usual, |place| place == CredentialPlace::Body) {
            form.push(("client_id".to_owned(), own.client_id.clone()));
            form.push(("client_secret".to_owned(), secret.expose().to_owned()));
        } else {
            header = Some(basic::encode(&own.client_id, secret));
        }
    }
    let call = Call::post(address, Body::Form(form)).header("accept", "application/json");
    match header.as_ref().map(Secret::expose) {
        Some(value) => call.header("authorization", value),
        None => call,
    }
}
