//! How a verdict stands beside that of an earlier run.

use serde::{Deserialize, Serialize};

use super::Verdict;

/// What became of a verdict from one run to the next; worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It fails, and did not.
    NewlyFailing,
    /// It fails, as it did.
    StillFailing,
    /// It could not be judged, and was.
    NewlyUnjudged,
    /// It could not be judged, as before.
    StillUnjudged,
    /// It passes only when it is tried again.
    NewlyFlaky,
    /// Something recommended does not hold any more.
    NewlyWarned,
    /// It is a known deviation now.
    NewlyWaived,
    /// It is left out now.
    NewlySkipped,
    /// It was judged, and is not there any more.
    Gone,
    /// It failed, or was a known deviation, and holds now.
    Fixed,
    /// It could not be judged, and holds now.
    JudgedAgain,
    /// It passed only when it was tried again, and passes at once now.
    Steady,
    /// Something recommended holds again.
    WarningGone,
    /// It was left out, and holds now.
    NoLongerSkipped,
    /// It was not there, and does not fail.
    New,
}

impl Standing {
    /// What became of a verdict; `None` on a side stands for what is not there. Nothing if there is
    /// nothing to tell: it holds as it held, or is as little in order as before without failing.
    pub fn of(before: Option<Verdict>, after: Option<Verdict>) -> Option<Self> {
        use Verdict::{Error, Fail, Flaky, Inconclusive, Pass, Skipped, Waived, Warn};
        let (before, after) = match (before, after) {
            (None, None) => return None,
            (Some(_), None) => return Some(Self::Gone),
            (None, Some(Fail)) => return Some(Self::NewlyFailing),
            (None, Some(_)) => return Some(Self::New),
            (Some(before), Some(after)) => (before, after),
        };
        Some(match (before, after) {
            (Fail, Fail) => Self::StillFailing,
            (_, Fail) => Self::NewlyFailing,
            (Inconclusive | Error, Inconclusive | Error) => Self::StillUnjudged,
            (_, Inconclusive | Error) => Self::NewlyUnjudged,
            (before, after) if before == after => return None,
            (_, Flaky) => Self::NewlyFlaky,
            (_, Waived) => Self::NewlyWaived,
            (_, Skipped) => Self::NewlySkipped,
            (Fail | Waived, Pass | Warn) => Self::Fixed,
            (Inconclusive | Error, Pass | Warn) => Self::JudgedAgain,
            (Skipped, Pass | Warn) => Self::NoLongerSkipped,
            (_, Warn) => Self::NewlyWarned,
            (Flaky, Pass) => Self::Steady,
            (_, Pass) => Self::WarningGone,
        })
    }

    /// Whether it is as it was.
    pub fn is_old(self) -> bool {
        matches!(self, Self::StillFailing | Self::StillUnjudged)
    }

    /// It in words, as they stand in reports and on the terminal.
    pub fn words(self) -> &'static str {
        match self {
            Self::NewlyFailing => "newly failing",
            Self::StillFailing => "still failing",
            Self::NewlyUnjudged => "newly inconclusive",
            Self::StillUnjudged => "still inconclusive",
            Self::NewlyFlaky => "newly flaky",
            Self::NewlyWarned => "newly warned of",
            Self::NewlyWaived => "newly waived",
            Self::NewlySkipped => "newly skipped",
            Self::Gone => "gone",
            Self::Fixed => "fixed",
            Self::JudgedAgain => "judged again",
            Self::Steady => "no longer flaky",
            Self::WarningGone => "no longer warned of",
            Self::NoLongerSkipped => "no longer skipped",
            Self::New => "new",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_verdict_depends_on_both_sides() {
        use Verdict::{Error, Fail, Flaky, Inconclusive, Pass, Skipped, Waived, Warn};
        for (before, after, expected) in [
            (Some(Pass), Some(Fail), Some(Standing::NewlyFailing)),
            (Some(Inconclusive), Some(Fail), Some(Standing::NewlyFailing)),
            (Some(Waived), Some(Fail), Some(Standing::NewlyFailing)),
            (None, Some(Fail), Some(Standing::NewlyFailing)),
            (Some(Fail), Some(Fail), Some(Standing::StillFailing)),
            (Some(Fail), Some(Pass), Some(Standing::Fixed)),
            (Some(Fail), Some(Warn), Some(Standing::Fixed)),
            (Some(Waived), Some(Pass), Some(Standing::Fixed)),
            (Some(Fail), Some(Flaky), Some(Standing::NewlyFlaky)),
            (Some(Fail), Some(Skipped), Some(Standing::NewlySkipped)),
            (Some(Fail), Some(Waived), Some(Standing::NewlyWaived)),
            (Some(Fail), Some(Inconclusive), Some(Standing::NewlyUnjudged)),
            (Some(Error), Some(Inconclusive), Some(Standing::StillUnjudged)),
            (Some(Inconclusive), Some(Pass), Some(Standing::JudgedAgain)),
            (Some(Pass), Some(Warn), Some(Standing::NewlyWarned)),
            (Some(Warn), Some(Pass), Some(Standing::WarningGone)),
            (Some(Flaky), Some(Pass), Some(Standing::Steady)),
            (Some(Skipped), Some(Pass), Some(Standing::NoLongerSkipped)),
            (Some(Fail), None, Some(Standing::Gone)),
            (None, Some(Pass), Some(Standing::New)),
            (None, None, None),
        ] {
            assert_eq!(Standing::of(before, after), expected, "{before:?} to {after:?}");
        }
        for same in [Pass, Warn, Flaky, Waived, Skipped] {
            assert_eq!(Standing::of(Some(same), Some(same)), None);
        }
    }

    #[test]
    fn only_what_is_on_both_sides_the_same_is_told_the_same_in_both_directions() {
        let sides: Vec<Option<Verdict>> =
            Verdict::ALL.into_iter().map(Some).chain([None]).collect();
        for (before, after) in sides.iter().flat_map(|one| sides.iter().map(move |it| (*one, *it)))
        {
            let (there, back) = (Standing::of(before, after), Standing::of(after, before));
            let is_same = there == back;
            let both_doubt = there == Some(Standing::StillUnjudged);
            assert_eq!(is_same, before == after || both_doubt, "{before:?} and {after:?}");
        }
    }
}
