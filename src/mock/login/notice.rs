//! Pages that tell something, with the way on: a visit that is over or took too long, a record that
//! cannot be had, a sign-out.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use super::page::{Look, redirect};
use super::session::{Purpose, Ticket};
use super::step::look;
use crate::mock::oauth::deliver_error;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::{ErrorCode, OAuthError};

/// The page for a visit that is over, or never was.
pub(super) fn no_visit(platform: &Platform, id: &str) -> Response {
    let visit = platform.state().tickets.get(id).cloned();
    let Some(visit) = visit else {
        let text = "This sign-in is not known any more. Please start again from the app.";
        return tell(&Look::plain(), "This sign-in has ended", text, &[]);
    };
    let login = platform.login_path();
    let look = look(platform, &visit);
    match &visit.purpose {
        Purpose::Over(over) => {
            let to = &over.to;
            let text =
                format!("It was completed or left. You can close this page and go on in {to}.");
            tell(&look, "This sign-in has ended", &text, &[])
        }
        Purpose::Authorize(asked) => {
            let words = format!("Back to {}", asked.app.name);
            let back = context! { to => format!("{login}/back?ticket={id}"), words };
            let text =
                "For your safety it has to be finished in a certain time. Nothing was shared.";
            tell(&look, "This sign-in took too long", text, &[back])
        }
        Purpose::Page(page) => {
            let back = context! { to => page, words => "Sign in again" };
            let text = "For your safety it has to be finished in a certain time.";
            tell(&look, "This sign-in took too long", text, &[back])
        }
    }
}

/// `GET {login}/back`: from a visit that took too long to its app.
pub(super) async fn back(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    let now = platform.clock().unix();
    let visit = platform.state().tickets.get(id).filter(|visit| visit.expires <= now).cloned();
    match visit.map(|visit| visit.purpose) {
        Some(Purpose::Authorize(asked)) => {
            platform.state().tickets.remove(id);
            let why = "The sign-in was not finished in time.";
            deliver_error(&asked.return_to, &OAuthError::new(ErrorCode::AccessDenied, why))
        }
        _ => redirect(&format!("{}?ticket={id}", platform.login_path())),
    }
}

/// The stop of a user who has no record that this app could be shown.
pub(super) fn no_record(platform: &Platform, visit: &Ticket, id: &str) -> Response {
    let login = platform.login_path();
    let app = match &visit.purpose {
        Purpose::Authorize(asked) => asked.app.name.as_str(),
        _ => "",
    };
    let again = context! { to => format!("{login}/records?ticket={id}"), words => "Check again" };
    let leave = context! {
        to => format!("{login}/records"), post => true, ticket => id, kind => "quiet",
        words => format!("Back to {app}"),
    };
    let text = "Could not confirm access to additional health records. Please check again later.";
    let context = context! {
        title => "Select a health record", text, alert => true, ways => [again, leave],
    };
    look(platform, visit).page(StatusCode::FORBIDDEN, "notice.html", context)
}

/// The page after a sign-out that leads nowhere else.
pub(in crate::mock) fn signed_out() -> Response {
    let text = "Your session has ended. You can close this page.";
    let context = context! { id => "signed-out", title => "You are signed out", text };
    Look::plain().page(StatusCode::OK, "notice.html", context)
}

fn tell(look: &Look, title: &str, text: &str, ways: &[Value]) -> Response {
    look.page(StatusCode::BAD_REQUEST, "notice.html", context! { title, text, alert => true, ways })
}
