//! What a tab has shown so far, kept up to date by its events, and waiting for a change of it.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;
use url::Url;

use super::BrowserError;
use super::ledger::Ledger;
use crate::protocol::callback::{arrives_at, is_on_host_of};
use crate::record::Recorder;

/// The state of a tab; whoever waits for something in it is woken at each change.
pub(super) struct Watch {
    seen: Mutex<Sight>,
    changed: tokio::sync::watch::Sender<()>,
}

/// What was seen of a tab.
#[derive(Default)]
pub(super) struct Sight {
    /// Id of the tab's main frame.
    pub(super) frame: String,
    /// Address of the shown page.
    pub(super) url: String,
    /// Status of the answer that brought the shown page.
    pub(super) status: Option<u16>,
    /// The browser's name for what last kept a page from being fetched.
    pub(super) failure: Option<String>,
    /// The same, while the browser shows a page of its own in place of that one.
    pub(super) unreachable: Option<String>,
    /// Ids of the page loads that came to be shown since [`Sight::depart`].
    pub(super) shown: HashSet<String>,
    /// Whether the shown page is complete.
    pub(super) loaded: bool,
    /// The address whose visit ends a flow.
    pub(super) awaited: Option<Awaited>,
    /// Those of them in this scenario where nobody listens: none is ever really visited.
    pub(super) sealed: Vec<Awaited>,
    /// The visit that ended it.
    pub(super) redirect: Option<Url>,
    /// The tab's process is dead.
    pub(super) crashed: bool,
    /// The browser is gone.
    pub(super) lost: bool,
    /// Errors that pages told.
    pub(super) console: Vec<String>,
    /// Origins of the shown pages.
    pub(super) origins: BTreeSet<String>,
    /// Something was kept in the tab that only a new tab is free of.
    pub(super) tab_stained: bool,
    /// Something was kept in the context that only a new context is free of.
    pub(super) context_stained: bool,
    /// The scenario's exchanges.
    pub(super) ledger: Option<Ledger>,
}

/// The app's redirect URI.
#[derive(Clone, Debug)]
pub(super) struct Awaited(String);

impl Watch {
    pub(super) fn new(frame: String) -> Self {
        let sight = Sight { frame, ..Sight::default() };
        Self { seen: Mutex::new(sight), changed: tokio::sync::watch::Sender::new(()) }
    }

    /// Reads the state.
    pub(super) fn look<T>(&self, read: impl FnOnce(&Sight) -> T) -> T {
        read(&self.lock())
    }

    /// Changes the state and wakes who waits.
    pub(super) fn update<T>(&self, change: impl FnOnce(&mut Sight) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.send_replace(());
        result
    }

    /// Waits until `read` finds what it looks for.
    pub(super) async fn until<T>(&self, mut read: impl FnMut(&Sight) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            if let Some(found) = self.look(&mut read) {
                return found;
            }
            // The sender lives as long as `self`.
            let _ = changes.changed().await;
        }
    }

    /// Waits until the tab can be used no more, and says why.
    pub(super) async fn trouble(&self) -> BrowserError {
        self.until(|sight| match sight {
            Sight { lost: true, .. } => Some(BrowserError::Gone),
            Sight { crashed: true, .. } => Some(BrowserError::Crashed),
            _ => None,
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Sight> {
        self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Sight {
    /// Begins a scenario.
    pub(super) fn lend(&mut self, recorder: Recorder) {
        self.ledger = Some(Ledger::new(recorder));
    }

    /// Whether the page is shown that a redirect ends on, if it does: an empty one where it was caught.
    pub(super) fn is_at_rest(&self) -> bool {
        match (&self.awaited, &self.redirect) {
            (Some(awaited), Some(redirect)) if redirect.scheme().starts_with("http") => {
                self.lost || self.crashed || (self.loaded && awaited.is(&self.url))
            }
            _ => true,
        }
    }

    /// Forgets all but what the tab is.
    pub(super) fn forget(&mut self) {
        let frame = std::mem::take(&mut self.frame);
        *self = Self { frame, crashed: self.crashed, lost: self.lost, ..Self::default() };
    }

    /// Forgets the flow that ended; a new page is about to be opened.
    pub(super) fn depart(&mut self) {
        self.redirect = None;
        self.status = None;
        self.loaded = false;
        self.shown.clear();
    }

    /// A frame shows a new page.
    pub(super) fn navigated(&mut self, frame: &Value) {
        let origin = frame["securityOrigin"].as_str().unwrap_or_default();
        if origin.starts_with("http") {
            self.origins.insert(origin.to_owned());
        }
        if frame["id"].as_str() == Some(&self.frame) {
            let missing = frame["unreachableUrl"].as_str();
            self.unreachable = missing.and(self.failure.take());
            let address = missing.or(frame["url"].as_str());
            self.url = address.unwrap_or_default().to_owned();
            self.loaded = false;
            if let Some(loader) = frame["loaderId"].as_str() {
                self.shown.insert(loader.to_owned());
            }
        } else if origin.starts_with("http") && !self.url.starts_with(origin) {
            // Storage of a foreign frame is kept apart per page and is not cleared by origin.
            self.context_stained = true;
        }
    }

    /// The address of the shown page changed without a new page.
    pub(super) fn moved(&mut self, params: &Value) {
        if params["frameId"].as_str() == Some(&self.frame) {
            self.url = params["url"].as_str().unwrap_or_default().to_owned();
        }
    }

    /// Whether an address must not be visited.
    pub(super) fn is_sealed(&self, url: &str) -> bool {
        self.sealed.iter().any(|awaited| awaited.is(url))
    }

    /// A page is about to be fetched; tells whether that ends the flow.
    pub(super) fn heads_for(&mut self, url: &str) -> bool {
        if !self.awaited.as_ref().is_some_and(|awaited| awaited.is(url)) {
            return false;
        }
        if let Ok(url) = Url::parse(url) {
            if let Some(ledger) = &self.ledger {
                ledger.learn(&url);
            }
            self.redirect.get_or_insert(url);
        }
        true
    }

    /// A request is about to be sent.
    pub(super) fn sends(&mut self, params: &Value) {
        let request = &params["request"];
        let part = |name: &str| request[name].as_str().unwrap_or_default();
        let url = format!("{}{}", part("url"), part("urlFragment"));
        let arrives = params["type"] == "Document" && self.heads_for(&url);
        let caught = arrives && self.is_sealed(&url);
        if let Some(ledger) = &mut self.ledger {
            ledger.request(params, caught);
        }
    }

    /// The head of an answer came.
    pub(super) fn receives(&mut self, params: &Value) {
        if params["type"] == "Document" && params["frameId"] == self.frame {
            self.status =
                params["response"]["status"].as_u64().and_then(|code| code.try_into().ok());
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.answer(params);
        }
    }

    /// A request came to nothing.
    pub(super) fn fails(&mut self, params: &Value) {
        if params["type"] == "Document" {
            self.failure = params["errorText"].as_str().map(str::to_owned);
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.fail(params);
        }
    }

    /// A script told an error.
    pub(super) fn complain(&mut self, text: &str) {
        let Some(ledger) = &self.ledger else { return };
        if self.console.len() < MOST_COMPLAINTS {
            self.console.push(ledger.recorder().redactor().redact(text));
        }
    }
}

impl Awaited {
    /// Reads a redirect URI.
    pub(super) fn new(redirect_uri: &str) -> Result<Self, url::ParseError> {
        Ok(Self(Url::parse(redirect_uri)?.into()))
    }

    /// Whether an address is this redirect URI, with or without parameters.
    pub(super) fn is(&self, url: &str) -> bool {
        arrives_at(url, &self.0)
    }

    /// Whether an address is on its host, also if it is another one there.
    pub(super) fn is_on_host_of(&self, url: &str) -> bool {
        is_on_host_of(url, &self.0)
    }

    /// The pattern by which the browser holds back requests to it; none for an app's own scheme.
    pub(super) fn pattern(&self) -> Option<String> {
        let escaped = self.0.replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?");
        self.0.starts_with("http").then(|| format!("{escaped}*"))
    }
}

/// A page that complains in a loop must not fill the memory.
const MOST_COMPLAINTS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_met_only_whole() {
        let awaited = Awaited::new("https://app.example").unwrap();
        assert!(awaited.is("https://app.example/?code=1"));
        assert!(awaited.is("https://app.example/#code=1"));
        assert!(!awaited.is("https://app.example/login?code=1"));
        assert!(!awaited.is("https://app.example.evil/?code=1"));
        let custom = Awaited::new("myapp://cb").unwrap();
        assert!(custom.is("myapp://cb?code=1"));
        assert_eq!(custom.pattern(), None);
        let with_query = Awaited::new("http://127.0.0.1/cb?x=1").unwrap();
        assert!(with_query.is("http://127.0.0.1/cb?x=1&code=2"));
        assert_eq!(with_query.pattern().unwrap(), r"http://127.0.0.1/cb\?x=1*");
    }
}
