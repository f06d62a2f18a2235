//! A developer's apps.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, object};
use super::app::{App, Method};
use super::developer::Developer;
use super::registration::{edit, register, understood};
use super::scopes::wanted;
use crate::dialect::Rule;
use crate::mock::bounds::REGISTERED;
use crate::mock::platform::{Environment, Platform};

/// `POST apps`: registers an app. The answer is the only one that has its secret.
pub(super) async fn create(Developer { platform, account, request }: Developer) -> Answer {
    let app = create_app(&platform, &account, &object(&request)?)?;
    Ok((StatusCode::CREATED, Json(shown_once(&app))).into_response())
}

/// `GET apps`: the account's apps, one entry for each environment.
pub(super) async fn list(Developer { platform, account, .. }: Developer) -> Answer {
    let with_secrets = platform.dialect().registration.secrets_in_list;
    let listed = |app: &Arc<App>| if with_secrets { shown_once(app) } else { app.shown() };
    let apps: Vec<Value> = apps_of(&platform, &account).iter().map(listed).collect();
    Ok(Json(json!({"apps": apps})).into_response())
}

/// `GET apps/{id}`.
pub(super) async fn show(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = app_of(&platform, &account, &id)?;
    let again =
        matches!(app.method, Method::Secret(_)) && platform.overlooks(Rule::SecretShownOnce);
    Ok(Json(if again { shown_once(&app) } else { app.shown() }).into_response())
}

/// `PATCH apps/{id}`: other details. A name is one for both environments.
pub(super) async fn update(
    Developer { platform, account, request }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = edit_app(&platform, &account, &id, &object(&request)?)?;
    Ok(Json(app.shown()).into_response())
}

/// `DELETE apps/{id}`: its credentials are good for nothing from now on, in both environments.
pub(super) async fn delete(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    delete_app(&platform, &account, &id)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST apps/{id}/sync`: the platform makes the app known to its users' login.
pub(super) async fn sync(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    Ok(Json(sync_app(&platform, &account, &id)?.shown()).into_response())
}

/// Registers an app; scopes in the body are selected and confirmed at once.
pub(super) fn create_app(
    platform: &Platform,
    account: &str,
    body: &Map<String, Value>,
) -> Result<Arc<App>, Refusal> {
    let dialect = platform.dialect();
    let body = &understood(&dialect.registration, body)?;
    let mut app = register(platform, account, body, &dialect.portal)?;
    if let Some(wanted) = wanted(body)? {
        app.select(platform, wanted)?;
        app.confirm(platform);
    }
    if platform.in_environment(app.environment).state().apps.len() >= REGISTERED {
        return Err(Refusal::Conflict("There are too many apps already; delete some."));
    }
    Ok(keep(platform, app))
}

/// Keeps a new client, or the one that takes the place of its like.
pub(super) fn keep(platform: &Platform, app: App) -> Arc<App> {
    let app = Arc::new(app);
    let home = platform.in_environment(app.environment);
    home.state().apps.insert(app.client_id.clone(), Arc::clone(&app));
    app
}

/// What the console shows of a new client: everything, and its secret, mostly this once.
pub(super) fn shown_once(app: &App) -> Value {
    let mut shown = app.shown();
    if let Method::Secret(secret) = &app.method {
        shown["client_secret"] = secret.expose().into();
    }
    shown
}

/// The clients of an account, by name, Preview before Production.
pub(super) fn apps_of(platform: &Platform, account: &str) -> Vec<Arc<App>> {
    let mut apps = all(platform, |app| app.owner == account);
    apps.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    apps
}

/// The clients of all accounts.
pub(super) fn every(platform: &Platform) -> Vec<Arc<App>> {
    all(platform, |_| true)
}

/// The client of an id, if it is one of the account.
pub(super) fn app_of(platform: &Platform, account: &str, id: &str) -> Result<Arc<App>, Refusal> {
    find(platform, id).filter(|app| app.owner == account).ok_or(NO_APP)
}

/// The client of an id, whoever owns it.
pub(super) fn find(platform: &Platform, id: &str) -> Option<Arc<App>> {
    let mut environments = Environment::ALL.into_iter();
    environments.find_map(|one| platform.in_environment(one).state().app(id))
}

/// The clients that an app has, in one environment or in both.
pub(super) fn clients(platform: &Platform, app: &App) -> Vec<Arc<App>> {
    all(platform, |known| known.id == app.id)
}

/// Changes details of an app that may change.
pub(super) fn edit_app(
    platform: &Platform,
    account: &str,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Arc<App>, Refusal> {
    let edited = change(platform, account, id, |app| edit(platform, app, body))?;
    for other in clients(platform, &edited).iter().filter(|app| app.name != edited.name) {
        change(platform, account, &other.client_id, |app| {
            app.name.clone_from(&edited.name);
            Ok(())
        })?;
    }
    Ok(edited)
}

/// Deletes an app with all its clients.
pub(super) fn delete_app(platform: &Platform, account: &str, id: &str) -> Result<(), Refusal> {
    let app = app_of(platform, account, id)?;
    if platform.overlooks(Rule::AppDeleted) {
        return Ok(());
    }
    for client in clients(platform, &app) {
        platform.in_environment(client.environment).state().apps.remove(&client.client_id);
    }
    platform.console().onboarding.remove(&app.id);
    Ok(())
}

/// Makes an app known to its users' login.
pub(super) fn sync_app(platform: &Platform, account: &str, id: &str) -> Result<Arc<App>, Refusal> {
    change(platform, account, id, |app| match &mut app.access {
        Some(access) => {
            access.synced = true;
            Ok(())
        }
        None => Err(Refusal::field("access_type", "This app has none.")),
    })
}

/// Changes a client of the account, if the change is allowed, and gives it as it is then.
pub(super) fn change(
    platform: &Platform,
    account: &str,
    id: &str,
    change: impl FnOnce(&mut App) -> Result<(), Refusal>,
) -> Result<Arc<App>, Refusal> {
    let found = app_of(platform, account, id)?;
    let home = platform.in_environment(found.environment);
    let mut state = home.state();
    let app = state.apps.get_mut(id).ok_or(NO_APP)?;
    change(Arc::make_mut(app))?;
    Ok(Arc::clone(app))
}

fn all(platform: &Platform, wanted: impl Fn(&App) -> bool) -> Vec<Arc<App>> {
    let mut apps = Vec::new();
    for environment in Environment::ALL {
        let home = platform.in_environment(environment);
        let state = home.state();
        apps.extend(state.apps.values().filter(|app| wanted(app)).cloned());
    }
    apps
}

/// There is no such app, or it is another account's.
pub(super) const NO_APP: Refusal = Refusal::NotFound("app");
