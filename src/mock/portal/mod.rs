//! The developer portal: accounts, apps, their credentials and scopes, and who let them in where.
//!
//! Steps register the apps of a scenario through its HTTP API, by the same rules as a developer in
//! the console. What happens outside the portal comes in by calls to `/control`; what it means for
//! an app is the table of `access.rs`.

mod access;
mod accounts;
mod answer;
mod app;
mod apps;
mod credentials;
mod developer;
mod environments;
mod onboarding;
mod pages;
mod registration;
mod scopes;
mod staff;

use axum::Router;
use axum::routing::{delete, get, post, put};

pub(super) use accounts::Console;
pub(super) use app::{App, EndUsers, Level, Method};

/// The portal's routes, below its `api`.
pub(super) fn router() -> Router {
    Router::new()
        .route("/accounts", post(accounts::create))
        .route("/sessions", post(accounts::sign_in).delete(accounts::sign_out))
        .route("/apps", get(apps::list).post(apps::create))
        .route("/apps/{id}", get(apps::show).patch(apps::update).delete(apps::delete))
        .route("/apps/{id}/secret", post(credentials::rotate_secret))
        .route("/apps/{id}/jwks", put(credentials::import_keys).post(credentials::add_keys))
        .route("/apps/{id}/jwks/{kid}", delete(credentials::remove_key))
        .route("/apps/{id}/jwks_uri", put(credentials::move_keys))
        .route("/apps/{id}/sync", post(apps::sync))
        .route("/apps/{id}/scopes", get(scopes::show).put(scopes::select))
        .route("/apps/{id}/scopes/confirm", post(scopes::confirm))
        .route("/apps/{id}/environments", get(environments::list))
        .route("/apps/{id}/environments/production/request", post(environments::request))
        .route("/apps/{id}/environments/{environment}", post(environments::issue))
}

/// The portal's pages, below its own path.
pub(super) fn pages() -> Router {
    pages::router()
}

/// The pages of staff and practices, below `/control/staff`.
pub(super) fn staff_pages() -> Router {
    pages::staff_router()
}

/// What others than developers do to apps, below `/control`.
pub(super) fn control() -> Router {
    Router::new()
        .route("/apps/{id}", put(staff::import))
        .route("/apps/{id}/onboarding", get(staff::show).put(staff::note))
        .route("/apps/{id}/practices/{practice}", put(staff::note_practice))
        .route("/apps/{id}/scopes/approve", post(staff::approve_scopes))
}
