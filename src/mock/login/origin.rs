//! Answers to the widget's forms come from its own pages (OWASP, cross-site request forgery).

use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use url::Url;

use super::page::error_page;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// Refuses a form that another site's page sent: it would sign somebody in without their doing.
///
/// Each browser says where a form comes from; a client that does not is no browser.
pub(super) async fn own_pages_only(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
    further: Request,
    next: Next,
) -> Response {
    let origin = request.header(ORIGIN.as_str());
    if request.method == Method::POST
        && !origin.is_none_or(|origin| is_own(&platform, &request, origin))
    {
        return error_page(StatusCode::FORBIDDEN, "This form was sent by a page of another site.");
    }
    next.run(further).await
}

fn is_own(platform: &Platform, request: &Received, origin: &str) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    // The platform may be reached by several names.
    let authority = origin.authority();
    let by_name = request.header(HOST.as_str()) == Some(authority) && !authority.is_empty();
    by_name || Url::parse(platform.base()).is_ok_and(|own| own.origin() == origin.origin())
}
