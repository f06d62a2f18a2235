//! How the program ends; `docs/reference/exit-codes.md` tells users.

use std::process::ExitCode;

use crate::record::{Completion, Run, Verdict};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The subject conforms.
    Conforms,
    /// A requirement is not met.
    NotMet,
    /// The arguments or the project are wrong.
    Usage,
    /// The subject could not be judged to the end.
    NotJudged,
    /// Nothing was selected, or nothing of it can be judged on this target.
    NothingSelected,
    /// All holds, but snapshots wait for review.
    Unreviewed,
}

impl Exit {
    /// The code that the operating system gets.
    pub fn code(self) -> u8 {
        match self {
            Self::Conforms => 0,
            Self::NotMet => 1,
            Self::Usage => 2,
            Self::NotJudged => 3,
            Self::NothingSelected => 4,
            Self::Unreviewed => 5,
        }
    }

    /// How a run ends. A shard may have nothing to judge, and what failed before too is nothing new where a
    /// run is measured by an earlier one.
    pub fn of(run: &Run) -> Self {
        let tally = run.tally();
        if run.new_failures() > 0 || run.complaints().next().is_some() {
            Self::NotMet
        } else if run.completion == Completion::Interrupted
            || tally.of(Verdict::Inconclusive) + tally.of(Verdict::Error) > 0
        {
            Self::NotJudged
        } else if run.shard().is_none()
            && tally.of(Verdict::Skipped) - run.strict_alone() == tally.total()
        {
            Self::NothingSelected
        } else if run.pending_snapshots() > 0 {
            Self::Unreviewed
        } else {
            Self::Conforms
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
