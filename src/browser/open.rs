//! Opening addresses, and waiting for what comes: a page's element, or the redirect to the app.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use headless_chrome::protocol::cdp::Fetch;
use serde::{Deserialize, Serialize};
use url::Url;

use super::script::{Understood, Wants};
use super::tab::{evaluate, navigate};
use super::watch::Awaited;
use super::{BrowserError, Session};

/// Where a navigation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// Address of the shown page.
    pub url: String,
    /// Status of the answer that brought it.
    pub status: Option<u16>,
    /// The caught redirect to the app, if that ended the navigation.
    pub redirect: Option<Url>,
}

/// What came first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A visible element of the selector with this index.
    Selector(usize),
    /// The caught redirect to the app.
    Redirect(Url),
}

/// What is looked for on a page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sought<'a> {
    pub(super) selector: &'a str,
    /// Only an element with text counts.
    pub(super) speaks: bool,
    /// What was there before counts no more in the same document: any element, or one with this text.
    pub(super) stale: Option<Stale>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Stale {
    pub(super) document: String,
    pub(super) text: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Found {
    /// Which of those that were sought; none for a page that was understood.
    pub(super) index: Option<usize>,
    /// What a page asks that nobody described.
    pub(super) page: Option<Understood>,
    /// The element's text.
    pub(super) text: String,
    /// Tells documents of a tab apart: the moment at which it began.
    pub(super) document: String,
}

/// What ended a wait.
pub(super) enum Sign {
    Found(Found),
    Redirect(Url),
    Nothing,
}

impl Session {
    /// Ends the flow at the app's redirect URI: a visit of it, with any parameters, goes nowhere.
    ///
    /// Addresses with an app's own scheme are caught too. Another one can be set later;
    /// the first one still goes nowhere then, but ends nothing.
    ///
    /// # Errors
    /// The redirect URI is not an absolute URL.
    pub async fn catch_redirect(&self, redirect_uri: &str) -> Result<(), BrowserError> {
        let awaited = awaited(redirect_uri)?;
        let tab = self.tab()?;
        // The earlier ones stay sealed: a visit of them may be on its way at this moment.
        let patterns: Vec<Fetch::RequestPattern> = tab.watch.update(|sight| {
            sight.redirect = None;
            sight.sealed.push(awaited.clone());
            sight.awaited = Some(awaited);
            sight.sealed.iter().filter_map(Awaited::pattern).map(held_back).collect()
        });
        if !patterns.is_empty() {
            let patterns = Some(patterns);
            tab.ask(Fetch::Enable { patterns, handle_auth_requests: None }).await?;
        }
        Ok(())
    }

    /// Ends the flow at the app's redirect URI as well, but lets the visit happen: somebody listens
    /// there.
    ///
    /// # Errors
    /// The redirect URI is not an absolute URL.
    pub fn await_redirect(&self, redirect_uri: &str) -> Result<(), BrowserError> {
        let awaited = awaited(redirect_uri)?;
        self.tab()?.watch.update(|sight| {
            sight.redirect = None;
            sight.awaited = Some(awaited);
        });
        Ok(())
    }

    /// Opens an address and waits until the page is complete, or the redirect was caught.
    ///
    /// An error status is a landing like any other.
    ///
    /// # Errors
    /// Nothing answers at the address, or the page is not complete in time.
    pub async fn open(&self, url: &str) -> Result<Landing, BrowserError> {
        let tab = self.tab()?;
        let deadline = self.options()?.deadline;
        tab.watch.update(|sight| sight.depart());
        let arrived = async {
            let told = tab.call(navigate(url)).await?;
            if let Some(why) = told.error_text.filter(|why| why != EMPTY_ERROR_PAGE) {
                if why == ABORTED {
                    // A crash breaks the navigation off before it is told itself.
                    tab.ask(evaluate("1")).await?;
                }
                let address = address_of(url);
                return Err(BrowserError::Unreachable { address, why });
            }
            let Some(loader) = told.loader_id else { return Ok(None) };
            let complete = tab.watch.until(|sight| sight.views.has_loaded(&loader).then_some(None));
            Ok(complete.await)
        };
        let caught = tab.watch.until(|sight| sight.redirect.clone());
        let first = async {
            tokio::select! {
                // The redirect comes first: without it an address of an app's own scheme is an error.
                biased;
                redirect = caught => Ok(Some(redirect)),
                arrived = arrived => arrived,
                trouble = tab.watch.trouble() => Err(trouble),
            }
        };
        let redirect = match tokio::time::timeout(deadline, first).await {
            Ok(first) => first,
            Err(_) => {
                let what = format!("the page `{}`", address_of(url));
                Err(BrowserError::Deadline { what, after: deadline })
            }
        };
        let redirect = tab.mind(redirect)?;
        Ok(tab.watch.look(|sight| {
            let shown = sight.views.front();
            Landing { url: shown.url.clone(), status: shown.status, redirect }
        }))
    }

    /// Waits until a visible element of any selector is there, or the redirect was caught.
    ///
    /// # Errors
    /// None of them comes in time, or a selector is not CSS.
    pub async fn wait_for_any(&self, selectors: &[&str]) -> Result<Seen, BrowserError> {
        let sought: Vec<Sought<'_>> = selectors
            .iter()
            .map(|selector| Sought { selector, speaks: false, stale: None })
            .collect();
        let deadline = self.options()?.deadline;
        match self.wait_for_sign(&sought, deadline).await? {
            Sign::Found(Found { index: Some(index), .. }) => Ok(Seen::Selector(index)),
            Sign::Redirect(url) => Ok(Seen::Redirect(url)),
            Sign::Found(_) | Sign::Nothing => Err(BrowserError::Deadline {
                what: format!("any of `{}`", selectors.join("`, `")),
                after: deadline,
            }),
        }
    }

    /// Waits for the first of several signs; it outlives any number of navigations.
    pub(super) async fn wait_for_sign(
        &self,
        sought: &[Sought<'_>],
        deadline: Duration,
    ) -> Result<Sign, BrowserError> {
        self.wait_for_page(sought, None, deadline).await
    }

    /// The same; for somebody who wants something, a page that nobody described is a sign as well.
    pub(super) async fn wait_for_page(
        &self,
        sought: &[Sought<'_>],
        wants: Option<&Wants<'_>>,
        deadline: Duration,
    ) -> Result<Sign, BrowserError> {
        let tab = self.tab()?;
        let end = Instant::now() + deadline;
        let caught = tab.watch.until(|sight| sight.redirect.clone());
        let appeared = async {
            loop {
                let front = tab.watch.look(|sight| sight.views.front().session.clone());
                // A sign-in may go on in a tab that the page has opened, or come back from there.
                let turned =
                    tab.watch.until(|sight| (sight.views.front().session != front).then_some(()));
                let left = end.saturating_duration_since(Instant::now());
                let appearance = tokio::select! {
                    appearance = self.appearance(sought, wants, left) => appearance,
                    () = turned => continue,
                };
                match appearance {
                    Err(error) if page_was_left(&error) && !left.is_zero() => {
                        // The next page is there when the browser says so, or almost.
                        let shown = tab.watch.look(|sight| sight.views.progress());
                        let next = tab
                            .watch
                            .until(|sight| (sight.views.progress() != shown).then_some(()));
                        let _ = tokio::time::timeout(BETWEEN_PAGES, next).await;
                    }
                    other => return other,
                }
            }
        };
        tokio::select! {
            biased;
            redirect = caught => Ok(Sign::Redirect(redirect)),
            appeared = appeared => Ok(appeared?.map_or(Sign::Nothing, Sign::Found)),
        }
    }

    async fn appearance(
        &self,
        sought: &[Sought<'_>],
        wants: Option<&Wants<'_>>,
        left: Duration,
    ) -> Result<Option<Found>, BrowserError> {
        let turn = TURNS.fetch_add(1, Ordering::Relaxed);
        let arguments = serde_json::json!([sought, left.as_millis() as u64, wants, turn]);
        self.run_in_page(APPEAR, &arguments).await
    }
}

fn awaited(redirect_uri: &str) -> Result<Awaited, BrowserError> {
    Awaited::new(redirect_uri).map_err(|error| BrowserError::Unreachable {
        address: redirect_uri.to_owned(),
        why: error.to_string(),
    })
}

/// The request that holds back what matches a pattern.
fn held_back(pattern: String) -> Fetch::RequestPattern {
    Fetch::RequestPattern { url_pattern: Some(pattern), resource_Type: None, request_stage: None }
}

/// An address without its query, which may hold secrets.
pub(super) fn address_of(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// The error of a call that could not end because its tab was closed.
pub(super) fn left_page(method: &'static str) -> BrowserError {
    BrowserError::Refused { method, why: LEFT[0].to_owned() }
}

/// Whether a script could not end because its page was left.
pub(super) fn page_was_left(error: &BrowserError) -> bool {
    matches!(error, BrowserError::Refused { why, .. } if LEFT.iter().any(|words| why.contains(words)))
}

/// The browser shows a page of its own for an error status without a body. The status is the answer.
const EMPTY_ERROR_PAGE: &str = "net::ERR_HTTP_RESPONSE_CODE_FAILURE";
const ABORTED: &str = "net::ERR_ABORTED";
const LEFT: [&str; 5] = [
    "Inspected target navigated or closed",
    "context was destroyed",
    "Cannot find default execution context",
    "Cannot find context",
    "Promise was collected",
];
/// Counts the scripts that look for what comes.
static TURNS: AtomicU64 = AtomicU64::new(1);
const BETWEEN_PAGES: Duration = Duration::from_millis(20);
const APPEAR: &str = concat!(
    "(",
    include_str!("js/appear.js"),
    ")(",
    include_str!("js/deep.js"),
    ",(",
    include_str!("js/understand.js"),
    ")(",
    include_str!("js/deep.js"),
    "))"
);
