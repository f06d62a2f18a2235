//! The control of a platform by its tester: time, settings, faults, keys, memory and journal.
//!
//! What the harness does with a [`Platform`](super::Platform) in the same process, other programs
//! do over HTTP below `/control`. Apps have no business here: [`access`] keeps them out, the
//! journal leaves these requests out, and no fault reaches them.

mod access;
mod answer;
mod clock;
mod faults;
mod journal;
mod keys;
mod reset;
mod sandbox;
mod settings;
mod tls;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{delete, get, post};

use super::portal;

/// The routes below `/control`.
pub(super) fn router() -> Router {
    Router::new()
        .route("/clock", get(clock::show).put(clock::set))
        .route("/clock/advance", post(clock::advance))
        .route("/journal", get(journal::show).delete(journal::clear))
        .route("/settings", get(settings::show).patch(settings::change).delete(settings::reset))
        .route("/faults", get(faults::list).post(faults::plant).delete(faults::clear))
        .route("/faults/{id}", get(faults::show).delete(faults::remove))
        .route("/keys", get(keys::show))
        .route("/keys/rotate", post(keys::rotate))
        .route("/keys/{kid}", delete(keys::withdraw))
        .route("/sandbox", get(sandbox::show))
        .route("/reset", post(reset::reset))
        .merge(portal::control())
        .route("/tls", get(tls::show).post(tls::change))
        .fallback(answer::nowhere)
        .layer(from_fn(access::guard))
        .nest("/staff", portal::staff_pages().layer(from_fn(access::guard_page)))
        .route("/ca.pem", get(tls::authority))
}
