//! A run: proves that it can be run, runs it, and makes one record of it.
//!
//! The command line hands in a plan and the context; [`preflight`] finds every mistake before
//! anything is sent; [`execute`] drives cucumber and answers with the [`Run`](crate::record::Run),
//! which [`keep`] writes down.

mod cast;
mod collect;
mod execute;
mod frugal;
mod keep;
mod lacks;
mod outage;
mod preflight;
mod progress;
pub mod selftest;
pub mod sentences;
mod sides;
mod spelling;
mod waive;

pub use execute::{Outcome, Pace, execute};
pub use frugal::Costs;
pub use keep::{RECORD, keep, prepare};
pub use lacks::sign_ins;
pub use preflight::preflight;
pub use progress::Progress;
pub use sides::sides;
pub use waive::{waive, waived_on};
