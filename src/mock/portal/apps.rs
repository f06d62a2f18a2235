//! A developer's apps and their credentials.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, developer, object};
use super::app::{App, Method};
use super::registration::{key_set, new_secret, register};
use super::scopes::wanted;
use crate::mock::platform::{Environment, Platform};
use crate::mock::request::Received;
use crate::secret::Secret;

/// `POST apps`: registers an app. The answer is the only one that has its secret.
pub(super) async fn create(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let body = object(&request)?;
    let dialect = platform.dialect();
    let mut app = register(&dialect.registration, &account, &body)?;
    if let Some(wanted) = wanted(&body)? {
        app.select(wanted, &dialect)?;
        app.confirm(&dialect.scopes);
    }
    let mut shown = app.shown();
    if let Method::Secret(secret) = &app.method {
        shown["client_secret"] = secret.expose().into();
    }
    let home = platform.in_environment(app.environment);
    home.state().apps.insert(app.client_id.clone(), Arc::new(app));
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// `GET apps`: the account's apps.
pub(super) async fn list(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let mut apps: Vec<Arc<App>> = Vec::new();
    for environment in Environment::ALL {
        let home = platform.in_environment(environment);
        let state = home.state();
        apps.extend(state.apps.values().filter(|app| app.owner == account).cloned());
    }
    apps.sort_by(|a, b| (&a.name, &a.client_id).cmp(&(&b.name, &b.client_id)));
    let apps: Vec<Value> = apps.iter().map(|app| app.shown()).collect();
    Ok(Json(json!({"apps": apps})).into_response())
}

/// `GET apps/{id}`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let app = change(&platform, &account, &id, |_| Ok(()))?;
    Ok(Json(app.shown()).into_response())
}

/// `DELETE apps/{id}`: its credentials are good for nothing from now on.
pub(super) async fn delete(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let app = change(&platform, &account, &id, |_| Ok(()))?;
    platform.in_environment(app.environment).state().apps.remove(&id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST apps/{id}/secret`: a new secret; the old one ends at once.
pub(super) async fn rotate_secret(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let secret: Secret = new_secret();
    change(&platform, &account, &id, |app| match &mut app.method {
        Method::Secret(old) => {
            *old = secret.clone();
            Ok(())
        }
        _ => Err(Refusal::field("token_auth_method", "This app has no secret.")),
    })?;
    Ok(Json(json!({"client_id": id, "client_secret": secret.expose()})).into_response())
}

/// `PUT apps/{id}/jwks`: replaces the imported key set.
pub(super) async fn import_keys(
    Extension(platform): Extension<Platform>,
    Path(id): Path<String>,
    Extension(request): Extension<Arc<Received>>,
) -> Answer {
    let account = developer(&platform, &request)?;
    let body = object(&request)?;
    let app = change(&platform, &account, &id, |app| match &mut app.method {
        Method::Jwks(keys) => {
            *keys = key_set(&body)?;
            Ok(())
        }
        _ => Err(Refusal::field("token_auth_method", "This app imports no keys.")),
    })?;
    Ok(Json(app.shown()).into_response())
}

/// Changes an app of the account, if the change is allowed, and gives it as it is then.
pub(super) fn change(
    platform: &Platform,
    account: &str,
    id: &str,
    change: impl FnOnce(&mut App) -> Result<(), Refusal>,
) -> Result<Arc<App>, Refusal> {
    for environment in Environment::ALL {
        let home = platform.in_environment(environment);
        let mut state = home.state();
        if let Some(app) = state.apps.get_mut(id).filter(|app| app.owner == account) {
            change(Arc::make_mut(app))?;
            return Ok(Arc::clone(app));
        }
    }
    Err(Refusal::NotFound)
}
