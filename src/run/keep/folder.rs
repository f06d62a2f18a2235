//! The folder that a run leaves its record, reports and evidence in.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::project::Mistake;
use crate::record::{LOGBOOK, RECORD};

/// Makes sure that the record and reports of a run can be written to a folder.
///
/// What else is in the folder stays: it may be somebody's.
///
/// # Errors
/// A [`Mistake`] if the folder cannot be written to, holds files that no run has left there, or is
/// another run's that goes on.
pub fn prepare(folder: &Path) -> Result<(), Mistake> {
    if folder.is_file() {
        let message =
            format!("cannot write to the report folder `{}`: it is a file", folder.display());
        return Err(Mistake::new(message).with_hint("choose another one with `--out`"));
    }
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let probe = folder.join(".checkride-probe");
    fs::write(&probe, "")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| unwritable(folder, &error))?;
    if File::open(folder.join(LOGBOOK)).is_ok_and(|lines| hold(&lines).is_err()) {
        let message = format!("a run is writing to the report folder `{}`", folder.display());
        return Err(Mistake::new(message)
            .with_hint("wait for its end, or choose another folder with `--out`"));
    }
    let is_of_run = folder.join(RECORD).exists() || folder.join(LOGBOOK).exists();
    let taken = OWN_FILES.iter().chain(&[EVIDENCE]).find(|name| folder.join(name).exists());
    match taken {
        Some(name) if !is_of_run => Err(Mistake::new(format!(
            "the report folder `{}` has a `{name}` that is not of a run",
            folder.display()
        ))
        .with_hint("choose an empty folder, or a new one, with `--out`")),
        _ => Ok(()),
    }
}

/// Keeps other runs from a folder as long as this file of it is open.
///
/// # Errors
/// If it is another run's that goes on.
pub(super) fn hold(lines: &File) -> io::Result<()> {
    match flock(lines, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(Errno::WOULDBLOCK.into()),
        // Some file systems have no locks.
        _ => Ok(()),
    }
}

/// Takes away what an older run has left in the folder, and nothing else.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    for name in OWN_FILES {
        remove(&folder.join(name))?;
    }
    let evidence = folder.join(EVIDENCE);
    if let Ok(entries) = fs::read_dir(&evidence) {
        for path in entries.flatten().map(|entry| entry.path()) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let numbered = stem.len() >= 4 && stem.bytes().all(|letter| letter.is_ascii_digit());
            if numbered && path.extension().is_some_and(|extension| extension == "png") {
                remove(&path)?;
            }
        }
        // A folder with somebody else's files stays.
        let _ = fs::remove_dir(&evidence);
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn unwritable(folder: &Path, error: &io::Error) -> Mistake {
    Mistake::new(format!("cannot write to the report folder `{}`: {error}", folder.display()))
        .with_hint("choose another one with `--out`")
}

/// Name of the folder of screenshots.
pub(super) const EVIDENCE: &str = "evidence";
const OWN_FILES: [&str; 4] = [RECORD, "index.html", "junit.xml", "results.json"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_runs_files_go_and_all_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        let (ours, others) =
            (["record.json", "evidence/0001.png"], ["notes.md", "evidence/holiday.png"]);
        ours.iter().chain(&others).for_each(|name| write(name));
        clear(folder.path()).unwrap();
        assert!(ours.iter().all(|name| !folder.path().join(name).exists()));
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
    }
}
