//! What a browser tells by itself: about its tabs, and about what goes on in each.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use headless_chrome::protocol::cdp::{Fetch, Network, Page, Runtime, Target};
use serde_json::Value;

use super::BrowserError;
use super::ledger::Ledger;
use super::options::Attention;
use super::tab::prepare_guest;
use super::transport::{Connection, Listener};
use super::watch::{Sight, View, Watch};

/// All tabs of a browser, by context: for what the browser itself tells about them.
#[derive(Clone)]
pub(super) struct Tabs {
    known: Arc<Mutex<Vec<Known>>>,
    /// How much of what pages do is followed.
    attention: Attention,
}

struct Known {
    context: String,
    target: String,
    watch: Arc<Watch>,
}

impl Tabs {
    /// Begins to follow what a browser tells about its tabs.
    pub(super) async fn follow(
        connection: &Connection,
        attention: Attention,
        deadline: Duration,
    ) -> Result<Self, BrowserError> {
        let tabs = Self { known: Arc::default(), attention };
        let overseer = Overseer { tabs: tabs.clone(), connection: connection.clone() };
        connection.listen("", Arc::new(overseer));
        let discover = Target::SetDiscoverTargets { discover: true, filter: None };
        connection.ask(None, discover, deadline).await?;
        if attention == Attention::Full {
            // They wait to be heard before they send anything.
            let wait = Target::SetAutoAttach {
                auto_attach: true,
                wait_for_debugger_on_start: true,
                flatten: Some(true),
                filter: Some(vec![Target::FilterEntry {
                    exclude: Some(false),
                    Type: Some("page".to_owned()),
                }]),
            };
            connection.ask(None, wait, deadline).await?;
        }
        Ok(tabs)
    }

    /// How much of what pages do is followed.
    pub(super) fn attention(&self) -> Attention {
        self.attention
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
        self.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Hears the browser's own events: crashes, and tabs that pages open.
struct Overseer {
    tabs: Tabs,
    connection: Connection,
}

impl Listener for Overseer {
    fn hear(&self, method: &str, params: &Value) {
        match method {
            "Target.targetCrashed" => self.of_tab(params, |sight, target| sight.crash(target)),
            "Target.targetDestroyed" => self.of_tab(params, |sight, target| {
                if let Some(session) = sight.views.let_go(target) {
                    self.connection.forget(&session);
                }
            }),
            "Target.targetCreated" if self.tabs.attention == Attention::Flow => {
                let told = &params["targetInfo"];
                if let (Some(opener), Some(target)) = (self.opener(told), told["targetId"].as_str())
                {
                    self.close(target);
                    opener.update(|sight| sight.tab_stained = true);
                }
            }
            // Whom somebody else attaches to does not wait.
            "Target.attachedToTarget" if params["waitingForDebugger"] == true => self.meet(params),
            _ => {}
        }
    }

    fn lose(&self) {}
}

impl Overseer {
    /// Tells all tabs what happened to one, of which they may be the opener.
    fn of_tab(&self, params: &Value, mut change: impl FnMut(&mut Sight, &str)) {
        let Some(target) = params["targetId"].as_str() else { return };
        let all: Vec<Arc<Watch>> = self.tabs.lock().iter().map(|it| it.watch.clone()).collect();
        for watch in all.iter().filter(|it| it.look(|sight| sight.views.knows(target))) {
            watch.update(|sight| change(sight, target));
        }
    }

    /// The lent tab of the context in which a page has opened this one.
    fn opener(&self, told: &Value) -> Option<Arc<Watch>> {
        let tabs = self.tabs.lock();
        let of_context = |known: &&Known| told["browserContextId"] == known.context;
        let known = tabs.iter().find(of_context)?;
        let is_new = told["type"] == "page" && told["targetId"] != known.target;
        is_new.then(|| known.watch.clone())
    }

    /// A tab is there that waits to be let go on: one that a page opened is followed, unless there are
    /// too many.
    fn meet(&self, params: &Value) {
        let told = &params["targetInfo"];
        let (Some(session), Some(target)) =
            (params["sessionId"].as_str(), told["targetId"].as_str())
        else {
            return;
        };
        let Some(opener) = self.opener(told) else {
            // A tab of ours is attached to by whoever made it.
            self.connection.tell(Some(session), &Runtime::RunIfWaitingForDebugger(None));
            let session_id = Some(session.to_owned());
            self.connection.tell(None, &Target::DetachFromTarget { session_id, target_id: None });
            return;
        };
        let (connection, watch) = (self.connection.clone(), opener.clone());
        let ear = Ear { connection, session: session.to_owned(), watch };
        self.connection.listen(session, Arc::new(ear));
        // Also one that is not wanted goes on: as long as it waits it holds up the page that opened it.
        prepare_guest(&self.connection, session);
        let guest = View::opened(session, target, told["openerId"].as_str());
        let is_welcome = opener.update(|sight| {
            sight.tab_stained = true;
            sight.ledger.is_some() && sight.views.take_in(guest)
        });
        if !is_welcome {
            self.connection.forget(session);
            self.close(target);
        }
    }

    fn close(&self, target: &str) {
        self.connection.tell(None, &Target::CloseTarget { target_id: target.to_owned() });
    }
}

/// Hears the events of a tab.
pub(super) struct Ear {
    pub(super) connection: Connection,
    pub(super) session: String,
    pub(super) watch: Arc<Watch>,
}

impl Listener for Ear {
    fn hear(&self, method: &str, params: &Value) {
        let session = self.session.as_str();
        match method {
            "Page.frameNavigated" => {
                self.watch.update(|sight| sight.navigated(session, &params["frame"]));
            }
            "Page.navigatedWithinDocument" => {
                self.watch.update(|sight| sight.moved(session, params));
            }
            "Page.loadEventFired" => self.watch.update(|sight| sight.loads(session)),
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
            "Network.responseReceived" => {
                self.watch.update(|sight| sight.receives(session, params))
            }
            "Network.loadingFinished" => self.finish(params),
            "Network.loadingFailed" => self.watch.update(|sight| sight.fails(session, params)),
            "Network.webSocketCreated" => self.note(|ledger| ledger.socket(params)),
            "Network.webSocketWillSendHandshakeRequest" => {
                self.note(|ledger| ledger.handshake(params));
            }
            "Network.webSocketHandshakeResponseReceived" => {
                self.note(|ledger| ledger.answer(params));
            }
            "Network.webSocketFrameSent" => self.note(|ledger| ledger.says(params)),
            "Network.webSocketClosed" => self.note(|ledger| ledger.hangs_up(params)),
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
            "Inspector.targetCrashed" => self.watch.update(|sight| {
                let target = sight.views.of(session).map(|view| view.target.clone());
                sight.crash(&target.unwrap_or_default());
            }),
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
    /// Notes something in the ledger, if the tab is lent.
    fn note(&self, note: impl FnOnce(&mut Ledger)) {
        self.watch.update(|sight| sight.ledger.as_mut().map(note));
    }

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
