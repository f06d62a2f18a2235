//! What a browser tells by itself: about its tabs, and about what goes on in each.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use headless_chrome::protocol::cdp::{Fetch, Network, Page, Target};
use serde_json::Value;

use super::BrowserError;
use super::transport::{Connection, Listener};
use super::watch::Watch;

/// All tabs of a browser, by context: for what the browser itself tells about them.
#[derive(Clone, Default)]
pub(super) struct Tabs(Arc<Mutex<Vec<Known>>>);

struct Known {
    context: String,
    target: String,
    watch: Arc<Watch>,
}

impl Tabs {
    /// Begins to follow what a browser tells about its tabs.
    pub(super) async fn follow(
        connection: &Connection,
        deadline: Duration,
    ) -> Result<Self, BrowserError> {
        let tabs = Self::default();
        let overseer = Overseer { tabs: tabs.clone(), connection: connection.clone() };
        connection.listen("", Arc::new(overseer));
        let discover = Target::SetDiscoverTargets { discover: true, filter: None };
        connection.ask(None, discover, deadline).await?;
        Ok(tabs)
    }

    /// Begins to follow a tab.
    pub(super) fn add(&self, context: &str, target: &str, watch: &Arc<Watch>) {
        self.lock().push(Known {
            context: context.to_owned(),
            target: target.to_owned(),
            watch: watch.clone(),
        });
    }

    /// Forgets the tab of a context.
    pub(super) fn remove(&self, context: &str) {
        self.lock().retain(|known| known.context != context);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Hears the browser's own events: crashes, and popups, which are closed at once.
struct Overseer {
    tabs: Tabs,
    connection: Connection,
}

impl Listener for Overseer {
    fn hear(&self, method: &str, params: &Value) {
        match method {
            "Target.targetCrashed" => {
                for known in
                    self.tabs.lock().iter().filter(|known| params["targetId"] == known.target)
                {
                    known.watch.update(|sight| sight.crashed = true);
                }
            }
            "Target.targetCreated" => {
                let told = &params["targetInfo"];
                let Some(target) = told["targetId"].as_str() else { return };
                let tabs = self.tabs.lock();
                let opener = tabs.iter().find(|known| told["browserContextId"] == known.context);
                if let Some(opener) = opener
                    && told["type"] == "page"
                    && target != opener.target
                {
                    let target_id = target.to_owned();
                    self.connection.tell(None, &Target::CloseTarget { target_id });
                    opener.watch.update(|sight| sight.tab_stained = true);
                }
            }
            _ => {}
        }
    }

    fn lose(&self) {}
}

/// Hears the events of a tab.
pub(super) struct Ear {
    pub(super) connection: Connection,
    pub(super) session: String,
    pub(super) watch: Arc<Watch>,
}

impl Listener for Ear {
    fn hear(&self, method: &str, params: &Value) {
        match method {
            "Page.frameNavigated" => self.watch.update(|sight| sight.navigated(&params["frame"])),
            "Page.navigatedWithinDocument" => self.watch.update(|sight| sight.moved(params)),
            "Page.loadEventFired" => self.watch.update(|sight| sight.loaded = true),
            "Page.frameRequestedNavigation" => {
                // An app's own scheme that a script goes to never becomes a request.
                let url = params["url"].as_str().unwrap_or_default();
                if !url.starts_with("http") {
                    self.watch.update(|sight| sight.heads_for(url));
                }
            }
            "Page.javascriptDialogOpening" => {
                let accept = Page::HandleJavaScriptDialog { accept: true, prompt_text: None };
                self.connection.tell(Some(&self.session), &accept);
            }
            "Network.requestWillBeSent" => self.watch.update(|sight| sight.sends(params)),
            "Network.responseReceived" => self.watch.update(|sight| sight.receives(params)),
            "Network.loadingFinished" => self.finish(params),
            "Network.loadingFailed" => self.watch.update(|sight| sight.fails(params)),
            "Fetch.requestPaused" => self.hold(params),
            "Runtime.exceptionThrown" => {
                let told = &params["exceptionDetails"];
                let text = told["exception"]["description"].as_str().or(told["text"].as_str());
                self.watch.update(|sight| sight.complain(text.unwrap_or("an exception")));
            }
            "Runtime.consoleAPICalled" if params["type"] == "error" => {
                let words = params["args"].as_array().into_iter().flatten().map(|word| {
                    let text = word["value"].as_str().or(word["description"].as_str());
                    text.map_or_else(|| word["value"].to_string(), str::to_owned)
                });
                let text = words.collect::<Vec<_>>().join(" ");
                self.watch.update(|sight| sight.complain(&text));
            }
            // What the page may not do, or could not load; scripts' own words come by `Runtime`.
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                let entry = &params["entry"];
                let text = entry["text"].as_str().unwrap_or("an error");
                let url = entry["url"].as_str().unwrap_or_default();
                let is_icon = url.ends_with("/favicon.ico");
                if entry["source"] != "javascript" && !is_icon {
                    self.watch.update(|sight| sight.complain(format!("{text} {url}").trim_end()));
                }
            }
            "Inspector.targetCrashed" => self.watch.update(|sight| sight.crashed = true),
            "DOMStorage.domStorageItemAdded" | "DOMStorage.domStorageItemUpdated"
                if params["storageId"]["isLocalStorage"] == false =>
            {
                self.watch.update(|sight| sight.tab_stained = true);
            }
            _ => {}
        }
    }

    fn lose(&self) {
        self.watch.update(|sight| sight.lost = true);
    }
}

impl Ear {
    /// An answer is complete: reads its body, if it is worth it, and records it.
    fn finish(&self, params: &Value) {
        let unread = self
            .watch
            .update(|sight| sight.ledger.as_mut().and_then(|ledger| ledger.finish(params)));
        let Some(unread) = unread else { return };
        let length = params["encodedDataLength"].as_f64().unwrap_or_default();
        if !unread.wants_body(length) {
            unread.record(None);
            return;
        }
        let request_id = params["requestId"].as_str().unwrap_or_default().to_owned();
        let (connection, session, watch) =
            (self.connection.clone(), self.session.clone(), self.watch.clone());
        tokio::spawn(async move {
            let ask = Network::GetResponseBody { request_id };
            // A page that is already left has no body any more; the exchange is recorded without.
            let body = connection.call(Some(&session), ask, READING).await.ok();
            unread.record(body.filter(|body| !body.base_64_encoded).map(|body| body.body));
            watch.update(|_| ());
        });
    }

    /// A request to the app's redirect URI is held back: answers it here, so that it goes nowhere.
    fn hold(&self, params: &Value) {
        let Some(id) = params["requestId"].as_str() else { return };
        let url = params["request"]["url"].as_str().unwrap_or_default();
        let request_id = id.to_owned();
        let session = Some(self.session.as_str());
        if self.watch.look(|sight| sight.is_sealed(url)) {
            let answer = Fetch::FulfillRequest {
                request_id,
                response_code: 200,
                response_headers: Some(vec![Fetch::HeaderEntry {
                    name: "content-type".to_owned(),
                    value: "text/html".to_owned(),
                }]),
                binary_response_headers: None,
                body: None,
                response_phrase: None,
            };
            self.connection.tell(session, &answer);
        } else {
            let go_on = Fetch::ContinueRequest {
                request_id,
                url: None,
                method: None,
                post_data: None,
                headers: None,
                intercept_response: None,
            };
            self.connection.tell(session, &go_on);
        }
    }
}

/// A body that takes longer is not worth holding anybody up.
const READING: Duration = Duration::from_secs(1);
