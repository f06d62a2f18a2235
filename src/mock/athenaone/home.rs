//! The provider's first page: the patients, a search for them, and the schedule.

use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use minijinja::{Value, context};

use super::apps::Place;
use super::desk::Desk;
use crate::mock::login::begin_page;
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET {ehr}`, after the provider signed in; `q` is a part of a patient's name or number.
pub(super) async fn home(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let Some(desk) = Desk::of(&platform, &request) else {
        return begin_page(&platform, &request);
    };
    let sought = request.query.get("q").unwrap_or_default().trim().to_lowercase();
    let found = desk.patients().filter(|patient| {
        let texts = [patient.name(), patient.id.clone(), patient.birth_date.clone()];
        texts.iter().any(|text| text.to_lowercase().contains(&sought))
    });
    let patients: Vec<Value> = found.map(|patient| desk.shown_patient(patient)).collect();
    let visits: Vec<Value> =
        desk.visits().into_iter().map(|visit| desk.shown_visit(visit)).collect();
    let practice = desk.provider.practices.first().copied().unwrap_or_default();
    let place = Place { page: desk.path(""), practice, patient: None, encounter: None };
    desk.page("home.html", &place, context! { title => "Home", patients, visits })
}
