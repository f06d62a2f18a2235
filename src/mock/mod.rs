//! The platform, played in process: authorization server, login widget, developer portal and APIs.
//!
//! It behaves as the dialect says and refuses what the standards and the platform's guides refuse.
//! Every [`Platform`] is a world of its own with its own apps, users' sessions, tokens and time, so
//! that each scenario can have one. An endpoint is a list of small rules in visible order, one file
//! per rule (`oauth/check/`); `router.rs` is the map.

mod athenaone;
mod bearer;
mod bounds;
mod client;
mod control;
mod discovery;
mod endpoint;
mod fault;
mod fhir;
mod journal;
mod keys;
mod login;
mod oauth;
mod organization;
mod platform;
mod portal;
mod request;
mod router;
mod serving;
mod state;
#[cfg(test)]
mod testing;
mod user_management;

pub use endpoint::Endpoint;
pub use fault::{
    Fault, FaultError, Faults, KeySetChoice, Kind as FaultKind, Place, Planted, Struck, TokenKind,
};
pub use journal::{Entry, Journal, KeyFetch};
pub use keys::PublishedKey;
pub use platform::{Environment, Part, Platform};
pub use request::{Parameters, Received};
pub use serving::{Certificate, Kind, Root, Server, Tls, TlsError, serve, start};
