//! Which apps can be registered.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rules of registering an app, and of what it may ask for.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationRules {
    /// Whether an app has to say which APIs it calls, its category, and for which environment it
    /// is; where that is not asked, an app with redirect addresses has users, and another has none.
    pub categories: bool,
    /// How apps of a kind may authenticate: `secret`, `jwks`, `jwks_uri`, `pkce`.
    pub methods: BTreeMap<AppKind, Vec<String>>,
    /// Levels of FHIR scopes (`patient`, `user`, `system`) by who uses the app: `nobody`,
    /// `patients`, `providers`, `anybody`.
    pub scope_levels: BTreeMap<String, Vec<String>>,
    /// Whether `*` may stand for all resource types in a scope.
    pub wildcard_scopes: bool,
    /// What an app is registered with that says no more than who uses it (`nobody`, `patients`,
    /// `providers`).
    #[serde(default)]
    pub usual: BTreeMap<String, UsualApp>,
    /// Kinds of access of which an app has to choose one, each with all that it means.
    #[serde(default)]
    pub access_types: BTreeMap<String, AccessType>,
    /// Characters that every client secret ends with, beside its letters and digits.
    #[serde(default)]
    pub secret_symbols: String,
    /// Whether the list of a developer's apps shows their secrets.
    #[serde(default)]
    pub secrets_in_list: bool,
}

/// What an app is registered with if nothing else is asked for.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UsualApp {
    /// Its scopes, as a request has them.
    pub scopes: String,
    /// The kind of access that it chooses, where one has to be chosen.
    #[serde(default)]
    pub access_type: Option<String>,
}

/// A kind of access.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccessType {
    /// Whether users sign in.
    pub users: bool,
    /// The scopes that come with it.
    pub scopes: Vec<String>,
    /// Whether users can sign in only when the platform has made the app known to their login.
    pub synced: bool,
}

/// What an app is, as far as it decides how it can authenticate.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    /// A system, without users.
    System,
    /// With users, on a server.
    Web,
    /// With users, in the browser alone.
    Browser,
    /// With users, on a device.
    Native,
}

impl RegistrationRules {
    /// Whether an app of this kind may authenticate in this way.
    pub fn allow_method(&self, kind: AppKind, method: &str) -> bool {
        self.methods.get(&kind).is_some_and(|known| known.iter().any(|name| name == method))
    }

    /// Whether an app with such users may have FHIR scopes of this level.
    pub fn allow_level(&self, users: &str, level: &str) -> bool {
        self.scope_levels.get(users).is_some_and(|known| known.iter().any(|name| name == level))
    }
}
