//! Checkride: the practical exam for health apps and for the OAuth 2.0 / SMART on FHIR platforms
//! they connect to.
//!
//! The house has eight floors; a module uses lower floors only (`ARCHITECTURE.md` draws them, and
//! `tests/architecture.rs` holds them).

// 0  what a run leaves behind, secrets, time
pub mod clock;
pub mod record;
pub mod secret;

// 1  the protocols, and what a platform promises
pub mod dialect;
pub mod protocol;

// 2  what the user wrote
pub mod project;

// 3  engines, and readers of a record
pub mod bank;
pub mod browser;
pub mod difference;
pub mod history;
pub mod http;
pub mod live;
pub mod mock;
pub mod program;
pub mod reference_app;
pub mod report;
pub mod snapshot;

// 4  the world of one scenario
pub mod world;

// 5  the sentences
pub mod steps;

// 6  a run
pub mod run;

// 7  the command line
pub mod cli;
