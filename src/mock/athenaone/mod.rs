//! athenaOne: its API, and the pages that providers launch apps from.

mod apps;
mod chart;
mod desk;
mod encounter;
mod home;
mod launch;
mod practice;

use axum::Router;
use axum::routing::get;

pub(super) use launch::{Launch, LaunchContext};

/// The API's routes, below its own path.
pub(super) fn api() -> Router {
    Router::new()
        .route("/{practice}/ping", get(practice::ping))
        .route("/{practice}/patients/{id}", get(practice::patient))
        .fallback(practice::unknown)
}

/// The pages that providers see, below the EHR's own path.
pub(super) fn pages() -> Router {
    Router::new()
        .route("/", get(home::home))
        .route("/chart/{patient}", get(chart::chart))
        .route("/encounters/{encounter}", get(encounter::encounter))
        .route("/launch", get(launch::launch))
}
