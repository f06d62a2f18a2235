//! Turns cucumber's events and the scenarios' notebooks into the record, scenario by scenario.

mod collector;
mod ledger;

pub use collector::Collector;
pub use ledger::Ledger;
