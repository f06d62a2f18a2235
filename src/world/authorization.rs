//! The request that sends a user to the platform (RFC 6749 §4.1.1, SMART App Launch 2.2 §3).

use url::Url;

use super::app::{App, Client, Method};
use super::words::{Parameters, amend};
use super::{Halt, Scene};
use crate::dialect::AuthorizeRules;
use crate::protocol::pkce::Verifier;
use crate::protocol::{assertion, random};

/// A request to the authorize endpoint.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Its parameters in order.
    pub parameters: Parameters,
    /// The verifier that belongs to its challenge.
    pub verifier: Option<Verifier>,
}

impl Authorization {
    /// A conforming request of the app for all its scopes; public clients send a challenge, and
    /// others where the platform asks all of them for it.
    pub fn new(app: &App, aud: &str, rules: &AuthorizeRules) -> Self {
        let public = app.need.method == Method::Pkce
            || matches!(app.need.kind.client(), Some(Client::Browser | Client::Native));
        let verifier = (public || rules.pkce_for_all).then(Verifier::generate);
        let mut parameters = Vec::new();
        let mut set = |name: &str, value: String| parameters.push((name.to_owned(), value));
        set("response_type", "code".into());
        set("client_id", app.client_id.clone());
        set("redirect_uri", app.redirect_uri.clone());
        set("scope", app.scope());
        set("state", random::base64url(STATE_BYTES));
        set("nonce", random::base64url(STATE_BYTES));
        set("aud", aud.to_owned());
        if let Some(verifier) = &verifier {
            set("code_challenge", verifier.challenge());
            set("code_challenge_method", "S256".into());
        }
        Self { parameters, verifier }
    }

    /// The request with these changes of its parameters.
    ///
    /// # Errors
    /// [`Halt::Error`] if a change makes no sense.
    pub fn changed(mut self, changes: Parameters) -> Result<Self, Halt> {
        for (name, value) in changes {
            amend(&mut self.parameters, &name, &value)?;
        }
        Ok(self)
    }

    /// The first value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The address that the user is sent to.
    pub fn address(&self, endpoint: &Url) -> Url {
        let mut address = endpoint.clone();
        address.query_pairs_mut().extend_pairs(&self.parameters);
        address
    }
}

impl Scene {
    /// The audience that the platform documents for client assertions.
    ///
    /// # Errors
    /// [`Halt`] if the discovery lacks what it is made of.
    pub async fn assertion_audience(&mut self) -> Result<String, Halt> {
        let pattern = self.context.dialect.client_assertion.audiences.first().cloned();
        let pattern = pattern.ok_or_else(|| Halt::error("the dialect names no audience"))?;
        let token_endpoint = self.endpoint("token_endpoint").await?;
        let issuer = self.discover().await?.text("issuer").unwrap_or_default();
        Ok(assertion::audience(&pattern, issuer, &token_endpoint))
    }

    /// A conforming request of an app to the authorize endpoint, for the FHIR server `aud`.
    pub fn authorization_of(&self, app: &App, aud: &str) -> Authorization {
        Authorization::new(app, aud, &self.context.dialect.authorize)
    }
}

/// 128 bits, where SMART App Launch asks for 122 at least.
const STATE_BYTES: usize = 16;
