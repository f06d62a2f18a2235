//! Pages for people on this machine: a server that hands requests to whoever answers them, and lets
//! nobody else in.
//!
//! The command line makes a [`Site`] of what answers, or of the [`Board`] on which a run notes what happens,
//! and serves it with a [`Server`], which binds to loopback alone. `guard.rs` turns away whoever comes by another name or changes something without the
//! token of the page; what is answered may not be kept, framed or read by other sites.

mod answer;
mod board;
mod guard;
mod paint;
mod server;
mod site;
mod watched;

pub use answer::{Answer, Ask};
pub use board::Board;
pub use paint::Paint;
pub use server::Server;
pub use site::Site;
