//! Which requests may be sent again after which answer, and how long to wait before.

use std::time::{Duration, SystemTime};

use super::{Answer, Body, Call, HttpError};

/// Why a request has to be sent again, or cannot be judged.
#[derive(Debug)]
pub(super) enum Setback {
    /// The platform was too busy, or broke down over it.
    Answer(Box<Answer>),
    /// No answer came.
    Error(HttpError),
}

impl Setback {
    /// Sorts out the answers that may say nothing of the platform's rules.
    pub(super) fn of(outcome: Result<Answer, HttpError>) -> Result<Answer, Self> {
        match outcome {
            Ok(answer) if QUOTA == answer.status || (500..600).contains(&answer.status) => {
                Err(Self::Answer(Box::new(answer)))
            }
            Ok(answer) => Ok(answer),
            Err(error) => Err(Self::Error(error)),
        }
    }

    /// The outcome that it came from.
    pub(super) fn into_outcome(self) -> Result<Answer, HttpError> {
        match self {
            Self::Answer(answer) => Ok(*answer),
            Self::Error(error) => Err(error),
        }
    }

    /// How often a request may be sent again after it; 0 where that could do harm.
    pub(super) fn repeats(&self, call: &Call) -> usize {
        let conduct = Conduct::of(call);
        match self {
            // The connection was never made, so nothing was sent.
            Self::Error(HttpError::Unreachable { sent: false, .. }) => OFTEN,
            Self::Error(HttpError::Timeout { .. } | HttpError::Unreachable { .. }) => {
                if conduct == Conduct::Repeatable { OFTEN } else { 0 }
            }
            Self::Error(_) => 0,
            Self::Answer(answer) => match (answer.status, conduct) {
                (_, Conduct::Once) => 0,
                (QUOTA, _) => TWICE,
                (UNAVAILABLE, _) => OFTEN,
                (502 | 504, Conduct::Repeatable) => OFTEN,
                // What breaks down over one request may do so again: once more shows it.
                (_, Conduct::Repeatable) => ONCE,
                (_, Conduct::Effective) => 0,
            },
        }
    }

    /// How long to wait before, if the usual wait is `backoff`; `None` if it would be too long.
    pub(super) fn wait(&self, backoff: Duration, now: SystemTime) -> Option<Duration> {
        let Self::Answer(answer) = self else { return Some(backoff) };
        let asked = answer.header("retry-after").and_then(|value| retry_after(value, now));
        let least = match (asked, answer.status) {
            (Some(asked), _) => asked,
            (None, QUOTA) => A_QUOTAS_MINUTE,
            (None, _) => Duration::ZERO,
        };
        (least <= LONGEST_WAIT).then(|| least + backoff)
    }

    /// Whether the platform as a whole may be out of order.
    pub(super) fn is_outage(&self) -> bool {
        match self {
            Self::Answer(answer) => matches!(answer.status, 502 | UNAVAILABLE | 504),
            Self::Error(error) => !matches!(error, HttpError::Request(_) | HttpError::Setup(_)),
        }
    }

    /// What happened, to end the sentence "the host …".
    pub(super) fn words(&self) -> String {
        match self {
            Self::Answer(answer) => format!("answered with status {}", answer.status),
            Self::Error(_) => "did not answer".to_owned(),
        }
    }

    /// The same with all that is known of the cause.
    pub(super) fn whole_words(&self) -> String {
        match self {
            Self::Answer(_) => self.words(),
            Self::Error(error) => format!("{}: failed to {error}", self.words()),
        }
    }
}

/// What sending a request twice would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conduct {
    /// The same as sending it once (RFC 9110 §9.2.2).
    Repeatable,
    /// Perhaps something twice, if the first one was taken.
    Effective,
    /// It carries what is good for one use, which the first one may have spent.
    Once,
}

impl Conduct {
    fn of(call: &Call) -> Self {
        let spends = |name: &str| ONE_USE.contains(&name);
        let in_body = match &call.body {
            Body::Empty => false,
            Body::Form(fields) => fields.iter().any(|(name, _)| spends(name)),
            Body::Json(value) => ONE_USE.iter().any(|name| value.get(name).is_some()),
        };
        if in_body || call.url.query_pairs().any(|(name, _)| spends(&name)) {
            return Self::Once;
        }
        // Forms ask for tokens, about tokens or to end tokens: asking twice changes nothing.
        let is_form = matches!(call.body, Body::Form(_));
        let is_safe = is_form || IDEMPOTENT.contains(&call.method.as_str());
        if is_safe { Self::Repeatable } else { Self::Effective }
    }
}

/// The wait that `Retry-After` asks for: seconds, or a date (RFC 9110 §10.2.3).
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Too many requests (RFC 6585 §4).
const QUOTA: u16 = 429;
/// Service unavailable (RFC 9110 §15.6.4).
const UNAVAILABLE: u16 = 503;
/// Parameters that a platform takes once (RFC 6749 §10.5, RFC 9700 §4.14.2, RFC 7523 §3).
const ONE_USE: [&str; 3] = ["code", "refresh_token", "client_assertion"];
const IDEMPOTENT: [&str; 5] = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
const OFTEN: usize = 3;
const TWICE: usize = 2;
const ONCE: usize = 1;
/// Quotas count by the minute; without a word of the platform it is waited out.
const A_QUOTAS_MINUTE: Duration = Duration::from_secs(60);
/// The longest wait that a platform can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn url() -> Url {
        Url::parse("https://api.example/token").unwrap()
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Setback {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(own).collect();
        let answer = Answer { status, headers, body: String::new(), url: url() };
        Setback::Answer(Box::new(answer))
    }

    fn form(name: &str) -> Call {
        Call::post(url(), Body::Form(vec![(name.into(), "x".into())]))
    }

    #[test]
    fn what_may_have_been_spent_is_never_sent_again() {
        for name in ONE_USE {
            for status in [429, 500, 502, 503, 504] {
                assert_eq!(answer(status, &[]).repeats(&form(name)), 0, "{name} {status}");
            }
            let lost = Setback::Error(HttpError::Timeout { host: "a".into() });
            assert_eq!(lost.repeats(&form(name)), 0);
            let unsent =
                HttpError::Unreachable { host: "a".into(), reason: "dns".into(), sent: false };
            assert_eq!(Setback::Error(unsent).repeats(&form(name)), OFTEN);
        }
    }

    #[test]
    fn what_was_refused_before_it_had_an_effect_is_sent_again() {
        let effective = Call::post(url(), Body::Json(serde_json::json!({})));
        let expected = [(429, TWICE), (500, 0), (502, 0), (503, OFTEN), (504, 0)];
        for (status, repeats) in expected {
            assert_eq!(answer(status, &[]).repeats(&effective), repeats, "{status}");
        }
        for call in [Call::get(url()), form("grant_type")] {
            let expected = [(429, TWICE), (500, ONCE), (502, OFTEN), (503, OFTEN), (504, OFTEN)];
            for (status, repeats) in expected {
                assert_eq!(answer(status, &[]).repeats(&call), repeats, "{status}");
            }
        }
    }

    #[test]
    fn an_answer_that_can_be_judged_is_no_setback() {
        for status in [200, 302, 400, 401, 403, 404] {
            let Setback::Answer(answer) = answer(status, &[]) else { unreachable!() };
            assert!(Setback::of(Ok(*answer)).is_ok(), "{status}");
        }
    }

    #[test]
    fn retry_after_is_heeded_in_seconds_and_as_a_date() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 08:00:00 GMT").unwrap();
        let wait = |status: u16, value: &str| {
            answer(status, &[("retry-after", value)]).wait(Duration::from_secs(1), now)
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(wait(429, "40"), seconds(41));
        assert_eq!(wait(503, "Sun, 22 Nov 2026 08:00:30 GMT"), seconds(31));
        assert_eq!(wait(503, "Sun, 22 Nov 2026 07:00:00 GMT"), seconds(1), "it is over");
        assert_eq!(wait(503, "soon"), seconds(1));
        assert_eq!(wait(429, "soon"), seconds(61), "a quota counts by the minute");
        assert_eq!(wait(429, "3600"), None, "nobody waits for an hour");
    }
}
