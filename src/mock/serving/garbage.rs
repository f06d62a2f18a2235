//! Whatever is sent to the platform, it answers, and never with an error of its own.
//!
//! The routes are read from the router itself, so that a new one is among them. The requests are the
//! same in every run; `PROPTEST_CASES=100000 cargo test garbage` sends so many others.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use regex::Regex;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::serve;
use crate::mock::bounds::{ISSUED, OPEN};
use crate::mock::router::paths_of;
use crate::mock::testing::{
    CALLBACK, TestApp, Tester, patient_browser, patient_web, provider_web, two_legged, with,
};
use crate::protocol::{Algorithm, SigningKey, basic};
use crate::secret::Secret;

/// A request as it is thought out.
#[derive(Debug)]
struct Thought {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, Vec<u8>)>,
    kind: String,
    body: Vec<u8>,
}

/// What is good on a platform, to be sent where it belongs and where it does not.
struct Treasure {
    values: Vec<String>,
    authorizations: Vec<String>,
    key: SigningKey,
}

#[test]
fn whatever_is_sent_is_answered_and_not_with_an_error_of_the_platform() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tester = Tester::new();
    let treasure = runtime.block_on(Treasure::of(&tester));
    let paths = paths_of(&tester.platform);
    assert!(paths.iter().any(|path| path == "/oauth2/v1/token"), "{paths:?}");
    assert!(paths.len() > 40, "{paths:?}");
    let requests = thoughts(paths, &treasure);
    let outcome = runner(CASES).run(&requests, |thought| {
        let shown = format!("{thought:?}");
        let Some(request) = thought.request() else { return Ok(()) };
        let answered = runtime.block_on(async { timeout(PATIENCE, tester.send(request)).await });
        let answer = answered.map_err(|_| TestCaseError::fail(format!("no answer to {shown}")))?;
        let status = answer.status.as_u16();
        // What FHIR has and the platform has not is answered with 501 (FHIR R4, http).
        prop_assert!(status < 500 || status == 501, "{status} {} to {shown}", answer.text);
        // Time passes, so that things expire; the tester's own session does not.
        tester.wait(1);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    for environment in [Some(tester.platform.clone()), tester.platform.production()] {
        let platform = environment.unwrap();
        let state = platform.state();
        assert!(state.tickets.len() <= OPEN + 1 && state.launches.len() <= OPEN + 1);
        assert!(state.codes.len() <= ISSUED + 1 && state.sessions.len() <= ISSUED + 1);
    }
}

#[test]
fn whatever_bytes_are_sent_to_the_port_the_next_client_is_served() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tester = Tester::new();
    let (server, address) = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (serve(tester.platform.clone(), listener).unwrap(), address)
    });
    let line = select(vec![
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET http://[::1 HTTP/1.1\r\n\r\n",
        "POST /oauth2/v1/token HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "POST /oauth2/v1/token HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n",
        "POST /oauth2/v1/token HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        "GET / HTTP/9.9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}",
        "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
    ]);
    let bytes = prop_oneof![
        vec(any::<u8>(), 0..300),
        (line.clone(), vec(any::<u8>(), 0..50))
            .prop_map(|(line, more)| [line.as_bytes(), &more].concat()),
        (line, any::<Index>(), any::<u8>()).prop_map(|(line, at, byte)| {
            let mut bytes = line.as_bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
    ];
    let outcome = runner(CASES / 5).run(&bytes, |bytes| {
        let answer = runtime.block_on(async { timeout(PATIENCE, exchange(address, &bytes)).await });
        let answer = answer.map_err(|_| TestCaseError::fail("the connection did not end"))?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        prop_assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let get = b"GET /fhir/r4/metadata HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = runtime.block_on(exchange(address, get));
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    runtime.block_on(server.stop()).unwrap();
}

/// Sends some bytes and no more; gives what comes back.
async fn exchange(address: std::net::SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    // The platform may have closed already, with or without an answer.
    if stream.write_all(bytes).await.is_ok() && stream.shutdown().await.is_ok() {
        let _ = stream.read_to_end(&mut answer).await;
    }
    answer
}

/// The same cases in every run, or as many others as `PROPTEST_CASES` says.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        let cases = Config::default().cases;
        return TestRunner::new(Config { cases, ..config });
    }
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

impl Thought {
    /// The request, if HTTP can say it.
    fn request(self) -> Option<Request<Body>> {
        let mut uri = self.path;
        if !self.query.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&self.query)
                .finish();
            uri = format!("{uri}?{query}");
        }
        let mut request = Request::builder().method(self.method).uri(uri);
        if !self.kind.is_empty() {
            request = request.header("content-type", self.kind);
        }
        for (name, value) in self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            request = request.header(name, HeaderValue::from_bytes(&value).ok()?);
        }
        request.body(Body::from(self.body)).ok()
    }
}

impl Treasure {
    async fn of(tester: &Tester) -> Self {
        let key = SigningKey::generate(Algorithm::Es384, "key-1").unwrap();
        let keys = json!({"keys": [key.public_jwk()]});
        let method = [("token_auth_method", json!("jwks")), ("jwks", keys)];
        let hosted = [
            ("token_auth_method", json!("jwks_uri")),
            ("jwks_uri", json!("http://127.0.0.1:9/keys")),
        ];
        let bodies = [
            two_legged(),
            patient_web(),
            patient_browser(),
            provider_web(),
            with(two_legged(), &method),
            with(two_legged(), &hosted),
        ];
        let mut apps: Vec<TestApp> = Vec::new();
        for body in bodies {
            apps.push(tester.register(body).await);
        }
        let tokens = tester.patient_tokens(&apps[1], &[]).await;
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        let own = tester.token(&apps[0], &form).await.json();
        let start = tester.authorize(&apps[1], &[("prompt", "login")]).await;
        let ticket = start.location().split_once("ticket=").unwrap().1.to_owned();
        let start = tester.authorize(&apps[2], &[]).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let [access, refresh, own] =
            [&tokens["access_token"], &tokens["refresh_token"], &own["access_token"]].map(text);
        let mut values = vec![access.clone(), refresh, own.clone(), ticket, CALLBACK.to_owned()];
        values.extend(start.parameter("code"));
        values.push(text(&tokens["id_token"]));
        values.extend(apps.iter().flat_map(|app| [app.id.clone(), app.secret.clone()]));
        values.extend(KNOWN_VALUES.map(str::to_owned));
        values.extend(tester.platform.assertion_audiences());
        for user in &tester.platform.sandbox().users {
            values.extend([user.username.clone(), user.password.clone()]);
        }
        for patient in &tester.platform.sandbox().patients {
            values.push(patient.id.clone());
        }
        let mut authorizations =
            vec![format!("Bearer {access}"), format!("Bearer {own}"), tester.developer_header()];
        for app in &apps {
            let header = basic::encode(&app.id, &Secret::new(app.secret.as_str()));
            authorizations.push(header.expose().to_owned());
        }
        Self { values, authorizations, key }
    }
}

fn thoughts(paths: Vec<String>, treasure: &Treasure) -> impl Strategy<Value = Thought> + use<> {
    let values = value(&treasure.values);
    let path = (select(paths), vec(values.clone(), 4)).prop_map(|(path, fill)| {
        let mut fill = fill.into_iter();
        let hole = Regex::new(r"\{[^}]*\}").unwrap();
        let filled = hole.replace_all(&path, |_: &regex::Captures<'_>| {
            url::form_urlencoded::byte_serialize(fill.next().unwrap_or_default().as_bytes())
                .collect::<String>()
        });
        filled.into_owned()
    });
    let path = prop_oneof![
        12 => path.clone(),
        2 => path.clone().prop_map(|path| format!("/production{path}")),
        1 => path.prop_map(|path| format!("{path}/")),
        1 => "/[!-~]{0,30}".prop_map(|path| path.replace(['?', '#'], "")),
    ];
    let method = prop_oneof![
        4 => select(vec![Method::GET, Method::POST]),
        2 => select(vec![Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS]),
        1 => "[A-Z]{1,8}".prop_map(|name| name.parse().unwrap()),
    ];
    let authorization = prop_oneof![
        4 => select(treasure.authorizations.clone()),
        1 => values.clone().prop_map(|value| format!("Bearer {value}")),
        1 => vec(any::<u8>(), 0..40).prop_map(|bytes| format!(
            "Basic {}", base64::engine::general_purpose::STANDARD.encode(bytes)
        )),
        1 => "[ -~]{0,30}",
    ];
    let header = prop_oneof![
        4 => authorization.prop_map(|value| ("authorization".to_owned(), value.into_bytes())),
        2 => Just(("host".to_owned(), b"127.0.0.1:1".to_vec())),
        1 => values.clone().prop_map(|value| ("cookie".to_owned(), format!("sid={value}").into())),
        1 => (select(KNOWN_HEADERS.to_vec()), vec(32_u8.., 0..40))
            .prop_map(|(name, value)| (name.to_owned(), value)),
        1 => ("[a-z-]{1,20}", vec(32_u8.., 0..40)),
    ];
    let pairs = vec((name(), values.clone()), 0..8);
    let body = body(treasure, &values);
    (method, path, pairs, vec(header, 0..4), body).prop_map(
        |(method, path, query, headers, (kind, body))| {
            // Most requests have nothing in their address.
            let query = if query.len() > 4 { Vec::new() } else { query };
            Thought { method, path, query, headers, kind, body }
        },
    )
}

/// A body and its type, which mostly fit together.
fn body(
    treasure: &Treasure,
    values: &BoxedStrategy<String>,
) -> impl Strategy<Value = (String, Vec<u8>)> + use<> {
    let form = vec((name(), values.clone()), 0..10).prop_map(|pairs| encoded(&pairs));
    let assertion = (json_value(values), json_value(values), any::<bool>(), values.clone());
    let key = treasure.key.clone();
    let client_ids: Vec<String> = treasure.values.clone();
    let assertion =
        (assertion, select(client_ids)).prop_map(move |((header, claims, honest, scope), id)| {
            let token = match honest {
                true => {
                    let mut all = json!({"iss": id, "sub": id});
                    let claims = claims.as_object().cloned().unwrap_or_default();
                    all.as_object_mut().unwrap().extend(claims);
                    key.sign(&key.header(), &all)
                }
                false => {
                    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                    format!("{}.{}.c2ln", part(&header), part(&claims))
                }
            };
            encoded(&[
                ("grant_type".to_owned(), "client_credentials".to_owned()),
                ("client_assertion_type".to_owned(), JWT_BEARER.to_owned()),
                ("client_assertion".to_owned(), token),
                ("scope".to_owned(), scope),
            ])
        });
    let form_kind = prop_oneof![
        8 => Just("application/x-www-form-urlencoded".to_owned()),
        1 => Just("application/x-www-form-urlencoded; charset=UTF-8".to_owned()),
        1 => "[ -~]{0,20}",
    ];
    let json_kind = prop_oneof![
        8 => Just("application/json".to_owned()),
        1 => Just("application/merge-patch+json".to_owned()),
        1 => Just("application/fhir+json".to_owned()),
    ];
    let jwk = (vec((select(JWK_MEMBERS.to_vec()), json_value(values)), 0..6), any::<bool>());
    let own_key = treasure.key.public_jwk();
    let jwks = vec(jwk, 0..3).prop_map(move |keys| {
        let keys = keys.into_iter().map(|(members, real)| {
            let mut key = if real { own_key.clone() } else { json!({}) };
            for (name, value) in members {
                key[name] = value;
            }
            key
        });
        let keys: Vec<Value> = keys.collect();
        json!({"jwks": {"keys": keys}, "keys": keys})
    });
    let app = (select(vec![two_legged(), patient_web(), provider_web()]), object(values)).prop_map(
        |(app, changes)| {
            let mut app = app.as_object().cloned().unwrap();
            app.extend(changes.as_object().cloned().unwrap());
            Value::Object(app)
        },
    );
    let json = prop_oneof![3 => json_value(values), 2 => object(values), 1 => jwks, 1 => app];
    prop_oneof![
        4 => (form_kind.clone(), form),
        2 => (form_kind.clone(), assertion),
        5 => (json_kind.clone(), json.prop_map(|value| value.to_string().into_bytes())),
        1 => (form_kind, vec(any::<u8>(), 0..200)),
        1 => (json_kind, vec(any::<u8>(), 0..200)),
        1 => (Just(String::new()), Just(Vec::new())),
    ]
}

fn encoded(pairs: &[(String, String)]) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

/// A name that means something to the platform, or none.
fn name() -> BoxedStrategy<String> {
    let known = select(KNOWN_NAMES.to_vec()).prop_map(str::to_owned);
    prop_oneof![9 => known, 1 => any::<String>()].boxed()
}

/// A value that is good somewhere, or one that is good nowhere.
fn value(known: &[String]) -> BoxedStrategy<String> {
    let known = select(known.to_vec());
    let longer = (known.clone(), any::<String>()).prop_map(|(known, more)| known + &more);
    let several = vec(known.clone(), 0..4).prop_map(|words| words.join(" "));
    let vast = prop_oneof![Just("a".repeat(3000)), Just("[".repeat(300)), Just("%00/".repeat(99))];
    prop_oneof![
        6 => known,
        1 => longer,
        1 => several,
        1 => any::<String>(),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => vast,
        1 => Just(String::new()),
    ]
    .boxed()
}

/// Any JSON.
fn json_value(values: &BoxedStrategy<String>) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0_i64..4000).prop_map(|ahead| Value::from(1_795_262_400 + ahead)),
        values.clone().prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(3, 20, 5, |inner| {
        let members = vec((name(), inner.clone()), 0..5);
        let object = members.prop_map(|members| Value::Object(Map::from_iter(members)));
        prop_oneof![vec(inner, 0..5).prop_map(Value::from), object]
    });
    tree.boxed()
}

/// Any JSON object.
fn object(values: &BoxedStrategy<String>) -> impl Strategy<Value = Value> + use<> {
    let members = vec((name(), json_value(values)), 0..6);
    members.prop_map(|members| Value::Object(Map::from_iter(members)))
}

const CASES: u32 = 1500;
const PATIENCE: Duration = Duration::from_secs(20);
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const JWK_MEMBERS: [&str; 10] = ["kty", "kid", "use", "alg", "n", "e", "crv", "x", "y", "d"];
const KNOWN_HEADERS: [&str; 13] = [
    "accept",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "content-length",
    "cookie",
    "if-match",
    "if-none-match",
    "origin",
    "prefer",
    "range",
    "referer",
    "sec-fetch-site",
];
const KNOWN_VALUES: [&str; 34] = [
    "client_credentials",
    "authorization_code",
    "refresh_token",
    "code",
    "S256",
    "login",
    "none",
    "consent",
    "allow",
    "deny",
    "secret",
    "jwks",
    "jwks_uri",
    "pkce",
    "preview",
    "production",
    "application/fhir+json",
    "system/Patient.read",
    "openid fhirUser offline_access launch/patient patient/Patient.rs",
    "http://127.0.0.1:9/keys",
    "http://127.0.0.1:1/fhir/r4",
    "Patient",
    "Observation",
    "Binary",
    "195900",
    "80000",
    "1",
    "-1",
    "2026-11-21",
    "ge2026-11-21T12:00:00Z",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "PT1H",
    "P9999999Y",
    "a-1.Practice-80000",
];
const KNOWN_NAMES: [&str; 100] = [
    "_count",
    "_elements",
    "_format",
    "_id",
    "_include",
    "_lastUpdated",
    "_revinclude",
    "_since",
    "_sort",
    "_summary",
    "_total",
    "_type",
    "acr_values",
    "ah-practice",
    "algorithm",
    "answer",
    "app",
    "aud",
    "birthdate",
    "by",
    "category",
    "certificate",
    "claims",
    "client",
    "client_id",
    "client_secret",
    "client_type",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "context",
    "count",
    "cursor",
    "date",
    "decision",
    "delay",
    "department",
    "departmentid",
    "display",
    "email",
    "embedded",
    "encounter",
    "end_users",
    "endpoint",
    "exp",
    "family",
    "fault",
    "fields",
    "gender",
    "given",
    "grant_type",
    "iat",
    "id_token_hint",
    "identifier",
    "iss",
    "jti",
    "jwks",
    "kid",
    "launch",
    "launch_url",
    "level",
    "limit",
    "login_hint",
    "max_age",
    "method",
    "name",
    "nbf",
    "nonce",
    "not_after",
    "now",
    "offset",
    "page",
    "password",
    "path",
    "patient",
    "post_logout_redirect_uri",
    "practice",
    "prompt",
    "record",
    "redirect_uri",
    "redirect_uris",
    "refresh_token",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "running",
    "scope",
    "scopes",
    "settings",
    "state",
    "status",
    "sub",
    "ticket",
    "times",
    "token",
    "token_auth_method",
    "token_type_hint",
    "username",
];
