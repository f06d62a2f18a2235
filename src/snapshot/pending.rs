//! Answers that wait for somebody's yes or no.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::drift::drift;
use super::file::remove;
use super::{SnapshotError, compare, store};
use crate::record::Drift;

/// An answer that waits for review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// `<target>/<capability>/<scenario>__<step>`.
    pub name: String,
    /// What was accepted before, if anything was.
    pub accepted: Option<PathBuf>,
    /// What was seen.
    pub new: PathBuf,
    /// Differences as a unified diff.
    pub diff: String,
    /// What they mean to clients; empty where nothing was accepted before.
    pub drift: Drift,
}

/// All answers under `root` that wait for review, by name; none where there is no such folder.
///
/// # Errors
/// When a folder cannot be listed or a file in it is not a snapshot.
pub fn pending(root: &Path) -> Result<Vec<Pending>, SnapshotError> {
    let mut files = Vec::new();
    list(root, ENDING, &mut files)?;
    files.sort();
    files.into_iter().map(|file| describe(root, file)).collect()
}

/// Makes what was seen the accepted answer.
///
/// # Errors
/// When the file is not a snapshot, or cannot be written.
pub fn accept(pending: &Pending) -> Result<(), SnapshotError> {
    compare::accept(&pending.new, &accepted_of(&pending.new))?;
    remove(&pending.new)
}

/// Drops what was seen; the accepted answer stays.
///
/// # Errors
/// When the file cannot be removed.
pub fn reject(pending: &Pending) -> Result<(), SnapshotError> {
    remove(&pending.new)
}

/// The files below a folder whose names end like this.
pub(super) fn list(
    folder: &Path,
    ending: &str,
    files: &mut Vec<PathBuf>,
) -> Result<(), SnapshotError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(SnapshotError::disk("list", folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(SnapshotError::disk("list", folder))?;
        let kind = entry.file_type().map_err(SnapshotError::disk("list", &entry.path()))?;
        if kind.is_dir() {
            list(&entry.path(), ending, files)?;
        } else if entry.file_name().to_string_lossy().ends_with(ending) {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn describe(root: &Path, new: PathBuf) -> Result<Pending, SnapshotError> {
    let seen = compare::read(&new)?;
    let accepted = Some(accepted_of(&new)).filter(|file| file.exists());
    let before = accepted.as_deref().map(compare::read).transpose()?;
    let drift = before.as_deref().map(|before| drift(before, &seen)).unwrap_or_default();
    let before = before.unwrap_or_default();
    let shown = new.strip_prefix(root).unwrap_or(&new).to_string_lossy().replace('\\', "/");
    let name = shown.strip_suffix(ENDING).unwrap_or(&shown).to_owned();
    Ok(Pending { name, accepted, new, diff: store::diff(&before, &seen), drift })
}

/// `x.snap.new` waits to become `x.snap`.
fn accepted_of(new: &Path) -> PathBuf {
    new.with_extension("")
}

const ENDING: &str = ".snap.new";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_means_nothing_waits() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(pending(&folder.path().join("none")).unwrap(), []);
    }

    #[test]
    fn a_file_that_is_no_snapshot_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.snap"), "kept, though nothing asks for it").unwrap();
        assert_eq!(pending(folder.path()).unwrap(), []);
        fs::write(folder.path().join("x.snap.new"), "<<<<<<<").unwrap();
        let error = pending(folder.path()).unwrap_err();
        assert!(error.to_string().contains("x.snap.new"), "{error}");
    }
}
