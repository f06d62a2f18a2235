//! A scenario's tab, from the lease to its return.

use headless_chrome::protocol::cdp::Network;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::pool::Place;
use super::tab::{Tab, evaluate};
use super::{BrowserError, Fresh, Options};
use crate::record::Recorder;

/// A tab that belongs to one scenario until it is released or dropped.
///
/// Nothing of earlier scenarios is in it. What it sends is recorded; what it shows can be read,
/// clicked, filled and pictured. Every call has a deadline.
pub struct Session {
    /// Absent only after the return.
    lent: Option<(Tab, Place)>,
    recorder: Recorder,
    fresh: Fresh,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

/// A cookie, by how it is kept (RFC 6265 §4.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Whether it is sent over TLS alone.
    pub secure: bool,
    /// Whether scripts of the page cannot read it.
    pub http_only: bool,
}

impl Session {
    pub(super) fn new(tab: Tab, place: Place, recorder: Recorder, fresh: Fresh) -> Self {
        Self { lent: Some((tab, place)), recorder, fresh }
    }

    /// Gives the tab back, and waits until all that it sent is recorded.
    pub async fn release(mut self) {
        if let Some((tab, place)) = self.lent.take() {
            place.take_back(tab, self.fresh).await;
        }
    }

    /// Errors that scripts of the pages told since the lease, redacted.
    pub fn console(&self) -> Vec<String> {
        self.lent
            .as_ref()
            .map(|(tab, _)| tab.watch.look(|sight| sight.console.clone()))
            .unwrap_or_default()
    }

    /// Address of the shown page.
    pub fn url(&self) -> String {
        self.lent
            .as_ref()
            .map(|(tab, _)| tab.watch.look(|sight| sight.url.clone()))
            .unwrap_or_default()
    }

    /// Runs an expression in the page, awaits it if it is a promise, and reads its value.
    ///
    /// # Errors
    /// The script threw, its value has another shape, or the page was left meanwhile.
    pub async fn evaluate<T: DeserializeOwned>(&self, script: &str) -> Result<T, BrowserError> {
        let mut answer = self.tab()?.ask(evaluate(script)).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let text = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
            let text = text.unwrap_or("an exception without words");
            return Err(BrowserError::Script(self.recorder.redactor().redact(text)));
        }
        let value = answer.get_mut("result").map(|result| result["value"].take());
        serde_json::from_value(value.unwrap_or(Value::Null)).map_err(|error| {
            let why = format!("its value is not as asked: {error}");
            BrowserError::Script(self.recorder.redactor().redact(&why))
        })
    }

    /// The cookies that the browser would send to an address, without their values.
    ///
    /// # Errors
    /// The tab does not answer.
    pub async fn cookies(&self, url: &str) -> Result<Vec<Cookie>, BrowserError> {
        let call = Network::GetCookies { urls: Some(vec![url.to_owned()]) };
        let mut answer = self.tab()?.ask(call).await?;
        Ok(serde_json::from_value(answer["cookies"].take()).unwrap_or_default())
    }

    pub(super) fn tab(&self) -> Result<&Tab, BrowserError> {
        self.lent.as_ref().map(|(tab, _)| tab).ok_or(BrowserError::Gone)
    }

    pub(super) fn options(&self) -> Result<&Options, BrowserError> {
        self.lent.as_ref().map(|(_, place)| place.options()).ok_or(BrowserError::Gone)
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some((tab, place)) = self.lent.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(place.take_back(tab, self.fresh));
        }
    }
}
