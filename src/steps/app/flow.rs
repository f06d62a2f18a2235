//! One sign-in from request to token: which answer belongs to which request.

use std::time::SystemTime;

use url::Url;

use super::sent::{Kind, parameter};
use crate::mock::Entry;
use crate::world::{Halt, Scene, Since};

/// The way back to the app, with a code, as the platform gave it to the browser.
#[derive(Clone, Debug)]
pub struct Return {
    /// The code.
    pub code: String,
    /// The state, if it was given back.
    pub state: Option<String>,
    /// When the browser was sent.
    pub at: SystemTime,
}

/// All ways back with a code, oldest first.
///
/// # Errors
/// [`Halt::Error`] if the scenario has no app under test.
pub fn callbacks(scene: &Scene) -> Result<Vec<Return>, Halt> {
    let entries = scene.journal()?.requests();
    Ok(entries.iter().filter_map(callback).collect())
}

fn callback(entry: &Entry) -> Option<Return> {
    let location = Url::parse(entry.headers.get("location")?.to_str().ok()?).ok()?;
    let value = |name: &str| {
        let found = location.query_pairs().find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    };
    let at = entry.came + entry.took.unwrap_or_default();
    Some(Return { code: value("code")?, state: value("state"), at })
}

/// The authorization request that led to the code of a token request.
///
/// # Errors
/// [`Halt::Error`] if the scenario has no app under test.
pub fn request_of(scene: &Scene, token_request: &Entry) -> Result<Option<Entry>, Halt> {
    let Some(code) = parameter(token_request, "code") else { return Ok(None) };
    let state = callbacks(scene)?.into_iter().find(|it| it.code == code).and_then(|it| it.state);
    let sent = Kind::Authorization.sent(scene, Since::TheStart)?;
    Ok(sent.into_iter().find(|entry| parameter(entry, "state") == state.as_deref()))
}
