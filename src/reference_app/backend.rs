//! The app that works by itself: reads records with access of its own (SMART Backend Services).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use futures::future::join_all;
use serde_json::json;

use super::app::{App, Say};
use super::flaw::Flaw;
use super::platform::{Platform, read, search};
use super::serve::json_answer;
use super::settings::{Settings, SettingsError};
use super::trouble::{Trouble, WayOut};
use crate::clock::Clock;
use crate::protocol::scope::Access as Use;

/// Does the job once; gives how many records were read, or why none were.
///
/// # Errors
/// [`SettingsError`] if the app cannot work with these settings.
pub async fn once(
    settings: Settings,
    clock: Clock,
    say: Say,
) -> Result<Result<usize, String>, SettingsError> {
    let app = Arc::new(App::new(settings, String::new(), clock, say)?);
    Ok(job(&app).await.map_err(|trouble| format!("{}. {}", trouble.title, trouble.text)))
}

/// `POST /work`: does the job so many times at the same time.
pub(super) async fn work(app: &App, times: usize) -> Response {
    let outcomes = join_all((0..times).map(|_| job(app))).await;
    let outcome: Result<Vec<usize>, Trouble> = outcomes.into_iter().collect();
    match outcome {
        Ok(read) => json_answer(StatusCode::OK, json!({"read": read.iter().sum::<usize>()})),
        Err(trouble) => json_answer(
            StatusCode::BAD_GATEWAY,
            json!({"error": trouble.title, "reason": trouble.text}),
        ),
    }
}

/// Reads the records; gives how many there are.
async fn job(app: &App) -> Result<usize, Trouble> {
    let base = app.settings.fhir_base().ok_or_else(|| {
        Trouble::new("This app has no platform", "No FHIR base was given.", WayOut::None)
    })?;
    if app.flawed(Flaw::SendsUserWithoutUsers) {
        let platform = Platform::discover(app, base).await?;
        if let Some(endpoint) = platform.authorization_endpoint {
            let query = [("response_type", "code"), ("client_id", app.settings.client_id.as_str())];
            // What comes of it is of no interest.
            let _ = app.wire.client().get(endpoint).query(&query).send().await;
        }
    }
    let mut query = app.settings.query.clone();
    if app.flawed(Flaw::PracticeForgotten) {
        query = query.split("ah-practice").next().unwrap_or_default().to_owned();
    }
    let kind = query.split(['?', '/']).next().unwrap_or_default();
    let granted = app.system.scope(app).await?;
    if !app.demand(Flaw::TakesAllAsGranted, granted.allows(kind, Use::Search)) {
        let text = format!("It does not let this app read records of the type {kind}.");
        return Err(Trouble::new("The platform refused access", text, WayOut::None));
    }
    let records = search(app, &app.system, base, &query).await?;
    for resource in records.found.iter().take(1).filter_map(|it| it["id"].as_str()) {
        if app.flawed(Flaw::CallsUndeclared) {
            read(app, &app.system, base, &format!("{kind}/{resource}")).await?;
        }
    }
    if app.flawed(Flaw::ReadsMoreThanGranted) {
        read(app, &app.system, base, "Immunization/1").await?;
    }
    let read = records.found.len();
    let more = if records.cut_off { " and there is more elsewhere" } else { "" };
    app.say(&format!("read {read} records{more}"));
    Ok(read)
}
