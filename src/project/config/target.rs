//! Platforms that can be judged.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::value::Rule;
use super::{RegisteredApp, SecretRef, Value};
use crate::dialect::login::LoginPage;
use crate::project::Limits;
use crate::project::built_in::DIALECTS;

/// A platform that can be judged.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Where it is.
    pub platform: Platform,
    /// Name of the dialect it speaks.
    #[serde(deserialize_with = "known_dialect")]
    #[schemars(with = "DialectName")]
    pub dialect: String,
    /// Says that this is a Production, with the data of real patients. Without it a Production is
    /// refused, and with it the target has to be named on the command line.
    #[serde(default)]
    pub production: bool,
    /// A PEM file with the certificate of the authority that its hosts are certified by, if that is
    /// none of those this machine trusts; relative to the project.
    #[serde(default)]
    pub certificate_authority: Option<PathBuf>,
    /// Address of its discovery document, if that is not `.well-known/smart-configuration` below the
    /// FHIR base.
    #[serde(default)]
    pub discovery: Option<Url>,
    /// Endpoints that its discovery does not name, or not to everybody, by their names there.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Url>,
    /// What may be done to it though it spoils something.
    #[serde(default)]
    pub allows: BTreeSet<Deed>,
    /// What it offers that not every platform has.
    #[serde(default)]
    pub offers: BTreeSet<Offer>,
    /// How much may be asked of it.
    #[serde(default)]
    pub limits: Limits,
    /// Ids there that scenarios call by a word in curly brackets: `chart`, `record`.
    #[serde(default)]
    pub examples: BTreeMap<String, String>,
    /// Apps that are registered there, by name.
    #[serde(default)]
    pub apps: BTreeMap<String, RegisteredApp>,
    /// Its sign-in pages, beside those of the dialect.
    #[serde(default)]
    pub login: LoginWidget,
    /// People who can sign in there, by the word that scenarios use (`patient`, `provider`).
    #[serde(default)]
    pub users: BTreeMap<String, Login>,
}

/// Where a platform is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Platform {
    /// `embedded`: the mock in this program.
    Embedded,
    /// Somewhere else, at this FHIR base.
    At(Url),
}

/// What is done to a platform only if it is allowed, because it spoils something there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Tokens are revoked.
    Revoke,
    /// A wrong password is tried, once a run.
    WrongPassword,
    /// The quota of token requests is used up, to see what the platform says then.
    UseUpQuota,
}

/// What not every platform offers, and nothing tells beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// Several requests in one (FHIR R4, batch).
    Batch,
}

/// Sign-in pages of a platform, beside those of its dialect.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginWidget {
    /// Hosts on which passwords may be typed: `host`, `host:port`, or `*.domain`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Pages and what a user does on them; they are looked for before those of the dialect.
    #[serde(default)]
    pub pages: Vec<LoginPage>,
    /// CSS selectors of the boxes in which the platform tells an error.
    #[serde(default)]
    pub error: Vec<String>,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// What is typed as user name. Somebody whose variable is not set is left out.
    pub username: Value,
    /// What is typed as password.
    pub password: SecretRef,
}

impl Target {
    /// All its addresses.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Url> {
        let platform = match &self.platform {
            Platform::Embedded => None,
            Platform::At(base) => Some(base),
        };
        platform.into_iter().chain(&self.discovery).chain(self.endpoints.values())
    }
}

impl Deed {
    /// The word for it in the project file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::WrongPassword => "wrong-password",
            Self::UseUpQuota => "use-up-quota",
        }
    }
}

impl Offer {
    /// The word for it in the project file, and in the tags of scenarios that need it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Batch => "batch",
        }
    }
}

impl Platform {
    fn read(text: &str) -> Result<Self, String> {
        if text == "embedded" {
            return Ok(Self::Embedded);
        }
        let mut url = Url::parse(text)
            .ok()
            .filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
            .ok_or("a platform is `embedded`, or its FHIR base: `https://host/path`")?;
        if (url.username(), url.password()) != ("", None) {
            return Err("a FHIR base has no user name and no password in it".to_owned());
        }
        // Who copies the address of the discovery document means what it describes.
        if let Some(base) = url.path().strip_suffix(DISCOVERY).map(str::to_owned) {
            url.set_path(&base);
        }
        Ok(Self::At(url))
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Rule(Self::read))
    }
}

impl JsonSchema for Platform {
    fn schema_name() -> Cow<'static, str> {
        "Platform".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`embedded` for the mock in the program; else the FHIR base, or the \
                            address of its discovery document.",
            "type": "string",
            "pattern": "^(embedded|https?://.+)$"
        })
    }
}

fn known_dialect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_str(Rule(|name| {
        let known = DIALECTS.iter().find(|known| **known == name);
        known.map(|known| (*known).to_owned()).ok_or_else(|| {
            format!("unknown dialect `{name}`, known are: `{}`", DIALECTS.join("`, `"))
        })
    }))
}

/// The names of the dialects, for the schema.
struct DialectName;

impl JsonSchema for DialectName {
    fn schema_name() -> Cow<'static, str> {
        "Dialect".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": DIALECTS })
    }
}

const DISCOVERY: &str = "/.well-known/smart-configuration";
