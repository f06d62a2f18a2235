//! Files that appear whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::SnapshotError;

/// Writes a file through a neighbour that is renamed onto it; `finish` may still reshape it.
pub(super) fn write_whole(
    file: &Path,
    text: &str,
    finish: impl FnOnce(&Path) -> Result<(), SnapshotError>,
) -> Result<(), SnapshotError> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(SnapshotError::disk("create", folder))?;
    }
    let draft = draft_of(file);
    let written = fs::write(&draft, text)
        .map_err(SnapshotError::disk("write", &draft))
        .and_then(|()| finish(&draft))
        .and_then(|()| fs::rename(&draft, file).map_err(SnapshotError::disk("write", file)));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Removes a file; one that is not there is removed already.
pub(super) fn remove(file: &Path) -> Result<(), SnapshotError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SnapshotError::disk("remove", file)(error))
        }
        _ => Ok(()),
    }
}

fn draft_of(file: &Path) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // Hidden, so that no review lists it.
    file.with_file_name(format!(".draft-{}-{count}", std::process::id()))
}
