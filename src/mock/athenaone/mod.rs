//! athenaOne: its API, and the pages that providers launch apps from.

mod api;
mod apps;
mod chart;
mod desk;
mod encounter;
mod home;
mod launch;

use axum::Router;
use axum::routing::get;

pub(super) use api::Booking;
pub(super) use api::router as api;
pub(super) use launch::{Launch, LaunchContext};

/// The pages that providers see, below the EHR's own path.
pub(super) fn pages() -> Router {
    Router::new()
        .route("/", get(home::home))
        .route("/chart/{patient}", get(chart::chart))
        .route("/encounters/{encounter}", get(encounter::encounter))
        .route("/launch", get(launch::launch))
}
