//! What is done before a run: a project is begun, examined, and a run is planned.
//!
//! Only `doctor` asks a platform anything, or reads a secret.

mod doctor;
mod init;
mod plan;

pub(super) use doctor::doctor;
pub(super) use init::init;
pub(super) use plan::plan;
