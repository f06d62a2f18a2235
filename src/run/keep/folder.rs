//! The folder that a run leaves its record, reports and evidence in.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::project::{Format, Mistake};
use crate::record::{CHAIN, EVIDENCE, LOGBOOK, RECORD, Run};

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
    let taken = own_files().chain([EVIDENCE]).find(|name| folder.join(name).exists());
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

/// Takes away what an older run has left in the folder, and nothing else; pictures that this one names
/// stay.
pub(super) fn clear(folder: &Path, run: &Run) -> io::Result<()> {
    for name in own_files() {
        remove(&folder.join(name))?;
    }
    clear_evidence(folder, run)
}

/// Takes away the pictures that a run does not name.
pub(super) fn clear_evidence(folder: &Path, run: &Run) -> io::Result<()> {
    let named = run.scenarios.iter().flat_map(|one| &one.pictures).map(|one| one.file.as_str());
    let named: HashSet<&str> = named.collect();
    let evidence = folder.join(EVIDENCE);
    for entry in fs::read_dir(&evidence).into_iter().flatten().flatten() {
        let file = format!("{EVIDENCE}/{}", entry.file_name().to_string_lossy());
        if number(&file).is_some() && !named.contains(file.as_str()) {
            remove(&entry.path())?;
        }
    }
    // A folder with files in it stays.
    let _ = fs::remove_dir(&evidence);
    Ok(())
}

/// A picture that a record in this folder names.
///
/// # Errors
/// If it cannot be read, or is no picture of a run: a record may come from elsewhere, and names no files
/// outside its own folder.
pub fn picture(folder: &Path, file: &str) -> io::Result<Vec<u8>> {
    match number(file) {
        Some(_) => fs::read(folder.join(file)),
        None => Err(io::Error::new(io::ErrorKind::InvalidInput, "no picture of a run")),
    }
}

/// The number of a picture, if it is one of a run.
pub(super) fn number(file: &str) -> Option<usize> {
    let name = file.strip_prefix(EVIDENCE)?.strip_prefix('/')?;
    let (stem, kind) = name.split_once('.')?;
    if !KINDS.iter().any(|(known, _)| *known == kind) {
        return None;
    }
    let numbered = stem.len() >= 4 && stem.bytes().all(|letter| letter.is_ascii_digit());
    stem.parse().ok().filter(|_| numbered)
}

/// The ending of a picture's file, by its first bytes.
pub(super) fn kind(picture: &[u8]) -> &'static str {
    let is = |(_, begins): &&(&str, &[u8])| picture.starts_with(begins);
    KINDS.iter().find(is).map_or("png", |(kind, _)| kind)
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

/// The endings of pictures, and how each kind begins.
const KINDS: [(&str, &[u8]); 3] =
    [("png", b"\x89PNG"), ("webp", b"RIFF"), ("jpeg", b"\xff\xd8\xff")];

/// Names of the files that a run leaves beside its evidence.
fn own_files() -> impl Iterator<Item = &'static str> {
    [RECORD, CHAIN, Format::DOSSIER_PDF].into_iter().chain(Format::ALL.map(Format::file))
}

#[cfg(test)]
mod tests {
    use super::super::logbook::tests::run;
    use super::*;

    #[test]
    fn an_older_runs_files_go_and_all_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        let (ours, others) = (
            ["record.json", "evidence/0001.png", "evidence/0003.webp"],
            ["notes.md", "evidence/holiday.png", "evidence/0002.png", "evidence/0004.gif"],
        );
        ours.iter().for_each(|name| write(name));
        others.iter().for_each(|name| write(name));
        let mut run = run("a");
        run.scenarios[0].pictures[0].file = "evidence/0002.png".to_owned();
        clear(folder.path(), &run).unwrap();
        assert!(ours.iter().all(|name| !folder.path().join(name).exists()));
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
    }
}
