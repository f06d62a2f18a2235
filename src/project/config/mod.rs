//! The project file, `checkride.yaml`: targets with their apps and people, apps to examine, profiles,
//! and where features, snapshots and reports are.
//!
//! Each of its parts has a file here; `project` reads the whole, `proof` finds what no type can
//! tell apart, before anything is sent.

mod app;
mod app_under_test;
mod bank_place;
mod format;
mod history;
mod notify;
mod place;
mod profile;
mod project;
mod proof;
mod schema;
mod secret_ref;
mod target;
mod value;

pub use app::{Category, CredentialPlace, Method, RegisteredApp};
pub use app_under_test::{AppUnderTest, Sign, StartCommand, Trigger};
pub use bank_place::BankPlace;
pub use format::{Format, UnknownFormat};
pub use history::{DatabaseUrl, KeptRuns, Retention};
pub use notify::{Notify, NotifyWhen};
pub use profile::{Pictures, Profile};
pub use project::{Config, FILE_NAME, Project};
pub use schema::schema;
pub use secret_ref::{KeyringEntry, SecretRef};
pub use target::{Deed, Login, LoginWidget, Offer, Platform, Target};
pub use value::Value;

pub(super) use project::position_of;
