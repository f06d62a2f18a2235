//! A scenario's tab, from the lease to its return.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

use headless_chrome::protocol::cdp::{DOMStorage, Network, Page, Runtime};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ledger::{Ledger, Sent};
use super::open::page_was_left;
use super::pool::Place;
use super::script::Puzzles;
use super::tab::{Tab, evaluate};
use super::watch::Sight;
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
    /// The small picture that was kept last.
    pub(super) last_seen: Mutex<Vec<u8>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

/// A tab of a session.
#[derive(Clone, Debug)]
pub struct Front(String);

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
        Self { lent: Some((tab, place)), recorder, fresh, last_seen: Mutex::default() }
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
        self.addresses().into_iter().next().unwrap_or_default()
    }

    /// The addresses of all tabs' pages, that of the one that the user works in first.
    pub fn addresses(&self) -> Vec<String> {
        let addresses = |sight: &Sight| sight.views.all().map(|view| view.url.clone()).collect();
        self.lent.as_ref().map(|(tab, _)| tab.watch.look(addresses)).unwrap_or_default()
    }

    /// What all pages of the session have sent so far, as they sent it.
    pub fn sent(&self) -> Vec<Sent> {
        let sent = |sight: &Sight| sight.ledger.as_ref().map(|it| it.sent().to_vec());
        let sent = self.lent.as_ref().and_then(|(tab, _)| tab.watch.look(sent));
        sent.unwrap_or_default()
    }

    /// Waits until nothing that pages and their scripts asked for is still to come, for this long at most.
    pub async fn until_answered(&self, patience: Duration) {
        let Ok(tab) = self.tab() else { return };
        let answered = tab.watch.until(|sight| {
            let waits = sight.ledger.as_ref().is_some_and(Ledger::is_waiting);
            (sight.lost || sight.crashed || !waits).then_some(())
        });
        // Who waits for ever is seen as it is.
        let _ = tokio::time::timeout(patience, answered).await;
    }

    /// The tab that the user works in, to come back to it.
    pub fn front_tab(&self) -> Option<Front> {
        let front = |sight: &Sight| Front(sight.views.front().session.clone());
        self.lent.as_ref().map(|(tab, _)| tab.watch.look(front))
    }

    /// The user goes back to a tab; to the first one if it is gone.
    ///
    /// # Errors
    /// The session has no tab any more.
    pub fn go_back_to(&self, front: &Front) -> Result<(), BrowserError> {
        self.tab()?.watch.update(|sight| sight.views.come_back_to(&front.0));
        Ok(())
    }

    /// The user opens another tab, and goes on there. Only with full attention there can be several.
    ///
    /// # Errors
    /// The browser makes none, or there are too many.
    pub async fn open_another_tab(&self) -> Result<(), BrowserError> {
        self.tab()?.open_another().await
    }

    /// Closes the tabs that pages opened.
    ///
    /// # Errors
    /// One of them stays.
    pub async fn close_other_tabs(&self) -> Result<(), BrowserError> {
        self.tab()?.close_guests().await
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

    /// Runs an expression in every frame of every tab, whatever its origin, and gives the values that
    /// can be read, those of the tab that the user works in first; a frame that is left meanwhile has
    /// none.
    ///
    /// The page's own scripts see nothing of it.
    ///
    /// # Errors
    /// The lent tab does not answer, or the script threw.
    pub async fn evaluate_everywhere<T: DeserializeOwned>(
        &self,
        script: &str,
    ) -> Result<Vec<T>, BrowserError> {
        let mut found = Vec::new();
        for session in self.sessions()? {
            let values = self.in_frames(&session, script, |value: T| {
                found.push(value);
                ControlFlow::<()>::Continue(())
            });
            values.await?;
        }
        Ok(found)
    }

    /// Runs an expression in one frame after the other, in every tab, until its value is something
    /// other than null. The user goes on in the tab where that is.
    ///
    /// # Errors
    /// As for [`Session::evaluate_everywhere`].
    pub async fn find_everywhere<T: DeserializeOwned>(
        &self,
        script: &str,
    ) -> Result<Option<T>, BrowserError> {
        for session in self.sessions()? {
            let found = self.in_frames(&session, script, |value: Option<T>| match value {
                Some(value) => ControlFlow::Break(value),
                None => ControlFlow::Continue(()),
            });
            if let Some(found) = found.await? {
                self.tab()?.watch.update(|sight| sight.views.turn_to(&session));
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The sessions of all tabs in sight, that of the one that the user works in first.
    fn sessions(&self) -> Result<Vec<String>, BrowserError> {
        let sessions =
            |sight: &Sight| sight.views.in_sight().map(|it| it.session.clone()).collect();
        Ok(self.tab()?.watch.look(sessions))
    }

    /// Runs an expression in the frames of a tab, until `take` has enough. A tab that a page opened
    /// and that does not answer is closed.
    async fn in_frames<T: DeserializeOwned, B>(
        &self,
        session: &str,
        script: &str,
        take: impl FnMut(T) -> ControlFlow<B>,
    ) -> Result<Option<B>, BrowserError> {
        let tab = self.tab()?;
        let guest = tab.watch.look(|sight| {
            let guest = sight.views.guests().iter().find(|it| it.session == session);
            guest.map(|it| it.target.clone())
        });
        let looking = self.in_each_frame(session, script, take);
        let Some(target) = guest else { return looking.await };
        match tokio::time::timeout(PATIENCE_WITH_GUESTS, looking).await {
            Ok(Err(error)) if page_was_left(&error) => Ok(None),
            Ok(found) => found,
            Err(_) => {
                tab.close_guest(&target);
                Ok(None)
            }
        }
    }

    async fn in_each_frame<T: DeserializeOwned, B>(
        &self,
        session: &str,
        script: &str,
        mut take: impl FnMut(T) -> ControlFlow<B>,
    ) -> Result<Option<B>, BrowserError> {
        let tab = self.tab()?;
        let tree = tab.ask_in(session, Page::GetFrameTree(None)).await?;
        for frame_id in frames(&tree["frameTree"]) {
            let world = Page::CreateIsolatedWorld {
                frame_id,
                // The same one each time: a world of its own for every look would fill the memory.
                world_name: Some(WORLD.to_owned()),
                grant_univeral_access: None,
            };
            let Ok(world) = tab.ask_in(session, world).await else { continue };
            let Some(context) = world["executionContextId"].as_u64() else { continue };
            let call =
                Runtime::Evaluate { context_id: u32::try_from(context).ok(), ..evaluate(script) };
            let Ok(mut answer) = tab.ask_in(session, call).await else { continue };
            self.threw(&answer)?;
            let value = answer["result"]["value"].take();
            if let Ok(value) = serde_json::from_value::<T>(value)
                && let ControlFlow::Break(enough) = take(value)
            {
                return Ok(Some(enough));
            }
        }
        Ok(None)
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

/// How long a tab that a page opened may take for an answer.
const PATIENCE_WITH_GUESTS: Duration = Duration::from_secs(3);
/// The name of our own world in each frame.
const WORLD: &str = "checkride";
