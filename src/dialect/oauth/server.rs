//! The rules of the authorization server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{QuotaHeaders, ResponseMode};
use crate::dialect::UserKind;

/// Lifetimes, in seconds.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetimes {
    /// An authorization code.
    pub code: i64,
    /// A user's access token.
    pub access_token: i64,
    /// The access token of an app without a user.
    pub system_access_token: i64,
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
    /// Scopes whose absence is refused.
    pub required_scopes: Vec<String>,
    /// What is asked for where `scope` is absent, if that is not refused.
    pub default_scope: Option<String>,
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
    /// Grant types that it takes.
    pub grants: Vec<String>,
    /// Whether client id and secret are also accepted in the body.
    pub client_secret_post: bool,
    /// Whether apps are told to send client id and secret in the body, instead of the header.
    #[serde(default)]
    pub credentials_in_body: bool,
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
    /// Whether every login gives a refresh token, also without `offline_access`.
    pub refresh_token_always: bool,
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
    /// The `error` of the refusal, if it is not `temporarily_unavailable`.
    #[serde(default)]
    pub quota_error: Option<String>,
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
    /// Whether the access token of an app without users may be shown in the place of a client's
    /// proof; it may then be asked about every app's tokens.
    #[serde(default)]
    pub by_bearer: bool,
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

fn a_day() -> i64 {
    24 * 60 * 60
}

fn yes() -> bool {
    true
}

fn by_query() -> Vec<ResponseMode> {
    vec![ResponseMode::Query]
}
