//! A client for the tests of this room: it calls a platform's routes without a port.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::util::ServiceExt as _;

use super::Platform;
use super::router::service;
use crate::clock::Clock;
use crate::dialect::Dialect;
use crate::project::built_in;
use crate::protocol::{basic, pkce::Verifier};
use crate::secret::Secret;

/// A platform with a developer, and a browser that keeps the widget's cookie.
pub(super) struct Tester {
    pub(super) platform: Platform,
    developer: Secret,
    cookie: std::cell::RefCell<Option<String>>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

/// A registered app.
pub(super) struct TestApp {
    pub(super) id: String,
    pub(super) secret: String,
}

pub(super) const BASE: &str = "http://127.0.0.1:1";
pub(super) const CALLBACK: &str = "http://127.0.0.1:2/callback?from=platform";
pub(super) const PATIENT_SCOPES: &str = "openid fhirUser profile email offline_access launch/patient patient/Patient.rs \
     patient/Observation.read";
pub(super) const PROVIDER_SCOPES: &str =
    "openid fhirUser offline_access launch launch/patient user/Patient.read";

impl Tester {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut Dialect)) -> Self {
        Self::made(BASE, change)
    }

    /// One whose client is in Production.
    pub(super) fn in_production() -> Self {
        let mut tester = Self::new();
        tester.platform = tester.platform.production().unwrap();
        tester
    }

    pub(super) fn at(base: &str) -> Self {
        Self::made(base, |_| {})
    }

    fn made(base: &str, change: impl FnOnce(&mut Dialect)) -> Self {
        let mut dialect = built_in::dialect("athenahealth").unwrap();
        change(&mut dialect);
        let clock = Clock::frozen_at("2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap());
        let sandbox = Arc::new(built_in::sandbox("athenahealth").unwrap());
        let platform = Platform::new(Arc::new(dialect), sandbox, clock).unwrap().with_base(base);
        let developer = platform.developer_session();
        Self { platform, developer, cookie: std::cell::RefCell::default() }
    }

    /// The header by which the developer calls the portal.
    pub(super) fn developer_header(&self) -> String {
        format!("Bearer {}", self.developer.expose())
    }

    pub(super) fn wait(&self, seconds: i64) {
        self.platform.clock().advance(SignedDuration::from_secs(seconds));
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response = service(self.platform.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        for cookie in parts.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.cookie.borrow_mut() = Some(pair).filter(|pair| !pair.ends_with('='));
        }
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// A GET of a path or of an address of the platform, with the widget's cookie.
    pub(super) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path.strip_prefix(BASE).unwrap_or(path));
        if let Some(cookie) = &*self.cookie.borrow() {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A GET with a bearer token.
    pub(super) async fn read(&self, path: &str, token: &str) -> Answer {
        self.get(path, &[("authorization", &format!("Bearer {token}"))]).await
    }

    pub(super) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let mut request =
            Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(cookie) = &*self.cookie.borrow() {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// A PUT of a form with a bearer token.
    pub(super) async fn put(&self, path: &str, token: &str, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::put(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// A call of the developer portal.
    pub(super) async fn portal(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/portal/api/{path}"))
            .header("authorization", format!("Bearer {}", self.developer.expose()))
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A call of the platform's control, by its tester on this machine.
    pub(super) async fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.control_text(method, path, &text).await
    }

    pub(super) async fn control_text(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/control/{path}"))
            .header("host", "127.0.0.1:1")
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(super) async fn register(&self, body: Value) -> TestApp {
        let answer = self.portal("POST", "apps", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let shown = answer.json();
        let text = |member: &str| shown[member].as_str().unwrap_or_default().to_owned();
        TestApp { id: text("client_id"), secret: text("client_secret") }
    }

    /// A token request with the app's secret, or with its id if it has none.
    pub(super) async fn token(&self, app: &TestApp, form: &[(&str, &str)]) -> Answer {
        let token = self.platform.path("/oauth2/v1/token");
        if app.secret.is_empty() {
            let form = [&[("client_id", app.id.as_str())], form].concat();
            return self.post(&token, &[], &form).await;
        }
        let header = basic::encode(&app.id, &Secret::new(app.secret.as_str()));
        let headers = [("authorization", header.expose())];
        self.post(&token, &headers, form).await
    }

    /// Goes to the authorize endpoint with good parameters, some of them changed.
    pub(super) async fn authorize(&self, app: &TestApp, changes: &[(&str, &str)]) -> Answer {
        let mut url = url::Url::parse(&self.platform.oauth("authorize")).unwrap();
        let aud = self.platform.fhir_base();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", &app.id),
            ("redirect_uri", CALLBACK),
            ("scope", PATIENT_SCOPES),
            ("state", "st~ate %26+/é"),
            ("nonce", "n0nce"),
            ("aud", &aud),
        ] {
            let changed = changes.iter().find(|(changed, _)| *changed == name);
            let value = changed.map_or(value, |(_, value)| value);
            if value != ABSENT {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        for (name, value) in changes.iter().filter(|(name, _)| !GOOD.contains(name)) {
            url.query_pairs_mut().append_pair(name, value);
        }
        self.get(url.as_str(), &[]).await
    }

    /// Follows the widget from a redirect to it, as a user of the sandbox who allows everything.
    pub(super) async fn log_in(&self, start: Answer, user: &str) -> Answer {
        let mut users = self.platform.sandbox().users.iter();
        let user = users.find(|known| known.name == user).unwrap();
        let mut answer = start;
        loop {
            let location = answer.location();
            let Some((page, ticket)) = location.split_once("?ticket=") else { return answer };
            let shown = self.get(&location, &[]).await;
            let ticked = shown.checkboxes();
            let mut form = vec![("ticket", ticket)];
            let step = page.strip_prefix(&self.platform.path("")).unwrap_or(page);
            match step {
                "/login" => {
                    form.extend([("username", &*user.username), ("password", &*user.password)]);
                }
                "/login/records" => form.push(("record", user.records.last().unwrap())),
                "/login/consent" => {
                    form.push(("decision", "allow"));
                    form.extend(ticked.iter().map(|scope| ("scope", scope.as_str())));
                }
                _ => return answer,
            }
            answer = self.post(page, &[], &form).await;
        }
    }

    /// Opens an app from the EHR, as a provider who is signed in there; `place` goes on in the query
    /// of the launch link.
    pub(super) async fn launch(&self, app: &TestApp, place: &str) -> Answer {
        self.get(&format!("/athenaone/launch?client_id={}{place}", app.id), &[]).await
    }

    /// Signs a provider in to the EHR, on its first page.
    pub(super) async fn work(&self) {
        let start = self.get("/athenaone", &[]).await;
        self.log_in(start, "provider").await;
    }

    /// An access token for an app itself.
    pub(super) async fn system_token(&self, app: &TestApp, scope: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = self.token(app, &form).await.json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// An access token for an app itself, of scopes that nobody had to approve.
    pub(super) fn token_of_scope(&self, app: &TestApp, scope: &str) -> String {
        let now = self.platform.clock().unix();
        let claims = json!({
            "jti": format!("AT.{scope}"), "iss": self.platform.issuer(), "cid": app.id,
            "sub": app.id, "iat": now, "exp": now + 3600,
            "scp": scope.split(' ').collect::<Vec<_>>(),
        });
        let key = self.platform.signing_key();
        key.sign(&key.header(), &claims)
    }

    /// The tokens of a patient's login, with the answer's parameters.
    pub(super) async fn patient_tokens(&self, app: &TestApp, changes: &[(&str, &str)]) -> Value {
        self.tokens(app, "patient", changes).await
    }

    /// The tokens of a user's login, with the answer's parameters.
    pub(super) async fn tokens(
        &self,
        app: &TestApp,
        user: &str,
        changes: &[(&str, &str)],
    ) -> Value {
        let verifier = Verifier::generate();
        let challenge = verifier.challenge();
        let pkce = [("code_challenge", &*challenge), ("code_challenge_method", "S256")];
        let start = self.authorize(app, &[changes, &pkce].concat()).await;
        let back = self.log_in(start, user).await;
        let code = back.parameter("code").unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier.secret().expose()),
        ];
        let answer = self.token(app, &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn location(&self) -> String {
        let location = self.headers.get("location");
        location.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// A parameter of the address that is redirected to.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&self.location()).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Status and error code of a refusal.
    pub(super) fn error(&self) -> (u16, String) {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        (self.status.as_u16(), body["error"].as_str().unwrap_or_default().to_owned())
    }

    fn checkboxes(&self) -> Vec<String> {
        let boxes = self.text.split("name=\"scope\"").skip(1);
        boxes
            .filter_map(|rest| rest.split("value=\"").nth(1)?.split('"').next())
            .map(str::to_owned)
            .collect()
    }
}

/// What the portal needs for a 2-legged app with a secret.
pub(super) fn two_legged() -> Value {
    json!({
        "name": "Nightly sync", "level": "non_certified", "category": "two_legged",
        "environment": "preview", "token_auth_method": "secret", "terms_accepted": true,
        "scopes": ["athena/service/Athenanet.MDP.*", "system/Patient.read", "system/Encounter.r"],
    })
}

/// What the portal needs for a patient app on a server.
pub(super) fn patient_web() -> Value {
    json!({
        "name": "Health <Diary>", "level": "certified", "category": "three_legged_phr",
        "environment": "preview", "end_users": "patients", "client_type": "web",
        "token_auth_method": "secret", "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": ["http://127.0.0.1:2/bye"], "terms_accepted": true,
        "scopes": PATIENT_SCOPES,
    })
}

/// What the portal needs for a patient app in a browser.
pub(super) fn patient_browser() -> Value {
    with(patient_web(), &[("client_type", json!("browser")), ("token_auth_method", json!("pkce"))])
}

/// What the portal needs for a provider app that athenaOne launches.
pub(super) fn provider_web() -> Value {
    with(
        patient_web(),
        &[
            ("category", json!("three_legged_other")),
            ("end_users", json!("providers")),
            ("launch_url", json!("http://127.0.0.1:2/launch?tenant=7")),
            ("embedded", json!(true)),
            ("scopes", json!(PROVIDER_SCOPES)),
        ],
    )
}

/// A body with some members changed; `null` stands for an absent one.
pub(super) fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (name, value) in changes {
        body[*name] = value.clone();
    }
    body
}

/// Stands for a parameter that is left out.
pub(super) const ABSENT: &str = "\u{0}";
const GOOD: [&str; 7] =
    ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "aud"];
