//! Gathers the evidence of one scenario while it runs, redacted as it comes in.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::Value;

use super::signed::{self, SeenKey, SignedToken};
use super::{Check, Exchange, Fidelity, Picture, Request, Response, Sender, Snapshot};
use crate::clock::Clock;
use crate::secret::{Redactor, Secret, is_secret_name};

/// The open notebook of one scenario; clones write into the same one.
///
/// It outlives the scenario's world, so that a run that is stopped keeps what was seen.
#[derive(Clone, Debug)]
pub struct Recorder {
    redactor: Redactor,
    evidence: Arc<Mutex<Evidence>>,
    /// The platform's, once it is known.
    clock: Arc<Mutex<Clock>>,
}

/// What was seen in a scenario, each with its time on the wall.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Comparisons.
    pub checks: Vec<(SystemTime, Check)>,
    /// Requests and answers; `number`, `step` and `started_ms` are set when the record is made.
    pub exchanges: Vec<(SystemTime, Exchange)>,
    /// Signed tokens, as they were seen: to be taken apart, and never shown.
    pub signed: Vec<SignedToken>,
    /// Audiences of client assertions that the platform documents, as its dialect has them.
    pub audiences: Vec<String>,
    /// Public keys by which their signatures can be verified.
    pub keys: Vec<SeenKey>,
    /// Screenshots (PNG, WebP or JPEG), with what they show.
    pub pictures: Vec<(SystemTime, Picture, Vec<u8>)>,
    /// Comparisons with snapshots.
    pub snapshots: Vec<(SystemTime, Snapshot)>,
    /// What the app under test said on its stdout and stderr.
    pub output: String,
}

impl Recorder {
    /// An empty notebook.
    pub fn new(redactor: Redactor) -> Self {
        let clock = Arc::new(Mutex::new(Clock::system()));
        Self { redactor, evidence: Arc::default(), clock }
    }

    /// From now on the platform's time is that of this clock, and it takes client assertions that are
    /// for these audiences, written as its dialect has them.
    pub fn know_platform(&self, clock: &Clock, audiences: &[String]) {
        self.open().audiences = audiences.to_vec();
        *self.clock.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = clock.clone();
    }

    /// Knows the public keys that an app signs with from now on, as JWKs.
    pub fn know_keys(&self, jwks: impl IntoIterator<Item = Value>) {
        let keys = jwks.into_iter().map(|jwk| SeenKey { of_app: true, jwk });
        self.open().keys.extend(keys);
    }

    /// The redactor, to tell it secrets as they are issued.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Notes a comparison.
    pub fn check(&self, mut check: Check) {
        check.expected = self.redactor.redact(&check.expected);
        check.actual = self.redactor.redact(&check.actual);
        self.open().checks.push((SystemTime::now(), check));
    }

    /// Notes a request and its answer (or why none came).
    pub fn exchange(
        &self,
        sender: Sender,
        started: SystemTime,
        took: Duration,
        request: Request,
        outcome: Result<Response, String>,
    ) {
        let time = self.platform_time(started);
        self.exchange_at(sender, (started, time), took, request, outcome);
    }

    /// The same, for what began at a time on the wall that was this time for the platform.
    pub fn exchange_at(
        &self,
        sender: Sender,
        (started, time): (SystemTime, Timestamp),
        took: Duration,
        request: Request,
        outcome: Result<Response, String>,
    ) {
        self.learn_credentials(&request);
        if let Ok(response) = &outcome {
            self.learn_cookies(response);
        }
        let seen = signed::tokens(&request, outcome.as_ref().ok());
        let keys = signed::keys(sender, &request, outcome.as_ref().ok());
        let authorization = request.headers.iter().find(|(name, _)| name == "authorization");
        let authorization = authorization.map(|(_, value)| Secret::new(value.as_str()));
        let at = time.as_second();
        let (response, error) = match outcome {
            Ok(response) => (Some(self.redact_response(response)), None),
            Err(error) => (None, Some(self.redactor.redact(&error))),
        };
        let exchange = Exchange {
            number: 0,
            step: None,
            sender,
            started_ms: 0,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            request: self.redact_request(request),
            response,
            error,
            jwts: Vec::new(),
        };
        let mut evidence = self.open();
        let place = evidence.exchanges.len();
        evidence.exchanges.push((started, exchange));
        evidence.keys.extend(keys);
        evidence.signed.extend(seen.into_iter().map(|(part, name, compact)| {
            let authorization = authorization.clone();
            SignedToken { exchange: place, part, name, compact, at, authorization }
        }));
    }

    /// Keeps a screenshot (PNG, WebP or JPEG).
    pub fn picture(&self, caption: impl Into<String>, image: Vec<u8>) {
        let picture = Picture {
            step: None,
            file: String::new(),
            caption: self.redactor.redact(&caption.into()),
        };
        self.open().pictures.push((SystemTime::now(), picture, image));
    }

    /// Notes a comparison with a snapshot.
    pub fn snapshot(&self, snapshot: Snapshot) {
        self.open().snapshots.push((SystemTime::now(), snapshot));
    }

    /// Keeps what the app under test said on its stdout and stderr, after what it said before.
    pub fn output(&self, text: &str) {
        self.open().output.push_str(text);
    }

    /// A copy of the comparisons alone; see [`evidence`](Self::evidence).
    pub fn checks(&self) -> Vec<(SystemTime, Check)> {
        let checks = self.open().checks.clone();
        let mut evidence = Evidence { checks, ..Evidence::default() };
        evidence.redact_again(&self.redactor);
        evidence.checks
    }

    /// A copy of all that was noted so far, redacted by all that is known by now.
    ///
    /// A secret may be seen before it is known as one, e.g. a code on a page that leads to the app.
    pub fn evidence(&self) -> Evidence {
        let mut evidence = self.open().clone();
        evidence.redact_again(&self.redactor);
        evidence
    }

    fn open(&self) -> MutexGuard<'_, Evidence> {
        self.evidence.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The platform's time at a moment on the wall.
    fn platform_time(&self, at: SystemTime) -> Timestamp {
        let clock = self.clock.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let now = clock.now();
        let since = SystemTime::now().duration_since(at).unwrap_or_default();
        let since = if clock.is_running() { since } else { Duration::ZERO };
        now.checked_sub(since).unwrap_or(now)
    }

    /// Remembers what an `Authorization` header carries: an answer may repeat it without the scheme
    /// that would give it away.
    fn learn_credentials(&self, request: &Request) {
        let headers = request.headers.iter().filter(|(name, _)| name == "authorization");
        for (_, value) in headers {
            let credentials = value.split_once(' ').map_or(value.as_str(), |(_, after)| after);
            self.redactor.learn("credentials", &Secret::new(credentials));
        }
    }

    /// Remembers the sessions that an answer begins: a page may repeat them.
    fn learn_cookies(&self, response: &Response) {
        let headers = response.headers.iter().filter(|(name, _)| name == "set-cookie");
        for (_, value) in headers {
            let pair = value.split(';').next().unwrap_or_default();
            self.redactor.learn_cookie(pair.split_once('=').map_or(pair, |(_, after)| after));
        }
    }

    fn redact_request(&self, request: Request) -> Request {
        Request {
            method: request.method,
            url: self.redactor.redact_and_learn(&request.url),
            headers: self.redact_headers(request.headers),
            body: self.redactor.redact_and_learn(&request.body),
        }
    }

    fn redact_response(&self, response: Response) -> Response {
        Response {
            status: response.status,
            headers: self.redact_headers(response.headers),
            body: self.redactor.redact_and_learn(&response.body),
        }
    }

    fn redact_headers(&self, headers: Vec<(String, String)>) -> Vec<(String, String)> {
        headers
            .into_iter()
            .map(|(name, value)| {
                let shown = match name.to_ascii_lowercase().as_str() {
                    "authorization" | "proxy-authorization" => redact_credentials(&value),
                    "cookie" => "[redacted:cookie]".to_owned(),
                    "set-cookie" => redact_cookie(&value),
                    name if is_secret_name(name) => format!("[redacted:{name}]"),
                    _ => self.redactor.redact_and_learn(&value),
                };
                (name, shown)
            })
            .collect()
    }
}

impl Evidence {
    /// The same without what the redactor has learnt since it was noted.
    fn redact_again(&mut self, redactor: &Redactor) {
        let again = |text: &mut String| *text = redactor.redact(text);
        for (_, check) in &mut self.checks {
            [&mut check.statement, &mut check.expected, &mut check.actual]
                .into_iter()
                .for_each(again);
            [&mut check.clause, &mut check.hint].into_iter().flatten().for_each(again);
        }
        for (_, exchange) in &mut self.exchanges {
            let Exchange { request, response, error, .. } = exchange;
            again(&mut request.url);
            again(&mut request.body);
            request.headers.iter_mut().for_each(|(_, value)| again(value));
            request.body = cut(&request.body);
            if let Some(response) = response {
                again(&mut response.body);
                response.headers.iter_mut().for_each(|(_, value)| again(value));
                response.body = cut(&response.body);
            }
            error.iter_mut().for_each(again);
        }
        again(&mut self.output);
        for (_, picture, _) in &mut self.pictures {
            again(&mut picture.caption);
        }
        for (_, snapshot) in &mut self.snapshots {
            again(&mut snapshot.diff);
            snapshot.drift.broken.iter_mut().for_each(again);
            snapshot.drift.added.iter_mut().for_each(again);
            snapshot.fidelity.iter_mut().flat_map(Fidelity::lines_mut).for_each(again);
        }
    }
}

/// Shows the scheme, if there is one before the credentials (RFC 9110 §11.4).
fn redact_credentials(value: &str) -> String {
    let mut words = value.split_whitespace();
    let scheme = words.next().filter(|word| {
        SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word)) && words.next().is_some()
    });
    match scheme {
        Some(scheme) => format!("{scheme} [redacted:credentials]"),
        None => "[redacted:credentials]".to_owned(),
    }
}

/// Shows a cookie's name and attributes (RFC 6265 §4.1).
fn redact_cookie(value: &str) -> String {
    let (pair, attributes) = match value.split_once(';') {
        Some((pair, attributes)) => (pair, format!(";{attributes}")),
        None => (value, String::new()),
    };
    // Without `=` it is the value that stands alone.
    match pair.split_once('=') {
        Some((name, _)) => format!("{name}=[redacted:cookie]{attributes}"),
        None => format!("[redacted:cookie]{attributes}"),
    }
}

/// Cut only when all is redacted, so that no half of a secret stays at the end.
fn cut(body: &str) -> String {
    match body.char_indices().nth(LONGEST_BODY) {
        Some((end, _)) => format!("{}\n[cut: {} bytes in all]", &body[..end], body.len()),
        None => body.to_owned(),
    }
}

/// Characters of a body that are kept as evidence.
const LONGEST_BODY: usize = 16_000;
/// Names of authentication schemes that are shown before their credentials.
const SCHEMES: [&str; 8] =
    ["Basic", "Bearer", "Digest", "DPoP", "GNAP", "Mutual", "Negotiate", "SSWS"];

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(recorder: &Recorder, headers: &[(&str, &str)], body: &str) {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers: Vec<_> = headers.iter().map(own).collect();
        let request = Request {
            method: "POST".into(),
            url: "http://127.0.0.1/token".into(),
            headers: headers.clone(),
            body: body.into(),
        };
        let response = Response { status: 200, headers, body: body.into() };
        let start = SystemTime::UNIX_EPOCH;
        recorder.exchange(Sender::App, start, Duration::ZERO, request, Ok(response));
    }

    #[test]
    fn headers_show_no_credentials() {
        for (name, value, expected) in [
            ("authorization", "Basic Y2FuYXJ5", "Basic [redacted:credentials]"),
            ("Authorization", "bearer canary", "bearer [redacted:credentials]"),
            ("authorization", "00canaryTOKEN", "[redacted:credentials]"),
            ("authorization", "canary", "[redacted:credentials]"),
            ("authorization", "canary two words", "[redacted:credentials]"),
            ("authorization", "Bearer", "[redacted:credentials]"),
            ("proxy-authorization", "canary", "[redacted:credentials]"),
            ("cookie", "sid=canary", "[redacted:cookie]"),
            ("set-cookie", "sid=canary; HttpOnly", "sid=[redacted:cookie]; HttpOnly"),
            ("set-cookie", "canary; Path=/a", "[redacted:cookie]; Path=/a"),
            ("set-cookie", "canary", "[redacted:cookie]"),
            ("x-auth-token", "canary", "[redacted:x-auth-token]"),
            ("location", "/cb?code=canary&state=s", "/cb?code=[redacted:code]&state=s"),
            ("referer", "http://a/?ticket=canary", "http://a/?ticket=[redacted:ticket]"),
            (
                "www-authenticate",
                r#"Bearer error="invalid_token", token="canary""#,
                r#"Bearer error="invalid_token", token="[redacted:token]""#,
            ),
            ("content-type", "application/json", "application/json"),
        ] {
            let recorder = Recorder::new(Redactor::new());
            exchange(&recorder, &[(name, value)], "");
            let (_, seen) = &recorder.evidence().exchanges[0];
            assert_eq!(seen.request.headers[0].1, expected, "{name}");
            assert_eq!(seen.response.as_ref().unwrap().headers[0].1, expected, "{name}");
        }
    }

    #[test]
    fn a_secret_that_is_learnt_late_leaves_earlier_evidence() {
        let recorder = Recorder::new(Redactor::new());
        // The body is cut within the secret.
        let body = format!("<a href='/go/canary1234'>{}canary1234", "x".repeat(LONGEST_BODY - 30));
        exchange(&recorder, &[("x-trace", "canary1234")], &body);
        recorder.check(Check {
            statement: "canary1234 is shown".into(),
            verdict: crate::record::Verdict::Pass,
            expected: "canary1234".into(),
            actual: "canary1234".into(),
            clause: None,
            requirement: None,
            hint: Some("canary1234".into()),
        });
        recorder.picture("canary1234", Vec::new());
        recorder.redactor().learn("code", &Secret::new("canary1234"));
        let text = format!("{:?}", recorder.evidence());
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains("<a href='/go/[redacted:code]'>"), "{text}");
        assert!(text.contains("bytes in all]"), "{text}");
    }

    #[test]
    fn credentials_and_cookies_never_reach_the_record() {
        let redactor = Redactor::new();
        redactor.learn("client_secret", &Secret::new("canary-secret"));
        let recorder = Recorder::new(redactor);
        recorder.exchange(
            Sender::App,
            SystemTime::UNIX_EPOCH,
            Duration::ZERO,
            Request {
                method: "POST".into(),
                url: "http://127.0.0.1/token".into(),
                headers: vec![("authorization".into(), "Basic Y2FuYXJ5".into())],
                body: "client_secret=canary-secret&scope=openid".into(),
            },
            Ok(Response {
                status: 200,
                headers: vec![("set-cookie".into(), "sid=canary; HttpOnly".into())],
                body: "you sent canary-secret and Y2FuYXJ5".into(),
            }),
        );
        let text = format!("{:?}", recorder.evidence());
        assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
        assert!(text.contains("sid=[redacted:cookie]; HttpOnly"), "{text}");
    }
}
