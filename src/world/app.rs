//! The app that a scenario is about: what it needs to be, and what it became by registration.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use super::Halt;
use super::context::Account;
use super::portal::{POST_LOGOUT_URI, REDIRECT_URI};
use crate::dialect::{AppKind, RegistrationRules};
use crate::http::{Answer, AppHost};
use crate::project;
use crate::protocol::signing_key::{Algorithm, SigningKey};
use crate::secret::{Redactor, Secret};

/// What a scenario asks of its app: `a patient browser app with PKCE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Who uses it, and on what.
    pub kind: Kind,
    /// How it authenticates at the token endpoint.
    pub method: Method,
    /// Scopes to register, if not those usual for its kind.
    pub scopes: Option<Vec<String>>,
    /// Whether it may call Certified APIs only.
    pub certified: bool,
    /// Algorithm of its keys.
    pub algorithm: Algorithm,
    /// How many keys it has.
    pub keys: usize,
    /// Whether the EHR shows it inside its own pages.
    pub embedded: bool,
}

/// Who uses an app, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(
    name = "kind",
    regex = "2-legged|patient web|patient browser|patient native|provider web|provider browser|provider native"
)]
pub enum Kind {
    /// A system, without a user.
    TwoLegged,
    /// A patient's app.
    Patient(Client),
    /// A provider's app.
    Provider(Client),
}

/// Where a 3-legged app runs (RFC 6749 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// On a server.
    Web,
    /// In the browser alone.
    Browser,
    /// On a device.
    Native,
}

/// How an app authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "method", regex = "a client secret|an imported key set|a hosted key set|PKCE")]
pub enum Method {
    /// HTTP Basic with a secret.
    Secret,
    /// A signed assertion; the platform was given the public keys.
    ImportedKeys,
    /// A signed assertion; the platform fetches the public keys.
    HostedKeys,
    /// None but the code verifier: a public client.
    Pkce,
}

impl From<project::Method> for Method {
    fn from(written: project::Method) -> Self {
        match written {
            project::Method::Secret => Self::Secret,
            project::Method::ImportedKeys => Self::ImportedKeys,
            project::Method::HostedKeys => Self::HostedKeys,
            project::Method::Pkce => Self::Pkce,
        }
    }
}

/// A registered app.
#[derive(Debug)]
pub struct App {
    /// What it was meant to be.
    pub need: Need,
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret, if its method is that.
    pub secret: Option<Secret>,
    /// Whether id and secret travel in the body, if not as is usual for the dialect.
    pub credentials_in_body: Option<bool>,
    /// Its private keys, the one that it signs with first.
    pub keys: Vec<SigningKey>,
    /// Where its key set is, if it hosts one.
    pub host: Option<AppHost>,
    /// Scopes that it was approved for.
    pub scopes: Vec<String>,
    /// Where users come back to.
    pub redirect_uri: String,
    /// Where they come back to from signing out.
    pub post_logout_redirect_uri: Option<String>,
    /// People who sign in to it in place of those of the target.
    pub users: BTreeMap<String, Account>,
}

impl Need {
    /// An app of this kind and method, with one key for RS384 where it needs keys.
    pub fn new(kind: Kind, method: Method) -> Self {
        Self {
            kind,
            method,
            scopes: None,
            certified: true,
            algorithm: Algorithm::Rs384,
            keys: 1,
            embedded: false,
        }
    }

    /// The scopes to register: those that it names, or the usual ones of its kind.
    pub fn scopes(&self, rules: &RegistrationRules) -> Vec<String> {
        self.scopes.clone().unwrap_or_else(|| {
            let usual = rules.usual.get(self.kind.end_users()).map(|usual| usual.scopes.as_str());
            usual.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
        })
    }
}

impl App {
    /// The app that the portal's answer to a registration gives, still without keys; `None` if the
    /// portal refused.
    pub fn registered(
        need: Need,
        scopes: Vec<String>,
        answer: &Answer,
        redactor: &Redactor,
    ) -> Option<Self> {
        let text = |member: &str| answer.member(member)?.as_str().map(str::to_owned);
        let secret = text("client_secret").map(Secret::new);
        if let Some(secret) = &secret {
            redactor.learn("client_secret", secret);
        }
        Some(Self {
            client_id: text("client_id")?,
            secret,
            credentials_in_body: None,
            keys: Vec::new(),
            host: None,
            scopes,
            redirect_uri: REDIRECT_URI.to_owned(),
            post_logout_redirect_uri: Some(POST_LOGOUT_URI.to_owned()),
            users: BTreeMap::new(),
            need,
        })
    }

    /// The scopes as a request has them.
    pub fn scope(&self) -> String {
        self.scopes.join(" ")
    }

    /// Its public keys as a JWK Set, in text.
    pub fn key_set(&self) -> String {
        json!({ "keys": self.public_keys() }).to_string()
    }

    /// Its public keys, each as a JWK.
    pub fn public_keys(&self) -> Vec<Value> {
        self.keys.iter().map(SigningKey::public_jwk).collect()
    }

    /// Where its users come back to from signing out.
    ///
    /// # Errors
    /// [`Halt::Error`] if no such address was registered.
    pub fn post_logout_redirect_uri(&self) -> Result<&str, Halt> {
        let registered = self.post_logout_redirect_uri.as_deref();
        registered.ok_or_else(|| Halt::error("the app has no `post_logout_redirect_uris`"))
    }

    /// The key that it signs with.
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario gave it none.
    pub fn key(&self) -> Result<&SigningKey, Halt> {
        self.keys.first().ok_or_else(|| Halt::error("the app of this scenario has no keys"))
    }
}

impl Kind {
    /// The word for its category: `2-legged`, `patient` or `provider`.
    pub fn category(self) -> &'static str {
        match self {
            Self::TwoLegged => "2-legged",
            Self::Patient(_) => "patient",
            Self::Provider(_) => "provider",
        }
    }

    /// The word for somebody who uses such an app.
    pub fn user(self) -> &'static str {
        match self {
            Self::TwoLegged | Self::Patient(_) => "patient",
            Self::Provider(_) => "provider",
        }
    }

    /// Who uses it, as a registration says it: `nobody`, `patients` or `providers`.
    pub fn end_users(self) -> &'static str {
        match self {
            Self::TwoLegged => "nobody",
            Self::Patient(_) => "patients",
            Self::Provider(_) => "providers",
        }
    }

    /// What decides how it can authenticate.
    pub fn app_kind(self) -> AppKind {
        match self.client() {
            None => AppKind::System,
            Some(Client::Web) => AppKind::Web,
            Some(Client::Browser) => AppKind::Browser,
            Some(Client::Native) => AppKind::Native,
        }
    }

    /// Where it runs, for a 3-legged app.
    pub fn client(self) -> Option<Client> {
        match self {
            Self::TwoLegged => None,
            Self::Patient(client) | Self::Provider(client) => Some(client),
        }
    }
}

impl Client {
    /// Its word in a registration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Browser => "browser",
            Self::Native => "native",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "2-legged" => Self::TwoLegged,
            "patient web" => Self::Patient(Client::Web),
            "patient browser" => Self::Patient(Client::Browser),
            "patient native" => Self::Patient(Client::Native),
            "provider web" => Self::Provider(Client::Web),
            "provider browser" => Self::Provider(Client::Browser),
            "provider native" => Self::Provider(Client::Native),
            other => return Err(format!("`{other}` is no kind of app")),
        })
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "a client secret" => Self::Secret,
            "an imported key set" => Self::ImportedKeys,
            "a hosted key set" => Self::HostedKeys,
            "PKCE" => Self::Pkce,
            other => return Err(format!("`{other}` is no way to authenticate")),
        })
    }
}

impl Method {
    /// Its word in a registration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::ImportedKeys => "jwks",
            Self::HostedKeys => "jwks_uri",
            Self::Pkce => "pkce",
        }
    }

    /// The method that a registration calls by this word.
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Secret, Self::ImportedKeys, Self::HostedKeys, Self::Pkce];
        all.into_iter().find(|method| method.word() == word)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "a client secret",
            Self::ImportedKeys => "an imported key set",
            Self::HostedKeys => "a hosted key set",
            Self::Pkce => "PKCE",
        })
    }
}
