//! How a platform refuses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// What a client is told that cannot prove itself; absent: in the mock's own words.
    #[serde(default)]
    pub client_refusal: Option<String>,
    /// What a client is told that may not have the scope that it asks for, `{scope}`.
    #[serde(default)]
    pub scope_refusal: Option<String>,
}
