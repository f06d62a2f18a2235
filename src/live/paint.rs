//! How a run looks: handed in, since the reports are next door.

use serde_json::Value;

use crate::record::{Run, Scenario};

/// How a run looks to a browser.
pub trait Paint: Send + Sync {
    /// The page, which carries this token wherever it asks for a change; `goes` says whether scenarios are
    /// being run.
    ///
    /// # Errors
    /// Why it cannot be put together.
    fn page(&self, run: &Run, goes: bool, token: &str) -> Result<String, String>;

    /// The whole report, as far as it is known.
    ///
    /// # Errors
    /// Why it cannot be put together.
    fn report(&self, run: &Run) -> Result<String, String>;

    /// A scenario of the run as a line of the list.
    fn row(&self, run: &Run, scenario: &Scenario) -> Value;

    /// A scenario of the run with all its evidence.
    ///
    /// # Errors
    /// Why it cannot be put together.
    fn scenario(&self, run: &Run, scenario: &Scenario) -> Result<Value, String>;

    /// What the run has come to so far.
    fn outcome(&self, run: &Run) -> Value;
}
