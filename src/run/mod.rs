//! A run: proves that it can be run, runs it, and makes one record of it.
//!
//! The command line hands in a plan and the context; [`preflight`] finds every mistake before
//! anything is sent; [`execute`] drives cucumber and notes in a [`Logbook`] what becomes of each
//! scenario, which is the record of the [`Run`](crate::record::Run).

mod again;
mod cast;
mod collect;
mod execute;
mod fingerprint;
mod frugal;
mod keep;
mod lacks;
mod merge;
mod preflight;
mod progress;
pub mod selftest;
pub mod sentences;
mod settle;
mod shard;
mod sides;
mod spelling;

pub use again::{Again, go_on, measurable};
pub use execute::{Pace, execute, opened};
pub use frugal::Costs;
pub use keep::{Happening, Logbook, Watch, picture, prepare};
pub use lacks::sign_ins;
pub use merge::{Gathered, merge};
pub use preflight::{needs_browser, preflight};
pub use progress::Progress;
pub use settle::{waive, waived_on};
pub use shard::{Durations, Slot, take_part};
pub use sides::sides;
