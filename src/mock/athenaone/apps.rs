//! The apps that a provider can launch, and from where: a tab or frame for each.

use std::sync::Arc;

use minijinja::{Value, context};

use super::desk::{Desk, with_query};
use crate::mock::platform::Platform;
use crate::mock::portal::{App, EndUsers};

/// A place in the EHR.
pub(super) struct Place<'a> {
    /// Path of its page, as browsers see it.
    pub(super) page: String,
    pub(super) practice: u32,
    pub(super) patient: Option<&'a str>,
    pub(super) encounter: Option<&'a str>,
}

/// The apps that providers of a practice can launch, by name.
pub(super) fn launchable(platform: &Platform, practice: u32) -> Vec<Arc<App>> {
    let Some(practice) = platform.sandbox().practice(practice) else { return Vec::new() };
    let mut apps: Vec<Arc<App>> = platform
        .state()
        .apps
        .values()
        .filter(|app| {
            matches!(app.end_users, Some(EndUsers::Providers | EndUsers::Anybody))
                && app.launch_url.is_some()
        })
        .cloned()
        .collect();
    apps.retain(|app| app.may_be_launched(platform, practice));
    apps.sort_by(|a, b| (&a.name, &a.client_id).cmp(&(&b.name, &b.client_id)));
    apps
}

/// What a page shows of the apps. An embedded one opens in the page itself, any other in a tab.
pub(super) fn shown(desk: &Desk<'_>, place: &Place<'_>) -> Vec<Value> {
    let open = desk.request.query.get("client_id");
    let without_patient =
        desk.platform.dialect().ehr.as_ref().is_some_and(|ehr| ehr.launch_without_patient);
    let apps = launchable(desk.platform, place.practice);
    let shown = apps.iter().map(|app| {
        let is_open = app.embedded && open == Some(&app.client_id);
        let can_be_opened = !is_open && (without_patient || place.patient.is_some());
        let href = if app.embedded {
            with_query(&place.page, &[("client_id", &app.client_id)])
        } else {
            launch_link(desk, place, app)
        };
        context! {
            name => app.name,
            initial => app.name.chars().next().map(String::from),
            href => can_be_opened.then_some(href),
            new_tab => !app.embedded,
            open => is_open,
        }
    });
    shown.collect()
}

/// The embedded app that is open in the page. Each page of another patient or visit launches it
/// anew.
pub(super) fn in_frame(desk: &Desk<'_>, place: &Place<'_>) -> Option<Value> {
    let open = desk.request.query.get("client_id")?;
    let apps = launchable(desk.platform, place.practice);
    let app = apps.iter().find(|app| app.embedded && app.client_id == open)?;
    Some(context! { name => app.name, src => launch_link(desk, place, app) })
}

fn launch_link(desk: &Desk<'_>, place: &Place<'_>, app: &App) -> String {
    let mut query = vec![("client_id", app.client_id.as_str())];
    query.extend(place.patient.map(|patient| ("patient", patient)));
    query.extend(place.encounter.map(|encounter| ("encounter", encounter)));
    with_query(&desk.path("/launch"), &query)
}
