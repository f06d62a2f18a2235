//! The choice of a health record.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;

use super::notice::no_visit;
use super::session::{Ticket, session, signed_in_user};
use super::step::{Step, authorized, deny, look, next, step, ticket};
use crate::dialect::User;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET {login}/records`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    let session = session(&platform, &request);
    let user = signed_in_user(&platform, session);
    match (ticket(&platform, id), choices(&platform, session, id), user) {
        (Some(visit), Some(records), Some(user)) => form(&platform, &visit, id, user, &records),
        (None, ..) => no_visit(&platform, id),
        _ => next(&platform, session, id),
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
    let session = session(&platform, &request);
    let chosen = request.form.get("record");
    let offered = choices(&platform, session, id).unwrap_or_default();
    let chosen = offered.into_iter().find(|record| Some(record.as_str()) == chosen);
    if let Some(visit) = platform.state().tickets.get_mut(id) {
        visit.record = chosen.or(visit.record.take());
    }
    next(&platform, session, id)
}

fn choices(platform: &Platform, session: Option<&str>, id: &str) -> Option<Vec<String>> {
    let visit = ticket(platform, id)?;
    match step(platform, session, &visit, authorized(&visit)?) {
        Step::ChooseRecord(records) => Some(records),
        _ => None,
    }
}

fn form(
    platform: &Platform,
    visit: &Ticket,
    id: &str,
    user: &User,
    records: &[String],
) -> Response {
    let sandbox = platform.sandbox();
    let patients = records.iter().filter_map(|record| sandbox.patient(record));
    let records: Vec<_> = patients
        .map(|patient| {
            context! {
                id => patient.id,
                name => patient.name(),
                own => user.is(patient),
                birth_date => patient.birth_date,
                practice => sandbox.practice(patient.practice).map(|practice| &practice.name),
            }
        })
        .collect();
    let context = context! {
        title => "Select a health record",
        app => authorized(visit).map(|asked| &asked.app.name),
        login => platform.login_path(),
        ticket => id,
        records,
    };
    look(platform, visit).page(StatusCode::OK, "records.html", context)
}
