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
    /// Of what pictures are kept, where that is not as in other runs.
    #[serde(default)]
    pub pictures: Option<Pictures>,
}

/// Of what pictures of the users' pages are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pictures {
    /// Of the last page of a scenario that does not pass, and where a scenario asks for one.
    #[default]
    Failures,
    /// Of each step on a page as well: small ones.
    Steps,
}

impl Pictures {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Failures, Self::Steps];

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Failures => "failures",
            Self::Steps => "steps",
        }
    }
}
