//! The app's side of the wire: sends one request, notes the whole exchange, and gives the answer.
//!
//! Redirects are never followed and nothing is retried: what the platform answers is what is
//! judged. The steps hand in a [`Call`]; the recorder of the scenario gets every exchange.

mod app_host;
mod call;
mod client;

pub use app_host::{AppHost, Page};
pub use call::{Answer, Body, Call};
pub use client::{Client, HttpError, Proxy, Transport};
