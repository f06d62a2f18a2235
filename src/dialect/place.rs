//! Where a platform's parts are, and what it says about its load.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Paths of a platform's parts, each beginning with `/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// Prefix of the OAuth endpoints; `authorize`, `token`, `keys`, … follow it.
    pub oauth: String,
    /// Last segments of the path of the authorize endpoint, one for each login behind it; none: there
    /// is one login, and the path ends with `authorize`.
    #[serde(default)]
    pub authorize_plans: Vec<String>,
    /// Realms with token endpoints of their own.
    #[serde(default)]
    pub realms: Option<Realms>,
    /// Where apps manage accounts of users by themselves.
    #[serde(default)]
    pub user_management: Option<String>,
    /// The global FHIR base.
    pub fhir: String,
    /// What stands before the global FHIR base to name one organization: segments and the
    /// placeholders `{practice}`, `{brand}`, `{department}` and `{csg}`.
    pub organizations: Vec<String>,
    /// The authorization server's issuer.
    pub issuer: String,
    /// The login widget.
    pub login: String,
    /// The developer portal.
    pub portal: String,
    /// What stands before every other path in Production, where the platform has one.
    #[serde(default)]
    pub production: Option<String>,
}

/// What the platform says about its load limits.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// API calls in a second, as the headers of an answer name them; without it there are none.
    pub api_calls_per_second: Option<u32>,
    /// Calls in an hour by which an app may manage accounts; more are answered with 429.
    #[serde(default)]
    pub user_management_calls_per_hour: Option<u32>,
    /// Token requests of a client in a minute that a run keeps to where the platform is somebody
    /// else's; the mock itself does not heed it.
    #[serde(default)]
    pub considerate_tokens_per_minute: Option<NonZeroU32>,
    /// Whether calls above the limit are refused.
    #[serde(default)]
    pub enforced: bool,
    /// The `error` of such a refusal.
    #[serde(default)]
    pub refusal: String,
}

/// Rules of the API of one practice.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PracticeApiRules {
    /// Its path; the practice's number follows it.
    pub path: String,
    /// HTTP status of a ping to a practice that the app has no access to.
    pub ping_without_access: u16,
    /// Scopes of which one is needed; `{practice}` stands for the number of the practice.
    pub scopes: Vec<String>,
}

/// Realms of an authorization server, as Keycloak has them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Realms {
    /// Path of their token endpoints; `{realm}` stands for the name.
    pub path: String,
    /// Their names.
    pub names: Vec<String>,
    /// Grant types that their token endpoints take.
    pub grants: Vec<String>,
}

/// What a platform's gateway adds to every answer.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Headers that name the request.
    pub request_id_headers: Vec<String>,
    /// What `Strict-Transport-Security` says over TLS (RFC 6797 §6.1); none: it is not sent.
    #[serde(default)]
    pub strict_transport_security: Option<String>,
    /// The body of the answer to a path that leads nowhere, a JSON string; none: it is empty.
    pub unknown_path: Option<String>,
}
