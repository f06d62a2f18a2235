//! Who visits the portal: sign-up, sign-in, sign-out, and what guards the forms.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::Response;
use minijinja::context;
use serde_json::{Map, Value};

use super::frame::{
    Away, COOKIE, ENTRY, FORM_TOKEN, faults, go, page, read, with_entry, with_session, written,
};
use crate::mock::platform::{Platform, SESSION_LENGTH};
use crate::mock::portal::accounts;
use crate::mock::portal::answer::Refusal;
use crate::mock::portal::developer::sent;
use crate::mock::request::Received;
use crate::protocol::random;

/// A developer who is signed in, and what the browser sent; a form only of this session's own pages.
pub(super) struct Visitor {
    pub(super) platform: Platform,
    pub(super) request: Arc<Received>,
    pub(super) session: String,
    pub(super) account: String,
    /// What the forms of this session have to bring back.
    pub(super) token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Away;

    /// Who is not signed in is sent to do so; who sends a form of another page, to the apps.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Away> {
        let (platform, request) = sent(parts, state).await.ok_or_else(Away::anywhere)?;
        let session = request.cookie(COOKIE).unwrap_or_default().to_owned();
        let console = platform.console();
        let account = console.account_of(&session, platform.clock().unix());
        let token = console.sessions.get(&session).map(|found| found.form_token.clone());
        drop(console);
        let (Some(account), Some(token)) = (account, token) else {
            return Err(Away::to(&platform, "/sign-in"));
        };
        if request.method == Method::POST && request.form.get(FORM_TOKEN) != Some(token.as_str()) {
            return Err(Away::to(&platform, "/apps"));
        }
        Ok(Self { platform, request, session, account, token })
    }
}

/// `GET /`.
pub(super) async fn home(Extension(platform): Extension<Platform>) -> Response {
    go(&platform, "/apps")
}

/// `GET sign-up`.
pub(super) async fn show_sign_up(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    entrance(&platform, &request, true, &Map::new(), BTreeMap::new())
}

/// `GET sign-in`.
pub(super) async fn show_sign_in(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    entrance(&platform, &request, false, &Map::new(), BTreeMap::new())
}

/// `POST sign-up`: makes an account and signs in with it, or asks that its email address be verified
/// first.
pub(super) async fn sign_up(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    enter(&platform, &request, true)
}

/// `POST sign-in`.
pub(super) async fn sign_in(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    enter(&platform, &request, false)
}

/// `POST sign-out`.
pub(super) async fn sign_out(Visitor { platform, session, .. }: Visitor) -> Response {
    accounts::end_session(&platform, &session);
    with_session(&platform, go(&platform, "/sign-in"), "")
}

/// `GET verify`: the way of the link in a message.
pub(super) async fn verify(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    if accounts::verify(&platform, request.query.get("token").unwrap_or_default()) {
        return go(&platform, "/sign-in");
    }
    let errors = BTreeMap::from([(String::new(), "This link verifies no address.".to_owned())]);
    entrance(&platform, &request, false, &Map::new(), errors)
}

fn enter(platform: &Platform, request: &Received, new: bool) -> Response {
    let mut body = read(request);
    let made = match (brings_entry(request), new) {
        (false, _) => Err(Refusal::field("", STALE)),
        (true, false) => Ok(None),
        (true, true) => accounts::sign_up(platform, &body).map(|made| made.unverified),
    };
    let entered = match made {
        Ok(Some(token)) => return message(platform, &token),
        Ok(None) => accounts::begin_session(platform, &body),
        Err(refusal) => Err(refusal),
    };
    match entered {
        Ok(session) => with_session(platform, go(platform, "/apps"), session.expose()),
        Err(refusal) => {
            let mut errors = faults(&refusal);
            if refusal == Refusal::NotSignedIn {
                errors.insert(String::new(), "Email address or password is wrong.".to_owned());
            }
            body.remove("password");
            entrance(platform, request, new, &body, errors)
        }
    }
}

/// What a message to a new account would say, since none is sent.
fn message(platform: &Platform, token: &str) -> Response {
    let link = accounts::verification(platform, token);
    page(platform, "verify.html", "Verify your email address", context! { link })
}

/// The form to sign up or in.
fn entrance(
    platform: &Platform,
    request: &Received,
    new: bool,
    body: &Map<String, Value>,
    errors: BTreeMap<String, String>,
) -> Response {
    let title = if new { "Sign up" } else { "Sign in" };
    let entry = entry(request);
    let form = context! { new, errors, values => written(body), entry };
    let path = &platform.dialect().paths.portal;
    with_entry(platform, page(platform, "account.html", title, form), path, &entry)
}

/// What the form of a page brings back that nobody is signed in to yet: what the browser has as a
/// cookie. Another site can send a form, but cannot know or set the cookie.
pub(super) fn entry(request: &Received) -> String {
    let known = request.cookie(ENTRY).filter(|known| !known.is_empty());
    known.map_or_else(|| random::alphanumeric(SESSION_LENGTH), str::to_owned)
}

/// Whether a form brings what its browser has as a cookie.
pub(super) fn brings_entry(request: &Received) -> bool {
    let cookie = request.cookie(ENTRY).filter(|cookie| !cookie.is_empty());
    cookie.is_some_and(|cookie| request.form.get(FORM_TOKEN) == Some(cookie))
}

/// What is said of a form that does not bring back what its page had.
pub(super) const STALE: &str = "This form was too old, or of another page. Send it again.";
