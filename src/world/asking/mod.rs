//! How the app asks the platform: where its endpoints are, and which answers can be judged.

mod hosts;

use url::Url;

use super::app::Kind;
use super::tokens::TOKEN_ENDPOINT;
use super::{Halt, Scene};
use crate::http::{Answer, Call, Client, HttpError};
use crate::record::Sender;

impl Scene {
    /// Sends a request of the app and keeps the answer.
    ///
    /// # Errors
    /// [`Halt`] if no answer came, or one that says nothing about the platform's rules.
    pub async fn send(&mut self, call: Call) -> Result<(), Halt> {
        let answer = self.ask(call).await?;
        self.earlier_answer = self.answer.replace(answer);
        Ok(())
    }

    /// Sends a request of the app and keeps the answer, also one that the platform is too busy.
    ///
    /// # Errors
    /// [`Halt`] if no answer came.
    pub async fn send_whatever(&mut self, call: Call) -> Result<(), Halt> {
        self.answer = Some(self.client().send_once(&call).await?);
        Ok(())
    }

    /// Sends a request of the app.
    ///
    /// # Errors
    /// [`Halt::Inconclusive`] if no answer came, or if the platform was too busy to give one: a
    /// quota or an outage is no broken promise.
    pub async fn ask(&self, mut call: Call) -> Result<Answer, Halt> {
        if call.charged_to.is_none() && self.is_token_endpoint(&call.url) {
            call.charged_to = Some(self.app.as_ref().map_or("", |app| &app.client_id).to_owned());
        }
        let shared = self.shared.as_ref().filter(|shared| shared.is_shown_by(&call));
        let answer = self.client().send(call).await?;
        if let Some(shared) = shared.filter(|_| answer.status == UNAUTHORIZED) {
            self.context.shared_tokens.forget(shared).await;
            return Err(Halt::Inconclusive(SPOILT.to_owned()));
        }
        not_too_busy(answer)
    }

    /// Sends a request of the app to an address that perhaps nobody listens at.
    ///
    /// # Errors
    /// [`Halt::Inconclusive`] if somebody does, and was too busy.
    pub(super) async fn ask_if_heard(&self, call: Call) -> Result<Option<Answer>, Halt> {
        match self.client().send(call).await {
            Ok(answer) => not_too_busy(answer).map(Some),
            Err(HttpError::Setup(why) | HttpError::Request(why)) => Err(Halt::error(why)),
            Err(_) => Ok(None),
        }
    }

    fn client(&self) -> Client {
        Client::new(&self.transport, &self.recorder, Sender::App)
    }

    /// An endpoint by its name in the discovery document, e.g. `token_endpoint`: the one that the
    /// project file or, where the discovery is not for everybody, the dialect says; else the one
    /// that the document has.
    ///
    /// # Errors
    /// [`Halt`] if the document does not name it.
    pub async fn endpoint(&mut self, member: &str) -> Result<Url, Halt> {
        if let Some(known) = self.known_endpoint(member) {
            return Ok(known);
        }
        let discovery = self.discover().await?;
        let endpoint = discovery.endpoint(member);
        let is_optional =
            OPTIONAL.contains(&member) || (member == "jwks_uri" && !discovery.signs_in());
        if is_optional && discovery.document.get(member).is_none() {
            return Err(Halt::NotOffered(format!("the platform announces no `{member}`")));
        }
        self.must(format!("the discovery names `{member}` as an absolute URL"))
            .clause("SMART App Launch 2.2 §2.1")
            .present(endpoint)
    }

    /// The platform's published keys; some platforms want to know for which app.
    ///
    /// # Errors
    /// [`Halt`] if the discovery does not say where they are, or no answer came.
    pub async fn platform_keys(&mut self) -> Result<Answer, Halt> {
        let mut address = self.endpoint("jwks_uri").await?;
        if let Some(app) = &self.app {
            address.query_pairs_mut().append_pair("client_id", &app.client_id);
        }
        self.ask(Call::get(address)).await
    }

    /// An endpoint that is known without the discovery document.
    pub(super) fn known_endpoint(&self, member: &str) -> Option<Url> {
        self.context.endpoints.get(member).cloned().or_else(|| self.documented(member))
    }

    /// Whether a request to this address asks the token endpoint, whatever it asks for.
    pub fn is_token_endpoint(&self, address: &Url) -> bool {
        let discovered = self.discovery.as_ref().and_then(|it| it.endpoint(TOKEN_ENDPOINT));
        let known = self.known_endpoint(TOKEN_ENDPOINT).or(discovered);
        known.is_some_and(|it| it.origin() == address.origin() && it.path() == address.path())
    }

    fn documented(&self, member: &str) -> Option<Url> {
        let (dialect, server) = (&self.context.dialect, self.mock.as_ref()?);
        if !dialect.discovery.needs_token {
            return None;
        }
        let paths = &dialect.paths;
        let system = self.app.as_ref().is_some_and(|app| app.need.kind == Kind::TwoLegged);
        let path = match (member, &paths.realms) {
            ("token_endpoint", Some(realms)) if system => {
                realms.path.replace("{realm}", realms.names.first()?)
            }
            ("token_endpoint", _) => format!("{}/token", paths.oauth),
            ("authorization_endpoint", _) => match paths.authorize_plans.first() {
                Some(plan) => format!("{}/authorize/{plan}", paths.oauth),
                None => format!("{}/authorize", paths.oauth),
            },
            _ => return None,
        };
        Url::parse(&server.platform.fhir_base()).ok()?.join(&path).ok()
    }
}

fn not_too_busy(answer: Answer) -> Result<Answer, Halt> {
    if BUSY.contains(&answer.status) {
        let later = answer.header("retry-after");
        let later = later.map(|it| format!(", retry after {it}")).unwrap_or_default();
        let why = format!("the platform answered with status {}{later}", answer.status);
        return Err(Halt::Inconclusive(why));
    }
    Ok(answer)
}

/// Endpoints that no platform has to have (RFC 8414 §2).
const OPTIONAL: [&str; 2] = ["introspection_endpoint", "revocation_endpoint"];
/// Statuses by which a platform says that it cannot answer now (RFC 6585 §4, RFC 9110 §15.6).
const BUSY: [u16; 4] = [429, 502, 503, 504];
/// The token is not accepted (RFC 6750 §3.1).
const UNAUTHORIZED: u16 = 401;
const SPOILT: &str =
    "the token that scenarios share was refused with 401: another may have ended it";
