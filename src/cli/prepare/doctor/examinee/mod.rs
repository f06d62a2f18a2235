//! The app under test, before it is examined: what its owner wrote of it, and whether it can be started
//! and used as they say.
//!
//! It is started once, at a mock platform of its own, and ended with all that it started.

mod address;
mod declared;
mod kept;
mod program;
mod running;

use super::case::Case;
use super::finding::{Severity, Sheet};
use super::{browser, quota};
use crate::cli::subject::unread;
use crate::project::{AppUnderTest, Category, Mistake};

/// Examines the app of this name.
///
/// # Errors
/// A [`Mistake`] if the mock cannot be had.
pub(super) async fn examine(
    case: &Case<'_>,
    (name, app): (&str, &AppUnderTest),
) -> Result<Sheet, Mistake> {
    let mut sheet = Sheet::default();
    let mut examination = unread(case.surroundings, case.project, name, app);
    kept::examine(case, &mut examination, &mut sheet);
    program::examine(case, (name, app), &mut sheet);
    address::examine(case, (name, app), &mut sheet);
    declared::examine(case, (name, app), &mut sheet);
    if app.category != Category::TwoLegged {
        browser::examine(case, &mut sheet).await;
    }
    quota::scenarios(case, Some((name, app)), &mut sheet);
    // What is wrong already would only be found a second time.
    if !sheet.has(Severity::Wrong) {
        running::examine(case, examination, &mut sheet).await?;
    }
    Ok(sheet)
}
