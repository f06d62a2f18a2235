//! Token revocation (RFC 7009).

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::check;
use super::grant::Grant;
use super::issue::IdClaims;
use super::refusal::{Answer, Refusal, uncached};
use crate::dialect::Rule;
use crate::mock::bearer::Bearer;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::ErrorCode::{InvalidRequest, UnsupportedTokenType};

/// `POST {oauth}/revoke`: an unknown token is answered like a known one.
pub(super) async fn revoke(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let answer = end(&platform, &request).await;
    answer.unwrap_or_else(|refusal| refusal.into_response(&platform))
}

async fn end(platform: &Platform, request: &Received) -> Answer {
    let parameters = check::form(platform, request)?;
    let app = check::client_authentication(platform, request, parameters).await?;
    let missing = || Refusal::new(InvalidRequest, "token is missing.");
    let token = parameters.get("token").ok_or_else(missing)?;
    let is_own = |claims: &IdClaims| claims.client_id == app.client_id;
    if IdClaims::read(platform, token).is_some_and(|claims| is_own(&claims)) {
        return Err(Refusal::new(UnsupportedTokenType, "An ID token cannot be revoked."));
    }
    let access = Bearer::of_token(platform, token);
    let mut state = platform.state();
    if let Some(bearer) = access.filter(|bearer| bearer.claims.client_id == app.client_id) {
        state.revoked.insert(bearer.claims.id, bearer.claims.expires);
    }
    // The end of a refresh token is the end of all that came from its grant (RFC 7009 §2.1).
    let refresh = state.refresh_tokens.get(token).map(|refresh| refresh.grant);
    let own = refresh.filter(|number| {
        let is_own = |grant: &Grant| grant.client_id == app.client_id;
        state.grants.get(number).is_some_and(is_own) || platform.overlooks(Rule::RevocationOwnToken)
    });
    if let Some(grant) = own {
        state.end_grant(grant);
    }
    Ok(uncached(StatusCode::OK.into_response()))
}
