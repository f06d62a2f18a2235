//! Why a report could not be made.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a report could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The machine: the report's file cannot be written.
    #[error("write the report `{}`: {source}", file.display())]
    Disk {
        /// The file.
        file: PathBuf,
        /// Why it did not work.
        source: io::Error,
    },
    /// Our bug: the JUnit file cannot be put together.
    #[error("put the JUnit report together: {0}")]
    Junit(#[from] quick_junit::SerializeError),
    /// Our bug: the page cannot be put together.
    #[error("put the page together: {0:#}")]
    Page(#[from] minijinja::Error),
    /// Our bug: a scenario cannot be written as JSON.
    #[error("put the HTML report together: {0}")]
    Data(#[from] serde_json::Error),
}
