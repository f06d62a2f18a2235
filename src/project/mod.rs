//! What the user wrote: the project file, the scenarios, and what of them is to be run.
//!
//! Everything here is read and proven before anything is sent; a mistake keeps its place in the
//! file, so that the command line can show it.

pub mod built_in;
mod catalogue;
mod conceal;
mod config;
mod defects;
mod features;
mod limits;
mod listed;
mod mistake;
mod plan;
mod releases;
mod source;
mod waivers;

pub use catalogue::{Catalogue, Departure};
pub use config::{
    AppUnderTest, BankPlace, Category, Config, CredentialPlace, DatabaseUrl, Deed, FILE_NAME,
    Format, KeptRuns, KeyringEntry, Login, LoginWidget, Method, Notify, NotifyWhen, Offer,
    Pictures, Platform, Profile, Project, RegisteredApp, Retention, SecretRef, Sign, StartCommand,
    Target, Trigger, UnknownFormat, Value, schema,
};
pub use defects::{Defect, defects};
pub use features::{FeatureFile, read_features};
pub use limits::Limits;
pub use mistake::{Mistake, Place, nearest};
pub use plan::{CAPABILITIES, Capability, Judged, Plan, Planned, Selection, plan};
pub use releases::{About, Change, RELEASES, Release, Stage, releases, schema_of_releases};
pub use source::from_yaml;
pub use waivers::{WAIVERS, waivers};
