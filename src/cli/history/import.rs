//! Keeps runs of before.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Keeping, mistake, within};
use crate::cli::outcome::counted;
use crate::cli::{Exit, Surroundings, show_error};
use crate::history::{History, HistoryError, Stored};
use crate::project::Mistake;
use crate::record::{self, LOGBOOK, RECORD, Run, SCHEMA, Unreadable};

/// Keeps the runs whose records are in these places.
pub(super) fn import(
    surroundings: &Surroundings,
    keeping: &Keeping,
    places: &[PathBuf],
) -> Result<Exit, Mistake> {
    let mut found = Vec::new();
    for place in places {
        let path = surroundings.folder.join(place);
        let before = found.len();
        records(&path, &mut found).map_err(|error| {
            Mistake::new(format!("cannot read `{}`: {error}", place.display()))
                .with_hint("give `record.json` files, or folders with them")
        })?;
        if found.len() == before {
            return Err(Mistake::new(format!("there is no record in `{}`", place.display()))
                .with_hint("give `record.json` files, or folders with them"));
        }
    }
    let imported = within(imported(surroundings, keeping, &found))?;
    let Imported { kept, known, left_out, unread } = match imported {
        Ok(imported) => imported,
        Err(error) if error.is_outage() => {
            show_error::show(surroundings, &mistake(&error));
            return Ok(Exit::NotJudged);
        }
        Err(error) => return Err(mistake(&error)),
    };
    let mut said = vec![format!("{} kept", counted(kept, "run"))];
    for (count, what) in [(known, "there already"), (left_out, "left out")] {
        if count > 0 {
            said.push(format!("{count} {what}"));
        }
    }
    surroundings.tell(&said.join(", "));
    match unread.into_iter().next() {
        None => Ok(Exit::Conforms),
        Some(first) => Err(first),
    }
}

#[derive(Default)]
struct Imported {
    kept: usize,
    known: usize,
    left_out: usize,
    unread: Vec<Mistake>,
}

async fn imported(
    surroundings: &Surroundings,
    keeping: &Keeping,
    files: &[PathBuf],
) -> Result<Imported, HistoryError> {
    let mut history = History::open(&keeping.place).await?;
    let mut imported = Imported::default();
    for file in files {
        let shown = file.strip_prefix(&surroundings.folder).unwrap_or(file).display();
        let (run, bytes) = match read(file) {
            Ok(read) => read,
            Err(error) => {
                let mistake = Mistake::new(format!("cannot read the record `{shown}`: {error}"))
                    .with_hint(
                        "the others were kept; mend or leave out this one, and import again",
                    );
                imported.unread.push(mistake);
                continue;
            }
        };
        let why = match (run.shard(), &run.target.defect) {
            (Some(shard), _) => {
                Some(format!("it is {shard}; `checkride merge` puts them together"))
            }
            (_, Some(defect)) => Some(format!("it was played with the defect `{defect}`")),
            _ => None,
        };
        if let Some(why) = why {
            imported.left_out += 1;
            surroundings.remark(&format!("`{shown}` is left out: {why}"));
        } else if history.has(&run).await? {
            imported.known += 1;
        } else {
            match history.store(&run, &bytes).await? {
                Stored::New | Stored::Replaced => imported.kept += 1,
                Stored::PartOf(_) => imported.known += 1,
            }
        }
    }
    history.close().await;
    Ok(imported)
}

/// A record, and its bytes as `record.json` has them.
fn read(file: &Path) -> Result<(Run, Vec<u8>), Unreadable> {
    if file.extension().is_some_and(|it| it == "jsonl") {
        // Beside it may be what the run came to at last.
        let run = record::read(file.parent().unwrap_or(file))?;
        let bytes = serde_json::to_vec(&run)?;
        return Ok((run, bytes));
    }
    let bytes = fs::read(file).map_err(Unreadable::Disk)?;
    Ok((record::read_bytes(&bytes)?, bytes))
}

/// The records at a place: the file itself, or those in a folder and below it.
fn records(place: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !place.is_dir() {
        fs::metadata(place)?;
        found.push(place.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(place)? {
        entries.push(entry?.path());
    }
    entries.sort();
    // The lines of a killed run may be newer than the record beside them; reading them looks at both.
    let lines = place.join(LOGBOOK);
    let has_lines = lines.is_file();
    for entry in entries {
        if entry.is_dir() {
            records(&entry, found)?;
        } else if entry == lines || is_record(&entry) && !(has_lines && entry == place.join(RECORD))
        {
            found.push(entry);
        }
    }
    Ok(())
}

/// Whether a file says at its beginning that it is a record.
fn is_record(file: &Path) -> bool {
    if file.extension().is_none_or(|it| it != "json") {
        return false;
    }
    let mut beginning = Vec::new();
    let read = fs::File::open(file).and_then(|open| open.take(200).read_to_end(&mut beginning));
    let kind = SCHEMA.split('/').next().unwrap_or_default();
    read.is_ok() && String::from_utf8_lossy(&beginning).contains(kind)
}
