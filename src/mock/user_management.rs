//! Accounts of users that an app manages by itself: it creates them, and asks for codes in their
//! names. Nobody signs in, so the calls have the app's own credentials.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::oauth::{Code, Grant, Quota, by_secret};
use super::organization::Organization;
use super::platform::{Platform, SESSION_LENGTH};
use super::portal::App;
use super::request::Received;
use crate::protocol::{ScopeSet, random};

/// An app's accounts.
#[derive(Default)]
pub(super) struct ManagedUsers {
    users: HashMap<String, ManagedUser>,
    calls: Quota,
}

/// One account.
#[derive(Clone)]
struct ManagedUser {
    number: u64,
    active: bool,
}

/// The routes, below their own path.
pub(super) fn router() -> Router {
    Router::new().route("/user", post(create)).route("/user/auth-code", post(auth_code))
}

/// `POST user`: creates an account, and gives a code for it.
async fn create(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Result<Response, Refusal> {
    let call = Call::read(&platform, &request)?;
    let mut state = platform.state();
    let users = &mut state.managed_users.entry(call.app.client_id.clone()).or_default().users;
    if let Some(known) = users.get(&call.name) {
        let mut body = call.told(known);
        body["success"] = false.into();
        body["error"] = "this user already exists".into();
        return Ok(Json(body).into_response());
    }
    let number = FIRST_NUMBER + users.len() as u64;
    let user = ManagedUser { number, active: true };
    users.insert(call.name.clone(), user.clone());
    drop(state);
    Ok(call.with_code(&platform, &user))
}

/// `POST user/auth-code`: a code for an account that is there.
async fn auth_code(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Result<Response, Refusal> {
    let call = Call::read(&platform, &request)?;
    let state = platform.state();
    let known = state.managed_users.get(&call.app.client_id);
    let user = known.and_then(|known| known.users.get(&call.name)).cloned();
    drop(state);
    Ok(call.with_code(&platform, &user.ok_or(Refusal::NoSuchUser)?))
}

/// A call of an app that proved itself, within its limit.
struct Call {
    app: Arc<App>,
    /// The app's own name for the user.
    name: String,
}

impl Call {
    fn read(platform: &Platform, request: &Received) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| {
            let written = body.get(name).and_then(Value::as_str);
            written.or(request.form.get(name)).or(request.query.get(name)).map(str::to_owned)
        };
        let (id, secret) = (text("client_id"), text("client_secret"));
        let app = by_secret(platform, &id.unwrap_or_default(), &secret.unwrap_or_default());
        let app = app.ok_or(Refusal::UnknownClient)?;
        let allowed = platform.dialect().limits.user_management_calls_per_hour;
        let hour = platform.clock().unix() / SECONDS_OF_AN_HOUR;
        let mut state = platform.state();
        let managed = state.managed_users.entry(app.client_id.clone()).or_default();
        let calls = managed.calls.count(hour);
        if allowed.is_some_and(|allowed| calls > allowed) {
            return Err(Refusal::TooManyCalls);
        }
        let name = text("app_user_id").filter(|name| !name.is_empty()).ok_or(Refusal::NoName)?;
        Ok(Self { app, name })
    }

    fn told(&self, user: &ManagedUser) -> Value {
        json!({
            "success": true, "oneup_user_id": user.number, "app_user_id": self.name,
            "active": user.active,
        })
    }

    /// The account, with a code that is good for the tokens of its user.
    fn with_code(&self, platform: &Platform, user: &ManagedUser) -> Response {
        let now = platform.clock().unix();
        let value = random::alphanumeric(SESSION_LENGTH);
        let code = Code {
            grant: Grant {
                client_id: self.app.client_id.clone(),
                user: Grant::NOBODY,
                auth_time: now,
                scope: ScopeSet::clone(&self.app.approved),
                patient: None,
                organization: Organization::default(),
                encounter: None,
                launch: None,
                nonce: None,
                session: None,
                ended: false,
            },
            redirect_uri: None,
            challenge: None,
            expires: now + platform.dialect().lifetimes.code,
            failed_attempts: 0,
            redeemed: None,
        };
        platform.state().codes.insert(value.clone(), code);
        let mut body = self.told(user);
        body["code"] = value.into();
        Json(body).into_response()
    }
}

/// Why a call is refused.
enum Refusal {
    UnknownClient,
    NoName,
    NoSuchUser,
    TooManyCalls,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::UnknownClient => {
                (StatusCode::UNAUTHORIZED, "client_id or client_secret is wrong")
            }
            Self::NoName => (StatusCode::BAD_REQUEST, "app_user_id is missing"),
            Self::NoSuchUser => (StatusCode::NOT_FOUND, "this user does not exist"),
            Self::TooManyCalls => (StatusCode::TOO_MANY_REQUESTS, "too many calls in this hour"),
        };
        (status, Json(json!({"success": false, "error": error}))).into_response()
    }
}

const SECONDS_OF_AN_HOUR: i64 = 60 * 60;
/// The platform's own number of an app's first user.
const FIRST_NUMBER: u64 = 100_001;
