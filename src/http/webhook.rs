//! Tells somebody's webhook of something: no part of what is judged, so nothing of it is recorded.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::Value;

use super::HttpError;
use crate::secret::Secret;

/// Posts JSON to an address that is a secret, and gives up soon: nobody waits for it.
///
/// # Errors
/// [`HttpError`] without the address if no answer came, or one that is not 2xx.
pub async fn post_to_webhook(address: &Secret, message: &Value) -> Result<(), HttpError> {
    let setup = |error: reqwest::Error| HttpError::Setup(error.without_url().to_string());
    let connections = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .user_agent(concat!("checkride/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(setup)?;
    let sent = connections.post(address.expose()).json(message).send().await;
    let answer = sent.map_err(|error| {
        let why = match error.is_timeout() {
            true => format!("no answer came within {} seconds", PATIENCE.as_secs()),
            false => super::client::whole(&error.without_url()),
        };
        HttpError::Request(why)
    })?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(HttpError::Request(format!("it answered with status {}", status.as_u16()))),
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
