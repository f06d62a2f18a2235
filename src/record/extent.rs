//! Which plan a record is of, how much of it, and which runs the record is put together of.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which plan a record is of, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Fingerprint of the whole plan: where it is the same, the same scenarios are judged, and the same
    /// ones left out.
    pub plan: String,
    /// Whether the plan has all scenarios of the project.
    pub whole: bool,
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
}
