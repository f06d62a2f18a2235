//! Who uses the pages of staff.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use minijinja::context;

use super::PATH;
use crate::mock::bounds::{ISSUED, make_room};
use crate::mock::platform::{Platform, SESSION_LENGTH};
use crate::mock::portal::accounts::StaffSession;
use crate::mock::portal::developer::sent;
use crate::mock::portal::pages::frame::{Away, FORM_TOKEN, page, with_cookie, with_entry};
use crate::mock::portal::pages::visit::{STALE, brings_entry, entry};
use crate::mock::request::Received;
use crate::protocol::random;

/// Somebody who may speak for the platform and its practices, and what the browser sent; a form
/// only of this session's own pages.
pub(super) struct Staff {
    pub(super) platform: Platform,
    pub(super) request: Arc<Received>,
    /// What the forms of this session have to bring back.
    pub(super) token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = Away;

    /// Who has no session is sent to get one; who sends a form of another page, to the list.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Away> {
        let (platform, request) = sent(parts, state).await.ok_or_else(Away::anywhere)?;
        let session = request.cookie(COOKIE).unwrap_or_default();
        let now = platform.clock().unix();
        let console = platform.console();
        let session = console.staff.get(session).filter(|session| session.expires > now);
        let token = session.map(|session| session.form_token.clone());
        drop(console);
        let token = token.ok_or_else(|| Away::to_path(&format!("{PATH}/sign-in")))?;
        if request.method == Method::POST && request.form.get(FORM_TOKEN) != Some(token.as_str()) {
            return Err(Away::to_path(PATH));
        }
        Ok(Self { platform, request, token })
    }
}

/// `GET sign-in`: begins a session, or asks for the control token if there is one.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    if platform.control_token().is_none() {
        return begin(&platform);
    }
    question(&platform, &request, None)
}

/// `POST sign-in`: begins a session for who knows the control token.
pub(super) async fn sign_in(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    if !brings_entry(&request) {
        return question(&platform, &request, Some(STALE));
    }
    let said = request.form.get("control_token").unwrap_or_default();
    let knows = platform.control_token().is_none_or(|token| {
        verify_slices_are_equal(said.as_bytes(), token.expose().as_bytes()).is_ok()
    });
    if knows {
        return begin(&platform);
    }
    question(&platform, &request, Some("That is not the control token."))
}

fn begin(platform: &Platform) -> Response {
    let session = random::alphanumeric(SESSION_LENGTH);
    let expires = platform.clock().unix() + platform.dialect().lifetimes.session;
    let form_token = random::alphanumeric(SESSION_LENGTH);
    let mut console = platform.console();
    make_room(&mut console.staff, ISSUED, |session| session.expires);
    console.staff.insert(session.clone(), StaffSession { form_token, expires });
    drop(console);
    let cookie = format!("{COOKIE}={session}; Path={PATH}; SameSite=Strict");
    with_cookie(platform, Away::to_path(PATH).into_response(), &cookie)
}

fn question(platform: &Platform, request: &Received, wrong: Option<&str>) -> Response {
    let entry = entry(request);
    let form = context! { entry, wrong, home => PATH };
    let response = page(platform, "staff/sign_in.html", "Sign in as staff", form);
    with_entry(platform, response, PATH, &entry)
}

/// The cookie of a session.
const COOKIE: &str = "staff";
