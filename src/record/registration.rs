//! What was declared to the platform before the run: the apps that are registered there, and its
//! endpoints, as the project file has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the project file says of registered apps and of the platform's addresses; no secret is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The app that was examined, or those that were used to judge the platform, by name.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub apps: Vec<Registered>,
    /// Endpoints that the project file names, by their names in the discovery document.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub endpoints: BTreeMap<String, String>,
}

/// An app as it was registered.
///
/// Words in curly brackets in its addresses stand for what was another in each scenario: `{port}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Its name in the project file.
    pub name: String,
    /// Who uses it: `2-legged`, `patient` or `provider`.
    pub category: String,
    /// How it authenticates at the token endpoint: `client secret`, `imported key set`,
    /// `hosted key set` or `PKCE`.
    pub method: String,
    /// Where id and secret travel, if the project file says it: `header` or `body`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credentials_in: Option<String>,
    /// What it signs by, if the project file says it: `RS384`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alg: Option<String>,
    /// Its client id; absent where each scenario had a new one, or `unset` says why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_id: Option<String>,
    /// The variable for its client id that nobody has set: it took no part in the run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unset: Option<String>,
    /// Scopes that it was approved for.
    pub scopes: Vec<String>,
    /// API endpoints that it declares: `GET /fhir/r4/Patient/*`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub endpoints: Vec<String>,
    /// Hosts besides its own and the platform's that its pages may speak to.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub hosts: Vec<String>,
    /// Its post-login addresses.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub redirect_uris: Vec<String>,
    /// Where users come back to from signing out.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it publishes its keys.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub jwks_url: Option<String>,
    /// Where its users begin by themselves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start_url: Option<String>,
    /// Where the EHR opens it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_url: Option<String>,
}
