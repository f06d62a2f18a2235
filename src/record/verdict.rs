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

/// The verdict that decides among several: the one that stands last in
/// `skipped pass warn flaky waived inconclusive error fail`; `skipped` for none.
///
/// A skipped scenario says nothing, so it takes nothing away from one that passed.
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| ORDER.iter().position(|word| word == verdict);
    verdicts.into_iter().max_by_key(rank).unwrap_or(Verdict::Skipped)
}

const ORDER: [Verdict; 8] = [
    Verdict::Skipped,
    Verdict::Pass,
    Verdict::Warn,
    Verdict::Flaky,
    Verdict::Waived,
    Verdict::Inconclusive,
    Verdict::Error,
    Verdict::Fail,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_scenario_takes_nothing_away_from_one_that_passed() {
        assert_eq!(worst([Verdict::Skipped, Verdict::Pass]), Verdict::Pass);
        assert_eq!(worst([Verdict::Fail, Verdict::Error]), Verdict::Fail);
        assert_eq!(worst([Verdict::Waived, Verdict::Flaky]), Verdict::Waived);
        assert_eq!(worst([]), Verdict::Skipped);
    }

    #[test]
    fn every_verdict_has_a_rank() {
        assert!(Verdict::ALL.iter().all(|verdict| ORDER.contains(verdict)));
    }
}
