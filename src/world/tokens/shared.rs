//! Tokens that scenarios share, where token requests have to be spared.
//!
//! Which scenarios have a part in it is decided before the run: those that ask for a token only to use
//! it. Whoever needs one first asks for it, and the others use it as long as it is fresh.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync;

use super::Tokens;
use crate::http::Call;

/// The tokens of a run that scenarios share; clones have the same.
#[derive(Clone, Debug, Default)]
pub struct SharedTokens {
    scenarios: Arc<BTreeSet<String>>,
    held: Arc<Mutex<HashMap<(String, String), Held>>>,
}

/// The token of one app for one set of scopes; whoever asks for it keeps the others waiting.
pub(in crate::world) type Held = Arc<sync::Mutex<Option<SharedToken>>>;

/// A token that several scenarios use.
#[derive(Clone, Debug)]
pub(in crate::world) struct SharedToken {
    tokens: Tokens,
    fresh_until: Instant,
}

impl SharedTokens {
    /// Tokens that these scenarios share, by their ids.
    pub fn among(scenarios: BTreeSet<String>) -> Self {
        Self { scenarios: Arc::new(scenarios), held: Arc::default() }
    }

    pub(in crate::world) fn has_part(&self, scenario: &str) -> bool {
        self.scenarios.contains(scenario)
    }

    /// The place of the token of an app for these scopes.
    pub(in crate::world) fn hold(&self, client_id: &str, scope: &str) -> Held {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.entry((client_id.to_owned(), scope.to_owned())).or_default().clone()
    }

    /// Lets nobody else use a token.
    pub(in crate::world) async fn forget(&self, token: &SharedToken) {
        let held: Vec<Held> = {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.values().cloned().collect()
        };
        for place in held {
            place.lock().await.take_if(|known| known.is(token));
        }
    }
}

impl SharedToken {
    /// A token that was asked for at this moment.
    pub(in crate::world) fn new(tokens: Tokens, asked: Instant) -> Self {
        let lifetime = tokens.member("expires_in").and_then(serde_json::Value::as_u64);
        let lifetime = Duration::from_secs(lifetime.unwrap_or_default()).min(LONGEST);
        Self { tokens, fresh_until: asked + lifetime.saturating_sub(MARGIN) }
    }

    pub(in crate::world) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(in crate::world) fn is_fresh(&self) -> bool {
        Instant::now() < self.fresh_until
    }

    /// Whether a request carries it, unaltered.
    pub(in crate::world) fn is_shown_by(&self, call: &Call) -> bool {
        let shown = format!("Bearer {}", self.tokens.access.expose());
        call.headers.iter().any(|(name, value)| name == "authorization" && *value == shown)
    }

    fn is(&self, other: &Self) -> bool {
        self.tokens.access.expose() == other.tokens.access.expose()
    }
}

/// Before its end a token is not used, lest it ends under way.
const MARGIN: Duration = Duration::from_secs(60);
/// However long it lives, somebody may have ended it by then.
const LONGEST: Duration = Duration::from_secs(30 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Answer;
    use crate::secret::Redactor;
    use url::Url;

    fn token(lifetime: &str) -> SharedToken {
        let url = Url::parse("https://api.example/token").unwrap();
        let body = format!(r#"{{"access_token":"canary"{lifetime}}}"#);
        let answer = Answer { status: 200, headers: Vec::new(), body, url };
        SharedToken::new(Tokens::read(&answer, &Redactor::new()).unwrap(), Instant::now())
    }

    #[test]
    fn a_token_is_shared_while_it_surely_lives() {
        assert!(token(r#","expires_in":3600"#).is_fresh());
        for short in [r#","expires_in":60"#, r#","expires_in":"3600""#, ""] {
            assert!(!token(short).is_fresh(), "{short}");
        }
    }

    #[tokio::test]
    async fn a_token_that_was_refused_is_forgotten_and_only_that() {
        let shared = SharedTokens::among(["a".to_owned()].into());
        assert!(shared.has_part("a") && !shared.has_part("b"));
        let bad = token(r#","expires_in":3600"#);
        *shared.hold("app", "x").lock().await = Some(bad.clone());
        let call = Call::get(Url::parse("https://api.example/").unwrap());
        let shown = call.clone().bearer(&bad.tokens().access);
        assert!(bad.is_shown_by(&shown) && !bad.is_shown_by(&call));
        shared.forget(&bad).await;
        assert!(shared.hold("app", "x").lock().await.is_none());
    }
}
