//! One tab in an incognito context of its own: made, listened to, called, wiped, thrown away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use headless_chrome::protocol::cdp::types::Method;
use headless_chrome::protocol::cdp::{
    Browser as Devtools, DOMStorage, Emulation, Fetch, Inspector, Log, Network, Page, Runtime,
    Storage, Target,
};
use serde::Serialize;
use serde_json::Value;

use super::BrowserError;
use super::chromium::Chromium;
use super::ears::{Ear, Tabs};
use super::open::left_page;
use super::options::Attention;
use super::transport::Connection;
use super::watch::{Sight, View, Watch};
use crate::record::Recorder;

/// A tab. Its context, with all that is in it, goes when this is dropped.
pub(super) struct Tab {
    /// What it shows.
    pub(super) watch: Arc<Watch>,
    chromium: Arc<Chromium>,
    tabs: Tabs,
    context: String,
    target: String,
    /// Of the lent tab itself.
    session: String,
    deadline: Duration,
    sound: AtomicBool,
}

impl Tab {
    /// Opens an empty tab in a new context.
    pub(super) async fn open(
        chromium: Arc<Chromium>,
        tabs: Tabs,
        deadline: Duration,
    ) -> Result<Self, BrowserError> {
        let connection = &chromium.connection;
        let context = Target::CreateBrowserContext {
            dispose_on_detach: Some(true),
            proxy_server: None,
            proxy_bypass_list: None,
            origins_with_universal_network_access: None,
        };
        let context = connection.call(None, context, deadline).await?.browser_context_id;
        let mut tab = Self {
            watch: Arc::new(Watch::new(View::default())),
            chromium: chromium.clone(),
            tabs,
            context,
            target: String::new(),
            session: String::new(),
            // Longer than any wait inside a page, so that it strikes only where the page hangs.
            deadline: deadline + GRACE,
            sound: AtomicBool::new(true),
        };
        let no_downloads = Devtools::SetDownloadBehavior {
            behavior: Devtools::SetDownloadBehaviorBehaviorOption::Deny,
            browser_context_id: Some(tab.context.clone()),
            download_path: None,
            events_enabled: None,
        };
        connection.tell(None, &no_downloads);
        tab.attach().await?;
        Ok(tab)
    }

    /// Makes the tab itself, in the context that is there.
    async fn attach(&mut self) -> Result<(), BrowserError> {
        let connection = self.chromium.connection.clone();
        let target = Target::CreateTarget {
            url: "about:blank".to_owned(),
            left: None,
            top: None,
            width: None,
            height: None,
            window_state: None,
            browser_context_id: Some(self.context.clone()),
            enable_begin_frame_control: None,
            new_window: None,
            background: None,
            for_tab: None,
            hidden: None,
        };
        self.target = connection.call(None, target, self.deadline).await?.target_id;
        let attach = Target::AttachToTarget { target_id: self.target.clone(), flatten: Some(true) };
        self.session = connection.call(None, attach, self.deadline).await?.session_id;
        self.watch = Arc::new(Watch::new(View::new(&self.session, &self.target)));
        self.tabs.add(&self.context, &self.target, &self.watch);
        let ear = Ear {
            connection: connection.clone(),
            session: self.session.clone(),
            watch: self.watch.clone(),
        };
        connection.listen(&self.session, Arc::new(ear));
        let one_tab = Page::AddScriptToEvaluateOnNewDocument {
            source: ONE_TAB.to_owned(),
            world_name: None,
            include_command_line_api: None,
            run_immediately: None,
        };
        tokio::try_join!(
            self.ask(PAGES),
            self.ask(network()),
            self.ask(Runtime::Enable(None)),
            self.ask(Inspector::Enable(None)),
            self.ask(Log::Enable(None)),
            self.ask(DOMStorage::Enable(None)),
            self.ask(size()),
            self.ask(Emulation::SetFocusEmulationEnabled { enabled: true }),
        )?;
        if self.tabs.attention() == Attention::Flow {
            self.ask(one_tab).await?;
        }
        Ok(())
    }

    /// Calls a method and reads its answer.
    pub(super) async fn call<M: Method + Serialize>(
        &self,
        method: M,
    ) -> Result<M::ReturnObject, BrowserError> {
        let answer = self.ask(method).await?;
        serde_json::from_value(answer)
            .map_err(|error| BrowserError::Refused { method: M::NAME, why: error.to_string() })
    }

    /// Calls a method of the tab that the user works in; the answer stays JSON.
    pub(super) async fn ask<M: Method + Serialize>(
        &self,
        method: M,
    ) -> Result<Value, BrowserError> {
        let session = self.watch.look(|sight| sight.views.front().session.clone());
        self.ask_in(&session, method).await
    }

    /// Calls a method of the tab of this session.
    pub(super) async fn ask_in<M: Method + Serialize>(
        &self,
        session: &str,
        method: M,
    ) -> Result<Value, BrowserError> {
        let asking = self.chromium.connection.ask(Some(session), method, self.deadline);
        let closed = self.watch.until(|sight| (!sight.views.has(session)).then_some(()));
        let answer = tokio::select! {
            answer = asking => answer,
            // A dead tab never answers, nor does one that is gone.
            trouble = self.watch.trouble() => Err(trouble),
            () = closed => Err(left_page(M::NAME)),
        };
        self.mind(answer)
    }

    /// Opens another tab in the same context, in which the user goes on.
    ///
    /// # Errors
    /// The page lets none be opened, or there are too many.
    pub(super) async fn open_another(&self) -> Result<(), BrowserError> {
        let newest = |sight: &Sight| sight.views.guests().last().map(|it| it.session.clone());
        let before = self.watch.look(newest);
        self.ask(evaluate("void open('about:blank', '_blank', 'noopener')")).await?;
        let taken_in =
            self.watch.until(|sight| newest(sight).filter(|it| Some(it) != before.as_ref()));
        let late = |_| BrowserError::Deadline { what: "another tab".into(), after: CLOSING };
        let session = tokio::time::timeout(CLOSING, taken_in).await.map_err(late)?;
        self.watch.update(|sight| sight.views.leave_for(&session));
        // Its own page is there once it answers.
        self.ask(evaluate("1")).await.map(drop)
    }

    /// Closes the tabs that pages opened; the user is back in the lent one.
    ///
    /// # Errors
    /// [`BrowserError::Deadline`] if one of them stays.
    pub(super) async fn close_guests(&self) -> Result<(), BrowserError> {
        let guests: Vec<String> = self
            .watch
            .look(|sight| sight.views.guests().iter().map(|guest| guest.target.clone()).collect());
        for target in &guests {
            self.close_guest(target);
        }
        let gone = self.watch.until(|sight| {
            let is_there = |target: &String| sight.views.knows(target);
            (sight.lost || !guests.iter().any(is_there)).then_some(())
        });
        let late = |_| BrowserError::Deadline { what: "the end of a tab".into(), after: CLOSING };
        tokio::time::timeout(CLOSING, gone).await.map_err(late)
    }

    /// Closes a tab that a page opened.
    pub(super) fn close_guest(&self, target: &str) {
        let target_id = target.to_owned();
        self.chromium.connection.tell(None, &Target::CloseTarget { target_id });
    }

    /// Passes a result on, and remembers if the tab cannot be used again after it.
    pub(super) fn mind<T>(&self, result: Result<T, BrowserError>) -> Result<T, BrowserError> {
        if result.as_ref().is_err_and(BrowserError::is_fatal) {
            self.sound.store(false, Ordering::Relaxed);
        }
        result
    }

    /// Lends the tab to a scenario: from now on its exchanges go to `recorder`.
    pub(super) fn lend(&self, recorder: Recorder) {
        self.watch.update(|sight| sight.lend(recorder, self.tabs.attention()));
    }

    /// Remembers the sessions that the context's cookies hold: no page or text may show them.
    pub(super) async fn learn_cookies(&self) {
        let call = Storage::GetCookies { browser_context_id: Some(self.context.clone()) };
        let asked = self.chromium.connection.ask(None, call, LAST_BODIES).await;
        // A browser that does not tell is at its end, and nothing more is shown of it.
        let told = asked.unwrap_or_default();
        self.watch.look(|sight| {
            let Some(ledger) = &sight.ledger else { return };
            let values = told["cookies"].as_array().into_iter().flatten();
            let values = values.filter_map(|cookie| cookie["value"].as_str());
            values.for_each(|value| ledger.recorder().redactor().learn_cookie(value));
        });
    }

    /// Writes down what the scenario still waits for.
    pub(super) async fn settle(&self) {
        // A redirect ends on a page that is about to be shown. Breaking that off would cost a new
        // process.
        let at_rest = self.watch.until(|sight| sight.is_at_rest().then_some(()));
        let _ = tokio::time::timeout(COMING_TO_REST, at_rest).await;
        let settled = self.watch.until(|sight| {
            (sight.lost
                || sight.crashed
                || sight.ledger.as_ref().is_none_or(|ledger| ledger.is_settled()))
            .then_some(())
        });
        // Bodies are kept where they can be had; they hold nobody up.
        let _ = tokio::time::timeout(LAST_BODIES, settled).await;
        self.learn_cookies().await;
        self.watch.update(|sight| {
            if let Some(mut ledger) = sight.ledger.take() {
                ledger.close();
            }
        });
    }

    /// Makes the tab as good as new for the next scenario; if that fails it must be dropped.
    pub(super) async fn wipe(mut self) -> Result<Self, BrowserError> {
        self.settle().await;
        // Only our own browser has the flags under which one session sees all frames of a tab.
        if !self.sound.load(Ordering::Relaxed) || !self.chromium.is_ours() {
            return Err(BrowserError::Gone);
        }
        self.watch.update(|sight| sight.awaited = None);
        self.close_guests().await?;
        // Only then: what is held back now would go on to its address.
        self.call(navigate("about:blank")).await?;
        self.ask(Fetch::Disable(None)).await?;
        let (origins, context_stained) =
            self.watch.look(|sight| (sight.origins.clone(), sight.context_stained));
        if context_stained {
            return Err(BrowserError::Gone);
        }
        let storage = origins.into_iter().map(|origin| {
            self.ask(Storage::ClearDataForOrigin { origin, storage_Types: "all".to_owned() })
        });
        let context = Some(self.context.clone());
        let permissions = Devtools::ResetPermissions { browser_context_id: context.clone() };
        let connection = &self.chromium.connection;
        tokio::try_join!(
            futures::future::try_join_all(storage),
            connection.ask(
                None,
                Storage::ClearCookies { browser_context_id: context },
                self.deadline
            ),
            connection.ask(None, permissions, self.deadline),
            self.ask(Network::ClearBrowserCache(None)),
            self.ask(Page::ResetNavigationHistory(None)),
            self.ask(evaluate("window.name = ''")),
        )?;
        // Session storage belongs to the tab and goes only with it.
        if self.watch.look(|sight| sight.tab_stained) {
            self.renew().await?;
        } else {
            self.watch.update(Sight::forget);
        }
        Ok(self)
    }

    /// Puts a new tab into the place of this one.
    async fn renew(&mut self) -> Result<(), BrowserError> {
        self.tabs.remove(&self.context);
        let connection = self.chromium.connection.clone();
        connection.forget(&self.session);
        let target_id = self.target.clone();
        self.attach().await?;
        connection.ask(None, Target::CloseTarget { target_id }, self.deadline).await.map(drop)
    }

    /// Id of the tab in the browser.
    #[cfg(test)]
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// Whether its browser still runs.
    pub(super) fn is_alive(&self) -> bool {
        self.chromium.connection.is_open() && self.watch.look(|sight| !sight.crashed)
    }

    /// Whether it is a tab of this browser.
    pub(super) fn belongs_to(&self, chromium: &Arc<Chromium>) -> bool {
        Arc::ptr_eq(&self.chromium, chromium)
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.tabs.remove(&self.context);
        let connection = &self.chromium.connection;
        self.watch.look(|sight| {
            sight.views.guests().iter().for_each(|guest| connection.forget(&guest.session));
        });
        connection.forget(&self.session);
        let browser_context_id = self.context.clone();
        connection.tell(None, &Target::DisposeBrowserContext { browser_context_id });
    }
}

/// Lets a tab that a page opened tell all that the lent one tells, and then go on.
pub(super) fn prepare_guest(connection: &Connection, session: &str) {
    let session = Some(session);
    connection.tell(session, &PAGES);
    connection.tell(session, &network());
    connection.tell(session, &Runtime::Enable(None));
    connection.tell(session, &Inspector::Enable(None));
    connection.tell(session, &Log::Enable(None));
    connection.tell(session, &DOMStorage::Enable(None));
    connection.tell(session, &size());
    connection.tell(session, &Emulation::SetFocusEmulationEnabled { enabled: true });
    connection.tell(session, &Runtime::RunIfWaitingForDebugger(None));
}

/// Tells of requests, with what is posted.
fn network() -> Network::Enable {
    Network::Enable {
        max_total_buffer_size: None,
        max_resource_buffer_size: None,
        max_post_data_size: Some(LONGEST_POST),
        report_direct_socket_traffic: None,
        enable_durable_messages: None,
    }
}

/// A window as users have it.
fn size() -> Emulation::SetDeviceMetricsOverride {
    Emulation::SetDeviceMetricsOverride {
        width: WIDTH,
        height: HEIGHT,
        device_scale_factor: 1.0,
        mobile: false,
        scale: None,
        screen_width: None,
        screen_height: None,
        position_x: None,
        position_y: None,
        dont_set_visible_size: None,
        screen_orientation: None,
        viewport: None,
        display_feature: None,
        device_posture: None,
    }
}

/// The call that opens an address.
pub(super) fn navigate(url: &str) -> Page::Navigate {
    Page::Navigate {
        url: url.to_owned(),
        referrer: None,
        transition_Type: None,
        frame_id: None,
        referrer_policy: None,
    }
}

/// The call that runs a script in the page, as if the user had caused it, and awaits its value.
pub(super) fn evaluate(expression: impl Into<String>) -> Runtime::Evaluate {
    Runtime::Evaluate {
        expression: expression.into(),
        object_group: None,
        include_command_line_api: None,
        silent: None,
        context_id: None,
        return_by_value: Some(true),
        generate_preview: None,
        user_gesture: Some(true),
        await_promise: Some(true),
        throw_on_side_effect: None,
        timeout: None,
        disable_breaks: None,
        repl_mode: None,
        allow_unsafe_eval_blocked_by_csp: None,
        unique_context_id: None,
        serialization_options: None,
    }
}

const PAGES: Page::Enable = Page::Enable { enable_file_chooser_opened_event: None };
const ONE_TAB: &str = include_str!("js/one_tab.js");
pub(super) const WIDTH: u32 = 1280;
pub(super) const HEIGHT: u32 = 900;
const LONGEST_POST: u32 = 64 * 1024;
const GRACE: Duration = Duration::from_secs(1);
const CLOSING: Duration = Duration::from_secs(1);
const COMING_TO_REST: Duration = Duration::from_millis(200);
const LAST_BODIES: Duration = Duration::from_secs(1);
