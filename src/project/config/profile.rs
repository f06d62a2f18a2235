//! Ways to run that have a name: what is run, where, and what is reported.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Format;

/// What `run --profile NAME` does; what the command line says goes before it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The platform to judge, by its name among the targets.
    #[serde(default)]
    pub target: Option<String>,
    /// Feature files and folders, relative to the project; none means all.
    #[serde(default)]
    pub features: Vec<String>,
    /// Only scenarios with these tags: `@smoke and not @slow`.
    #[serde(default)]
    pub tags: Option<String>,
    /// How many times a scenario that does not pass is run again, on a system of others.
    #[serde(default)]
    #[schemars(range(max = 5))]
    pub retries: u8,
    /// Reports to write beside the record.
    #[serde(default)]
    pub reports: Option<Vec<Format>>,
}
