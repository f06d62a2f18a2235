//! The authorization server: authorize, token, introspect, revoke and logout.
//!
//! Each endpoint reads its rules from `check/` in the order in which they are applied.

mod authorize;
mod check;
mod grant;
mod hosted_keys;
mod introspect;
mod issue;
mod key_address;
mod logout;
mod refusal;
mod revoke;
mod token;
mod used;

use axum::Router;
use axum::routing::{get, post};

pub(super) use authorize::{AuthorizeRequest, deliver_code, deliver_error};
pub(super) use grant::{AccessToken, Code, Grant, RefreshToken};
pub(super) use hosted_keys::HostedKeys;
pub(super) use issue::{TokenClaims, user_of};
pub(super) use key_address::may_host_keys;
pub(super) use token::Quota;
pub(super) use used::Used;

use super::discovery;

/// The endpoints that browsers visit: no script of another site reads them.
pub(super) fn pages() -> Router {
    Router::new()
        .route("/authorize", get(authorize::by_query).post(authorize::by_form))
        .route("/logout", get(logout::logout))
}

/// The endpoints that apps call, also from scripts in a browser.
pub(super) fn calls() -> Router {
    Router::new()
        .route("/token", post(token::token))
        .route("/introspect", get(introspect::by_query).post(introspect::by_form))
        .route("/revoke", post(revoke::revoke))
        .route("/keys", get(discovery::keys))
}
