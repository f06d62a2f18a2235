//! How the app proves to a token endpoint who it is.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::json;
use url::Url;

use crate::protocol::assertion::{ASSERTION_TYPE, Assertion};
use crate::protocol::{basic, random};
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::settings::Credentials;
use crate::secret::Secret;

use super::Keys;

/// What goes with a token request: a header, members of the form, or both.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub(super) authorization: Option<Secret>,
    pub(super) form: Vec<(&'static str, Secret)>,
}

impl App {
    /// A new proof for one request to this token endpoint.
    pub(super) fn prove(&self, token_endpoint: &Url) -> Proof {
        let mut proof = Proof::default();
        let id = || Secret::new(&*self.settings.client_id);
        match &self.settings.credentials {
            Credentials::Secret(secret) => {
                if self.flawed(Flaw::SecretInBody) {
                    proof.form = vec![("client_id", id()), ("client_secret", secret.clone())];
                    return proof;
                }
                proof.authorization = Some(basic::encode(&self.settings.client_id, secret));
                if self.flawed(Flaw::ClientIdBesideHeader) {
                    proof.form.push(("client_id", id()));
                }
                if self.flawed(Flaw::ProvesItselfTwice) {
                    proof.form.push(("client_id", id()));
                    proof.form.push(("client_secret", secret.clone()));
                }
            }
            Credentials::Keys(keys) => {
                let of_type = if self.flawed(Flaw::AssertionType) {
                    "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
                } else {
                    ASSERTION_TYPE
                };
                proof.form.push(("client_assertion_type", Secret::new(of_type)));
                if let Some(assertion) = self.assertion(keys, token_endpoint) {
                    proof.form.push(("client_assertion", assertion));
                }
            }
            Credentials::Public => {
                if !self.flawed(Flaw::ClientIdForgotten) {
                    proof.form.push(("client_id", id()));
                }
                if self.flawed(Flaw::PublicSecret) {
                    proof.form.push(("client_secret", Secret::new("secret")));
                }
            }
        }
        proof
    }

    /// A new assertion for this token endpoint (SMART App Launch 2.2, asymmetric client
    /// authentication).
    fn assertion(&self, keys: &Keys, token_endpoint: &Url) -> Option<Secret> {
        if self.flawed(Flaw::AssertionReused)
            && let Some(earlier) = &*self.earlier_assertion()
        {
            return Some(earlier.clone());
        }
        let key = self.signing_key(keys)?;
        let now = self.clock.unix();
        let mut assertion =
            Assertion::new(&key, &self.settings.client_id, token_endpoint.as_str(), now);
        let (header, claims) = (&mut assertion.header, &mut assertion.claims);
        // Good for less than is allowed, so that clocks may differ by a minute either way.
        claims["exp"] = (now + LIFETIME).into();
        if self.flawed(Flaw::AssertionJti) {
            claims["jti"] = "the-same-every-time".into();
        }
        if self.flawed(Flaw::AssertionSubject) {
            claims["sub"] = "somebody-else".into();
        }
        if self.flawed(Flaw::AssertionAudience) {
            claims["aud"] = self.address.as_str().into();
        }
        if self.flawed(Flaw::AssertionLong) {
            claims["exp"] = (now + 2 * 60 * 60).into();
        }
        if self.flawed(Flaw::AssertionShort) {
            claims["exp"] = (now + 3).into();
        }
        if self.flawed(Flaw::AssertionExpAsText) {
            claims["exp"] = (now + LIFETIME).to_string().into();
        }
        if self.flawed(Flaw::AssertionJtiForgotten) {
            claims.as_object_mut()?.remove("jti");
        }
        if self.flawed(Flaw::AssertionKid) {
            header.as_object_mut()?.remove("kid");
        }
        if self.flawed(Flaw::AssertionKidUnknown) {
            header["kid"] = random::alphanumeric(8).into();
        }
        if self.flawed(Flaw::AssertionTyp) {
            header.as_object_mut()?.remove("typ");
        }
        if self.flawed(Flaw::AssertionJku) {
            header["jku"] = "https://keys.example/jwks.json".into();
        }
        let signed = if self.flawed(Flaw::AssertionHmac) {
            header["alg"] = json!("HS256");
            assertion.authenticate(self.settings.client_id.as_bytes())
        } else {
            assertion.sign(&key)
        };
        *self.earlier_assertion() = Some(signed.clone());
        Some(signed)
    }
}

impl Proof {
    /// The value of an `Authorization` header.
    pub(super) fn header(&self) -> Option<(reqwest::header::HeaderName, HeaderValue)> {
        let value = self.authorization.as_ref()?;
        let mut value = HeaderValue::from_str(value.expose()).ok()?;
        value.set_sensitive(true);
        Some((AUTHORIZATION, value))
    }
}

/// Seconds.
const LIFETIME: i64 = 180;
