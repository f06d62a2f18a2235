//! What is done before a run: a project is begun, and a run is planned.
//!
//! Nothing here asks a platform anything, and no secret is read.

mod init;
mod plan;

pub(super) use init::init;
pub(super) use plan::plan;
