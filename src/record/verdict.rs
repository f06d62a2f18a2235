//! The words of a judgement, and which of several decides.

use serde::{Deserialize, Serialize};

/// What was found about a scenario, and so whose turn it is.
///
/// Only [`Fail`](Verdict::Fail) says that the subject under test is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every check held.
    Pass,
    /// Every requirement held; something recommended did not.
    Warn,
    /// Passed only when it was tried again.
    Flaky,
    /// Not run, for a reason known before anything was sent.
    Skipped,
    /// A known deviation, with a reason and an end date.
    Waived,
    /// The subject could not be judged: unreachable, rate limited, no browser, interrupted.
    Inconclusive,
    /// Our bug, or the project's configuration.
    Error,
    /// The platform or the app broke a requirement.
    Fail,
}

impl Verdict {
    /// All words, in the order in which reports count them.
    pub const ALL: [Verdict; 8] = [
        Verdict::Pass,
        Verdict::Warn,
        Verdict::Flaky,
        Verdict::Waived,
        Verdict::Skipped,
        Verdict::Inconclusive,
        Verdict::Error,
        Verdict::Fail,
    ];

    /// The word as it stands in records, reports and on the terminal.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Flaky => "flaky",
            Verdict::Skipped => "skipped",
            Verdict::Waived => "waived",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Error => "error",
            Verdict::Fail => "fail",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
