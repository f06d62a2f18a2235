//! A platform that gives away all that it knows: it repeats what it was sent, in every spelling, in
//! bodies, headers, redirects and pages, or it holds its answers back.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;

/// A platform on a free port, as long as the tests run.
pub struct Hostile {
    /// `host:port`
    pub host: String,
    known: Arc<Mutex<Known>>,
}

/// What it knows of each client.
type Known = BTreeMap<String, BTreeSet<String>>;

/// What it does with questions for which somebody waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// It answers them.
    AtOnce,
    /// It takes them and says nothing.
    Never,
}

impl Hostile {
    /// Starts it.
    pub fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let platform = Self { host, known: Arc::default() };
        let (host, known) = (platform.host.clone(), Arc::clone(&platform.known));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (host, known) = (host.clone(), Arc::clone(&known));
                thread::spawn(move || serve(stream, &host, &known, answers));
            }
        });
        platform
    }

    /// The secrets that it issued or was sent so far.
    pub fn knows(&self) -> Vec<String> {
        let known = self.known.lock().unwrap();
        known.values().flatten().map(String::as_str).chain([PASS]).map(str::to_owned).collect()
    }
}

/// A request: its first line, its head in all, and its body.
pub struct Asked {
    /// Method and target.
    pub line: String,
    /// Everything, as it came.
    pub whole: String,
    body: String,
}

impl Asked {
    /// Reads a request to its end.
    pub fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let whole = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = whole.split_once("\r\n\r\n") {
                let length = header(head, "content-length").and_then(|it| it.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
                    let body = body.to_owned();
                    return Some(Self { line, whole, body });
                }
            }
            match stream.read(&mut buffer) {
                Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
                _ => return None,
            }
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.whole.split("\r\n\r\n").next()?, name)
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let query = self.line.split_once('?').map_or("", |(_, query)| query);
        [query, &self.body].into_iter().find_map(|pairs| {
            let mut pairs = url::form_urlencoded::parse(pairs.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        })
    }

    /// Who asks.
    fn client(&self) -> String {
        let credentials = self.header("authorization").unwrap_or_default();
        let (scheme, credentials) = credentials.split_once(' ').unwrap_or_default();
        if scheme == "Bearer" {
            return "diary".to_owned();
        }
        let pair = STANDARD.decode(credentials).unwrap_or_default();
        let pair = String::from_utf8(pair).unwrap_or_default();
        let assertion = self.parameter("client_assertion");
        let of_pair = pair.split_once(':').map(|(id, _)| id.to_owned());
        let of_assertion = assertion.map(|_| "signer".to_owned());
        of_pair.or(of_assertion).or_else(|| self.parameter("client_id")).unwrap_or_default()
    }

    /// The secrets in it, with the pair that `Basic` credentials are made of.
    fn secrets(&self) -> Vec<String> {
        let mut found: Vec<String> = SENT.iter().filter_map(|it| self.parameter(it)).collect();
        let authorization = self.header("authorization").unwrap_or_default();
        if let Some((scheme, credentials)) = authorization.split_once(' ') {
            found.push(credentials.to_owned());
            let pair = STANDARD.decode(credentials).unwrap_or_default();
            let pair = String::from_utf8(pair).unwrap_or_default();
            if let Some((_, secret)) = pair.split_once(':').filter(|_| scheme == "Basic") {
                let plain = url::form_urlencoded::parse(secret.as_bytes()).next();
                found.extend(plain.map(|(plain, _)| plain.into_owned()));
            }
        }
        found
    }
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted).then(|| value.trim())
    })
}

fn serve(mut stream: TcpStream, host: &str, known: &Mutex<Known>, answers: Answers) -> Option<()> {
    let asked = Asked::read(&mut stream)?;
    let path = asked.line.split([' ', '?']).nth(1)?.to_owned();
    let issued: &[&str] = match path.as_str() {
        _ if answers == Answers::Never => &[],
        "/authorize" => &[SESSION],
        "/allow" => &[CODE],
        "/token" if asked.parameter("code").is_some() => &[ACCESS, REFRESH],
        _ => &[],
    };
    let known: Vec<String> = {
        let mut known = known.lock().unwrap();
        let known = known.entry(asked.client()).or_default();
        known.extend(asked.secrets());
        known.extend(issued.iter().map(|it| (*it).to_owned()));
        known.iter().cloned().chain([PASS.to_owned()]).collect()
    };
    if answers == Answers::Never && ["/authorize", "/token"].contains(&path.as_str()) {
        // Until whoever asked has given up.
        let _ = stream.read(&mut [0; 1]);
        return None;
    }
    let echo: String =
        known.iter().flat_map(|secret| spelled(secret)).collect::<Vec<_>>().join(" ");
    let cookies = format!("set-cookie: session={SESSION}; HttpOnly\r\nset-cookie: seen=en-US\r\n");
    let moved = |to: &str| ("302 Found", format!("location: {to}\r\n{cookies}"), String::new());
    let (status, headers, body) = match path.as_str() {
        "/fhir/.well-known/smart-configuration" => ("200 OK", JSON.to_owned(), discovery(host)),
        "/authorize" => ("200 OK", HTML.to_owned() + &cookies, sign_in(&asked)),
        "/login" if asked.parameter("client_id").as_deref() == Some("phone") => {
            ("200 OK", HTML.to_owned(), puzzle(&known))
        }
        "/login" => ("200 OK", HTML.to_owned(), consent(&asked, &known, &echo)),
        "/allow" => {
            let mut to = Url::parse(&asked.parameter("redirect_uri")?).unwrap();
            let state = asked.parameter("state")?;
            to.query_pairs_mut().append_pair("code", CODE).append_pair("state", &state);
            moved(to.as_str())
        }
        "/token" if asked.parameter("code").is_some() => {
            ("200 OK", JSON.to_owned() + &cookies, tokens(&echo))
        }
        "/token" => ("401 Unauthorized", JSON.to_owned(), refusal(&asked, &echo, &known)),
        "/fhir/Patient/moved" => moved(&format!("https://jake:{PASS}@{host}/?x={}", known[0])),
        _ => ("404 Not Found", JSON.to_owned(), refusal(&asked, &echo, &known)),
    };
    let shown = known.iter().filter(|it| !it.contains(|c: char| !c.is_ascii_graphic()));
    let shown = shown.cloned().collect::<Vec<_>>().join(" ");
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}x-echo: {shown}\r\nwww-authenticate: Bearer \
         error_description=\"{}\"\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        STANDARD.encode(&shown),
        body.len(),
    );
    Some(())
}

/// The ways in which servers, pages and logs write a text.
fn spelled(secret: &str) -> Vec<String> {
    let each = |one: fn(u8) -> String| secret.bytes().map(one).collect::<String>();
    let claims = json!({ "iss": "x", "note": secret }).to_string();
    vec![
        secret.to_owned(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("%25{byte:02X}")),
        each(|byte| format!("\\u00{byte:02x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("{byte:02x}")),
        STANDARD.encode(secret),
        STANDARD.encode(format!("robot:{secret}")),
        STANDARD.encode(format!("id={secret};")),
        URL_SAFE_NO_PAD.encode(&claims),
        format!(
            "{}.{}.c2lnbmF0dXJl",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            URL_SAFE_NO_PAD.encode(&claims)
        ),
        format!("https://jake:{}@api.example/", each(|byte| format!("%{byte:02X}"))),
        Value::from(secret).to_string(),
    ]
}

fn discovery(host: &str) -> String {
    json!({
        "issuer": format!("http://{host}/fhir"),
        "authorization_endpoint": format!("http://{host}/authorize"),
        "token_endpoint": format!("http://{host}/token"),
        "jwks_uri": format!("http://{host}/jwks"),
        "management_endpoint": format!("https://jake:{PASS}@{host}/manage"),
        "webhook": format!("https://hooks.example/?next=https%3A%2F%2Fjake%3A{PASS}%40{host}%2F"),
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["launch-standalone", "client-confidential-symmetric"],
    })
    .to_string()
}

fn sign_in(asked: &Asked) -> String {
    let kept = ["client_id", "redirect_uri", "state"].map(|name| {
        let value = asked.parameter(name).unwrap_or_default();
        format!("<input type=hidden name={name} value=\"{value}\">")
    });
    format!(
        "<!doctype html><title>Sign in</title><p>Your session is {SESSION}.</p>
         <form method=post action=/login>{}
         <label>User name <input name=username autocomplete=username></label>
         <label>Password <input name=password type=password></label>
         <button>Sign in</button></form>",
        kept.concat()
    )
}

fn consent(asked: &Asked, known: &[String], echo: &str) -> String {
    let kept = ["client_id", "redirect_uri", "state"].map(|name| {
        let value = asked.parameter(name).unwrap_or_default();
        format!("<input type=hidden name={name} value=\"{value}\">")
    });
    let keys: Value = known.iter().map(|it| (it.clone(), Value::from(1))).collect();
    format!(
        "<!doctype html><title>{title}</title><style>.a::before {{ content: attr(data-x) }}</style>
         <form method=post action=/allow>{kept}<h1>Diary wants to see your record</h1>
         <button>Allow</button></form><p>{text}</p><p class=a data-x=\"{text}\"></p>
         <img alt=\"{text}\"><script>
         const keys = {keys};
         console.error(JSON.stringify(keys));
         setTimeout(() => {{ throw new Error(Object.keys(keys).join()) }});
         fetch('/fhir/Observation?note=' + encodeURIComponent(Object.keys(keys)[0]));
         </script>",
        kept = kept.concat(),
        title = escaped(&known.join(" ")),
        text = escaped(echo),
    )
}

fn puzzle(known: &[String]) -> String {
    let known = escaped(&known.join(" "));
    format!("<!doctype html><title>{known}</title><p>Which of {known} is yours?</p><input name=x>")
}

fn tokens(echo: &str) -> String {
    json!({
        "access_token": ACCESS, "refresh_token": REFRESH, "token_type": "Bearer",
        "expires_in": 3600, "scope": "openid patient/Patient.read", "patient": "p-1",
        "note": echo,
    })
    .to_string()
}

fn refusal(asked: &Asked, echo: &str, known: &[String]) -> String {
    let keys: Value = known.iter().map(|it| (it.clone(), Value::from("is yours"))).collect();
    json!({
        "error": "invalid_client", "error_description": echo, "request": asked.whole, "keys": keys,
    })
    .to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

const ACCESS: &str = "c4nary-access-7Zq0x1";
const REFRESH: &str = "c4nary-refresh-8Yp1w2";
const CODE: &str = "c4nary-code-9Xo2v3u4t5";
const SESSION: &str = "c4nary-session-0Wn3u4";
/// Part of an address.
const PASS: &str = "c4nary-pass-1Vm4t5";
/// What clients and users send that is secret.
const SENT: [&str; 6] =
    ["client_secret", "client_assertion", "code", "code_verifier", "refresh_token", "password"];
const JSON: &str = "content-type: application/json\r\n";
const HTML: &str = "content-type: text/html; charset=utf-8\r\n";
