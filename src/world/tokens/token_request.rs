//! A request to the token endpoint, or to one that apps authenticate at in the same way, still open
//! to changes (RFC 6749 §3.2, §2.3).

use std::sync::Arc;
use std::time::Instant;

use url::Url;

use super::{SharedToken, Tokens};
use crate::http::{Body, Call};
use crate::protocol::assertion::{ASSERTION_TYPE, Assertion};
use crate::protocol::basic;
use crate::secret::{Redactor, Secret};
use crate::world::app::{App, Method};
use crate::world::words::{Parameters, amend};
use crate::world::{Halt, Scene};

/// A request by which an app proves who it is.
#[derive(Clone)]
pub struct TokenRequest {
    /// Parameters of the body.
    pub parameters: Parameters,
    /// Parts that are no parameters of the body, by the names that tables use.
    parts: Parameters,
}

impl TokenRequest {
    /// A request of the app with these parameters, authenticated the way the app was registered.
    ///
    /// # Errors
    /// [`Halt`] if the discovery lacks what an assertion needs.
    pub async fn new(scene: &mut Scene, app: &App, grant: &[(&str, String)]) -> Result<Self, Halt> {
        let mut request = Self {
            parameters: grant
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            parts: vec![(HTTP_METHOD.into(), "POST".into()), (CONTENT_TYPE.into(), FORM.into())],
        };
        match app.need.method {
            Method::Secret => {
                let secret = app.secret.as_ref().map_or("", Secret::expose);
                let usual = scene.context.dialect.token.credentials_in_body;
                if !app.credentials_in_body.unwrap_or(usual) {
                    request.parts.push((SCHEME.into(), "Basic".into()));
                }
                request.parts.push((CLIENT_ID.into(), app.client_id.clone()));
                request.parts.push((CLIENT_SECRET.into(), secret.to_owned()));
            }
            Method::ImportedKeys | Method::HostedKeys => {
                let aud = scene.assertion_audience().await?;
                let key = app.key()?;
                let assertion = Assertion::new(key, &app.client_id, &aud, scene.clock.unix());
                request.set_assertion(&assertion.sign(key));
            }
            Method::Pkce => request.parameters.push(("client_id".into(), app.client_id.clone())),
        }
        Ok(request)
    }

    /// Puts an assertion into the request, in the place of one that is there.
    pub fn set_assertion(&mut self, assertion: &Secret) {
        self.set("client_assertion_type", ASSERTION_TYPE);
        self.set("client_assertion", assertion.expose());
    }

    /// Sets a parameter of the body.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.parameters.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The request with these changes, each of a parameter of the body or of one of [`PARTS`].
    ///
    /// # Errors
    /// [`Halt::Error`] if a change makes no sense.
    pub fn changed(mut self, changes: Parameters) -> Result<Self, Halt> {
        for (name, value) in changes {
            let part = PARTS.contains(&name.as_str());
            let known = if part { &mut self.parts } else { &mut self.parameters };
            amend(known, &name, &value)?;
        }
        Ok(self)
    }

    /// Sends it to the token endpoint; tokens of a success become the scene's.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send(self, scene: &mut Scene) -> Result<(), Halt> {
        let redactor = scene.recorder.redactor().clone();
        let refreshing = self
            .parameters
            .iter()
            .any(|(name, value)| name == "grant_type" && value == "refresh_token");
        self.send_to(scene, TOKEN_ENDPOINT).await?;
        scene.refused = Some(scene.answer()?.status);
        if let Some(mut tokens) = Tokens::read(scene.answer()?, &redactor) {
            if refreshing && tokens.refresh.is_none() {
                // RFC 6749 §6: without a new refresh token the old one goes on.
                tokens.refresh = scene.tokens.as_ref().and_then(|before| before.refresh.clone());
            }
            scene.earlier_tokens = scene.tokens.replace(tokens);
            scene.refused = None;
        }
        scene.pay_back()
    }

    /// As [`send`](Self::send); but where the scenario shares its tokens, takes one that is fresh
    /// instead, if an app that asks for the same has one.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send_unless_shared(self, scene: &mut Scene) -> Result<(), Halt> {
        let context = Arc::clone(&scene.context);
        if !context.shared_tokens.has_part(&scene.scenario.0) {
            return self.send(scene).await;
        }
        let scope = self.parameters.iter().find(|(name, _)| name == "scope");
        let scope = scope.map_or("", |(_, scope)| scope).to_owned();
        let held = context.shared_tokens.hold(&scene.app()?.client_id, &scope);
        let mut held = held.lock().await;
        if let Some(token) = held.as_ref().filter(|token| token.is_fresh()) {
            scene.use_shared(token);
            return Ok(());
        }
        let asked = Instant::now();
        self.send(scene).await?;
        if let (Some(tokens), None) = (&scene.tokens, scene.refused) {
            *held = Some(SharedToken::new(tokens.clone(), asked));
        }
        Ok(())
    }

    /// Sends it to an endpoint, by its name in the discovery document, unless its address was
    /// changed.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send_to(self, scene: &mut Scene, endpoint: &str) -> Result<(), Halt> {
        let call = self.ready(scene, endpoint).await?;
        scene.send(call).await
    }

    /// Sends it to the token endpoint, of which also the answer that it is too busy is to be judged.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send_to_busy(self, scene: &mut Scene) -> Result<(), Halt> {
        let call = self.ready(scene, TOKEN_ENDPOINT).await?;
        scene.send_whatever(call).await
    }

    /// Sends it to the token endpoint's address without TLS; nobody may be there to answer.
    ///
    /// # Errors
    /// [`Halt`] if the discovery lacks the address, or the platform was too busy.
    pub async fn send_without_tls(mut self, scene: &mut Scene) -> Result<(), Halt> {
        let mut address = scene.endpoint(TOKEN_ENDPOINT).await?;
        address.set_scheme("http").map_err(|()| Halt::error(format!("`{address}` is no https")))?;
        self.parts.push((ADDRESS.into(), address.into()));
        let call = self.ready(scene, TOKEN_ENDPOINT).await?;
        scene.answer = scene.ask_if_heard(call).await?;
        Ok(())
    }

    async fn ready(self, scene: &mut Scene, endpoint: &str) -> Result<Call, Halt> {
        let address = match self.part(ADDRESS) {
            Some(address) => Url::parse(&address)
                .map_err(|error| Halt::error(format!("failed to read `{address}`: {error}")))?,
            None => scene.endpoint(endpoint).await?,
        };
        scene.sent = self.secrets(scene.recorder.redactor());
        scene.sent_assertion = self.parameters.iter().any(|(name, _)| name == "client_assertion");
        let has_secret = self.part(CLIENT_SECRET).is_some();
        let mut call = self.call(address);
        if endpoint == TOKEN_ENDPOINT {
            call.charged_to = scene.app.as_ref().map(|app| app.client_id.clone());
        }
        scene.sent_authorization = call.headers.iter().any(|(name, _)| name == "authorization");
        scene.sent_credentials = scene.sent_authorization || scene.sent_assertion || has_secret;
        Ok(call)
    }

    /// The secrets that are about to be sent; the redactor learns them.
    fn secrets(&self, redactor: &Redactor) -> Vec<Secret> {
        let mut secrets = Vec::new();
        for (name, value) in self.parameters.iter().chain(&self.parts) {
            let word = SECRETS.iter().find(|(known, _)| known == name).map(|(_, word)| *word);
            if let Some(word) = word {
                let secret = Secret::new(value.clone());
                redactor.learn(word, &secret);
                secrets.push(secret);
            }
        }
        secrets
    }

    fn part(&self, name: &str) -> Option<String> {
        self.parts.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn call(mut self, mut url: Url) -> Call {
        let (scheme, id) = (self.part(SCHEME), self.part(CLIENT_ID));
        let secret = self.part(CLIENT_SECRET);
        let (authorization, origin) = (self.part(AUTHORIZATION), self.part(ORIGIN));
        if scheme.is_none() {
            for (value, parameter) in [(&id, "client_id"), (&secret, "client_secret")] {
                let said = self.parameters.iter().any(|(known, _)| known == parameter);
                let value = value.clone().filter(|_| !said);
                self.parameters.extend(value.map(|value| (parameter.to_owned(), value)));
            }
        }
        let method = self.part(HTTP_METHOD).unwrap_or_default();
        let content_type = self.part(CONTENT_TYPE).unwrap_or_default();
        let body = if method == "GET" {
            url.query_pairs_mut().extend_pairs(&self.parameters);
            Body::Empty
        } else if content_type == FORM {
            Body::Form(self.parameters)
        } else {
            Body::Json(
                self.parameters.into_iter().map(|(k, v)| (k, serde_json::Value::from(v))).collect(),
            )
        };
        let mut call = Call::new(&method, url, body).header("accept", "application/json");
        if let Some(origin) = origin {
            call = call.header("origin", origin);
        }
        match (authorization, scheme, secret) {
            (Some(whole), ..) => call.header("authorization", whole),
            (None, Some(scheme), Some(secret)) => {
                let header = basic::encode(&id.unwrap_or_default(), &Secret::new(secret));
                let credentials = header.expose().trim_start_matches("Basic ");
                call.header("authorization", format!("{scheme} {credentials}"))
            }
            _ => call,
        }
    }
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenRequest(..)")
    }
}

/// Parts of the request that tables can change besides the parameters of its body.
pub const PARTS: [&str; 8] =
    [ADDRESS, HTTP_METHOD, CONTENT_TYPE, SCHEME, CLIENT_ID, CLIENT_SECRET, AUTHORIZATION, ORIGIN];

/// Its name in the discovery document.
pub(in crate::world) const TOKEN_ENDPOINT: &str = "token_endpoint";
const ADDRESS: &str = "address";
const HTTP_METHOD: &str = "http method";
const CONTENT_TYPE: &str = "content type";
const SCHEME: &str = "authorization scheme";
const CLIENT_ID: &str = "client id";
const CLIENT_SECRET: &str = "client secret";
/// The whole `Authorization` header, in the place of the one that scheme, id and secret make.
const AUTHORIZATION: &str = "authorization";
/// The page of the app whose script sends the request (Fetch Standard, CORS protocol).
const ORIGIN: &str = "origin";
const FORM: &str = "application/x-www-form-urlencoded";
/// Parts and parameters that are secrets, and the word that stands in a record for each.
const SECRETS: [(&str, &str); 8] = [
    (CLIENT_SECRET, "client_secret"),
    ("client_secret", "client_secret"),
    ("client_assertion", "client_assertion"),
    ("code_verifier", "code_verifier"),
    ("refresh_token", "refresh_token"),
    ("code", "code"),
    ("password", "client_secret"),
    ("token", "token"),
];
