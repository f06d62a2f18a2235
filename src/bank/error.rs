//! What can go wrong with the bank.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the bank gives or takes no token.
#[derive(Debug, Error)]
pub enum BankError {
    /// What should be its key is none.
    #[error("read the key of the bank: it is no `AGE-SECRET-KEY-1…`")]
    Key,
    /// A file was encrypted with another key, or is none of the bank's.
    #[error("read `{}`: it was encrypted with another key, or is damaged", .0.display())]
    Unreadable(PathBuf),
    /// The disk does not give or take a file.
    #[error("read or write `{}`: {source}", .path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the disk says.
        source: io::Error,
    },
}

impl BankError {
    pub(super) fn disk(path: &Path, source: io::Error) -> Self {
        Self::Disk { path: path.to_owned(), source }
    }
}
