//! Why a snapshot could not be compared.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a snapshot could not be compared, written or reviewed; never the fault of a platform.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The project: a file under the snapshots' folder is not a snapshot.
    #[error("read the snapshot `{}`: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The project: a selector of a volatile value is not one.
    #[error("understand the selector `{selector}` of a volatile value")]
    Selector {
        /// The selector as it was written.
        selector: String,
    },
    /// The machine: a file or folder cannot be listed, written or removed.
    #[error("{doing} `{}`: {source}", file.display())]
    Disk {
        /// What was tried: `write`, `remove`, `list`.
        doing: &'static str,
        /// The file or folder.
        file: PathBuf,
        /// Why it did not work.
        source: io::Error,
    },
}

impl SnapshotError {
    /// The next thing to try.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            SnapshotError::Unreadable { .. } => Some(
                "restore the file from version control, or delete it and accept the answer again",
            ),
            SnapshotError::Selector { .. } => {
                Some("write a member's name (`exp`) or a path (`.body.exp`, `.**.id`)")
            }
            SnapshotError::Disk { .. } => None,
        }
    }

    pub(super) fn disk(doing: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| SnapshotError::Disk { doing, file, source }
    }
}
