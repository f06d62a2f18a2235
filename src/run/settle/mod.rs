//! What is settled at the end of a run, when everything is known: outages are told from findings,
//! then known deviations are taken out of the red.

mod outage;
mod waive;

pub(super) use outage::doubt;
pub(super) use waive::settled;
pub use waive::{waive, waived_on};
