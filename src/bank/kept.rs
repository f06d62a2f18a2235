//! A refresh token that lies in the bank, and whether its time has come.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Account;
use crate::secret::Secret;

/// A refresh token that lies in the bank.
#[derive(Clone, Debug)]
pub struct Kept {
    /// When it was issued, or used last.
    pub since: Timestamp,
    /// The token.
    pub token: Secret,
    /// The scopes that were granted with it, with spaces between.
    pub scope: String,
}

/// Whether a token has lain as long as it is to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ripeness {
    /// It is to be used from this moment on.
    From(Timestamp),
    /// It is to be used.
    Ripe,
    /// It was forgotten for so long that its end says nothing any more.
    Stale,
}

impl Kept {
    /// Whether it has lain for these days. `lifetime` is how long the platform lets it lie, in seconds: a
    /// token that is to show that it is still good must not have lain longer.
    pub fn ripeness(&self, days: u32, lifetime: i64, now: Timestamp) -> Ripeness {
        let span = SignedDuration::from_hours(24 * i64::from(days));
        let age = now.duration_since(self.since);
        let is_to_end = span.as_secs() >= lifetime;
        if age < span {
            // No token lies for so long that time ends.
            Ripeness::From(self.since.saturating_add(span).unwrap_or(Timestamp::MAX))
        } else if !is_to_end && age.as_secs() >= lifetime {
            Ripeness::Stale
        } else {
            Ripeness::Ripe
        }
    }
}

/// What is written into a file, before it is encrypted.
#[derive(Serialize, Deserialize)]
pub(super) struct Slip {
    pub(super) account: Account,
    since: Timestamp,
    token: String,
    scope: String,
}

impl Slip {
    pub(super) fn of(account: &Account, kept: &Kept) -> Self {
        let (token, scope) = (kept.token.expose().to_owned(), kept.scope.clone());
        Self { account: account.clone(), since: kept.since, token, scope }
    }

    pub(super) fn kept(&self) -> Kept {
        let (token, scope) = (Secret::new(self.token.as_str()), self.scope.clone());
        Kept { since: self.since, token, scope }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn ripeness(days: u32, now: &str) -> Ripeness {
        let since = "2026-01-01T12:00:00Z".parse().unwrap();
        let kept = Kept { since, token: Secret::new("x"), scope: String::new() };
        kept.ripeness(days, 90 * DAY, now.parse().unwrap())
    }

    #[test]
    fn a_token_is_ripe_when_its_days_are_over_and_stale_when_it_could_have_ended() {
        let due = Ripeness::From("2026-01-31T12:00:00Z".parse().unwrap());
        assert_eq!(ripeness(30, "2026-01-31T11:59:59Z"), due);
        assert_eq!(ripeness(30, "2026-01-31T12:00:00Z"), Ripeness::Ripe);
        assert_eq!(ripeness(30, "2026-04-01T11:59:59Z"), Ripeness::Ripe);
        assert_eq!(ripeness(30, "2026-04-01T12:00:00Z"), Ripeness::Stale);
    }

    #[test]
    fn a_token_that_is_to_have_ended_is_never_too_old() {
        assert!(matches!(ripeness(91, "2026-04-01T12:00:00Z"), Ripeness::From(_)));
        assert_eq!(ripeness(91, "2026-04-02T12:00:00Z"), Ripeness::Ripe);
        assert_eq!(ripeness(91, "2029-01-01T00:00:00Z"), Ripeness::Ripe);
    }
}
