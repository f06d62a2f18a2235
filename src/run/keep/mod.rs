//! Keeps the record of a run while it goes: what was judged is on the disk before it is told.
//!
//! [`prepare`] proves that a folder can take it, a [`Logbook`] notes scenario by scenario there, and
//! [`read`](crate::record::read()) opens it, even if the run was killed.

mod folder;
mod logbook;
mod watch;

pub use folder::{picture, prepare};
pub use logbook::Logbook;
pub use watch::{Happening, Watch};
