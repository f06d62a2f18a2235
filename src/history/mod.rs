//! The records of all runs, kept in a database: a file of the project's own (SQLite), or a server that
//! a team shares (PostgreSQL).
//!
//! The command line hands over each run that has ended, with the record as it was written; the whole of
//! it is kept, and beside it rows of verdicts, durations and findings that can be asked. Every statement
//! here is read by both databases.

mod ask;
mod cells;
mod error;
mod find;
mod open;
mod place;
mod prune;
mod row;
mod store;
#[cfg(test)]
mod testing;

pub use ask::{
    AboutRelease, Course, Failing, Listed, Matrix, MatrixRow, Named, Pointed, Scope, Shaky, Timed,
    Timing, Turned, Turns,
};
pub use error::HistoryError;
pub use find::Selector;
pub use open::History;
pub use place::{Place, PlaceError};
pub use prune::Keep;
pub use store::Stored;
