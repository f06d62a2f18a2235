//! What staff and practices say about an app.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use minijinja::{Value, context};

use super::PATH;
use super::session::Staff;
use crate::mock::platform::{Environment, Platform};
use crate::mock::portal::access::Condition;
use crate::mock::portal::answer::Refusal;
use crate::mock::portal::app::App;
use crate::mock::portal::apps::{NO_APP, clients, every, find, sync_app};
use crate::mock::portal::environments::client_in;
use crate::mock::portal::onboarding::{BY_PRACTICE, BY_STAFF};
use crate::mock::portal::pages::app::labelled;
use crate::mock::portal::pages::frame::{Away, page};
use crate::mock::portal::staff::{approve, note_by_practice, note_by_staff, practices};
use crate::mock::request::Received;

/// `GET /`: all apps, whoever registered them.
pub(super) async fn list(Staff { platform, .. }: Staff) -> Response {
    let mut apps = every(&platform);
    apps.sort_by(|a, b| (&a.name, &a.client_id).cmp(&(&b.name, &b.client_id)));
    let apps: Vec<_> = apps.iter().map(|app| labelled(&platform, app)).collect();
    page(&platform, "staff/list.html", "Apps of all developers", context! { apps, home => PATH })
}

/// `GET apps/{id}`.
pub(super) async fn show(staff: Staff, Path(id): Path<String>) -> Response {
    match find(&staff.platform, &id) {
        Some(app) => shown(&staff, &app, None),
        None => Away::to_path(PATH).into_response(),
    }
}

/// `POST apps/{id}/{action}`: takes note of what a form says, by the functions of the API.
pub(super) async fn act(staff: Staff, Path((id, action)): Path<(String, String)>) -> Response {
    let Some(app) = find(&staff.platform, &id) else {
        return Away::to_path(PATH).into_response();
    };
    match done(&staff.platform, &staff.request, &app, &action) {
        Ok(()) => Away::to_path(&format!("{PATH}/apps/{id}")).into_response(),
        Err(refusal) => shown(&staff, &app, Some(&refusal)),
    }
}

fn done(platform: &Platform, request: &Received, app: &App, action: &str) -> Result<(), Refusal> {
    let said = |what: &str| request.form.all("said").any(|said| said == what);
    match action {
        "platform" => {
            let noted = BY_STAFF.map(|condition| (condition, said(condition.name())));
            note_by_staff(platform, app, &noted);
        }
        "practices" => {
            for (practice, _) in practices(platform) {
                let noted =
                    BY_PRACTICE.map(|condition| (condition, said(&field(practice, condition))));
                note_by_practice(platform, app, practice, &noted);
            }
        }
        "scopes" => {
            let named = request.form.all("scope").collect();
            approve(platform, app, Some(named))?;
        }
        "sync" => drop(sync_app(platform, &app.owner, &app.client_id)?),
        _ => return Err(NO_APP),
    }
    Ok(())
}

fn shown(staff: &Staff, app: &App, refused: Option<&Refusal>) -> Response {
    let Staff { platform, token, .. } = staff;
    let onboarding = platform.console().onboarding.get(&app.id).cloned().unwrap_or_default();
    let homes: Vec<_> = Environment::ALL
        .into_iter()
        .filter_map(|environment| home(platform, app, environment))
        .collect();
    let clients: Vec<_> =
        clients(platform, app).iter().map(|one| labelled(platform, one)).collect();
    let of_practice = practices(platform).into_iter().map(|(practice, name)| {
        row(platform, app, practice, name, &onboarding.by_practice(practice))
    });
    let practices: Vec<_> = of_practice.collect();
    let more = context! {
        app => labelled(platform, app), by_staff => onboarding.by_staff(), homes, clients, practices,
        form_token => token, here => format!("{PATH}/apps/{}", app.client_id), home => PATH,
        refused => refused.map(Refusal::wording),
    };
    page(platform, "staff/app.html", &app.name, more)
}

/// The heading of an environment, if the platform has it.
fn home(platform: &Platform, app: &App, environment: Environment) -> Option<Value> {
    let there = environment == Environment::Preview || platform.production().is_some();
    let client = client_in(platform, app, environment).map(|client| client.client_id.clone());
    there.then(|| context! { name => environment.name(), client })
}

/// A practice, what it said, and what the app still needs there.
fn row(
    platform: &Platform,
    app: &App,
    practice: (Environment, u32),
    name: String,
    said: &serde_json::Value,
) -> Value {
    let boxes: Vec<_> = BY_PRACTICE
        .iter()
        .map(|condition| {
            let ticked = said[condition.name()].as_bool();
            context! { name => condition.name(), field => field(practice, *condition), ticked }
        })
        .collect();
    let (environment, number) = practice;
    let home = platform.in_environment(environment);
    let known = home.sandbox().practices.iter().find(|known| known.id == number);
    let client: Option<Arc<App>> = client_in(platform, app, environment);
    let missing = client.zip(known).map(|(client, known)| {
        let missing = client.missing_to_read(platform, known);
        missing.into_iter().map(Condition::wording).collect::<Vec<_>>()
    });
    context! { environment => environment.name(), number, name, boxes, missing }
}

/// What the box of a condition sends.
fn field((environment, practice): (Environment, u32), condition: Condition) -> String {
    format!("{}.{practice}.{}", environment.name(), condition.name())
}
