//! Deviations that somebody has agreed to live with for a while.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The agreement that one requirement may stay broken on one target until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Id of the requirement.
    pub requirement: String,
    /// Name of the target in the project file.
    pub target: String,
    /// Why it may stay broken.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it is followed up.
    pub ticket: String,
    /// The last day on which it holds, UTC.
    pub until: Date,
}

/// A waiver of a run's target, and what became of it in the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// The waiver.
    #[serde(flatten)]
    pub waiver: Waiver,
    /// What became of it.
    pub state: WaiverState,
}

/// What became of a waiver in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaiverState {
    /// The requirement is broken, and the waiver covers it.
    Applied,
    /// The requirement is met.
    Needless,
    /// Its last day is over.
    Ended,
    /// The run says too little of the requirement to tell.
    Unjudged,
}

impl Waived {
    /// What is wrong with the waiver itself, and what to do; `None` if it is in order.
    pub fn complaint(&self) -> Option<String> {
        let Waiver { requirement, until, owner, .. } = &self.waiver;
        match self.state {
            WaiverState::Applied | WaiverState::Unjudged => None,
            WaiverState::Needless => Some(format!(
                "the waiver of {requirement} is needless: the requirement is met now; take it out of \
                 `waivers.yaml`"
            )),
            WaiverState::Ended => Some(format!(
                "the waiver of {requirement} ended on {until}: take it out of `waivers.yaml`, or let \
                 {owner} agree to another day"
            )),
        }
    }
}
