//! The app that works by itself: reads records with access of its own (SMART Backend Services).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use futures::future::join_all;
use serde_json::json;

use super::app::{App, Say};
use super::platform::search;
use super::serve::json_answer;
use super::settings::{Settings, SettingsError};
use super::trouble::{Trouble, WayOut};
use crate::clock::Clock;

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
    let records = search(app, &app.system, base, &app.settings.query).await?;
    let read = records.found.len();
    let more = if records.cut_off { " and there is more elsewhere" } else { "" };
    app.say(&format!("read {read} records{more}"));
    Ok(read)
}
