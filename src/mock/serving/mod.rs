//! Serves a platform on a port, in clear or over TLS.
//!
//! A listener's connections are served each in a task of its own, with bounds on time and size, so
//! that a slow or broken client harms nobody but itself. Over TLS, the certificate comes from an
//! authority of the platform's own and can be exchanged while it runs, also for one that a client
//! must refuse.

mod authority;
mod certificate;
mod connection;
#[cfg(test)]
mod garbage;
mod server;
#[cfg(test)]
mod tests;
mod tls;

pub use authority::Root;
pub use certificate::{Certificate, Kind};
pub use server::{Server, serve, start};
pub use tls::{Tls, TlsError};
