//! How a run looks: handed in, since the reports are next door.

use serde_json::Value;

use crate::record::{Run, Scenario};

/// How a run looks to a browser.
pub trait Paint: Send + Sync {
    /// The whole page, which carries this token wherever it asks for a change.
    ///
    /// # Errors
    /// Why it cannot be put together.
    fn page(&self, run: &Run, token: &str) -> Result<String, String>;

    /// A scenario of the run as a line of the list.
    fn row(&self, run: &Run, scenario: &Scenario) -> Value;

    /// A scenario of the run with all its evidence.
    fn scenario(&self, run: &Run, scenario: &Scenario) -> Value;

    /// What the run has come to so far.
    fn outcome(&self, run: &Run) -> Value;
}
