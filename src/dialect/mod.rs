//! What a platform promises, as plain types: read from `dialects/<platform>/`, used by the mock
//! that plays the platform and by the checks that judge it.
//!
//! Facts of a platform are data. Code never asks *which* platform it has before it.

mod authorization;
pub mod login;
mod sandbox;
mod setting;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use authorization::{
    DiscoveryRules, LogoutRules, PublishedKeyRules, QuotaHeaders, ResponseMode,
};
use login::LoginScript;
pub use sandbox::{Encounter, Patient, Practice, Sandbox, User, UserKind};
pub use setting::SettingError;

/// A platform's own way with the standards.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// Name of its folder.
    pub name: String,
    /// Its name for readers.
    pub title: String,
    /// Where the platform's parts are, relative to its host.
    pub paths: Paths,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Rules for signed client assertions.
    pub client_assertion: AssertionRules,
    /// Rules of the authorize endpoint.
    pub authorize: AuthorizeRules,
    /// Rules of the token endpoint.
    pub token: TokenRules,
    /// Rules of the introspection endpoint.
    pub introspection: IntrospectionRules,
    /// Rules for key sets that apps host themselves.
    pub hosted_keys: HostedKeyRules,
    /// Rules for reading the platform's own key set.
    #[serde(default)]
    pub published_keys: PublishedKeyRules,
    /// Rules of the logout endpoint.
    #[serde(default)]
    pub logout: LogoutRules,
    /// What the discovery documents say.
    pub discovery: DiscoveryRules,
    /// Rules of the API of one practice.
    pub practice_api: PracticeApiRules,
    /// What the platform says about its load limits.
    pub limits: Limits,
    /// How errors look.
    pub errors: ErrorRules,
    /// Scopes that the platform knows.
    pub scopes: ScopeCatalogue,
    /// How a user gets through its pages.
    pub login: LoginScript,
}

/// Paths of a platform's parts, each beginning with `/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// Prefix of the OAuth endpoints; `authorize`, `token`, `keys`, … follow it.
    pub oauth: String,
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

/// Lifetimes, in seconds.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetimes {
    /// An authorization code.
    pub code: i64,
    /// An access token.
    pub access_token: i64,
    /// An ID token.
    pub id_token: i64,
    /// A refresh token, counted anew from each use.
    pub refresh_token: i64,
    /// A launch identifier of the EHR.
    pub launch: i64,
    /// A session of the login widget.
    pub session: i64,
}

/// Rules for signed client assertions (RFC 7523 §3).
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionRules {
    /// Accepted `aud` values; the first is the one that the platform documents.
    ///
    /// `{issuer}` and `{oauth}` stand for the issuer and for the address of the OAuth endpoints.
    pub audiences: Vec<String>,
    /// Accepted signing algorithms.
    pub algorithms: Vec<String>,
    /// Seconds that `exp` may lie ahead, exclusive.
    pub max_lifetime: i64,
    /// Seconds that are forgiven beyond `max_lifetime`.
    pub max_lifetime_tolerance: i64,
    /// Whether `jti` must be there.
    pub jti_required: bool,
    /// Whether a `jti` is good for one use only.
    #[serde(default = "yes")]
    pub jti_single_use: bool,
    /// Whether `aud` may be an array that has an accepted value among others.
    #[serde(default = "yes")]
    pub audience_in_array: bool,
    /// Whether the header must name its key even if the app has only one.
    pub kid_required: bool,
    /// Whether the header must have `typ` `JWT`.
    pub typ_required: bool,
    /// Seconds of difference between clocks that are forgiven to an `exp` that has passed and to an
    /// `nbf` that is still to come.
    pub leeway: i64,
}

/// Rules of the authorize endpoint.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorizeRules {
    /// Parameters whose absence is refused, beyond `client_id` and `redirect_uri`.
    pub required: Vec<String>,
    /// Kinds of users who are asked for their consent.
    pub consent_asked_of: Vec<UserKind>,
    /// Scopes that need no consent.
    pub scopes_without_consent: Vec<String>,
    /// Ways in which an answer may travel; without `response_mode` it is the first.
    #[serde(default = "by_query")]
    pub response_modes: Vec<ResponseMode>,
    /// Whether answers name the issuer in `iss` (RFC 9207).
    #[serde(default)]
    pub iss_in_answers: bool,
    /// Whether apps that keep a secret need PKCE as well.
    #[serde(default)]
    pub pkce_for_all: bool,
    /// Whether a `prompt=none` that cannot be fulfilled ends on a page instead of at the app.
    #[serde(default)]
    pub silent_refusal_on_page: bool,
}

/// Rules of the token endpoint.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRules {
    /// Whether client id and secret are also accepted in the body.
    pub client_secret_post: bool,
    /// Whether assertions are also accepted that the client secret authenticates.
    #[serde(default)]
    pub client_secret_jwt: bool,
    /// Whether a refresh without `scope` is refused.
    pub scope_required_on_refresh: bool,
    /// Whether a public client that refreshes without `client_id` is known by its refresh token.
    #[serde(default = "yes")]
    pub public_client_known_by_refresh_token: bool,
    /// Whether each refresh of a public client gives a new refresh token and ends the old one.
    pub rotate_public_refresh_tokens: bool,
    /// The same for clients that prove themselves.
    #[serde(default)]
    pub rotate_confidential_refresh_tokens: bool,
    /// Seconds in which a refresh token that was replaced is still good, for an app that did not get
    /// the answer. After them it is a replay.
    #[serde(default)]
    pub rotation_grace: i64,
    /// Whether access tokens are opaque instead of JWTs.
    #[serde(default)]
    pub opaque_access_tokens: bool,
    /// Whether ID tokens name the app in `azp` too.
    #[serde(default)]
    pub azp_in_id_token: bool,
    /// Whether `expires_in` is a JSON string.
    pub expires_in_as_string: bool,
    /// Failed exchanges after which a code is spent.
    pub attempts_per_code: u32,
    /// Token requests of one app in a minute; more are answered with 429. 0: any number.
    pub requests_per_minute: u32,
    /// How the answers tell what is left of that.
    #[serde(default)]
    pub quota_headers: QuotaHeaders,
}

/// Rules of the introspection endpoint (RFC 7662).
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IntrospectionRules {
    /// Whether a request without `token_type_hint` is refused.
    pub hint_required: bool,
    /// Whether it may be asked by GET as well.
    #[serde(default)]
    pub by_get: bool,
}

/// Rules for key sets that apps host themselves.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HostedKeyRules {
    /// Seconds that a set is kept if its answer has no `Cache-Control`.
    pub default_max_age: i64,
    /// Milliseconds after which fetching is given up.
    pub timeout_ms: u64,
    /// Longest document, in bytes.
    pub max_bytes: usize,
    /// How often in a minute the platform fetches one app's set because its copy has run out, and how
    /// often it looks again because of an unknown `kid`.
    pub fetches_per_minute: u32,
    /// Seconds that a set is kept at most, whatever its answer says.
    #[serde(default = "a_day")]
    pub longest_max_age: i64,
    /// Whether sets are fetched from private and other special addresses as well. This machine is
    /// open in any case, if the address names it.
    #[serde(default)]
    pub private_addresses: bool,
}

/// Rules of the API of one practice.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PracticeApiRules {
    /// HTTP status of a ping to a practice that the app has no access to.
    pub ping_without_access: u16,
}

/// What the platform says about its load limits.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// API calls in a second, as the headers of an answer name them.
    pub api_calls_per_second: u32,
}

/// How errors look.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRules {
    /// The member that describes a token error: `error_description` or the gateway's own.
    pub description_member: String,
    /// Phrases that stand for a code of RFC 6749.
    pub phrases: BTreeMap<String, String>,
    /// Whether the platform writes such a phrase where it has one, instead of the code.
    #[serde(default)]
    pub writes_phrases: bool,
    /// Whether an app that asks for a grant which is not its own, or without scope for itself, is
    /// told that a policy forbids it (HTTP 401, `access_denied`).
    #[serde(default)]
    pub policy_refusals: bool,
}

/// Scopes that the platform knows.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeCatalogue {
    /// Scopes of login and launch.
    pub login: Vec<String>,
    /// Service scopes for 2-legged apps, literal names.
    pub service: Vec<String>,
    /// Resources of Certified APIs, which have `patient/`, `user/` and `system/` scopes.
    pub certified_resources: Vec<String>,
    /// Resources beyond the Certified APIs.
    pub other_resources: Vec<String>,
    /// Scopes that are granted on request only.
    pub by_request: Vec<String>,
}

fn a_day() -> i64 {
    24 * 60 * 60
}

fn yes() -> bool {
    true
}

fn by_query() -> Vec<ResponseMode> {
    vec![ResponseMode::Query]
}
