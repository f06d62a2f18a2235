//! Everything that the app shows to a user: the way to the platform (`authorize`) and back
//! (`callback`), the records (`data`), and the end (`log_out`).
//!
//! `session` remembers who is where, and `page` writes what is shown.

mod authorize;
mod callback;
mod data;
mod facts;
mod log_out;
mod page;
mod session;

pub(super) use authorize::{launch, log_in};
pub(super) use callback::{callback, in_window};
pub(super) use data::data;
pub(super) use log_out::log_out;
pub(super) use page::{garbage, start};
pub(super) use session::{Browser, Sessions};
