//! A visit, as a provider sees it: its cards, and the apps that can be launched from them.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use minijinja::context;

use super::apps::Place;
use super::desk::Desk;
use crate::mock::login::begin_page;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET {ehr}/encounters/{encounter}`, after the provider signed in; `client_id` opens an embedded
/// app.
pub(super) async fn encounter(
    Extension(platform): Extension<Platform>,
    Path(encounter): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let Some(desk) = Desk::of(&platform, &request) else {
        return begin_page(&platform, &request);
    };
    let visit = platform.sandbox().encounter(&encounter);
    let Some((visit, patient)) = visit.and_then(|it| Some((it, desk.patient(&it.patient)?))) else {
        return desk.not_found("encounter");
    };
    let dialect = platform.dialect();
    let more = context! {
        title => format!("{}, {}", patient.name(), visit.reason),
        patient => desk.shown_patient(patient),
        visit => desk.shown_visit(visit),
        stages => dialect.ehr.as_ref().map(|ehr| &ehr.encounter_stages),
    };
    let place = Place {
        page: desk.path(&format!("/encounters/{}", visit.id)),
        practice: patient.practice,
        patient: Some(&patient.id),
        encounter: Some(&visit.id),
    };
    desk.page("encounter.html", &place, more)
}
