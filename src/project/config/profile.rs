//! Ways to run that have a name: what is run, where, and what is reported.

use schemars::JsonSchema;
use serde::Deserialize;

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
    pub reports: Option<Vec<ReportKind>>,
}

/// A kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportKind {
    /// One page for people, with all evidence in it.
    Html,
    /// For build servers.
    Junit,
    /// A short summary for programs.
    Json,
    /// A summary for the page of a build.
    Markdown,
}
