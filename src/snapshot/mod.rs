//! Answers that somebody accepted, and how today's answers differ from them.
//!
//! A step hands a [`Store`] a JSON value and gets a [`crate::record::Snapshot`] for the record.
//! Values that differ in every run become words first (see [`Normaliser`]), so that what is left
//! to compare is the shape of an answer. Files are insta's: `cargo insta review` reads them too.

mod accepted;
mod answer;
mod compare;
mod drift;
mod error;
mod fidelity;
mod file;
mod name;
mod normalise;
mod pending;
mod shape;
mod store;

pub use accepted::accepted;
pub use answer::answer;
pub use error::SnapshotError;
pub use name::SnapshotName;
pub use normalise::Normaliser;
pub use pending::{Pending, accept, pending, reject};
pub use store::{Mode, Store};
