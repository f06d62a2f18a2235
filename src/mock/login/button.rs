//! A sample of an app's page: the standard button, on which a user begins to sign in.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use url::{Origin, Url};

use super::page::{Look, error_page};
use crate::dialect::UserKind;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Received;

/// `GET {login}/button`: the button of the app `client_id`, which opens the address `start`.
///
/// That is a page of the app, or the authorize request itself.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let app = request.query.get("client_id").and_then(|id| platform.state().app(id));
    let Some(app) = app else {
        return error_page(StatusCode::BAD_REQUEST, "client_id is not that of an app.");
    };
    let start = request.query.get("start").and_then(|start| Url::parse(start).ok());
    let Some(start) = start.filter(|start| may_start(&platform, &app, start)) else {
        let why = "start is no address of the app, nor of the authorize endpoint.";
        return error_page(StatusCode::BAD_REQUEST, why);
    };
    let context =
        context! { title => "Sign-in page of an app", app => app.name, start => start.as_str() };
    Look::of(&platform, UserKind::Patient).page(StatusCode::OK, "button.html", context)
}

/// Whether an address is one of the platform, or has the origin of one that the app registered.
fn may_start(platform: &Platform, app: &App, start: &Url) -> bool {
    let registered = app.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok());
    let own = Url::parse(platform.base()).ok();
    let origins = registered.chain(own).chain(app.launch_url.clone()).map(|url| url.origin());
    let mut known = origins.filter(Origin::is_tuple);
    known.any(|origin| origin == start.origin())
}
