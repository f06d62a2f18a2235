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
}
