//! Who is on the way to the platform, and who has come back: bound to one browser, each by itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

use crate::protocol::random;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::platform::{Access, Identity, Platform};
use crate::reference_app::settings::Role;
use crate::secret::Secret;

/// One browser, known by its cookie.
#[derive(Clone, Debug)]
pub(in crate::reference_app) struct Browser {
    id: String,
    is_new: bool,
}

/// A sign-in that has begun: the user is at the platform.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) platform: Platform,
    pub(super) verifier: Secret,
    pub(super) nonce: String,
    browser: String,
    begun: Instant,
}

/// What a user sees after one sign-in; each launch has its own.
pub(super) struct View {
    pub(super) platform: Platform,
    pub(super) identity: Option<Identity>,
    pub(super) access: Access,
    browser: String,
    begun: Instant,
}

/// All that is remembered; what nobody came back for is forgotten.
#[derive(Default)]
pub(in crate::reference_app) struct Sessions {
    pending: HashMap<String, Pending>,
    views: HashMap<String, Arc<View>>,
}

impl Browser {
    /// The browser that sent these headers; a new one if it brings no cookie of ours.
    pub(in crate::reference_app) fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
        let mut pairs = cookies.flat_map(|it| it.split(';')).filter_map(|it| it.split_once('='));
        match pairs.find(|(name, value)| name.trim() == NAME && value.trim().len() >= ID_LENGTH) {
            Some((_, value)) => Self { id: value.trim().to_owned(), is_new: false },
            None => Self { id: random::base64url(ID_BYTES), is_new: true },
        }
    }

    /// The cookie that makes it known; `None` if it has that already.
    ///
    /// An EHR shows a provider's app in a frame of its own pages: there a cookie comes along only if
    /// it is meant for that, and it stays in that place.
    pub(in crate::reference_app) fn cookie(&self, app: &App) -> Option<String> {
        if !self.is_new {
            return None;
        }
        let attributes = match app.settings.role {
            Role::Provider => "Secure; SameSite=None; Partitioned",
            Role::Patient | Role::Backend => "Secure; SameSite=Lax",
        };
        Some(format!("{NAME}={}; Path=/; HttpOnly; {attributes}", self.id))
    }
}

impl Sessions {
    /// Remembers a sign-in that begins, by the `state` that comes back with the user.
    pub(super) fn begin(
        &mut self,
        browser: &Browser,
        state: String,
        platform: Platform,
        verifier: Secret,
        nonce: String,
    ) {
        self.pending.retain(|_, pending| pending.begun.elapsed() < PATIENCE);
        if self.pending.len() >= MOST {
            self.pending.clear();
        }
        let browser = browser.id.clone();
        let begun = Instant::now();
        self.pending.insert(state, Pending { platform, verifier, nonce, browser, begun });
    }

    /// The sign-in that a user of this browser comes back from; it is over with that.
    pub(super) fn finish(
        &mut self,
        app: &App,
        browser: &Browser,
        state: Option<&str>,
    ) -> Option<Pending> {
        self.pending.retain(|_, pending| pending.begun.elapsed() < PATIENCE);
        let known = state.and_then(|state| self.pending.get(state).cloned());
        let pending = match (known, state) {
            (Some(pending), Some(state)) => {
                if !app.flawed(Flaw::AcceptsStateTwice) {
                    self.pending.remove(state);
                }
                pending
            }
            (_, None) if app.flawed(Flaw::AcceptsNoState) => self.newest(browser)?,
            (_, Some(_)) if app.flawed(Flaw::AcceptsAnyState) => self.newest(browser)?,
            _ => return None,
        };
        let is_same = pending.browser == browser.id;
        app.demand(Flaw::AcceptsStateOfOthers, is_same).then_some(pending)
    }

    fn newest(&mut self, browser: &Browser) -> Option<Pending> {
        let own = self.pending.values().filter(|pending| pending.browser == browser.id);
        own.max_by_key(|pending| pending.begun).cloned()
    }

    /// Remembers what a user of this browser has come back with; gives the view's id.
    pub(super) fn open(
        &mut self,
        browser: &Browser,
        platform: Platform,
        identity: Option<Identity>,
        access: Access,
    ) -> String {
        self.views.retain(|_, view| view.begun.elapsed() < DAY);
        if self.views.len() >= MOST {
            self.views.clear();
        }
        let id = random::base64url(ID_BYTES);
        let (browser, begun) = (browser.id.clone(), Instant::now());
        let view = View { platform, identity, access, browser, begun };
        self.views.insert(id.clone(), Arc::new(view));
        id
    }

    /// The view of this id, or the newest if none is named; only of this browser.
    pub(super) fn view(&self, browser: &Browser, id: Option<&str>) -> Option<(String, Arc<View>)> {
        let own = self.views.iter().filter(|(_, view)| view.browser == browser.id);
        let found = match id {
            Some(id) => own.into_iter().find(|(known, _)| *known == id),
            None => own.max_by_key(|(_, view)| view.begun),
        };
        found.map(|(id, view)| (id.clone(), Arc::clone(view)))
    }

    /// The oldest view of this browser.
    pub(super) fn oldest(&self, browser: &Browser) -> Option<String> {
        let own = self.views.iter().filter(|(_, view)| view.browser == browser.id);
        own.min_by_key(|(_, view)| view.begun).map(|(id, _)| id.clone())
    }

    /// Forgets a view.
    pub(super) fn close(&mut self, id: &str) {
        self.views.remove(id);
    }
}

const NAME: &str = "demo-app";
/// Bytes of randomness in an id, and the characters that they take.
const ID_BYTES: usize = 24;
const ID_LENGTH: usize = 32;
/// How long a user may be at the platform.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Sign-ins and views that are remembered.
const MOST: usize = 5000;
