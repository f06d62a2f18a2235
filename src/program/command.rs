//! What is to be started.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// A program, its arguments, its folder, and what its environment has besides this program's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The program, and its arguments; no shell reads them.
    pub words: Vec<String>,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// What its environment has besides this program's. Values may be secrets.
    pub environment: BTreeMap<OsString, OsString>,
}

/// Why a program could not be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("start `{program}`: {why}")]
pub struct ProgramError {
    /// The program, without its arguments.
    pub program: String,
    /// What the system says.
    pub why: String,
}
