//! The keys of platforms, kept for a while and asked for again when one of them is new.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use reqwest::header::ACCEPT;
use tokio::sync::Mutex;
use url::Url;

use super::wire::Kind;
use crate::protocol::KeySet;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::trouble::Trouble;

/// The key sets that were fetched, by address.
#[derive(Debug, Default)]
pub(in crate::reference_app) struct KeySets(Mutex<HashMap<Url, Held>>);

#[derive(Clone, Debug)]
struct Held {
    keys: KeySet,
    fetched: Instant,
    /// When it was last asked for again.
    asked_again: Option<Instant>,
}

impl App {
    /// The keys at this address; those of before if they are not old.
    pub(super) async fn keys(&self, uri: &Url) -> Result<KeySet, Trouble> {
        let mut sets = self.key_sets.0.lock().await;
        if let Some(held) = sets.get(uri).filter(|held| held.fetched.elapsed() < GOOD_FOR) {
            return Ok(held.keys.clone());
        }
        let keys = self.fetch(uri).await?;
        let held = Held { keys: keys.clone(), fetched: Instant::now(), asked_again: None };
        sets.insert(uri.clone(), held);
        Ok(keys)
    }

    /// The keys at this address once more, because one is missing; `None` if that was tried a moment
    /// ago: whoever invents names of keys must not make the app a nuisance to the platform.
    pub(super) async fn keys_again(&self, uri: &Url) -> Result<Option<KeySet>, Trouble> {
        let mut sets = self.key_sets.0.lock().await;
        let asked = sets.get(uri).and_then(|held| held.asked_again);
        let is_soon = asked.is_some_and(|at| at.elapsed() < COOL_DOWN);
        if is_soon && !self.flawed(Flaw::FetchesKeysEachTime) {
            return Ok(None);
        }
        if self.flawed(Flaw::FetchesKeysEachTime) {
            for _ in 0..STORM {
                self.fetch(uri).await?;
            }
        }
        let keys = self.fetch(uri).await?;
        let now = Instant::now();
        let held = Held { keys: keys.clone(), fetched: now, asked_again: Some(now) };
        sets.insert(uri.clone(), held);
        Ok(Some(keys))
    }

    async fn fetch(&self, uri: &Url) -> Result<KeySet, Trouble> {
        let client = self.wire.client();
        let prepare = || client.get(uri.clone()).header(ACCEPT, "application/json");
        let answer = self.send(Kind::Document, prepare).await?;
        if answer.status != 200 {
            return Err(Trouble::status("The platform's key set", answer.status));
        }
        let text = answer.json().map(|it| it.to_string()).unwrap_or_default();
        KeySet::from_foreign_text(&text)
            .map_err(|_| Trouble::untrusted("The platform's keys could not be read."))
    }
}

const GOOD_FOR: Duration = Duration::from_secs(60 * 60);
const COOL_DOWN: Duration = Duration::from_secs(30);
/// How often the flawed app asks at once.
const STORM: usize = 8;
