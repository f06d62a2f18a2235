//! A patient's chart, as a provider sees it: the apps that can be launched from it, and the visits.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};

use super::apps::Place;
use super::desk::Desk;
use crate::mock::login::begin_page;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET {ehr}/chart/{patient}`, after the provider signed in; `client_id` opens an embedded app.
pub(super) async fn chart(
    Extension(platform): Extension<Platform>,
    Path(patient): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let Some(desk) = Desk::of(&platform, &request) else {
        return begin_page(&platform, &request);
    };
    let Some(patient) = desk.patient(&patient) else {
        return desk.not_found("patient");
    };
    let page = desk.path(&format!("/chart/{}", patient.id));
    let shows_visits = request.query.get("tab") == Some("visits");
    let tab = |name: &str, href: String, current: bool| context! { name, href, current };
    let tabs = [
        tab("Apps", desk.keeping_app(&page, &[]), !shows_visits),
        tab("Encounters", desk.keeping_app(&page, &[("tab", "visits")]), shows_visits),
    ];
    let visits = desk.visits().into_iter().filter(|visit| visit.patient == patient.id);
    let visits: Vec<Value> = visits.map(|visit| desk.shown_visit(visit)).collect();
    let others = desk.patients().filter(|other| other.id != patient.id);
    let others: Vec<Value> = others.map(|other| desk.shown_patient(other)).collect();
    let more = context! {
        title => patient.name(),
        patient => desk.shown_patient(patient),
        shows => if shows_visits { "visits" } else { "apps" },
        tabs,
        visits,
        others,
    };
    let practice = patient.practice;
    let place = Place { page, practice, patient: Some(&patient.id), encounter: None };
    desk.page("chart.html", &place, more)
}
