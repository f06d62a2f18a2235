//! The developer portal's HTTP API: accounts, apps, their credentials and scopes.
//!
//! Steps register the apps of a scenario here, through the same rules as a developer in the console.

mod accounts;
mod answer;
mod app;
mod apps;
mod registration;
mod scopes;

use axum::Router;
use axum::routing::{get, post, put};

pub(super) use accounts::Console;
pub(super) use app::{App, EndUsers, Level, Method};

/// The portal's routes, below its `api`.
pub(super) fn router() -> Router {
    Router::new()
        .route("/accounts", post(accounts::create))
        .route("/sessions", post(accounts::sign_in))
        .route("/apps", get(apps::list).post(apps::create))
        .route("/apps/{id}", get(apps::show).delete(apps::delete))
        .route("/apps/{id}/secret", post(apps::rotate_secret))
        .route("/apps/{id}/jwks", put(apps::import_keys))
        .route("/apps/{id}/scopes", put(scopes::select))
        .route("/apps/{id}/scopes/confirm", post(scopes::confirm))
}
