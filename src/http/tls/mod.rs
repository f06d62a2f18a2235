//! Connections as such, before any request: whether a host can be reached, which version of TLS it
//! speaks, and what its certificates say.

mod certificate;
mod connect;
mod old;
mod verdict;

pub use certificate::Certificate;
pub use connect::{Connected, Connector, Handshake, TlsVersion, Unconnected};
pub use verdict::Distrust;
