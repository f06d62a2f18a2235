//! The FHIR API: what a token reaches, and what it does not.

mod capability;
mod outcome;
mod patient;
mod resource;

use axum::Router;
use axum::routing::get;

use super::discovery;

/// The routes below one FHIR base.
pub(super) fn router() -> Router {
    Router::new()
        .route("/.well-known/smart-configuration", get(discovery::smart_configuration))
        .route("/metadata", get(capability::metadata))
        .route("/Patient", get(patient::search))
        .route("/Patient/{id}", get(patient::read))
        .route("/{type}", get(resource::search))
        .route("/{type}/{id}", get(resource::read))
}
