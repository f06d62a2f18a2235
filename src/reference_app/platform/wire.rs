//! Sends requests, with patience: waits as long as the platform asks for, and never long.

use std::collections::{HashMap, VecDeque};
use std::error::Error as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::tls::TlsInfo;
use reqwest::{Certificate, Client, RequestBuilder};
use serde_json::Value;
use tokio::time::{sleep, timeout_at};

use crate::protocol::{random, reach};
use crate::reference_app::app::App;
use crate::reference_app::flaw::{Flaw, Flaws};
use crate::reference_app::settings::{Settings, SettingsError};

/// The app's connections, and whom it leaves in peace for how long.
pub(in crate::reference_app) struct Wire {
    client: Client,
    /// For as long as one request may take.
    timeout: Duration,
    /// The first certificate that the platform showed, which only a flawed app wants to see for ever.
    pinned: Option<OnceLock<Vec<u8>>>,
    resting: Mutex<HashMap<Kind, Instant>>,
    /// When tokens were asked for.
    asked: Mutex<VecDeque<Instant>>,
    /// Whether nothing goes on any more, as only a flawed app has it.
    is_stuck: AtomicBool,
}

/// What is asked for: platforms limit these one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::reference_app) enum Kind {
    /// Discovery documents and keys.
    Document,
    /// A code, which can be redeemed once: nothing is repeated that the platform may have done.
    Code,
    /// A refresh token, which may be good for one request as well.
    Refresh,
    /// A token for the app itself.
    Token,
    /// Records.
    Api,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(in crate::reference_app) struct Answer {
    pub(in crate::reference_app) status: u16,
    /// Where it sends the sender, if it does.
    location: Option<String>,
    /// How long it asks for patience.
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::reference_app) enum WireError {
    /// It did not come in time.
    Late,
    /// There was no connection, or it broke.
    Unreachable(String),
    /// The platform asked to be left in peace for so long.
    Busy(Duration),
}

impl Wire {
    pub(in crate::reference_app) fn new(
        settings: &Settings,
        flaws: &Flaws,
    ) -> Result<Self, SettingsError> {
        let setup = |error: reqwest::Error| SettingsError::Connections(causes(&error));
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .user_agent(concat!("checkride-demo-app/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &settings.authority {
            let mut authorities = Certificate::from_pem_bundle(pem).map_err(setup)?;
            if flaws.has(Flaw::OneAuthority) {
                authorities.truncate(1);
            }
            builder = builder.tls_certs_merge(authorities);
        }
        if settings.fhir_bases.iter().all(reach::is_of_this_machine) {
            builder = builder.no_proxy();
        }
        if flaws.has(Flaw::AnyCertificate) {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        let pins = flaws.has(Flaw::PinsCertificate);
        let client = builder.tls_info(pins).build().map_err(setup)?;
        let (timeout, pinned) = (settings.timeout, pins.then(OnceLock::new));
        let (resting, asked) = (Mutex::default(), Mutex::default());
        let is_stuck = AtomicBool::new(false);
        Ok(Self { client, timeout, pinned, resting, asked, is_stuck })
    }

    /// What requests are made with.
    pub(in crate::reference_app) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether nothing goes on any more.
    pub(in crate::reference_app) fn is_stuck(&self) -> bool {
        self.is_stuck.load(Ordering::Relaxed)
    }

    /// How long the platform is still to be left in peace.
    fn rest(&self, kind: Kind) -> Option<Duration> {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let until = resting.get(&kind)?;
        Some(until.saturating_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    /// How long no token may be asked for: there are so many in a minute, and no more. Whoever may
    /// ask is counted.
    fn token_rest(&self) -> Option<Duration> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while asked.front().is_some_and(|first| now.duration_since(*first) >= MINUTE) {
            asked.pop_front();
        }
        if asked.len() < TOKENS_A_MINUTE {
            asked.push_back(now);
            return None;
        }
        asked.front().map(|first| MINUTE.saturating_sub(now.duration_since(*first)))
    }

    fn leave_in_peace(&self, kind: Kind, wait: Duration) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.insert(kind, Instant::now() + wait);
    }

    /// Sends it once, within what is left of the time.
    async fn send_once(
        &self,
        request: RequestBuilder,
        deadline: Instant,
    ) -> Result<Answer, WireError> {
        let deadline = deadline.min(Instant::now() + self.timeout);
        let answer = async {
            let response = request.send().await?;
            let shown = response.extensions().get::<TlsInfo>();
            let shown = shown.and_then(TlsInfo::peer_certificate).unwrap_or_default();
            let pinned = self.pinned.as_ref().map(|it| it.get_or_init(|| shown.to_owned()));
            let is_pinned = pinned.is_none_or(|pinned| pinned == shown);
            let header = |name| response.headers().get(name).and_then(|it| it.to_str().ok());
            let (location, wait) = (header(reqwest::header::LOCATION), header(RETRY_AFTER));
            let location = location.map(str::to_owned);
            let retry_after = wait.and_then(duration);
            let status = response.status().as_u16();
            let body = response.bytes().await?.to_vec();
            Ok((is_pinned, Answer { status, location, retry_after, body }))
        };
        match timeout_at(deadline.into(), answer).await {
            Err(_) => Err(WireError::Late),
            Ok(Err(error)) => Err(unreachable_by(&error)),
            Ok(Ok((true, answer))) => Ok(answer),
            Ok(Ok((false, _))) => Err(WireError::Unreachable("another certificate".to_owned())),
        }
    }
}

impl App {
    /// Sends a request, again where that is wise: after as long as the platform asks for, or a little
    /// later each time. `prepare` makes it anew, for nothing that proves the app is sent twice.
    pub(super) async fn send(
        &self,
        kind: Kind,
        prepare: impl Fn() -> RequestBuilder,
    ) -> Result<Answer, WireError> {
        let wire = &self.wire;
        if wire.is_stuck() {
            return Err(WireError::Late);
        }
        if let Some(rest) = wire.rest(kind) {
            return Err(WireError::Busy(rest));
        }
        let begun = Instant::now();
        let deadline = begun + wire.timeout.saturating_mul(2);
        let mut attempt = 0;
        loop {
            if kind.is_for_tokens()
                && let Some(rest) = wire.token_rest()
                && !self.flawed(Flaw::AsksWithoutMeasure)
            {
                return Err(WireError::Busy(rest));
            }
            let sent = Instant::now();
            let outcome = wire.send_once(prepare(), deadline).await;
            attempt += 1;
            let is_late = sent.elapsed() > LATE && self.flawed(Flaw::HangsWhenLate);
            let is_broken = outcome.is_err() && self.flawed(Flaw::HangsOnReset);
            if outcome.is_err() && kind == Kind::Refresh && self.flawed(Flaw::BrokenByLostRefresh) {
                wire.is_stuck.store(true, Ordering::Relaxed);
            }
            if is_late || is_broken {
                std::future::pending::<()>().await;
            }
            let wait = match self.next(kind, &outcome, attempt) {
                Next::Settled => return outcome,
                Next::Again(wait) => wait,
                Next::Later(wait) => {
                    wire.leave_in_peace(kind, wait);
                    return Err(WireError::Busy(wait));
                }
            };
            if Instant::now() + wait >= deadline {
                if matches!(&outcome, Ok(answer) if is_refusal(answer.status)) {
                    wire.leave_in_peace(kind, wait);
                    return Err(WireError::Busy(wait));
                }
                return outcome;
            }
            sleep(wait).await;
        }
    }

    /// What to do after an attempt; `attempt` counts from 1.
    fn next(&self, kind: Kind, outcome: &Result<Answer, WireError>, attempt: u32) -> Next {
        let is_last = attempt >= ATTEMPTS;
        let answer = match outcome {
            Ok(answer) => answer,
            Err(error) => return self.next_without_answer(kind, error, attempt),
        };
        if is_refusal(answer.status) {
            if attempt < STUBBORN && self.flawed(Flaw::RetriesAtOnce) {
                return Next::Again(Duration::ZERO);
            }
            if self.flawed(Flaw::RemembersOutages) {
                return Next::Later(HOURS);
            }
            return match answer.retry_after {
                Some(wait) if is_last => Next::Later(wait),
                Some(wait) => Next::Again(wait + NOT_TOO_EARLY),
                // The platform has counted up to now, and begins anew with the next minute.
                None if answer.status == TOO_MANY && kind.is_for_tokens() => {
                    let insists = !is_last && self.flawed(Flaw::RetriesTokenSoon);
                    if insists { Next::Again(later(attempt)) } else { Next::Later(MINUTE) }
                }
                None if is_last || kind.may_be_spent() => Next::Settled,
                None => Next::Again(later(attempt)),
            };
        }
        if answer.status < 500 || kind.may_be_spent() {
            return Next::Settled;
        }
        if attempt < STUBBORN && self.flawed(Flaw::RetriesErrorsAtOnce) {
            return Next::Again(Duration::ZERO);
        }
        if is_last || self.flawed(Flaw::GivesUpAtOnce) {
            return Next::Settled;
        }
        Next::Again(later(attempt))
    }

    fn next_without_answer(&self, kind: Kind, error: &WireError, attempt: u32) -> Next {
        // Whoever knows nothing of what became of a code would spend it twice.
        let is_unwise = kind.may_be_spent() && !self.flawed(Flaw::RedeemsAgain);
        match error {
            _ if is_unwise || attempt >= ATTEMPTS => Next::Settled,
            WireError::Unreachable(_) => Next::Again(later(attempt)),
            WireError::Late if kind.may_be_spent() => Next::Again(later(attempt)),
            WireError::Late | WireError::Busy(_) => Next::Settled,
        }
    }
}

impl Kind {
    /// Whether a limit of so many tokens a minute is meant.
    fn is_for_tokens(self) -> bool {
        matches!(self, Self::Code | Self::Refresh | Self::Token)
    }

    /// Whether the platform may have taken what was sent, although it has not answered.
    fn may_be_spent(self) -> bool {
        matches!(self, Self::Code | Self::Refresh)
    }
}

/// What comes after an attempt.
enum Next {
    /// It is what it is.
    Settled,
    /// The same once more, after this time.
    Again(Duration),
    /// Nothing more of the kind, for this time.
    Later(Duration),
}

impl Answer {
    /// The body as JSON; a mark of the byte order before it is passed over.
    pub(in crate::reference_app) fn json(&self) -> Option<Value> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        serde_json::from_slice(body).ok()
    }

    /// Where it sends the sender.
    pub(in crate::reference_app) fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

/// Whether the platform has not done what it was asked for, because it has no time.
fn is_refusal(status: u16) -> bool {
    matches!(status, TOO_MANY | 503)
}

/// A second after the first attempt, two after the second, and a part of it more, so that many who
/// were refused together do not come back together.
fn later(attempt: u32) -> Duration {
    let part = u32::from(random::alphanumeric(1).bytes().next().unwrap_or_default());
    let step = STEP.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    step + (step / 2).saturating_mul(part) / 128
}

/// `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).
fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let by_date = || {
        let at = httpdate::parse_http_date(text).ok()?;
        Some(at.duration_since(std::time::SystemTime::now()).unwrap_or_default())
    };
    text.parse().ok().map(Duration::from_secs).or_else(by_date)
}

fn unreachable_by(error: &reqwest::Error) -> WireError {
    if error.is_timeout() { WireError::Late } else { WireError::Unreachable(causes(error)) }
}

/// The last of the causes, which says most; never the address, which may hold more than a host.
fn causes(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut said = "no answer".to_owned();
    while let Some(error) = cause {
        said = error.to_string();
        cause = error.source();
    }
    said
}

const TOO_MANY: u16 = 429;
const ATTEMPTS: u32 = 3;
/// How often the flawed app insists.
const STUBBORN: u32 = 16;
const STEP: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOURS: Duration = Duration::from_secs(24 * 60 * 60);
/// Beyond what a platform asks for: clocks do not tick together.
const NOT_TOO_EARLY: Duration = Duration::from_millis(100);
/// What platforms put up with (athenahealth: five in Preview).
const TOKENS_A_MINUTE: usize = 5;
/// What the flawed app does not survive.
const LATE: Duration = Duration::from_millis(1500);
/// How the flawed app ends.
pub(in crate::reference_app) const CRASHED: i32 = 70;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_asked_for_in_seconds_or_by_a_date() {
        assert_eq!(duration(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(duration("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(duration("soon"), None);
    }

    #[test]
    fn each_wait_is_longer_than_the_one_before() {
        for (attempt, least, most) in [(1, 1000, 1500), (2, 2000, 3000), (3, 4000, 6000)] {
            for _ in 0..50 {
                let wait = later(attempt).as_millis();
                assert!((least..=most).contains(&wait), "{wait}");
            }
        }
    }
}
