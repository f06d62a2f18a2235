//! Turns cucumber's events and the scenarios' notebooks into the record, scenario by scenario.

mod collector;
pub(super) mod hosts;
mod ledger;
mod tokens;

pub use collector::Collector;
pub use ledger::Ledger;
