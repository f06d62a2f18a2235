//! A scenario's tab, from the lease to its return.

use headless_chrome::protocol::cdp::{DOMStorage, Network, Page, Runtime};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::pool::Place;
use super::script::Puzzles;
use super::tab::{Tab, evaluate};
use super::{BrowserError, Fresh, Options};
use crate::record::Recorder;
use crate::secret::Secret;

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
#[derive(Clone, Debug)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret,
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
        self.threw(&answer)?;
        let value = answer.get_mut("result").map(|result| result["value"].take());
        serde_json::from_value(value.unwrap_or(Value::Null)).map_err(|error| {
            let why = format!("its value is not as asked: {error}");
            BrowserError::Script(self.recorder.redactor().redact(&why))
        })
    }

    /// Runs an expression in every frame of the page, whatever its origin, and gives the values that
    /// can be read; a frame that is left meanwhile has none.
    ///
    /// The page's own scripts see nothing of it.
    ///
    /// # Errors
    /// The tab does not answer, or the script threw.
    pub async fn evaluate_everywhere<T: DeserializeOwned>(
        &self,
        script: &str,
    ) -> Result<Vec<T>, BrowserError> {
        let tab = self.tab()?;
        let tree = tab.ask(Page::GetFrameTree(None)).await?;
        let mut found = Vec::new();
        for frame_id in frames(&tree["frameTree"]) {
            let world = Page::CreateIsolatedWorld {
                frame_id,
                // The same one each time: a world of its own for every look would fill the memory.
                world_name: Some(WORLD.to_owned()),
                grant_univeral_access: None,
            };
            let Ok(world) = tab.ask(world).await else { continue };
            let Some(context) = world["executionContextId"].as_u64() else { continue };
            let call =
                Runtime::Evaluate { context_id: u32::try_from(context).ok(), ..evaluate(script) };
            let Ok(mut answer) = tab.ask(call).await else { continue };
            self.threw(&answer)?;
            let value = answer["result"]["value"].take();
            found.extend(serde_json::from_value::<T>(value).ok());
        }
        Ok(found)
    }

    /// The error of a script that threw.
    fn threw(&self, answer: &Value) -> Result<(), BrowserError> {
        let Some(thrown) = answer.get("exceptionDetails") else { return Ok(()) };
        let text = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
        let text = text.unwrap_or("an exception without words");
        Err(BrowserError::Script(self.recorder.redactor().redact(text)))
    }

    /// What the pages of an origin keep in the browser: the names and values of their local storage.
    ///
    /// # Errors
    /// The tab does not answer.
    pub async fn local_storage(&self, origin: &str) -> Result<Vec<(String, Secret)>, BrowserError> {
        let storage_id = DOMStorage::StorageId {
            security_origin: Some(origin.to_owned()),
            storage_key: None,
            is_local_storage: true,
        };
        let call = DOMStorage::GetDOMStorageItems { storage_id };
        let answer = self.tab()?.ask(call).await?;
        let items: Vec<(String, String)> =
            serde_json::from_value(answer["entries"].clone()).unwrap_or_default();
        Ok(items.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }

    /// The cookies that the browser would send to an address.
    ///
    /// # Errors
    /// The tab does not answer.
    pub async fn cookies(&self, url: &str) -> Result<Vec<Cookie>, BrowserError> {
        let call = Network::GetCookies { urls: Some(vec![url.to_owned()]) };
        let answer = self.tab()?.ask(call).await?;
        let cookies = answer["cookies"].as_array().into_iter().flatten();
        let cookie = |it: &Value| Cookie {
            name: it["name"].as_str().unwrap_or_default().to_owned(),
            value: Secret::new(it["value"].as_str().unwrap_or_default()),
            secure: it["secure"].as_bool().unwrap_or_default(),
            http_only: it["httpOnly"].as_bool().unwrap_or_default(),
        };
        Ok(cookies.map(cookie).collect())
    }

    pub(super) fn tab(&self) -> Result<&Tab, BrowserError> {
        self.lent.as_ref().map(|(tab, _)| tab).ok_or(BrowserError::Gone)
    }

    pub(super) fn options(&self) -> Result<&Options, BrowserError> {
        self.lent.as_ref().map(|(_, place)| place.options()).ok_or(BrowserError::Gone)
    }

    pub(super) fn puzzles(&self) -> Option<&Puzzles> {
        self.lent.as_ref().and_then(|(_, place)| place.puzzles())
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }
}

/// The ids of a frame tree, the page itself first.
fn frames(tree: &Value) -> Vec<String> {
    let own = tree["frame"]["id"].as_str().map(str::to_owned);
    let inner = tree["childFrames"].as_array().into_iter().flatten().flat_map(frames);
    own.into_iter().chain(inner).collect()
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

/// The name of our own world in each frame.
const WORLD: &str = "checkride";
