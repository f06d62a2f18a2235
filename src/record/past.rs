//! What a record tells of the runs before it: how they ended, and what is another since the last one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Standing, Verdict};

/// An earlier run of the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Name of the run.
    pub run: String,
    /// Its start, UTC.
    pub started: Timestamp,
    /// Milliseconds from start to end.
    pub duration_ms: u64,
    /// How many scenarios got which verdict.
    pub tally: BTreeMap<Verdict, usize>,
}

/// What is another than in the last run of the same. It is only told: no verdict and no exit code heeds
/// it, as they heed a [`Baseline`](super::Baseline).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// Name of the earlier run.
    pub run: String,
    /// Its start, UTC.
    pub started: Timestamp,
    /// The scenarios that stand otherwise than they did, worst first.
    pub changes: Vec<Turned>,
    /// What changed in the platform's answers.
    pub answers: AnswersChanged,
}

/// A scenario that stands otherwise than it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turned {
    /// Its id; the earlier one if it is gone.
    pub scenario: String,
    /// Its title.
    pub name: String,
    /// What became of it.
    pub standing: Standing,
}

/// How many changes of answers there are of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswersChanged {
    /// Those after which a client may stop working.
    pub breaking: usize,
    /// Those that only add something.
    pub additive: usize,
    /// Those that no client notices.
    pub cosmetic: usize,
}

impl Since {
    /// How many scenarios became what, worst first.
    pub fn counted(&self) -> BTreeMap<Standing, usize> {
        let mut counted = BTreeMap::new();
        for change in &self.changes {
            *counted.entry(change.standing).or_default() += 1;
        }
        counted
    }

    /// Whether nothing is another.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.answers == AnswersChanged::default()
    }
}
