//! Who visits the portal: sign-up, sign-in, sign-out, and what guards the forms.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use minijinja::{Value, context};

use super::frame::{Away, COOKIE, faults, go, page, read, with_session, written};
use crate::mock::platform::Platform;
use crate::mock::portal::accounts;
use crate::mock::portal::answer::Refusal;
use crate::mock::request::Received;

/// A developer who is signed in.
pub(super) struct Visitor {
    pub(super) session: String,
    pub(super) account: String,
    /// What the forms of this session have to bring back.
    pub(super) token: String,
}

impl Visitor {
    /// Who sends a request; who is not signed in is sent to do so.
    pub(super) fn of(platform: &Platform, request: &Received) -> Result<Self, Away> {
        let session = request.cookie(COOKIE).unwrap_or_default();
        let now = platform.clock().unix();
        let console = platform.console();
        let account = console.account_of(session, now);
        let token = console.sessions.get(session).map(|found| found.form_token.clone());
        drop(console);
        match (account, token) {
            (Some(account), Some(token)) => {
                Ok(Self { session: session.to_owned(), account, token })
            }
            _ => Err(Away::to(platform, "/sign-in")),
        }
    }

    /// Who sends a form, if it is one of this session's own pages.
    pub(super) fn of_form(platform: &Platform, request: &Received) -> Result<Self, Away> {
        let visitor = Self::of(platform, request)?;
        if request.form.get("form_token") != Some(visitor.token.as_str()) {
            return Err(Away::to(platform, "/apps"));
        }
        Ok(visitor)
    }
}

/// `GET /`.
pub(super) async fn home(Extension(platform): Extension<Platform>) -> Response {
    go(&platform, "/apps")
}

/// `GET sign-up`.
pub(super) async fn show_sign_up(Extension(platform): Extension<Platform>) -> Response {
    page(&platform, "account.html", SIGN_UP, empty(true))
}

/// `GET sign-in`.
pub(super) async fn show_sign_in(Extension(platform): Extension<Platform>) -> Response {
    page(&platform, "account.html", SIGN_IN, empty(false))
}

/// `POST sign-up`: makes an account and signs in with it.
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
pub(super) async fn sign_out(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Result<Response, Away> {
    let visitor = Visitor::of_form(&platform, &request)?;
    accounts::end_session(&platform, &visitor.session);
    Ok(with_session(&platform, go(&platform, "/sign-in"), ""))
}

fn enter(platform: &Platform, request: &Received, new: bool) -> Response {
    let title = if new { SIGN_UP } else { SIGN_IN };
    // Nobody is signed in yet whose token a form could bring: a form of another site is told apart
    // by what the browser says of it (Fetch Metadata).
    if request.header("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return page(platform, "account.html", title, empty(new));
    }
    let body = read(request);
    let account = if new { accounts::sign_up(platform, &body).map(|_| ()) } else { Ok(()) };
    match account.and_then(|()| accounts::begin_session(platform, &body)) {
        Ok(session) => with_session(platform, go(platform, "/apps"), session.expose()),
        Err(refusal) => {
            let mut errors = faults(&refusal);
            if refusal == Refusal::NotSignedIn {
                errors.insert(String::new(), "Email address or password is wrong.".to_owned());
            }
            let mut values = written(&body);
            values.remove("password");
            page(platform, "account.html", title, context! { new, errors, values })
        }
    }
}

/// A form in which nothing is written and nothing is wrong yet.
fn empty(new: bool) -> Value {
    let nothing = BTreeMap::<String, String>::new();
    context! { new, errors => nothing, values => nothing }
}

const SIGN_UP: &str = "Sign up";
const SIGN_IN: &str = "Sign in";
