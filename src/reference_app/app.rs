//! The app itself: what all of its parts share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;

use super::flaw::{Flaw, Flaws};
use super::platform::{Access, KeySets, Wire};
use super::settings::{Settings, SettingsError};
use super::user::Sessions;
use crate::clock::Clock;
use crate::secret::Secret;

/// Where the app writes what it does, line by line; never a secret.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// The app; it is shared by all requests that it answers.
pub(super) struct App {
    pub(super) settings: Settings,
    /// Where its users find it, without a slash at the end.
    pub(super) address: String,
    pub(super) clock: Clock,
    pub(super) flaws: Flaws,
    pub(super) wire: Wire,
    pub(super) key_sets: KeySets,
    /// Its own access as a backend.
    pub(super) system: Access,
    sessions: Mutex<Sessions>,
    /// The last assertion, which only a flawed app sends again.
    assertion: Mutex<Option<Secret>>,
    say: Say,
}

impl App {
    /// An app whose users find it at `address`.
    pub(super) fn new(
        settings: Settings,
        address: String,
        clock: Clock,
        say: Say,
    ) -> Result<Self, SettingsError> {
        let flaws = Flaws::new(settings.flaw, settings.rehearse, Arc::clone(&say));
        let wire = Wire::new(&settings, &flaws)?;
        Ok(Self {
            settings,
            address,
            clock,
            flaws,
            wire,
            key_sets: KeySets::default(),
            system: Access::of_a_system(),
            sessions: Mutex::default(),
            assertion: Mutex::default(),
            say,
        })
    }

    /// Where the platform sends users back to.
    pub(super) fn redirect_uri(&self) -> String {
        format!("{}/callback", self.address)
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn earlier_assertion(&self) -> MutexGuard<'_, Option<Secret>> {
        self.assertion.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it behaves wrongly here in this way.
    pub(super) fn flawed(&self, flaw: Flaw) -> bool {
        self.flaws.has(flaw)
    }

    /// Whether what has to hold does hold, or its flaw passes it over.
    pub(super) fn demand(&self, flaw: Flaw, holds: bool) -> bool {
        self.flaws.demand(flaw, holds)
    }

    /// Notes what it does.
    pub(super) fn say(&self, line: &str) {
        (self.say)(line);
    }

    /// Whether an address may be asked: over TLS, or on this machine.
    pub(super) fn may_ask(&self, url: &Url) -> bool {
        let is_safe = url.scheme() == "https" || crate::protocol::reach::is_of_this_machine(url);
        self.demand(Flaw::PlainHttp, is_safe)
    }
}
