//! The FHIR API: what its charts hold (`chart/`), how one resource is read and many are searched
//! (`read.rs`, `search/`), and what a token reaches of them (`access.rs`).

mod access;
mod batch;
mod brands;
mod capability;
mod chart;
mod format;
mod outcome;
mod read;
mod search;

use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{any, get, post};
use axum::{Extension, Router};

use super::discovery;
use super::organization::Organization;
use super::platform::Platform;
use super::request::Received;
use super::router::unknown;
pub(super) use brands::{brands, identifier as brand};
pub(super) use chart::{Store, home};
use outcome::Refusal;

/// The routes below one FHIR base.
pub(super) fn router() -> Router {
    Router::new()
        .route("/metadata", get(capability::metadata).fallback(read_only))
        .route("/{type}", get(of_type).fallback(read_only))
        .route("/{type}/_search", post(of_type).fallback(searched_only))
        .route("/{type}/{id}", get(of_id).fallback(read_only))
        .route("/{type}/{id}/{*rest}", any(unsupported))
        .route("/", post(batch::batch).fallback(unsupported))
        .layer(from_fn(format::negotiate))
        .route("/.well-known/smart-configuration", get(discovery::smart_configuration))
        .layer(from_fn(of_an_organization))
}

/// Nothing is below the FHIR base of an organization that does not exist.
async fn of_an_organization(
    Extension(platform): Extension<Platform>,
    Extension(received): Extension<Arc<Received>>,
    request: Request,
    next: Next,
) -> Response {
    match Organization::of_path(&platform, &received.path) {
        Some(_) => next.run(request).await,
        None => unknown(Extension(platform)).await,
    }
}

async fn of_type(
    Extension(platform): Extension<Platform>,
    Path(path): Path<Vec<(String, String)>>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let found = found_at(&platform, &request, named(&path, "type"));
    found.unwrap_or_else(|refusal| refusal.answer(&platform))
}

async fn of_id(
    Extension(platform): Extension<Platform>,
    Path(path): Path<Vec<(String, String)>>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let below = format!("{}/{}", named(&path, "type"), named(&path, "id"));
    let found = found_at(&platform, &request, &below);
    found.unwrap_or_else(|refusal| refusal.answer(&platform))
}

/// What a request finds at a path below its FHIR base: a resource, or those of a type.
fn found_at(platform: &Platform, request: &Received, path: &str) -> Result<Response, Refusal> {
    let (kind, id) = path.split_once('/').map_or((path, None), |(kind, id)| (kind, Some(id)));
    let kind = known_type(platform, kind)?;
    match id {
        None => search::search(platform, request, kind),
        Some(id) if id.starts_with(['$', '_']) || id.contains('/') => {
            Err(Refusal::NotSupported(path.to_owned()))
        }
        Some(id) => read::read(platform, request, kind, id),
    }
}

async fn read_only(Extension(platform): Extension<Platform>) -> Response {
    Refusal::NotAllowed("GET,HEAD").answer(&platform)
}

async fn searched_only(Extension(platform): Extension<Platform>) -> Response {
    Refusal::NotAllowed("POST").answer(&platform)
}

/// What FHIR has and this server has not: versions, operations, searches of everything.
async fn unsupported(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let verb = if request.method == Method::GET { "This read" } else { "This interaction" };
    Refusal::NotSupported(verb.to_owned()).answer(&platform)
}

/// A segment of the path, by the name that its route gives it.
fn named<'a>(path: &'a [(String, String)], name: &str) -> &'a str {
    path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

fn known_type<'a>(platform: &Platform, kind: &'a str) -> Result<&'a str, Refusal> {
    let scopes = &platform.dialect().scopes;
    let mut named = scopes.certified_resources.iter().chain(&scopes.other_resources);
    let known = named.any(|name| name == kind) || platform.store().has(kind);
    known.then_some(kind).ok_or_else(|| Refusal::UnknownType(kind.to_owned()))
}
