//! A small SMART on FHIR app that conforms, and can be given one flaw at a time by its name.
//!
//! It is the first app that this program examines, and a living example for those who write one. In
//! the role of a patient's or a provider's app it serves pages and signs users in; as a backend it
//! works without any. [`serve`] gets its [`Settings`] and a listener from the command line.
//! `platform` has everything that is said to a platform, `user` everything that is shown to a user.

mod app;
mod backend;
mod flaw;
mod platform;
mod serve;
mod settings;
mod trouble;
mod user;

#[cfg(test)]
mod tests;

pub use app::Say;
pub use backend::once;
pub use flaw::Flaw;
pub use platform::Keys;
pub use serve::serve;
pub use settings::{Credentials, Role, Settings, SettingsError};
