//! What others than the developer do: the platform's staff and the administrators of practices.
//!
//! In the real world this happens in contracts, meetings and the practices' settings; here it is a
//! call to `/control`, or a page.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::{Extension, Json};
use serde_json::{Map, Value};

use super::access::Condition;
use super::answer::{Answer, Faults, Refusal, object, optional_object, text};
use super::app::{App, Method};
use super::apps::{NO_APP, find, keep};
use super::onboarding::{BY_PRACTICE, BY_STAFF, Onboarding};
use super::registration::register;
use super::scopes::wanted;
use crate::dialect::{PortalRules, Rule};
use crate::mock::platform::{Environment, Platform};
use crate::mock::request::Received;
use crate::protocol::{Scope, ScopeSet};
use crate::secret::Secret;

/// `GET /control/apps/{id}/onboarding`: all that is known about an app.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
) -> Answer {
    let app = find(&platform, &id).ok_or(NO_APP)?;
    Ok(Json(shown(&platform, &app)).into_response())
}

/// `PUT /control/apps/{id}/onboarding`: `contract`, `tech_spec` and `solution_validation`, each
/// true or false; what is left out stays.
pub(super) async fn note(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let app = find(&platform, &id).ok_or(NO_APP)?;
    let noted = noted(&object(&request)?, &BY_STAFF)?;
    note_by_staff(&platform, &app, &noted);
    Ok(Json(shown(&platform, &app)).into_response())
}

/// `PUT /control/apps/{id}/practices/{practice}`: `requested`, `enabled` and `consented`, each true
/// or false; what is left out stays.
pub(super) async fn note_practice(
    Extension(platform): Extension<Platform>,
    Path((id, practice)): Path<(String, String)>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let app = find(&platform, &id).ok_or(NO_APP)?;
    let practice = practice_of(&platform, &app, practice.parse().ok())?;
    let noted = noted(&object(&request)?, &BY_PRACTICE)?;
    note_by_practice(&platform, &app, practice, &noted);
    Ok(Json(shown(&platform, &app)).into_response())
}

/// `POST /control/apps/{id}/scopes/approve`: approves what is pending, or the `scopes` of the body.
pub(super) async fn approve_scopes(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let app = find(&platform, &id).ok_or(NO_APP)?;
    let named = wanted(&optional_object(&request)?)?;
    let approved = approve(&platform, &app, named)?;
    Ok(Json(approved.shown()).into_response())
}

/// `PUT /control/apps/{id}`: registers an app with this client id, and with the `client_secret` of
/// the body; an app that has the id already is replaced.
///
/// The rules are those of a developer's registration, but any category may be of Production. With
/// `owner`, the email address of an account, its developer sees the app in the portal.
pub(super) async fn import(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let before = find(&platform, &id);
    let app = imported(&platform, &id, &object(&request)?)?;
    if let Some(before) = &before {
        platform.in_environment(before.environment).state().apps.remove(&id);
    }
    let app = keep(&platform, app);
    let status = if before.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(app.shown())).into_response())
}

/// Notes what staff said about an app.
pub(super) fn note_by_staff(platform: &Platform, app: &App, noted: &[(Condition, bool)]) {
    let mut console = platform.console();
    let onboarding = console.onboarding.entry(app.id.clone()).or_default();
    for (condition, holds) in noted {
        onboarding.note(*condition, *holds);
    }
}

/// Notes what a practice said about an app.
pub(super) fn note_by_practice(
    platform: &Platform,
    app: &App,
    practice: (Environment, u32),
    noted: &[(Condition, bool)],
) {
    let mut console = platform.console();
    let onboarding = console.onboarding.entry(app.id.clone()).or_default();
    for (condition, holds) in noted {
        let takes_back = !holds && onboarding.holds(*condition, practice);
        if !takes_back || !platform.overlooks(Rule::PracticeWithdrawal) {
            onboarding.note_of(practice, *condition, *holds);
        }
    }
}

/// Approves what an app selected and confirmed in vain; `named` is what is meant, if not all.
pub(super) fn approve(
    platform: &Platform,
    app: &App,
    named: Option<ScopeSet>,
) -> Result<Arc<App>, Refusal> {
    let home = platform.in_environment(app.environment);
    let mut state = home.state();
    let app = state.apps.get_mut(&app.client_id).ok_or(NO_APP)?;
    let named = named.unwrap_or_else(|| app.pending());
    let app_mut = Arc::make_mut(app);
    let allowed = app_mut.allowed.iter().chain(&named).map(Scope::as_str);
    app_mut.allowed = allowed.collect();
    app_mut.confirm(platform);
    Ok(Arc::clone(app))
}

/// The practices of both environments.
pub(super) fn practices(platform: &Platform) -> Vec<((Environment, u32), String)> {
    let mut practices = Vec::new();
    for environment in Environment::ALL {
        let home = platform.in_environment(environment);
        let of = home.sandbox().practices.iter();
        practices.extend(of.map(|one| ((environment, one.id), one.name.clone())));
    }
    practices
}

/// The practice of a number: the one of the app's own environment, if both have it.
fn practice_of(
    platform: &Platform,
    app: &App,
    number: Option<u32>,
) -> Result<(Environment, u32), Refusal> {
    let known: Vec<(Environment, u32)> = practices(platform)
        .into_iter()
        .map(|(practice, _)| practice)
        .filter(|(_, known)| Some(*known) == number)
        .collect();
    let own = known.iter().find(|(environment, _)| *environment == app.environment);
    own.or(known.first()).copied().ok_or(Refusal::NotFound("practice"))
}

fn shown(platform: &Platform, app: &App) -> Value {
    let onboarding: Onboarding =
        platform.console().onboarding.get(&app.id).cloned().unwrap_or_default();
    let practices = practices(platform).into_iter().map(|(practice, _)| {
        let mut said = onboarding.by_practice(practice);
        said["practice"] = practice.1.into();
        said["environment"] = practice.0.name().into();
        said
    });
    let mut shown = onboarding.by_staff();
    shown["practices"] = practices.collect();
    shown
}

/// The conditions that a body names, and whether they hold.
fn noted(
    body: &Map<String, Value>,
    known: &[Condition],
) -> Result<Vec<(Condition, bool)>, Refusal> {
    let read = |(word, value): (&String, &Value)| {
        let condition = known.iter().find(|one| one.name() == word);
        match (condition, value.as_bool()) {
            (Some(condition), Some(holds)) => Ok((*condition, holds)),
            (Some(condition), None) => {
                Err(Refusal::field(condition.name(), "It is true or false."))
            }
            (None, _) => {
                let words: Vec<&str> = known.iter().map(|one| one.name()).collect();
                let why = format!("`{word}` is none of {}.", words.join(", "));
                Err(Refusal::field("", why))
            }
        }
    };
    body.iter().map(read).collect()
}

fn imported(
    platform: &Platform,
    client_id: &str,
    body: &Map<String, Value>,
) -> Result<App, Refusal> {
    let dialect = platform.dialect();
    let every = dialect.portal.categories.iter().map(|choice| choice.key.clone()).collect();
    let rules = PortalRules { environment_choice: every, ..dialect.portal.clone() };
    let mut faults = Faults::default();
    let owner = match text(body, "owner") {
        None => Some(String::new()),
        Some(email) => {
            let account = platform.console().account_with(email);
            faults.keep(account.ok_or_else(|| Refusal::field("owner", "It has no account.")))
        }
    };
    if !is_visible(client_id) {
        faults.keep::<()>(Err(Refusal::field("client_id", ONLY_VISIBLE)));
    }
    let app = register(platform, owner.as_deref().unwrap_or_default(), body, &rules);
    let app = faults.keep(app);
    let (Some(mut app), Some(_)) = (app, owner) else {
        return Err(faults.refusal());
    };
    match (&mut app.method, text(body, SECRET)) {
        (Method::Secret(secret), Some(known)) if is_visible(known) => *secret = Secret::new(known),
        (Method::Secret(_), Some(_)) => {
            faults.keep::<()>(Err(Refusal::field(SECRET, ONLY_VISIBLE)));
        }
        (Method::Secret(_), None) => {
            faults.keep::<()>(Err(Refusal::field(SECRET, "This is needed.")));
        }
        (_, Some(_)) => {
            faults.keep::<()>(Err(Refusal::field(SECRET, "This app has no secret.")));
        }
        (_, None) => {}
    }
    client_id.clone_into(&mut app.client_id);
    if let Some(wanted) = wanted(body)? {
        app.allowed.clone_from(&wanted);
        faults.keep(app.select(platform, wanted));
        app.confirm(platform);
    }
    if faults.is_empty() { Ok(app) } else { Err(faults.refusal()) }
}

/// Visible characters and spaces, as client ids and secrets have them (RFC 6749 Appendix A).
fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, ' '..='~'))
}

const SECRET: &str = "client_secret";
const ONLY_VISIBLE: &str = "It has visible ASCII characters and spaces only.";
