//! Turns the network events of a session's tabs into recorded exchanges.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use url::Url;

use super::options::Attention;
use crate::record::{Recorder, Request, Response, Sender};
use crate::secret::Secret;

/// The requests of a session that wait for their answers.
pub(super) struct Ledger {
    recorder: Recorder,
    /// How much of what pages send is noted.
    attention: Attention,
    open: HashMap<String, Entry>,
    /// What was sent, as it was sent; kept only with full attention.
    sent: Vec<Sent>,
    /// Bytes that may still be noted of requests, and how many requests.
    room: (usize, usize),
    /// How many requests there was no room for.
    left_out: usize,
    /// One clone per answer whose body is still being read.
    reading: Arc<()>,
}

/// A request of a page, as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Scheme, host and port that it went to.
    pub origin: String,
    /// Its host.
    pub host: String,
    /// What the browser asked for, in its own words: `Image`, `Ping`, `WebSocket`, …
    pub kind: String,
    /// Its address, and the address that it says it comes from.
    pub address: Secret,
    /// All else of it: headers and body.
    pub content: Secret,
}

/// A request, and what is known of its answer.
struct Entry {
    started: SystemTime,
    /// The browser's own clock, in seconds.
    began: f64,
    request: Request,
    response: Option<Response>,
    /// Whether its answer is read: it is a page, or what a script asked for.
    is_flow: bool,
}

/// An exchange that lacks only the answer's body.
pub(super) struct Unread {
    recorder: Recorder,
    entry: Entry,
    took: Duration,
    _reading: Arc<()>,
}

impl Ledger {
    /// An empty ledger that writes into `recorder`.
    pub(super) fn new(recorder: Recorder, attention: Attention) -> Self {
        Self {
            recorder,
            attention,
            open: HashMap::new(),
            sent: Vec::new(),
            room: (MOST_BYTES, MOST_REQUESTS),
            left_out: 0,
            reading: Arc::default(),
        }
    }

    /// What was sent, as it was sent: with full attention everything, else nothing.
    pub(super) fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// Whether every answer that came is recorded.
    pub(super) fn is_settled(&self) -> bool {
        Arc::strong_count(&self.reading) == 1
    }

    /// Whether a page, or what a script asked for, is still to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.open.values().any(|entry| entry.is_flow)
    }

    /// The scenario's notebook.
    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Learns the secrets that a redirect brings to the app.
    pub(super) fn learn(&self, redirect: &url::Url) {
        let fragment = redirect.fragment().unwrap_or_default().as_bytes();
        let raw = [redirect.query().unwrap_or_default(), redirect.fragment().unwrap_or_default()];
        let raw =
            raw.iter().flat_map(|part| part.split('&')).filter_map(|pair| pair.split_once('='));
        let raw = raw.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let decoded = redirect.query_pairs().chain(url::form_urlencoded::parse(fragment));
        let decoded = decoded.map(|(name, value)| (name.into_owned(), value.into_owned()));
        for (name, value) in raw.chain(decoded) {
            if let Some(word) = ISSUED.into_iter().find(|word| *word == name) {
                self.recorder.redactor().learn(word, &Secret::new(value));
            }
        }
    }

    /// A request is about to be sent, maybe because the one before it was redirected.
    ///
    /// `caught`: it is the redirect back to the app, which nobody answers.
    pub(super) fn request(&mut self, params: &Value, caught: bool) {
        let id = params["requestId"].as_str().unwrap_or_default();
        let now = params["timestamp"].as_f64().unwrap_or_default();
        if let Some(mut hop) = self.open.remove(id) {
            hop.response = params.get("redirectResponse").map(response);
            self.write(hop, now, "redirected without an answer");
        }
        let Some(entry) = entry(params, self.attention) else { return };
        let kind = params["type"].as_str().unwrap_or_default();
        if !self.has_room_for(&entry.request, kind) {
            return;
        }
        if caught {
            self.write(entry, now, "caught on its way to the app: nothing was sent");
        } else {
            self.open.insert(id.to_owned(), entry);
        }
    }

    /// A page is about to open a WebSocket.
    pub(super) fn socket(&mut self, params: &Value) {
        let (Some(id), Some(url)) = (params["requestId"].as_str(), params["url"].as_str()) else {
            return;
        };
        let request = Request {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        };
        if self.attention == Attention::Full && self.has_room_for(&request, SOCKET) {
            let (started, began) = (SystemTime::now(), f64::NAN);
            let entry = Entry { started, began, request, response: None, is_flow: false };
            self.open.insert(id.to_owned(), entry);
        }
    }

    /// The request for a WebSocket is about to be sent.
    pub(super) fn handshake(&mut self, params: &Value) {
        let id = params["requestId"].as_str().unwrap_or_default();
        let Some(mut entry) = self.open.remove(id) else { return };
        entry.began = params["timestamp"].as_f64().unwrap_or_default();
        entry.request.headers = headers(&params["request"]["headers"]);
        if self.has_room_for(&entry.request, SOCKET) {
            self.open.insert(id.to_owned(), entry);
        }
    }

    /// A page sends something by a WebSocket.
    pub(super) fn says(&mut self, params: &Value) {
        let id = params["requestId"].as_str().unwrap_or_default();
        let said = params["response"]["payloadData"].as_str().unwrap_or_default();
        let Some(entry) = self.open.get(id) else { return };
        let request = Request { body: said.to_owned(), ..entry.request.clone() };
        if entry.request.body.len() + said.len() <= LONGEST_TALK
            && self.has_room_for(&request, SOCKET)
            && let Some(entry) = self.open.get_mut(id)
        {
            entry.request.body.push_str(said);
            entry.request.body.push('\n');
        }
    }

    /// A WebSocket is closed.
    pub(super) fn hangs_up(&mut self, params: &Value) {
        let id = params["requestId"].as_str().unwrap_or_default();
        if let Some(entry) = self.open.remove(id) {
            let now = params["timestamp"].as_f64().unwrap_or_default();
            self.write(entry, now, "not granted");
        }
    }

    /// Whether a request can still be noted; with full attention it is kept as it is.
    fn has_room_for(&mut self, request: &Request, kind: &str) -> bool {
        let headers = request.headers.iter().map(|(name, value)| name.len() + value.len());
        let size = request.url.len() + request.body.len() + headers.sum::<usize>();
        let (bytes, requests) = self.room;
        let (Some(bytes), Some(requests)) = (bytes.checked_sub(size), requests.checked_sub(1))
        else {
            self.left_out += 1;
            return false;
        };
        self.room = (bytes, requests);
        if self.attention == Attention::Full {
            self.sent.extend(Sent::of(request, kind));
        }
        true
    }

    /// The head of an answer came.
    pub(super) fn answer(&mut self, params: &Value) {
        let id = params["requestId"].as_str().unwrap_or_default();
        if let Some(entry) = self.open.get_mut(id) {
            entry.response = Some(response(&params["response"]));
        }
    }

    /// An answer has come to its end; it is recorded by [`Unread::record`].
    pub(super) fn finish(&mut self, params: &Value) -> Option<Unread> {
        let entry = self.open.remove(params["requestId"].as_str()?)?;
        let took = entry.took(params["timestamp"].as_f64().unwrap_or_default());
        let reading = self.reading.clone();
        Some(Unread { recorder: self.recorder.clone(), entry, took, _reading: reading })
    }

    /// A request came to nothing.
    pub(super) fn fail(&mut self, params: &Value) {
        let id = params["requestId"].as_str().unwrap_or_default();
        if let Some(entry) = self.open.remove(id) {
            let now = params["timestamp"].as_f64().unwrap_or_default();
            let why = params["errorText"].as_str().filter(|why| !why.is_empty());
            self.write(entry, now, why.unwrap_or("cancelled"));
        }
    }

    /// Records what has no answer yet; nobody waits for it any more.
    pub(super) fn close(&mut self) {
        for (_, entry) in std::mem::take(&mut self.open) {
            let now = entry.began;
            self.write(entry, now, "no answer before the end");
        }
        if self.left_out > 0 && self.attention == Attention::Full {
            let more = self.left_out;
            self.recorder.output(&format!("({more} more requests of its pages were not noted)\n"));
        }
    }

    fn write(&self, entry: Entry, now: f64, error: &str) {
        let took = entry.took(now);
        let outcome = entry.response.ok_or_else(|| error.to_owned());
        self.recorder.exchange(Sender::Browser, entry.started, took, entry.request, outcome);
    }
}

impl Unread {
    /// Whether the answer's body is text worth keeping.
    pub(super) fn wants_body(&self, encoded_length: f64) -> bool {
        let kind =
            self.entry.response.as_ref().and_then(|response| {
                response.headers.iter().find(|(name, _)| name == "content-type")
            });
        self.entry.is_flow
            && encoded_length <= LONGEST_BODY
            && kind.is_some_and(|(_, kind)| TEXTS.iter().any(|text| kind.contains(text)))
    }

    /// Records the exchange, with the body if it could be read.
    pub(super) fn record(self, body: Option<String>) {
        let outcome = match self.entry.response {
            Some(response) => Ok(Response { body: body.unwrap_or_default(), ..response }),
            None => Err("ended without an answer".to_owned()),
        };
        let Entry { started, request, .. } = self.entry;
        self.recorder.exchange(Sender::Browser, started, self.took, request, outcome);
    }
}

impl Entry {
    fn took(&self, now: f64) -> Duration {
        Duration::try_from_secs_f64(now - self.began).unwrap_or_default()
    }
}

impl Sent {
    fn of(request: &Request, kind: &str) -> Option<Self> {
        let url = Url::parse(&request.url).ok()?;
        let is_referrer = |name: &str| name == "referer";
        let mut address = request.url.clone();
        let mut content = String::new();
        for (name, value) in &request.headers {
            let to = if is_referrer(name) { &mut address } else { &mut content };
            to.push('\n');
            to.push_str(value);
        }
        content.push('\n');
        content.push_str(&request.body);
        Some(Self {
            origin: url.origin().ascii_serialization(),
            host: url.host_str()?.to_owned(),
            kind: kind.to_owned(),
            address: Secret::new(address),
            content: Secret::new(content),
        })
    }
}

/// The entry of a request that is worth recording: documents and what scripts fetch, or everything.
fn entry(params: &Value, attention: Attention) -> Option<Entry> {
    let kind = params["type"].as_str()?;
    let request = &params["request"];
    let url = request["url"].as_str()?;
    let scheme = url.split(':').next()?;
    let is_flow = FLOW.contains(&kind);
    let is_wanted = is_flow || attention == Attention::Full && kind != "Preflight";
    if !is_wanted || INNER_SCHEMES.contains(&scheme) || url.ends_with("/favicon.ico") {
        return None;
    }
    let seconds = params["wallTime"].as_f64().unwrap_or_default();
    let since_1970 = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    Some(Entry {
        started: SystemTime::UNIX_EPOCH + since_1970,
        began: params["timestamp"].as_f64().unwrap_or_default(),
        request: Request {
            method: request["method"].as_str().unwrap_or("GET").to_owned(),
            url: format!("{url}{}", request["urlFragment"].as_str().unwrap_or_default()),
            headers: headers(&request["headers"]),
            body: request["postData"].as_str().unwrap_or_default().to_owned(),
        },
        response: None,
        is_flow,
    })
}

fn response(told: &Value) -> Response {
    Response {
        status: told["status"].as_u64().and_then(|code| code.try_into().ok()).unwrap_or(0),
        headers: headers(&told["headers"]),
        body: String::new(),
    }
}

fn headers(told: &Value) -> Vec<(String, String)> {
    let lines = told.as_object().into_iter().flatten();
    lines
        .flat_map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            // The browser joins the lines of one name with line ends.
            let values = value.as_str().unwrap_or_default().lines();
            values.map(move |value| (name.clone(), value.to_owned())).collect::<Vec<_>>()
        })
        .collect()
}

/// What an authorization response can carry that nobody may see.
const ISSUED: [&str; 3] = ["code", "access_token", "id_token"];
const FLOW: [&str; 3] = ["Document", "XHR", "Fetch"];
const SOCKET: &str = "WebSocket";
const INNER_SCHEMES: [&str; 5] = ["data", "blob", "about", "chrome", "chrome-error"];
const TEXTS: [&str; 4] = ["json", "html", "xml", "text/plain"];
/// Bytes on the wire.
const LONGEST_BODY: f64 = 100_000.0;
/// What a session's requests may take in all: a page that sends for ever fills no memory.
const MOST_BYTES: usize = 8 * 1024 * 1024;
const MOST_REQUESTS: usize = 3000;
/// Bytes that are noted of what is said by one WebSocket.
const LONGEST_TALK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::Redactor;

    fn sent(id: &str, kind: &str, url: &str) -> Value {
        json!({ "requestId": id, "type": kind, "timestamp": 1.0, "wallTime": 1000.0,
            "request": { "url": url, "method": "GET", "headers": { "Accept": "a" } } })
    }

    #[test]
    fn a_redirect_is_two_exchanges_and_the_code_is_not_in_them() {
        let recorder = Recorder::new(Redactor::new());
        let mut ledger = Ledger::new(recorder.clone(), Attention::Flow);
        ledger.request(&sent("1", "Document", "http://127.0.0.1/authorize"), false);
        let back = "myapp://cb?state=s&code=canary%2Fcode";
        ledger.learn(&url::Url::parse(back).unwrap());
        let mut redirected = sent("1", "Document", back);
        redirected["timestamp"] = json!(1.25);
        redirected["redirectResponse"] = json!({ "status": 302, "headers": { "Location": back } });
        ledger.request(&redirected, true);
        let evidence = recorder.evidence();
        let seen: Vec<_> = evidence.exchanges.iter().map(|(_, exchange)| exchange).collect();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].response.as_ref().unwrap().status, 302);
        assert_eq!(seen[0].duration_ms, 250);
        assert!(seen[1].error.as_ref().unwrap().starts_with("caught"));
        assert!(!format!("{seen:?}").contains("canary"));
        assert!(recorder.redactor().finds_in("canary/code"));
    }

    #[test]
    fn pictures_styles_and_inner_pages_are_not_recorded() {
        let recorder = Recorder::new(Redactor::new());
        let mut ledger = Ledger::new(recorder.clone(), Attention::Flow);
        ledger.request(&sent("1", "Image", "http://127.0.0.1/logo.png"), false);
        ledger.request(&sent("2", "Document", "data:text/html,x"), false);
        ledger.request(&sent("3", "Document", "http://127.0.0.1/favicon.ico"), false);
        ledger.request(&sent("4", "XHR", "http://127.0.0.1/api"), false);
        ledger.close();
        let evidence = recorder.evidence();
        assert_eq!(evidence.exchanges.len(), 1);
        assert_eq!(evidence.exchanges[0].1.request.url, "http://127.0.0.1/api");
    }

    #[test]
    fn with_full_attention_nothing_that_leaves_is_missed_and_no_page_fills_the_memory() {
        let recorder = Recorder::new(Redactor::new());
        let mut ledger = Ledger::new(recorder.clone(), Attention::Full);
        let mut pixel = sent("1", "Image", "https://statistics.test/p.gif?t=canary");
        pixel["request"]["headers"]["Referer"] = json!("https://app.test/cb?code=c");
        ledger.request(&pixel, false);
        ledger.request(&sent("2", "Ping", "https://statistics.test/beacon"), false);
        ledger.socket(&json!({ "requestId": "3", "url": "wss://chat.test/" }));
        let shake = json!({ "requestId": "3", "timestamp": 1.0, "wallTime": 1000.0, "request": { "headers": {} } });
        ledger.handshake(&shake);
        ledger.says(&json!({ "requestId": "3", "response": { "payloadData": "canary" } }));
        ledger.hangs_up(&json!({ "requestId": "3", "timestamp": 2.0 }));
        let seen: Vec<(&str, &str)> =
            ledger.sent().iter().map(|it| (it.kind.as_str(), it.host.as_str())).collect();
        let chat = ("WebSocket", "chat.test");
        let expected =
            [("Image", "statistics.test"), ("Ping", "statistics.test"), chat, chat, chat];
        assert_eq!(seen, expected);
        assert!(ledger.sent()[0].address.expose().contains("app.test/cb?code=c"));
        assert!(ledger.sent()[4].content.expose().contains("canary"));
        for number in 0..2 * MOST_REQUESTS {
            ledger
                .request(&sent(&format!("n{number}"), "Image", "http://127.0.0.1/logo.png"), false);
        }
        ledger.close();
        let evidence = recorder.evidence();
        assert_eq!(
            evidence.exchanges.len(),
            MOST_REQUESTS - 2,
            "what is said in a socket is no exchange"
        );
        assert!(evidence.output.ends_with("requests of its pages were not noted)\n"));
    }
}
