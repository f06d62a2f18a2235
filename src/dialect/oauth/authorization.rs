//! Rules of the authorization server beside its authorize and token endpoints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How an authorization response travels (OAuth 2.0 Multiple Response Type Encoding Practices §2.1,
/// OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the app's address.
    #[default]
    Query,
    /// In its fragment.
    Fragment,
    /// In a form that the browser posts to it.
    FormPost,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// Its name in a request.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }
}

/// What the discovery documents say.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscoveryRules {
    /// Whether the smart-configuration is shown to nobody without an access token.
    #[serde(default)]
    pub needs_token: bool,
    /// What SMART calls capabilities.
    pub capabilities: Vec<String>,
    /// The grant types that are announced.
    pub grant_types: Vec<String>,
    /// Path of the bundle of brands that the platform and its organizations are known by; none: no
    /// such bundle is published.
    #[serde(default)]
    pub brands: Option<String>,
    /// Whether the members below stand in place of those that tell what the mock does.
    #[serde(default)]
    pub as_observed: bool,
    /// Members of the documents as the live platform has them; `null` takes one out.
    #[serde(default)]
    pub observed: Map<String, Value>,
}

/// Rules for reading the platform's own key set.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedKeyRules {
    /// Whether a request without the `client_id` of an app is refused.
    pub client_id_required: bool,
}

/// Rules of the logout endpoint (OpenID Connect RP-Initiated Logout 1.0).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogoutRules {
    /// Whether apps may also send the user there by POST.
    pub by_post: bool,
    /// Whether the user is asked first if no ID token tells who is to be signed out.
    pub confirm_without_hint: bool,
}

impl Default for LogoutRules {
    /// As the standard has it.
    fn default() -> Self {
        Self { by_post: true, confirm_without_hint: true }
    }
}

/// Names of the headers that tell how much of the quota of token requests is left.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaHeaders {
    /// Requests that are allowed in a minute.
    pub limit: Vec<String>,
    /// Requests that are left in this minute.
    pub remaining: Vec<String>,
}
