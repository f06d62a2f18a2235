//! Who is calling: one method of proof, the one that the app registered (RFC 6749 §2.3).

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::AUTHORIZATION;

use super::assertion::assertion;
use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::{App, Method};
use crate::mock::request::{Parameters, Received};
use crate::protocol::ErrorCode::{InvalidClient, InvalidRequest};
use crate::protocol::basic;

/// The app that proved itself; `parameters` are those of the request, wherever they are.
pub(in crate::mock::oauth) async fn client_authentication(
    platform: &Platform,
    request: &Received,
    parameters: &Parameters,
) -> Result<Arc<App>, Refusal> {
    if let Some(app) = by_address(platform, request) {
        return Ok(app);
    }
    let header = request.header(AUTHORIZATION.as_str());
    let asserts = parameters.get("client_assertion").is_some()
        || parameters.get("client_assertion_type").is_some();
    let secret = parameters.get("client_secret");
    let methods = [header.is_some(), asserts, secret.is_some()];
    let used = methods.into_iter().filter(|used| *used).count();
    platform.demand(Rule::OneAuthenticationMethod, used <= 1, || {
        Refusal::new(InvalidRequest, "More than one method of client authentication is used.")
    })?;
    if let Some(header) = header {
        let app = by_header(platform, header).ok_or_else(|| Refusal::unknown_client(true))?;
        return same_client(platform, app, parameters);
    }
    if asserts {
        let app = assertion(platform, parameters).await?;
        return same_client(platform, app, parameters);
    }
    if let Some(secret) = secret {
        return by_body(platform, parameters, secret);
    }
    without_proof(platform, parameters)
}

/// The app whose id and secret are in the address, where that is not refused.
fn by_address(platform: &Platform, request: &Received) -> Option<Arc<App>> {
    let (id, secret) = (request.query.get("client_id")?, request.query.get("client_secret")?);
    platform.overlooks(Rule::ClientSecretNotInAddress).then(|| by_secret(platform, id, secret))?
}

fn by_header(platform: &Platform, header: &str) -> Option<Arc<App>> {
    let is_usual = header.starts_with("Basic ");
    if !is_usual && platform.overlooks(Rule::AuthenticationSchemeCase) {
        return None;
    }
    let mut pairs = basic::decode(header).into_iter().enumerate();
    pairs.find_map(|(nth, (id, secret))| {
        let app = by_secret(platform, &id, secret.expose())?;
        (nth == 0 || !platform.overlooks(Rule::ClientSecretFormEncoded)).then_some(app)
    })
}

fn by_body(
    platform: &Platform,
    parameters: &Parameters,
    secret: &str,
) -> Result<Arc<App>, Refusal> {
    let in_body = platform.dialect().token.client_secret_post;
    platform.demand(Rule::ClientSecretInHeader, in_body, || {
        let why = "No client credentials found: send them in a Basic header.";
        Refusal::new(InvalidClient, why)
    })?;
    let id = parameters.get("client_id").unwrap_or_default();
    by_secret(platform, id, secret).ok_or_else(|| Refusal::unknown_client(false))
}

/// The app of this id, if this is its secret.
pub(in crate::mock) fn by_secret(platform: &Platform, id: &str, secret: &str) -> Option<Arc<App>> {
    let app = platform.app(id);
    let replaced = app.as_ref().and_then(|app| app.replaced_secret.as_ref());
    let is_replaced = replaced.is_some_and(|replaced| replaced.expose() == secret);
    let known = match app.as_ref().map(|app| &app.method) {
        Some(Method::Secret(known)) => known.expose(),
        _ => "",
    };
    // Digests have one length, and an unknown client takes the same comparison, so that the time
    // tells nothing.
    let [known, presented] = [known, secret].map(|secret| digest(&SHA256, secret.as_bytes()));
    let equal = verify_slices_are_equal(known.as_ref(), presented.as_ref()).is_ok();
    let is_right = equal && !secret.is_empty();
    // Of a client that is not known there is nothing to pass over.
    app.filter(|app| {
        let rule = match app.method {
            Method::Secret(_) => Rule::ClientSecret,
            _ => Rule::RegisteredMethod,
        };
        is_right
            || is_replaced && platform.overlooks(Rule::SecretReplaced)
            || platform.overlooks(rule)
    })
}

/// A public client names itself; refreshing, its refresh token names it where it does not.
fn without_proof(platform: &Platform, parameters: &Parameters) -> Result<Arc<App>, Refusal> {
    let state = platform.state();
    let is_enough =
        |app: &Arc<App>| app.is_public() || platform.overlooks(Rule::ConfidentialClientProves);
    let named = match parameters.get("client_id") {
        Some(id) => state.app(id),
        None if !platform.dialect().token.public_client_known_by_refresh_token => None,
        None => parameters.get("refresh_token").and_then(|token| {
            let grant = state.grants.get(&state.refresh_tokens.get(token)?.grant)?;
            state.app(&grant.client_id)
        }),
    };
    named
        .filter(is_enough)
        .ok_or_else(|| Refusal::new(InvalidClient, "No client credentials found."))
}

/// A `client_id` next to a proof must agree with it.
fn same_client(
    platform: &Platform,
    app: Arc<App>,
    parameters: &Parameters,
) -> Result<Arc<App>, Refusal> {
    let is_same = parameters.get("client_id").is_none_or(|id| id == app.client_id);
    platform.demand(Rule::SameClientId, is_same, || {
        Refusal::new(InvalidRequest, "client_id is not the client that proved itself.")
    })?;
    Ok(app)
}
