//! The scopes of a platform.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Whether `|` separates scopes, beside the space of RFC 6749 §3.3.
    #[serde(default)]
    pub split_on_pipe: bool,
}

impl ScopeCatalogue {
    /// A list of scopes as the standard separates them.
    pub fn separated(&self, written: &str) -> String {
        if self.split_on_pipe { written.replace('|', " ") } else { written.to_owned() }
    }
}
