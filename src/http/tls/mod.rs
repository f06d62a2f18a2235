//! Connections as such, before any request: whether a host can be reached, which version of TLS it
//! speaks, and what its certificates say.

mod certificate;
mod connect;
mod host;
mod old;
mod verdict;

pub use connect::{Connected, Connector, Handshake, TlsVersion, Unconnected};
pub use host::Host;
pub use verdict::Distrust;
