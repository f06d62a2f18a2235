//! Apps that were registered with a platform beforehand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::target::Login;
use super::value::Rule;
use super::{SecretRef, Value};
use crate::protocol::Algorithm;

/// An app that was registered with a platform beforehand.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisteredApp {
    /// Who uses it.
    pub category: Category,
    /// How it authenticates at the token endpoint.
    pub method: Method,
    /// Its client id. An app whose variable is not set is left out, with the scenarios that need it.
    pub client_id: Value,
    /// Its client secret, for the method of that name.
    #[serde(default)]
    pub client_secret: Option<SecretRef>,
    /// Where id and secret travel, if not in the way that is usual for the dialect.
    #[serde(default)]
    pub credentials_in: Option<CredentialPlace>,
    /// The private key that it signs with, for the methods with a key set: a PEM or a JWK.
    #[serde(default)]
    pub private_key: Option<SecretRef>,
    /// Id of that key in the key set; a JWK may name it itself.
    #[serde(default)]
    pub kid: Option<String>,
    /// What it signs by, if not `RS384`, or what fits the curve of its key.
    #[serde(default, deserialize_with = "algorithm")]
    #[schemars(with = "Option<AlgorithmName>")]
    pub alg: Option<Algorithm>,
    /// Address at which its owner publishes its key set, for a hosted one.
    #[serde(default)]
    pub jwks_url: Option<Url>,
    /// Scopes it was approved for.
    pub scopes: Vec<String>,
    /// Its post-login addresses; the first is used.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where users come back to from signing out; the first is used.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the EHR opens it.
    #[serde(default)]
    pub launch_url: Option<Url>,
    /// People who sign in to this app in place of those of the target, by the same words.
    #[serde(default)]
    pub users: BTreeMap<String, Login>,
}

/// Who uses a registered app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Category {
    /// A system, without a user.
    #[serde(rename = "2-legged")]
    TwoLegged,
    /// A patient.
    #[serde(rename = "patient")]
    Patient,
    /// A provider.
    #[serde(rename = "provider")]
    Provider,
}

/// How a registered app authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Method {
    /// With a secret.
    #[serde(rename = "client secret")]
    Secret,
    /// With a signed assertion; the platform was given the public keys.
    #[serde(rename = "imported key set")]
    ImportedKeys,
    /// With a signed assertion; the platform fetches the public keys from `jwks_url`.
    #[serde(rename = "hosted key set")]
    HostedKeys,
    /// Not at all: a public client.
    #[serde(rename = "PKCE")]
    Pkce,
}

/// Where client id and secret travel (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CredentialPlace {
    /// In the `Authorization` header: `client_secret_basic`.
    Header,
    /// In the body: `client_secret_post`.
    Body,
}

impl RegisteredApp {
    /// What it cannot do without and does not have, and what to write.
    pub(super) fn lacks(&self) -> Option<(&'static str, &'static str)> {
        if self.method == Method::Secret && self.client_secret.is_none() {
            return Some((
                "authenticates with a client secret, but has none",
                "write where it is kept: `client_secret: { env: NAME }`",
            ));
        }
        if self.method.signs() && self.private_key.is_none() {
            return Some((
                "authenticates with a key set, but has no private key to sign with",
                "write where it is kept, as PEM or JWK: `private_key: { file: secrets/key.pem }`",
            ));
        }
        if self.method != Method::Secret && self.credentials_in.is_some() {
            return Some((
                "has no client secret that could travel in header or body",
                "`credentials_in` goes with `method: client secret`; leave it out",
            ));
        }
        let usable = |uri: &String| Url::parse(uri).is_ok();
        if self.category != Category::TwoLegged && !self.redirect_uris.first().is_some_and(usable) {
            return Some((
                "has users, but no address that they come back to",
                "write the one that was registered: `redirect_uris: [https://app.example/callback]`",
            ));
        }
        None
    }
}

impl Category {
    /// The word for it in the project file.
    pub fn word(self) -> &'static str {
        match self {
            Self::TwoLegged => "2-legged",
            Self::Patient => "patient",
            Self::Provider => "provider",
        }
    }
}

impl Method {
    /// The word for it in the project file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Secret => "client secret",
            Self::ImportedKeys => "imported key set",
            Self::HostedKeys => "hosted key set",
            Self::Pkce => "PKCE",
        }
    }

    /// Whether the app signs assertions.
    pub fn signs(self) -> bool {
        matches!(self, Self::ImportedKeys | Self::HostedKeys)
    }
}

fn algorithm<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Algorithm>, D::Error> {
    let read = |name: &str| {
        let known = Algorithm::ALL.map(Algorithm::name).join("`, `");
        name.parse().map_err(|_| format!("unknown algorithm `{name}`, known are: `{known}`"))
    };
    deserializer.deserialize_str(Rule(read)).map(Some)
}

/// The names of the algorithms, for the schema.
struct AlgorithmName;

impl JsonSchema for AlgorithmName {
    fn schema_name() -> Cow<'static, str> {
        "Algorithm".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": Algorithm::ALL.map(Algorithm::name) })
    }
}
