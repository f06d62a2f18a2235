//! The user's consent, scope by scope.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;

use super::page::{escaped, page};
use super::session::SESSION_COOKIE;
use super::step::{Step, authorized, deny, next, no_ticket, step, ticket};
use super::wording::wording;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::{Scope, ScopeSet};

/// `GET {login}/consent`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    match questions(&platform, request.cookie(SESSION_COOKIE), id) {
        Some(scopes) => form(&platform, id, &scopes),
        None => next(&platform, request.cookie(SESSION_COOKIE), id),
    }
}

/// `POST {login}/consent`: what is not ticked is not granted.
pub(super) async fn submit(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.form.get("ticket").unwrap_or_default();
    let Some(questions) = questions(&platform, request.cookie(SESSION_COOKIE), id) else {
        return next(&platform, request.cookie(SESSION_COOKIE), id);
    };
    if request.form.get("decision") != Some("allow") {
        return deny(&platform, id);
    }
    let ticked: Vec<&str> = request.form.all("scope").collect();
    if let Some(visit) = platform.state().tickets.get_mut(id) {
        let asked = authorized(visit).map(|asked| asked.scope.clone()).unwrap_or_default();
        let names = asked.iter().map(Scope::as_str);
        let allowed: ScopeSet =
            names.filter(|name| !questions.contains(name) || ticked.contains(name)).collect();
        visit.allowed = Some(allowed);
    }
    next(&platform, request.cookie(SESSION_COOKIE), id)
}

fn questions(platform: &Platform, session: Option<&str>, id: &str) -> Option<ScopeSet> {
    let visit = ticket(platform, id)?;
    match step(platform, session, &visit, authorized(&visit)?) {
        Step::Consent(scopes) => Some(scopes),
        _ => None,
    }
}

fn form(platform: &Platform, id: &str, scopes: &ScopeSet) -> Response {
    let Some(visit) = ticket(platform, id) else {
        return no_ticket();
    };
    let app = escaped(authorized(&visit).map_or("", |asked| asked.app.name.as_str()));
    let mut choices = String::new();
    for (number, scope) in scopes.iter().enumerate() {
        choices.push_str(&format!(
            "<li><input type=\"checkbox\" name=\"scope\" id=\"scope-{number}\" value=\"{name}\" \
             checked><label for=\"scope-{number}\">{}<small>{name}</small></label></li>",
            escaped(&wording(scope)),
            name = escaped(scope.as_str()),
        ));
    }
    let body = format!(
        "<h1>Allow access?</h1><p><strong>{app}</strong> asks to be allowed the following. \
         Untick what you do not want to share.</p>\
         <form id=\"consent\" method=\"post\" action=\"{}/consent\">\
         <input type=\"hidden\" name=\"ticket\" value=\"{}\">\
         <fieldset><legend>Access</legend><ul class=\"choices\">{choices}</ul></fieldset>\
         <div class=\"actions\"><button name=\"decision\" value=\"allow\">Allow</button>\
         <button class=\"quiet\" name=\"decision\" value=\"deny\">Deny</button></div></form>",
        platform.login_path(),
        escaped(id),
    );
    page(StatusCode::OK, "Allow access", &body)
}
