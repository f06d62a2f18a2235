//! The user's consent, scope by scope.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use super::notice::no_visit;
use super::session::{Ticket, session, signed_in_user};
use super::step::{Step, authorized, deny, look, next, step, ticket};
use super::wording::{Whose, wording};
use crate::dialect::{Rule, User};
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::{Scope, ScopeSet};

/// `GET {login}/consent`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    let session = session(&platform, &request);
    let user = signed_in_user(&platform, session);
    match (ticket(&platform, id), questions(&platform, session, id), user) {
        (Some(visit), Some((scopes, record)), Some(user)) => {
            form(&platform, &visit, id, user, &scopes, record.as_deref())
        }
        (None, ..) => no_visit(&platform, id),
        _ => next(&platform, session, id),
    }
}

/// `POST {login}/consent`: what is not ticked is not granted; where nothing is, access is denied.
pub(super) async fn submit(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.form.get("ticket").unwrap_or_default();
    let session = session(&platform, &request);
    let Some((questions, _)) = questions(&platform, session, id) else {
        return next(&platform, session, id);
    };
    let ticked: Vec<&str> =
        request.form.all("scope").filter(|name| questions.contains(name)).collect();
    let denied = !questions.is_empty() && ticked.is_empty();
    let is_given = request.form.get("decision") == Some("allow") && !denied;
    if !is_given && !platform.overlooks(Rule::ConsentGiven) {
        return deny(&platform, id);
    }
    let is_whole = questions.iter().all(|scope| ticked.contains(&scope.as_str()));
    let all = !is_whole && platform.overlooks(Rule::ConsentNarrows);
    if let Some(visit) = platform.state().tickets.get_mut(id) {
        let asked = authorized(visit).map(|asked| asked.scope.clone()).unwrap_or_default();
        let names = asked.iter().map(Scope::as_str);
        let allowed: ScopeSet = names
            .filter(|name| all || !questions.contains(name) || ticked.contains(name))
            .collect();
        visit.allowed = Some(allowed);
    }
    next(&platform, session, id)
}

/// The scopes to ask about, and the record that they are about.
fn questions(
    platform: &Platform,
    session: Option<&str>,
    id: &str,
) -> Option<(ScopeSet, Option<String>)> {
    let visit = ticket(platform, id)?;
    match step(platform, session, &visit, authorized(&visit)?) {
        Step::Consent(scopes, record) => Some((scopes, record)),
        _ => None,
    }
}

fn form(
    platform: &Platform,
    visit: &Ticket,
    id: &str,
    user: &User,
    questions: &ScopeSet,
    record: Option<&str>,
) -> Response {
    let record = record.and_then(|record| platform.sandbox().patient(record));
    let whose = match record {
        Some(patient) if user.is(patient) => Whose::Own,
        Some(patient) => Whose::Others(&patient.given),
        None => Whose::Unknown,
    };
    let asked = authorized(visit);
    let scopes = asked.map(|asked| asked.scope.clone()).unwrap_or_default();
    let shown = |asked_about: bool| -> Vec<Value> {
        let those = scopes.iter().filter(|scope| questions.contains(scope.as_str()) == asked_about);
        those
            .map(|scope| context! { name => scope.as_str(), words => wording(scope, whose) })
            .collect()
    };
    let context = context! {
        title => "Allow access",
        app => asked.map(|asked| &asked.app.name),
        record => record.map(|patient| patient.name()),
        login => platform.login_path(),
        ticket => id,
        choices => shown(true),
        needed => shown(false),
    };
    look(platform, visit).page(StatusCode::OK, "consent.html", context)
}
