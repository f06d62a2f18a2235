//! What the charts of the sandbox's people hold, as FHIR resources.
//!
//! They are written once for a sandbox, from its people and the templates of `dialects/chart.yaml`
//! (`write.rs`), always alike (`draw.rs`), and kept in a store that all platforms of the sandbox
//! share.

mod draw;
mod fill;
mod store;
mod write;

pub(in crate::mock) use store::{Entry, Store};
pub(in crate::mock) use write::home;
