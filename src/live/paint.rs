//! How a run looks: handed in, since the reports are next door.

use serde_json::Value;

use crate::record::{Run, Scenario};

/// How a run looks to a browser.
pub trait Paint: Send + Sync {
    /// The page, which carries this token wherever it asks for a change, and has its style and script at
    /// addresses of their own.
    ///
    /// # Errors
    /// Why it cannot be put together.
    fn page(&self, run: &Run, token: &str) -> Result<String, String>;

    /// The style of the page.
    fn style(&self) -> String;

    /// The script of the page.
    fn script(&self) -> String;

    /// The whole report, as far as it is known.
    ///
    /// # Errors
    /// Why it cannot be put together.
    fn report(&self, run: &Run) -> Result<String, String>;

    /// A scenario as a line of the list.
    fn row(&self, scenario: &Scenario) -> Value;

    /// A scenario with all its evidence.
    fn scenario(&self, scenario: &Scenario) -> Value;

    /// What the run has come to so far.
    fn outcome(&self, run: &Run) -> Value;
}
