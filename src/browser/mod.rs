//! The browser door: finds or installs a Chromium, drives it, and records what it sends and shows.
//!
//! A scenario takes a [`Session`] (a tab of its own) from the run's [`Browser`], opens an address,
//! lets [`Session::play`] go through a platform's pages by a script, and gives the session back. One
//! Chromium serves a whole run; its tabs are wiped and used again. What a tab sends ends
//! in the scenario's record, and every wait has a deadline.

mod chromium;
mod ears;
mod error;
mod ledger;
mod open;
mod options;
mod page;
mod picture;
mod pool;
mod print;
mod script;
mod session;
mod tab;
mod transport;
mod watch;

#[cfg(test)]
mod tests;

pub use error::BrowserError;
pub use ledger::Sent;
pub use open::{Landing, Seen};
pub use options::{Attention, Choice, Install, Options, Say};
pub use pool::{Browser, Fresh};
pub use script::{End, Played, Values};
pub use session::{Front, Session};
