//! The app before a platform that answers by rote: what it believes, and what it asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::{Credentials, Flaw, Keys, Role, Settings, serve};
use crate::clock::Clock;
use crate::protocol::{Algorithm, ScopeSet, SigningKey, id_token};
use crate::secret::Secret;

#[tokio::test]
async fn a_patient_signs_in_and_sees_records() {
    let platform = Canned::start().await;
    let app = AppAt::start(Role::Patient, &platform, None).await;
    let page = app.sign_in(&platform).await;
    for part in ["Jake Medlock", "Heart rate", "id=\"data\"", "id=\"log-out\""] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let form = platform.seen("/token").remove(0).form;
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code_verifier"].len(), 43);
    assert!(!form.contains_key("client_secret"), "{form:?}");
}

#[tokio::test]
async fn an_id_token_that_is_wrong_is_refused_unless_a_flaw_passes_it_over() {
    let now = Clock::system().unix();
    let cases: [(Flaw, &str, Value); 14] = [
        (Flaw::IgnoresIss, "iss", json!("https://other.example")),
        (Flaw::IgnoresAud, "aud", json!("another-app")),
        (Flaw::AudMissing, "aud", Value::Null),
        (Flaw::AcceptsOtherAudiences, "aud", json!(["app", "another-app"])),
        (Flaw::IgnoresAzp, "azp", json!("another-app")),
        (Flaw::AcceptsExpired, "exp", json!(now - 600)),
        (Flaw::ExpMissing, "exp", Value::Null),
        (Flaw::IatMissing, "iat", Value::Null),
        (Flaw::AnyIat, "iat", json!(now + 600)),
        (Flaw::SubMissing, "sub", Value::Null),
        (Flaw::IgnoresNonce, "nonce", json!("another")),
        (Flaw::NonceMissing, "nonce", Value::Null),
        (Flaw::IgnoresAtHash, "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        (Flaw::IgnoresUserinfoSub, "userinfo", json!("somebody-else")),
    ];
    for (flaw, claim, value) in cases {
        let platform = Canned::start().await;
        platform.claims.lock().unwrap().insert(claim, value);
        let conforming = AppAt::start(Role::Patient, &platform, None).await;
        let page = conforming.sign_in(&platform).await;
        assert!(page.contains("id=\"error\""), "{flaw}: {page}");
        assert!(platform.seen("/fhir/Patient/1").is_empty(), "{flaw}");
        let flawed = AppAt::start(Role::Patient, &platform, Some(flaw)).await;
        let page = flawed.sign_in(&platform).await;
        assert!(page.contains("id=\"data\""), "{flaw}: {page}");
    }
}

#[tokio::test]
async fn an_id_token_is_accepted_within_what_the_standard_leaves_open() {
    let now = Clock::system().unix();
    for (claim, value) in [
        ("aud", json!(["app"])),
        ("iat", json!(now + 60)),
        ("exp", json!(now - 30)),
        ("at_hash", Value::Null),
        ("x_of_tomorrow", json!({"is": "new"})),
    ] {
        let platform = Canned::start().await;
        platform.claims.lock().unwrap().insert(claim, value);
        let app = AppAt::start(Role::Patient, &platform, None).await;
        let page = app.sign_in(&platform).await;
        assert!(page.contains("id=\"data\""), "{claim}: {page}");
    }
}

#[tokio::test]
async fn a_callback_that_nobody_asked_for_redeems_nothing() {
    let platform = Canned::start().await;
    for (flaw, callback) in
        [(Flaw::AcceptsAnyState, "code=c&state=wrong"), (Flaw::AcceptsNoState, "code=c")]
    {
        let conforming = AppAt::start(Role::Patient, &platform, None).await;
        let begun = conforming.begin().await;
        let page = conforming.come_back(callback, Some(&begun.cookie)).await;
        assert!(page.contains("id=\"error\""), "{flaw}: {page}");
        assert!(platform.seen("/token").is_empty(), "{flaw}");
        let flawed = AppAt::start(Role::Patient, &platform, Some(flaw)).await;
        let begun = flawed.begin().await;
        flawed.come_back(callback, Some(&begun.cookie)).await;
        assert_eq!(platform.seen("/token").len(), 1, "{flaw}");
        platform.seen.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn a_state_belongs_to_one_browser_and_is_good_once() {
    let platform = Canned::start().await;
    for flaw in [None, Some(Flaw::AcceptsStateOfOthers), Some(Flaw::AcceptsStateTwice)] {
        let app = AppAt::start(Role::Patient, &platform, flaw).await;
        let begun = app.begin().await;
        let callback = format!("code=c&state={}", begun.parameters["state"]);
        app.come_back(&callback, None).await;
        let by_another = usize::from(flaw == Some(Flaw::AcceptsStateOfOthers));
        assert_eq!(platform.seen("/token").len(), by_another, "{flaw:?}");
        let begun = app.begin().await;
        let callback = format!("code=c&state={}", begun.parameters["state"]);
        for _ in 0..2 {
            app.come_back(&callback, Some(&begun.cookie)).await;
        }
        let twice = usize::from(flaw == Some(Flaw::AcceptsStateTwice));
        assert_eq!(platform.seen("/token").len(), by_another + 1 + twice, "{flaw:?}");
        platform.seen.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn what_a_callback_says_is_text_on_the_page() {
    let platform = Canned::start().await;
    let app = AppAt::start(Role::Patient, &platform, None).await;
    let begun = app.begin().await;
    let state = &begun.parameters["state"];
    let callback = format!("error=x&error_description=%3Cb%3Ebold%3C%2Fb%3E&state={state}");
    let page = app.come_back(&callback, Some(&begun.cookie)).await;
    assert!(page.contains("&lt;b&gt;bold"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn those_who_wait_for_a_token_share_one() {
    let platform = Canned::start().await;
    let app = AppAt::start(Role::Backend, &platform, None).await;
    assert_eq!(app.work(5).await, (200, json!({"read": 5})));
    assert_eq!(app.work(1).await, (200, json!({"read": 1})));
    assert_eq!(platform.seen("/token").len(), 1);
    let flawed = AppAt::start(Role::Backend, &platform, Some(Flaw::RenewsForEachRequest)).await;
    flawed.work(5).await;
    assert!(platform.seen("/token").len() > 2);
}

#[tokio::test]
async fn a_token_that_is_refused_for_ever_is_renewed_once() {
    let platform = Canned::start().await;
    platform.answers.lock().unwrap().insert("/fhir/Patient", (401, None));
    let app = AppAt::start(Role::Backend, &platform, None).await;
    let (status, why) = app.work(1).await;
    assert_eq!(status, 502, "{why}");
    assert_eq!(platform.seen("/token").len(), 2);
    assert_eq!(platform.seen("/fhir/Patient").len(), 2);
}

#[tokio::test]
async fn a_platform_that_asks_for_much_patience_is_left_alone() {
    let platform = Canned::start().await;
    platform.answers.lock().unwrap().insert("/fhir/Patient", (429, Some("3600")));
    let app = AppAt::start(Role::Backend, &platform, None).await;
    for _ in 0..3 {
        let (status, why) = app.work(1).await;
        assert_eq!((status, &why["error"]), (502, &json!("The platform is busy")));
    }
    assert_eq!(platform.seen("/fhir/Patient").len(), 1);
}

#[tokio::test]
async fn no_more_than_five_tokens_are_asked_for_in_a_minute() {
    let platform = Canned::start().await;
    platform.answers.lock().unwrap().insert("/token", (400, None));
    let app = AppAt::start(Role::Backend, &platform, None).await;
    for _ in 0..8 {
        assert_eq!(app.work(1).await.0, 502);
    }
    assert_eq!(platform.seen("/token").len(), 5);
}

#[tokio::test]
async fn a_token_stays_on_its_host() {
    let (platform, other) = (Canned::start().await, Canned::start().await);
    *platform.next.lock().unwrap() = Some(format!("{}/fhir/Patient?page=2", other.base));
    let app = AppAt::start(Role::Backend, &platform, None).await;
    assert_eq!(app.work(1).await, (200, json!({"read": 1})));
    assert!(other.seen("/fhir/Patient").is_empty());
    let flawed = AppAt::start(Role::Backend, &platform, Some(Flaw::FollowsForeignPages)).await;
    flawed.work(1).await;
    assert!(!other.seen("/fhir/Patient").is_empty());
}

#[tokio::test]
async fn each_assertion_is_a_new_one_by_a_published_key() {
    let platform = Canned::start().await;
    let app = AppAt::start(Role::Backend, &platform, None).await;
    platform.answers.lock().unwrap().insert("/fhir/Patient", (401, None));
    app.work(1).await;
    let set = app.get("/jwks.json").await;
    let keys = crate::protocol::KeySet::from_text(&set).unwrap();
    let mut ids = Vec::new();
    for request in platform.seen("/token") {
        let verified = crate::protocol::jws::verify(
            &request.form["client_assertion"],
            &keys,
            &[Algorithm::Es384],
        );
        let claims = verified.unwrap().claims;
        assert_eq!(claims["aud"], format!("{}/token", platform.base));
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("app"), &json!("app")));
        assert!(claims["exp"].as_i64().unwrap() - Clock::system().unix() <= 300);
        ids.push(claims["jti"].clone());
    }
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

/// A platform that answers by rote, and notes what it is asked.
struct Canned {
    base: String,
    key: SigningKey,
    /// What the next ID token says of the sign-in that was begun last.
    nonce: Mutex<String>,
    /// Claims that are otherwise; null leaves one out. `userinfo` is who UserInfo names.
    claims: Mutex<BTreeMap<&'static str, Value>>,
    /// Status and `Retry-After` at a path.
    answers: Mutex<BTreeMap<&'static str, (u16, Option<&'static str>)>>,
    /// Where the next page of a search is.
    next: Mutex<Option<String>>,
    seen: Mutex<Vec<Seen>>,
}

#[derive(Clone, Debug)]
struct Seen {
    path: String,
    form: BTreeMap<String, String>,
}

impl Canned {
    async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Arc::new(Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            key: SigningKey::generate(Algorithm::Rs256, "platform").unwrap(),
            nonce: Mutex::default(),
            claims: Mutex::default(),
            answers: Mutex::default(),
            next: Mutex::default(),
            seen: Mutex::default(),
        });
        let router = Router::new().fallback(Self::answer).with_state(Arc::clone(&platform));
        tokio::spawn(async move { axum::serve(listener, router).await });
        platform
    }

    fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|request| request.path == path).cloned().collect()
    }

    async fn answer(
        State(platform): State<Arc<Self>>,
        uri: Uri,
        headers: HeaderMap,
        body: String,
    ) -> Response {
        let form = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let path = uri.path();
        platform.seen.lock().unwrap().push(Seen { path: path.to_owned(), form });
        if let Some((status, wait)) = platform.answers.lock().unwrap().get(path) {
            let status = StatusCode::from_u16(*status).unwrap();
            let wait = wait.map(|wait| [("retry-after", wait)]);
            return (status, wait.unwrap_or([("x-none", "")]), "{}").into_response();
        }
        let is_allowed = headers.get(AUTHORIZATION).is_some_and(|it| it == "Bearer opaque");
        if path.starts_with("/fhir/") && !path.contains("well-known") && !is_allowed {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        axum::Json(platform.document(path)).into_response()
    }

    fn document(&self, path: &str) -> Value {
        let at = |path: &str| format!("{}{path}", self.base);
        match path {
            "/token" => {
                json!({"access_token": "opaque", "token_type": "bearer", "expires_in": "300",
                "patient": "1", "id_token": self.id_token()})
            }
            "/keys" => json!({"keys": [self.key.public_jwk()]}),
            "/userinfo" => {
                json!({"sub": self.claims.lock().unwrap().get("userinfo").unwrap_or(&json!("jake"))})
            }
            "/fhir/Patient/1" => json!({"resourceType": "Patient", "id": "1",
                "name": [{"given": ["Jake"], "family": "Medlock"}]}),
            "/fhir/Observation" | "/fhir/Patient" => {
                let links: Vec<Value> = self
                    .next
                    .lock()
                    .unwrap()
                    .iter()
                    .map(|url| json!({"relation": "next", "url": url}))
                    .collect();
                json!({"resourceType": "Bundle", "link": links, "entry": [{"resource":
                    {"resourceType": "Observation", "code": {"text": "Heart rate"}}}]})
            }
            _ => json!({"issuer": self.base, "authorization_endpoint": at("/authorize"),
                "token_endpoint": at("/token"), "jwks_uri": "/keys", "userinfo_endpoint": at("/userinfo")}),
        }
    }

    fn id_token(&self) -> String {
        let now = Clock::system().unix();
        let mut claims = json!({"iss": self.base, "aud": "app", "sub": "jake", "iat": now,
            "exp": now + 300, "nonce": *self.nonce.lock().unwrap(),
            "at_hash": id_token::at_hash(&Secret::new("opaque"))});
        for (name, value) in &*self.claims.lock().unwrap() {
            claims[*name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.key.sign(&self.key.header(), &claims)
    }
}

/// The app, served.
struct AppAt {
    base: String,
    client: reqwest::Client,
}

/// A sign-in that was begun.
struct Begun {
    cookie: String,
    parameters: BTreeMap<String, String>,
}

impl AppAt {
    async fn start(role: Role, platform: &Canned, flaw: Option<Flaw>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            role,
            fhir_bases: vec![Url::parse(&format!("{}/fhir", platform.base)).unwrap()],
            client_id: "app".to_owned(),
            credentials: match role {
                Role::Backend => Credentials::Keys(Keys::new().unwrap()),
                Role::Patient | Role::Provider => Credentials::Public,
            },
            scope: ScopeSet::parse(role.usual_scope()).unwrap(),
            query: role.usual_query().to_owned(),
            window: false,
            authority: None,
            timeout: Duration::from_secs(5),
            flaw,
            rehearse: false,
        };
        let silence: super::Say = Arc::new(|_| {});
        tokio::spawn(serve(settings, listener, Clock::system(), silence));
        let client = reqwest::Client::builder().no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { base, client }
    }

    async fn begin(&self) -> Begun {
        let answer = self.client.get(format!("{}/log-in", self.base)).send().await.unwrap();
        let to = Url::parse(answer.headers()[LOCATION].to_str().unwrap()).unwrap();
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        Begun {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            parameters: to.query_pairs().into_owned().collect(),
        }
    }

    /// The page that the user ends on.
    async fn come_back(&self, callback: &str, cookie: Option<&str>) -> String {
        let mut to = format!("/callback?{callback}");
        loop {
            let request = self.client.get(format!("{}{to}", self.base));
            let request = request.header(COOKIE, cookie.unwrap_or_default());
            let answer = request.send().await.unwrap();
            match answer.headers().get(LOCATION) {
                Some(location) => to = location.to_str().unwrap().to_owned(),
                None => {
                    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
                    return answer.text().await.unwrap();
                }
            }
        }
    }

    async fn sign_in(&self, platform: &Canned) -> String {
        let begun = self.begin().await;
        *platform.nonce.lock().unwrap() = begun.parameters["nonce"].clone();
        let callback = format!("code=c&state={}", begun.parameters["state"]);
        self.come_back(&callback, Some(&begun.cookie)).await
    }

    async fn work(&self, times: usize) -> (u16, Value) {
        let request = self.client.post(format!("{}/work?times={times}", self.base));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        answer.text().await.unwrap()
    }
}
