//! Which plan a record is of, how much of it, and which runs the record is put together of.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Scenario;

/// Which plan a record is of, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Fingerprint of the whole plan: where it is the same, the same scenarios are judged, and the same
    /// ones left out.
    pub plan: String,
    /// Whether the plan has all scenarios of the project.
    pub whole: bool,
    /// The part of the plan that was run, if it was divided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shard: Option<Shard>,
}

/// One of the parts that a plan was divided into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Its number, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Fingerprint of the division: where it is the same, each scenario is in the same shard.
    pub division: String,
}

/// A scenario of the plan that another shard runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The number of that shard.
    pub shard: usize,
    /// The scenario, as it stands where nothing is known of it.
    pub scenario: Scenario,
}

/// One of the runs that a record is put together of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Name of the run.
    pub run: String,
    /// Its start, UTC.
    pub started: Timestamp,
    /// What it was for.
    pub how: How,
    /// How many scenarios it was to run.
    pub scenarios: usize,
}

/// What one of several runs was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It was the first one.
    First,
    /// It ran what an earlier one had not come to (`--resume`).
    Resumed,
    /// It ran again what had not passed (`--rerun failed`).
    Rerun,
    /// It judged again what somebody chose.
    Chosen,
    /// It ran one of the parts of the plan (`--shard`).
    Shard {
        /// Its number, counted from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "shard {} of {}", self.number, self.of)
    }
}
