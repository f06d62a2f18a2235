//! A patient's chart, as a provider sees it: the apps that can be launched from it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use crate::dialect::{User, UserKind};
use crate::mock::login::{self, escaped, session, signed_in};
use crate::mock::platform::Platform;
use crate::mock::portal::{App, EndUsers};
use crate::mock::request::Received;

/// `GET {ehr}/chart/{patient}`, after the provider signed in.
pub(super) async fn chart(
    Extension(platform): Extension<Platform>,
    Path(patient): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let Some((_, provider)) = signed_in_provider(&platform, &request) else {
        return login::begin_page(&platform, &request);
    };
    let mut patients = platform.sandbox().patients.iter();
    let patient =
        patients.find(|known| known.id == patient && provider.practices.contains(&known.practice));
    let Some(patient) = patient else {
        return login::error_page(
            StatusCode::NOT_FOUND,
            "There is no such patient in your practice.",
        );
    };
    let department = platform
        .sandbox()
        .practices
        .iter()
        .find(|practice| practice.id == patient.practice)
        .and_then(|practice| practice.departments.first())
        .copied()
        .unwrap_or_default();
    let dialect = platform.dialect();
    let path = platform.path(dialect.ehr.as_ref().map_or("", |ehr| ehr.path.as_str()));
    let mut links = String::new();
    let apps = apps_in_the_chart(&platform, patient.practice);
    for app in &apps {
        let target = if app.embedded { "embedded-app" } else { "_blank" };
        links.push_str(&format!(
            "<li><a class=\"app\" href=\"{path}/launch?client_id={}&amp;patient={}&amp;\
             department={department}\" target=\"{target}\">{}</a></li>",
            app.client_id,
            patient.id,
            escaped(&app.name),
        ));
    }
    if apps.is_empty() {
        links.push_str("<li>No app is enabled.</li>");
    }
    let frame = if apps.iter().any(|app| app.embedded) {
        "<iframe name=\"embedded-app\" title=\"Embedded app\"></iframe>"
    } else {
        ""
    };
    let body = format!(
        "<h1>{} {}</h1><p>Born {} · {}</p><section aria-labelledby=\"apps\"><h2 id=\"apps\">Apps\
         </h2><ul>{links}</ul></section>{frame}",
        escaped(&patient.given),
        escaped(&patient.family),
        patient.birth_date,
        patient.id,
    );
    login::page(StatusCode::OK, "Chart", &body)
}

/// The provider who is signed in, with the index in the sandbox.
pub(super) fn signed_in_provider<'a>(
    platform: &'a Platform,
    request: &Received,
) -> Option<(usize, &'a User)> {
    let (index, _) = signed_in(platform, session(platform, request))?;
    let user = platform.sandbox().users.get(index)?;
    (user.kind == UserKind::Provider).then_some((index, user))
}

/// The apps that providers of a practice can launch, by name.
pub(super) fn apps_in_the_chart(platform: &Platform, practice: u32) -> Vec<Arc<App>> {
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
