//! Receives what browsers and schedulers ask of the app.

use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tokio::net::TcpListener;

use super::app::{App, Say};
use super::backend;
use super::flaw::Flaw;
use super::settings::{Credentials, Role, Settings, SettingsError};
use super::user::{self, Browser};
use crate::clock::Clock;

/// Serves the app until the task is dropped.
///
/// # Errors
/// [`SettingsError`] if it cannot work with these settings.
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    clock: Clock,
    say: Say,
) -> Result<(), SettingsError> {
    let failed = |error: std::io::Error| SettingsError::Listen(error.to_string());
    let address = format!("http://{}", listener.local_addr().map_err(failed)?);
    let app = Arc::new(App::new(settings, address, clock, say)?);
    misbehave_at_start(&app).await?;
    app.say(&format!("listening on {}", app.address));
    let router = Router::new().fallback(answer).with_state(app);
    axum::serve(listener, router).await.map_err(failed)
}

/// What only a flawed app does.
async fn misbehave_at_start(app: &Arc<App>) -> Result<(), SettingsError> {
    if app.flawed(Flaw::DoesNotStart) {
        return Err(SettingsError::Listen("the app does not want to".to_owned()));
    }
    if app.flawed(Flaw::HangsAtStart) {
        std::future::pending::<()>().await;
    }
    if app.flawed(Flaw::LeavesProcess) {
        // Whether it can be started is seen from outside.
        let _ = std::process::Command::new("sleep").arg("600").spawn();
    }
    if app.flawed(Flaw::WritesWithoutEnd) {
        let app = Arc::clone(app);
        std::thread::spawn(move || {
            loop {
                app.say("and on, and on, and on, and on, and on, and on, and on, and on, and on");
            }
        });
    }
    Ok(())
}

/// A request that was received.
pub(super) struct Request {
    headers: HeaderMap,
    pub(super) query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    /// Path and query, as they came.
    pub(super) target: String,
}

impl Request {
    pub(super) fn browser(&self) -> Browser {
        Browser::of(&self.headers)
    }

    /// A parameter of the address.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// A field of the form.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        find(&self.form, name)
    }
}

async fn answer(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_FORM).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let request = Request {
        target: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        query: pairs(query),
        form: pairs(&body),
        headers: parts.headers,
    };
    let method = if method == Method::HEAD { Method::GET } else { method };
    let response = routed(&app, &method, &path, &request).await;
    // Never the query: it may hold a code.
    app.say(&format!("{method} {path}: {}", response.status().as_u16()));
    response
}

async fn routed(app: &App, method: &Method, path: &str, request: &Request) -> Response {
    let (get, post) = (method == Method::GET, method == Method::POST);
    if path == "/health" {
        return json_answer(StatusCode::OK, json!({"status": "ready"}));
    }
    if app.flawed(Flaw::AnswersGarbage) {
        return user::garbage();
    }
    if let (Credentials::Keys(_), "/jwks.json" | "/rotate-key") = (&app.settings.credentials, path)
    {
        return keys(app, get && path == "/jwks.json", post && path == "/rotate-key");
    }
    match (app.settings.role, path) {
        (Role::Backend, "/work") if post => {
            let times = request.parameter("times").map_or(Ok(1), str::parse);
            match times {
                Ok(times @ 1..=MOST_JOBS) => backend::work(app, times).await,
                _ => json_answer(
                    StatusCode::BAD_REQUEST,
                    json!({"error": format!("`times` is a number from 1 to {MOST_JOBS}")}),
                ),
            }
        }
        (_, "/") if get => user::start(app, request).await,
        (Role::Patient, "/log-in") if get => user::log_in(app, request).await,
        (Role::Provider, "/launch") if get => user::launch(app, request).await,
        (Role::Patient | Role::Provider, "/callback") if get => user::callback(app, request).await,
        (Role::Patient, "/signed-in") if get && app.settings.window => {
            user::in_window(app, request)
        }
        (Role::Patient | Role::Provider, "/data") if get => user::data(app, request).await,
        (Role::Patient | Role::Provider, "/log-out") if post => user::log_out(app, request).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The public keys, and their rotation by hand.
fn keys(app: &App, shows: bool, rotates: bool) -> Response {
    let Credentials::Keys(keys) = &app.settings.credentials else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if rotates {
        return match keys.rotate() {
            Ok(()) => json_answer(StatusCode::OK, app.published_keys(keys)),
            Err(why) => json_answer(StatusCode::INTERNAL_SERVER_ERROR, json!({"error": why})),
        };
    }
    if !shows {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if app.flawed(Flaw::KeysBehindLogin) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut response = json_answer(StatusCode::OK, app.published_keys(keys));
    let headers = response.headers_mut();
    headers.remove(CACHE_CONTROL);
    if !app.flawed(Flaw::KeysWithoutAge)
        && let Ok(lifetime) = format!("public, max-age={KEYS_GOOD_FOR}").parse()
    {
        headers.insert(CACHE_CONTROL, lifetime);
    }
    response
}

pub(super) fn json_answer(status: StatusCode, body: serde_json::Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, Bytes::from(body.to_string())).into_response()
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

const LARGEST_FORM: usize = 64 * 1024;
const MOST_JOBS: usize = 100;
/// Seconds: a key that is added is seen after this time at most.
const KEYS_GOOD_FOR: u32 = 300;
