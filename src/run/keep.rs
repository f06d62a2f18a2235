//! Writes a run down: `record.json` and the screenshots beside it.

use std::path::Path;
use std::{fs, io};

use super::Outcome;
use crate::project::Mistake;
use crate::record::Run;

/// Makes sure that the record and reports of a run can be written to a folder.
///
/// What else is in the folder stays: it may be somebody's.
///
/// # Errors
/// A [`Mistake`] if the folder cannot be written to, or holds files that no run has left there.
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
    let taken = OWN_FILES.iter().chain(&[EVIDENCE]).find(|name| folder.join(name).exists());
    match taken {
        Some(name) if !folder.join(RECORD).exists() => Err(Mistake::new(format!(
            "the report folder `{}` has a `{name}` that is not of a run",
            folder.display()
        ))
        .with_hint("choose an empty folder, or a new one, with `--out`")),
        _ => Ok(()),
    }
}

/// Takes away what an older run has left in the folder, and nothing else.
fn clear(folder: &Path) -> io::Result<()> {
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

fn unwritable(folder: &Path, error: &io::Error) -> Mistake {
    Mistake::new(format!("cannot write to the report folder `{}`: {error}", folder.display()))
        .with_hint("choose another one with `--out`")
}

/// Writes the record and its screenshots in the place of an older run's; gives the record with the
/// files' names in it.
///
/// # Errors
/// A [`Mistake`] that names the file that could not be written.
pub fn keep(outcome: Outcome, folder: &Path) -> Result<Run, Mistake> {
    let Outcome { mut run, pngs } = outcome;
    clear(folder).map_err(|error| unwritable(folder, &error))?;
    let mut number = 0;
    for (scenario, pngs) in run.scenarios.iter_mut().zip(pngs) {
        for (picture, png) in scenario.pictures.iter_mut().zip(pngs) {
            number += 1;
            picture.file = format!("{EVIDENCE}/{number:04}.png");
            let path = folder.join(&picture.file);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(|error| unwritable(&path, &error))?;
            }
            fs::write(&path, png).map_err(|error| unwritable(&path, &error))?;
        }
    }
    let path = folder.join(RECORD);
    let text = serde_json::to_string_pretty(&run)
        .map_err(|error| Mistake::new(format!("cannot write the record: {error}")))?;
    fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
    Ok(run)
}

/// Name of the record's file.
pub const RECORD: &str = "record.json";
const EVIDENCE: &str = "evidence";
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
