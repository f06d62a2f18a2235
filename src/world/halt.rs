//! Why a step stops its scenario, in a form that survives the way through cucumber.
//!
//! A step's error reaches the writer only as the text of a panic, so the text says by its first
//! word whose fault it is.

use std::fmt;

use crate::browser::BrowserError;
use crate::http::HttpError;
use crate::record::Verdict;
use crate::snapshot::SnapshotError;

/// Why a step stops its scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// A check did not hold; the recorder has it.
    NotMet(String),
    /// The subject does not offer what the scenario is about, and need not.
    NotOffered(String),
    /// The subject could not be judged.
    Inconclusive(String),
    /// The project or this program is wrong.
    Error(String),
}

impl Halt {
    /// The scenario or the program is wrong in this way.
    pub fn error(why: impl Into<String>) -> Self {
        Self::Error(why.into())
    }

    /// Reads the text that a step's error became.
    ///
    /// A text that no step wrote is a panic of this program.
    pub fn read(text: &str) -> Self {
        match text.split_once(": ") {
            Some((NOT_MET, rest)) => Self::NotMet(rest.to_owned()),
            Some((NOT_OFFERED, rest)) => Self::NotOffered(rest.to_owned()),
            Some((INCONCLUSIVE, rest)) => Self::Inconclusive(rest.to_owned()),
            Some((ERROR, rest)) => Self::Error(rest.to_owned()),
            _ => Self::Error(format!("this program stopped unexpectedly: {text}")),
        }
    }

    /// The verdict that it gives its scenario, and the reason in words.
    pub fn verdict(&self) -> (Verdict, &str) {
        match self {
            Self::NotMet(why) => (Verdict::Fail, why),
            Self::NotOffered(why) => (Verdict::Skipped, why),
            Self::Inconclusive(why) => (Verdict::Inconclusive, why),
            Self::Error(why) => (Verdict::Error, why),
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMet(why) => write!(f, "{NOT_MET}: {why}"),
            Self::NotOffered(why) => write!(f, "{NOT_OFFERED}: {why}"),
            Self::Inconclusive(why) => write!(f, "{INCONCLUSIVE}: {why}"),
            Self::Error(why) => write!(f, "{ERROR}: {why}"),
        }
    }
}

impl From<HttpError> for Halt {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Request(_) => Self::Error(format!("failed to {error}")),
            HttpError::Setup(_)
            | HttpError::Timeout { .. }
            | HttpError::Unreachable { .. }
            | HttpError::GivenUp { .. } => Self::Inconclusive(format!("failed to {error}")),
        }
    }
}

impl From<BrowserError> for Halt {
    fn from(error: BrowserError) -> Self {
        let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        Self::Inconclusive(format!("failed to {error}{hint}"))
    }
}

impl From<SnapshotError> for Halt {
    fn from(error: SnapshotError) -> Self {
        Self::Error(format!("failed to {error}"))
    }
}

const NOT_MET: &str = "not met";
const NOT_OFFERED: &str = "not offered";
const INCONCLUSIVE: &str = "inconclusive";
const ERROR: &str = "error";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_said_is_read_back() {
        for halt in [
            Halt::NotMet("a: b".into()),
            Halt::NotOffered("no portal".into()),
            Halt::Inconclusive("no browser".into()),
            Halt::Error("x".into()),
        ] {
            assert_eq!(Halt::read(&halt.to_string()), halt);
        }
    }

    #[test]
    fn a_panic_is_our_error() {
        assert_eq!(Halt::read("index out of bounds").verdict().0, Verdict::Error);
    }
}
