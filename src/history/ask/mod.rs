//! What can be asked of a history: the runs, what fails and since when, what is not reliable, what takes
//! longer than it did.
//!
//! A scenario counts as red where it is `fail` or `waived`, as green where it is `pass`, `warn` or
//! `flaky`; what was not judged says nothing.

mod duration;
mod failing;
mod flaky;
mod list;
mod past;
mod requirement;
mod scope;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

pub use duration::{Timed, Timing};
pub use failing::Failing;
pub use flaky::Shaky;
pub use list::{Listed, Turned, Turns};
pub use past::AboutRelease;
pub use requirement::{Matrix, MatrixRow};
pub(super) use scope::Question;
pub use scope::{Course, Scope};

use crate::record::Verdict;

/// A run, to point at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pointed {
    /// Its name.
    pub run: String,
    /// Its start, UTC.
    pub started: Timestamp,
}

/// A scenario, as it stood in the last of the runs that were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its feature file.
    pub feature: String,
    /// Its line, counted from 1.
    pub line: i64,
    /// Its title.
    pub name: String,
}

impl Named {
    /// Out of the columns `feature`, `line` and `name`.
    fn of(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            feature: row.try_get("feature")?,
            line: row.try_get("line")?,
            name: row.try_get("name")?,
        })
    }
}

/// A moment out of a column.
fn moment(row: &AnyRow, column: &str) -> sqlx::Result<Timestamp> {
    let told = Timestamp::from_microsecond(row.try_get(column)?);
    told.map_err(|error| sqlx::Error::Decode(error.into()))
}

fn verdict(row: &AnyRow, column: &str) -> sqlx::Result<Verdict> {
    let word: String = row.try_get(column)?;
    let known = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word);
    known.ok_or_else(|| sqlx::Error::Decode(format!("`{word}` is no verdict").into()))
}

const RED: &str = "('fail', 'waived')";
const GREEN: &str = "('pass', 'warn', 'flaky')";
const JUDGED: &str = "('pass', 'warn', 'flaky', 'fail', 'waived')";
