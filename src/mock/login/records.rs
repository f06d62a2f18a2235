//! The choice of a health record.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;

use super::page::{escaped, page};
use super::session::SESSION_COOKIE;
use super::step::{Step, authorized, deny, next, no_ticket, step, ticket};
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET {login}/records`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    match choices(&platform, request.cookie(SESSION_COOKIE), id) {
        Some(records) => form(&platform, id, &records),
        None => next(&platform, request.cookie(SESSION_COOKIE), id),
    }
}

/// `POST {login}/records`.
pub(super) async fn submit(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.form.get("ticket").unwrap_or_default();
    if request.form.get("decision") == Some("cancel") {
        return deny(&platform, id);
    }
    let chosen = request.form.get("record");
    let offered = choices(&platform, request.cookie(SESSION_COOKIE), id).unwrap_or_default();
    let chosen = offered.into_iter().find(|record| Some(record.as_str()) == chosen);
    if let Some(visit) = platform.state().tickets.get_mut(id) {
        visit.record = chosen.or(visit.record.take());
    }
    next(&platform, request.cookie(SESSION_COOKIE), id)
}

fn choices(platform: &Platform, session: Option<&str>, id: &str) -> Option<Vec<String>> {
    let visit = ticket(platform, id)?;
    match step(platform, session, &visit, authorized(&visit)?) {
        Step::ChooseRecord(records) => Some(records),
        _ => None,
    }
}

fn form(platform: &Platform, id: &str, records: &[String]) -> Response {
    let Some(visit) = ticket(platform, id) else {
        return no_ticket();
    };
    let app = authorized(&visit).map_or("", |asked| asked.app.name.as_str());
    let mut choices = String::new();
    for (number, record) in records.iter().enumerate() {
        let mut patients = platform.sandbox().patients.iter();
        let Some(patient) = patients.find(|patient| patient.id == *record) else { continue };
        let mut practices = platform.sandbox().practices.iter();
        let practice = practices.find(|practice| practice.id == patient.practice);
        choices.push_str(&format!(
            "<li><input type=\"radio\" name=\"record\" id=\"record-{number}\" value=\"{}\" \
             required><label for=\"record-{number}\">{} {}<small>{}, born {}</small></label></li>",
            escaped(record),
            escaped(&patient.given),
            escaped(&patient.family),
            escaped(practice.map_or("", |practice| practice.name.as_str())),
            patient.birth_date,
        ));
    }
    let body = format!(
        "<h1>Select a health record</h1><p>to share with <strong>{}</strong></p>\
         <form id=\"records\" method=\"post\" action=\"{}/records\">\
         <input type=\"hidden\" name=\"ticket\" value=\"{}\">\
         <fieldset><legend>Health records</legend><ul class=\"choices\">{choices}</ul></fieldset>\
         <div class=\"actions\"><button name=\"decision\" value=\"continue\">Continue</button>\
         <button class=\"quiet\" name=\"decision\" value=\"cancel\" formnovalidate>Cancel</button>\
         </div></form>",
        escaped(app),
        platform.login_path(),
        escaped(id),
    );
    page(StatusCode::OK, "Select a health record", &body)
}
