//! A served platform, and what its tests send to it.

use std::cell::RefCell;
use std::sync::Arc;

use checkride::clock::Clock;
use checkride::dialect::Dialect;
use checkride::mock::{Platform, Server, start};
use checkride::project::built_in;
use checkride::protocol::SigningKey;
use checkride::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use reqwest::Response;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use url::Url;

/// A platform, and a browser that keeps its cookie and follows nothing by itself.
pub struct Bench {
    pub server: Server,
    http: reqwest::Client,
    cookie: RefCell<String>,
    developer: Secret,
}

/// A registered app.
pub struct App {
    pub id: String,
    pub secret: String,
}

pub const CALLBACK: &str = "http://127.0.0.1:9/callback";

impl Bench {
    /// A platform of a dialect, whose time moves by hand.
    pub async fn of(dialect: &str) -> Self {
        let moment: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        Self::with_clock(dialect, Clock::frozen_at(moment)).await
    }

    pub async fn with_clock(dialect: &str, clock: Clock) -> Self {
        Self::made(dialect, clock, |_| {}).await
    }

    /// A platform with some settings changed.
    pub async fn with(change: impl FnOnce(&mut Dialect), dialect: &str) -> Self {
        Self::made(dialect, Clock::system(), change).await
    }

    async fn made(dialect: &str, clock: Clock, change: impl FnOnce(&mut Dialect)) -> Self {
        let mut behaviour = built_in::dialect(dialect).unwrap();
        change(&mut behaviour);
        let behaviour = Arc::new(behaviour);
        let people = Arc::new(built_in::sandbox(dialect).unwrap());
        let server = start(Platform::new(behaviour, people, clock).unwrap()).await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let developer = server.platform.developer_session();
        Self { server, http: http.build().unwrap(), cookie: RefCell::default(), developer }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.server.base)
    }

    pub fn now(&self) -> i64 {
        self.server.platform.clock().unix()
    }

    pub fn wait(&self, seconds: i64) {
        self.server.platform.clock().advance(SignedDuration::from_secs(seconds));
    }

    /// A call of the developer portal, by the one developer.
    pub async fn portal(&self, path: &str, body: &Value) -> Response {
        let address = format!("{}/{path}", self.server.platform.portal_api());
        self.http
            .post(address)
            .bearer_auth(self.developer.expose())
            .json(body)
            .send()
            .await
            .unwrap()
    }

    pub async fn register(&self, body: Value) -> App {
        let answer = self.portal("apps", &body).await;
        let status = answer.status();
        let shown: Value = answer.json().await.unwrap();
        assert_eq!(status, 201, "{shown}");
        let text = |member: &str| shown[member].as_str().unwrap_or_default().to_owned();
        App { id: text("client_id"), secret: text("client_secret") }
    }

    pub async fn get(&self, address: &str) -> Response {
        let request = self.http.get(address).header(COOKIE, self.cookie.borrow().as_str());
        self.keep(request.send().await.unwrap())
    }

    pub async fn read(&self, path: &str, token: &str) -> Response {
        self.http.get(self.at(path)).bearer_auth(token).send().await.unwrap()
    }

    pub async fn post(&self, address: &str, form: &[(&str, &str)]) -> Response {
        let request = self.http.post(address).header(COOKIE, self.cookie.borrow().as_str());
        self.keep(request.form(form).send().await.unwrap())
    }

    /// Status and body of an answer of the token endpoint to an app that sends its secret, or its
    /// id alone, in the body.
    pub async fn token(&self, path: &str, app: &App, form: &[(&str, &str)]) -> (u16, Value) {
        let mut all = vec![("client_id", app.id.as_str()), ("client_secret", &app.secret)];
        all.retain(|(_, value)| !value.is_empty());
        all.extend(form);
        told(self.post(&self.at(path), &all).await).await
    }

    /// Goes through the pages as a user of the sandbox who allows everything, and picks the record:
    /// the address at the end.
    pub async fn log_in(&self, authorize: &Url, user: &str, record: &str) -> Url {
        let sandbox = self.server.platform.sandbox();
        let user = sandbox.users.iter().find(|known| known.name == user).unwrap();
        let mut answer = self.get(authorize.as_str()).await;
        loop {
            let location = answer.headers().get(LOCATION).unwrap().to_str().unwrap();
            let page = answer.url().join(location).unwrap();
            let Some((_, ticket)) = page.query_pairs().find(|(name, _)| name == "ticket") else {
                return page;
            };
            let shown = self.get(page.as_str()).await.text().await.unwrap();
            let scopes: Vec<String> = shown
                .split("name=\"scope\"")
                .skip(1)
                .filter_map(|rest| rest.split("value=\"").nth(1)?.split('"').next())
                .map(|scope| scope.replace("&#47;", "/"))
                .collect();
            let decision = if page.path().ends_with("/consent") { "allow" } else { "continue" };
            let mut form = vec![("ticket", &*ticket), ("record", record)];
            if page.path().ends_with("/login") {
                form.extend([("username", &*user.username), ("password", &*user.password)]);
            } else {
                form.push(("decision", decision));
            }
            form.extend(scopes.iter().map(|scope| ("scope", scope.as_str())));
            let mut submit = page.clone();
            submit.set_query(None);
            answer = self.post(submit.as_str(), &form).await;
        }
    }

    fn keep(&self, answer: Response) -> Response {
        if let Some(set) = answer.headers().get(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            pair.clone_into(&mut self.cookie.borrow_mut());
        }
        answer
    }
}

/// Status and JSON of an answer.
pub async fn told(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A parameter of an address.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The key set of these keys.
pub fn key_set(keys: &[&SigningKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.public_jwk()).collect::<Vec<_>>()})
}
