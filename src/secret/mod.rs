//! Secrets as a type, and the one place where they are taken out of what is recorded.
//!
//! Everything that must not be seen is a [`Secret`] from the moment it is read or issued. The
//! [`Redactor`] of a run knows every such value and replaces it, however a protocol spells it
//! (`spelling`), and what the protocols' names and shapes give away (`giveaway`, `names`), before
//! a text becomes evidence.

mod escapes;
mod giveaway;
mod inside;
mod json;
mod members;
mod names;
mod redactor;
mod spelling;
mod tags;
mod value;

pub(crate) use names::is_secret_name;
pub use redactor::Redactor;
pub use value::Secret;
