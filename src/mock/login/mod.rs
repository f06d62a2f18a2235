//! The login widget: sign-in, choice of a record and of a visit, consent. Pages of the server, without scripts.
//!
//! A visit has a ticket. After each answer [`step::next`] decides what is still to be asked; when
//! nothing is, the user is back at the app with a code. Whose name and colours the pages have, and
//! which form the sign-in, the dialect says.

mod button;
mod colour;
mod consent;
mod encounters;
mod notice;
mod origin;
mod page;
mod records;
mod session;
mod sign_in;
mod step;
mod wording;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;

pub(super) use notice::signed_out;
pub(super) use page::{Look, error_page, escaped, page, redirect};
pub(super) use session::{Session, Ticket, cookie, session, signed_in, signed_in_user};
pub(super) use step::{begin, begin_page, visiting_app};

/// The widget's routes, below its own path.
pub(super) fn router() -> Router {
    Router::new()
        .route("/", get(sign_in::show).post(sign_in::submit))
        .route("/password", get(sign_in::show_password).post(sign_in::submit))
        .route("/records", get(records::show).post(records::submit))
        .route("/encounters", get(encounters::show).post(encounters::submit))
        .route("/consent", get(consent::show).post(consent::submit))
        .route("/back", get(notice::back))
        .route("/button", get(button::show))
        .layer(from_fn(origin::own_pages_only))
}
