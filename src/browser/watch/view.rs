//! What one tab shows.

use std::collections::HashSet;

use serde_json::Value;

/// What was seen of one tab's page.
#[derive(Default)]
pub(in crate::browser) struct View {
    /// The session by which its events come and calls go to it.
    pub(in crate::browser) session: String,
    /// Id of the tab in the browser, and of its main frame.
    pub(in crate::browser) target: String,
    /// Id of the tab whose page opened it.
    pub(in crate::browser) opener: Option<String>,
    /// Address of the shown page.
    pub(in crate::browser) url: String,
    /// Status of the answer that brought the shown page.
    pub(in crate::browser) status: Option<u16>,
    /// The browser's name for what last kept a page from being fetched.
    failure: Option<String>,
    /// The same, while the browser shows a page of its own in place of that one.
    pub(in crate::browser) unreachable: Option<String>,
    /// Ids of the page loads that came to be shown since [`View::depart`].
    pub(in crate::browser) shown: HashSet<String>,
    /// Whether the shown page is complete.
    pub(in crate::browser) loaded: bool,
}

impl View {
    /// A new tab.
    pub(in crate::browser) fn new(session: &str, target: &str) -> Self {
        Self { session: session.to_owned(), target: target.to_owned(), ..Self::default() }
    }

    /// A tab that a page opened: it is empty, and complete so.
    pub(in crate::browser) fn opened(session: &str, target: &str, opener: Option<&str>) -> Self {
        let opener = opener.map(str::to_owned);
        Self { opener, loaded: true, ..Self::new(session, target) }
    }

    /// A new page is about to be opened.
    pub(super) fn depart(&mut self) {
        self.status = None;
        self.loaded = false;
        self.shown.clear();
    }

    /// Whether it is the tab's main frame.
    pub(super) fn is(&self, frame: &Value) -> bool {
        frame.as_str() == Some(&self.target)
    }

    /// The main frame shows a new page.
    pub(super) fn navigated(&mut self, frame: &Value) {
        let missing = frame["unreachableUrl"].as_str();
        self.unreachable = missing.and(self.failure.take());
        let address = missing.or(frame["url"].as_str());
        self.url = address.unwrap_or_default().to_owned();
        self.loaded = false;
        if let Some(loader) = frame["loaderId"].as_str() {
            self.shown.insert(loader.to_owned());
        }
    }

    /// The head of the answer came that brings the page.
    pub(super) fn receives(&mut self, params: &Value) {
        let status = params["response"]["status"].as_u64();
        self.status = status.and_then(|code| code.try_into().ok());
    }

    /// A page was not fetched.
    pub(super) fn fails(&mut self, params: &Value) {
        self.failure = params["errorText"].as_str().map(str::to_owned);
    }
}
