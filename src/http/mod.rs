//! The app's side of the wire: sends a request, notes the whole exchange, and gives the answer.
//!
//! Redirects are never followed: what the platform answers is what is judged. Towards a system that
//! others use a request goes out with [`Courtesy`]: within a token budget, and again after an outage
//! where that can do no harm. The steps hand in a [`Call`]; the recorder of the scenario gets every
//! exchange.

mod app_host;
mod breaker;
mod budget;
mod call;
mod client;
mod courtesy;
mod loopback;
mod repeat;
mod tls;
mod webhook;

pub use app_host::{AppHost, Page};
pub use budget::{Budget, Coin};
pub use call::{Answer, Body, Call};
pub use client::{Client, HttpError, Proxy, Transport};
pub use courtesy::{Courtesy, Notice};
pub use loopback::{Loopback, Taken};
pub use tls::{Connected, Connector, Distrust, Handshake, Host, TlsVersion, Unconnected};
pub use webhook::post_to_webhook;
