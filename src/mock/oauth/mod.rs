//! The authorization server: authorize, token, introspect, revoke, userinfo and logout.
//!
//! Each endpoint reads its rules from `check/` in the order in which they are applied.

mod authorize;
mod check;
mod delivery;
mod grant;
mod hosted_keys;
mod introspect;
mod issue;
mod key_address;
mod logout;
mod realm;
mod refusal;
mod revoke;
mod token;
mod used;
mod userinfo;

use axum::Router;
use axum::routing::{get, post};

pub(super) use authorize::AuthorizeRequest;
pub(super) use check::{Quota, by_secret};
pub(super) use delivery::{deliver_code, deliver_error, deliver_silent_refusal};
pub(super) use grant::{AccessToken, Code, Grant, RefreshToken};
pub(super) use hosted_keys::HostedKeys;
pub(super) use issue::{TokenClaims, jwt_of, user_of};
pub(super) use key_address::may_host_keys;
pub(super) use realm::realm_token;
pub(super) use refusal::Refusal;
pub(super) use used::Used;

use super::discovery;
use crate::dialect::Paths;

/// The endpoints that browsers visit: no script of another site reads them.
pub(super) fn pages(paths: &Paths) -> Router {
    let authorize = || get(authorize::by_query).post(authorize::by_form);
    let router = match paths.authorize_plans.as_slice() {
        [] => Router::new().route("/authorize", authorize()),
        plans => plans.iter().fold(Router::new(), |router, plan| {
            router.route(&format!("/authorize/{plan}"), authorize())
        }),
    };
    router.route("/logout", get(logout::by_query).post(logout::by_form))
}

/// The endpoints that apps call, also from scripts in a browser.
pub(super) fn calls() -> Router {
    Router::new()
        .route("/token", post(token::token))
        .route("/introspect", get(introspect::by_query).post(introspect::by_form))
        .route("/revoke", post(revoke::revoke))
        .route("/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
        .route("/keys", get(discovery::keys))
}
