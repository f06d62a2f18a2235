//! How many token requests an app may make in a minute.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::protocol::ErrorCode::{self, TemporarilyUnavailable};
use crate::protocol::OAuthError;

/// Counts events in windows of time.
#[derive(Default)]
pub(in crate::mock) struct Quota {
    window: i64,
    events: u32,
}

impl Quota {
    /// Counts one event in a window: the events in it so far.
    pub(in crate::mock) fn count(&mut self, window: i64) -> u32 {
        if self.window != window {
            *self = Self { window, events: 0 };
        }
        self.events = self.events.saturating_add(1);
        self.events
    }
}

/// Where an app is in its quota, with the request at hand.
pub(in crate::mock::oauth) struct Share {
    limit: u32,
    used: u32,
    /// Seconds until the next minute.
    reset: i64,
}

/// Counts a token request of an app; `None` where the dialect has no quota.
pub(in crate::mock::oauth) fn quota(platform: &Platform, app: &App) -> Option<Share> {
    let limit = platform.dialect().token.requests_per_minute;
    if limit == 0 {
        return None;
    }
    let now = platform.clock().unix();
    let mut state = platform.state();
    let requests = state.token_requests.entry(app.client_id.clone()).or_default();
    let used = requests.count(now.div_euclid(MINUTE));
    Some(Share { limit, used, reset: MINUTE - now.rem_euclid(MINUTE) })
}

impl Share {
    /// Refuses a request beyond the quota.
    pub(in crate::mock::oauth) fn allow(&self, platform: &Platform) -> Result<(), Refusal> {
        platform.demand(Rule::TokenQuota, self.used <= self.limit, || {
            let own = platform.dialect().token.quota_error.clone();
            let error = OAuthError {
                code: own.map_or(TemporarilyUnavailable, ErrorCode::Other),
                description: None,
                status: StatusCode::TOO_MANY_REQUESTS.as_u16(),
            };
            Refusal::from(error)
        })
    }

    /// Says in an answer how much is left, and how long to wait if nothing is.
    pub(in crate::mock::oauth) fn tell(&self, platform: &Platform, response: &mut Response) {
        let names = &platform.dialect().token.quota_headers;
        let left = self.limit.saturating_sub(self.used);
        let headers = response.headers_mut();
        for (names, value) in [(&names.limit, self.limit), (&names.remaining, left)] {
            for name in names.iter().filter_map(|name| name.parse::<HeaderName>().ok()) {
                headers.insert(name, value.into());
            }
        }
        if self.used > self.limit {
            headers.insert(RETRY_AFTER, self.reset.into());
        }
    }
}

const MINUTE: i64 = 60;

#[cfg(test)]
mod tests {
    use crate::mock::testing::{Tester, two_legged};

    const FORM: [(&str, &str); 2] =
        [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];

    #[tokio::test]
    async fn a_quota_is_kept_and_told_where_the_dialect_has_one() {
        let tester = Tester::with(|dialect| dialect.token.requests_per_minute = 2);
        let app = tester.register(two_legged()).await;
        let other = tester.register(two_legged()).await;
        tester.wait(20);
        for (status, left) in [(200, "1"), (200, "0"), (429, "0")] {
            let answer = tester.token(&app, &FORM).await;
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(answer.headers["x-ratelimit-limit-minute"], "2");
            assert_eq!(answer.headers["x-ratelimit-remaining-minute"], left);
            assert_eq!(answer.headers["ratelimit-remaining"], left);
        }
        let over = tester.token(&app, &FORM).await;
        assert_eq!(over.text, r#"{"error":"Quota Exceeded."}"#);
        assert_eq!(over.headers["retry-after"], "40");
        assert_eq!(over.headers["cache-control"], "no-store");
        assert_eq!(tester.token(&other, &FORM).await.status.as_u16(), 200, "another app's own");
        tester.wait(39);
        assert_eq!(tester.token(&app, &FORM).await.headers["retry-after"], "1");
        tester.wait(1);
        let refused = tester.token(&app, &FORM[..1]).await;
        assert_eq!(refused.status.as_u16(), 400, "another minute");
        assert_eq!(refused.headers["ratelimit-remaining"], "1", "told in a refusal as well");
    }

    #[tokio::test]
    async fn without_a_quota_there_is_no_word_of_it() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let answer = tester.token(&app, &FORM).await;
        assert!(!answer.headers.contains_key("ratelimit-limit"));
    }
}
