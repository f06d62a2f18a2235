//! The record of a run while it goes: each scenario is a line of `record.jsonl` as soon as it has
//! ended, and at the end all become `record.json`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use super::folder::{clear, clear_evidence, hold, kind, number, unwritable};
use super::watch::{Happening, Watch};
use crate::project::Mistake;
use crate::record::{CHAIN, Chain, EVIDENCE, Entry, LOGBOOK, RECORD, Requirements, Run, Scenario};

/// The record of a run while it goes.
#[derive(Debug)]
pub struct Logbook(Mutex<Book>, Watch);

#[derive(Debug)]
struct Book {
    run: Run,
    /// Where each scenario stands in the run, by its id.
    places: HashMap<String, usize>,
    kept: Option<Kept>,
}

/// Its files.
#[derive(Debug)]
struct Kept {
    folder: PathBuf,
    lines: File,
    pictures: usize,
    /// Where pictures are that came in this run, by the digests of what is in them.
    written: HashMap<Vec<u8>, String>,
    /// The first thing that could not be written; nothing is tried after it.
    unwritten: Option<Mistake>,
}

impl Logbook {
    /// Begins the record of a run that nothing is written of.
    pub fn unwritten(run: Run) -> Self {
        Self::of(run, None)
    }

    /// Begins the record of a run in a folder that was [`prepare`](super::prepare())d, in the place of an
    /// older one's. The run stands as it would if no scenario had begun; what it took over from the older
    /// one keeps its pictures.
    ///
    /// # Errors
    /// A [`Mistake`] if it cannot be written there.
    pub fn begin(folder: &Path, run: Run) -> Result<Self, Mistake> {
        let lines = replace(&folder.join(LOGBOOK), |file| {
            hold(file)?;
            let mut file = BufWriter::new(file);
            serde_json::to_writer(&mut file, &run)?;
            file.write_all(b"\n")?;
            file.flush()
        });
        let lines = lines.map_err(|error| unwritable(folder, &error))?;
        clear(folder, &run).map_err(|error| unwritable(folder, &error))?;
        let kept = run.scenarios.iter().flat_map(|one| &one.pictures);
        let pictures = kept.filter_map(|picture| number(&picture.file)).max().unwrap_or_default();
        let folder = folder.to_owned();
        Ok(Self::of(
            run,
            Some(Kept { folder, lines, pictures, written: HashMap::new(), unwritten: None }),
        ))
    }

    fn of(run: Run, kept: Option<Kept>) -> Self {
        let ids = run.scenarios.iter().enumerate();
        let places = ids.map(|(place, one)| (one.id.clone(), place)).collect();
        Self(Mutex::new(Book { run, places, kept }), Watch::default())
    }

    /// The same, of which somebody is told what happens.
    #[must_use]
    pub fn watched(self, watch: Watch) -> Self {
        Self(self.0, watch)
    }

    /// Tells whoever watches that a scenario began.
    pub fn began(&self, id: &str) {
        self.1.tell(Happening::Began(id));
    }

    /// When the run began, from which the times in it count.
    pub fn begun(&self) -> SystemTime {
        self.open().run.started.into()
    }

    /// Whether an earlier run has judged a scenario.
    pub fn was_judged(&self, id: &str) -> bool {
        let book = self.open();
        let place = book.places.get(id).copied();
        place.is_some_and(|place| book.run.scenarios[place].before.is_some())
    }

    /// Notes a scenario that has ended, with its pictures and the requirements that it names beside those
    /// of the plan. When this returns, a kill of the program takes nothing of it away.
    pub fn enter(&self, mut scenario: Scenario, pngs: &[Vec<u8>], requirements: Requirements) {
        let mut book = self.open();
        let place = book.places.get(&scenario.id).copied();
        let before = place.and_then(|place| book.run.scenarios[place].before);
        scenario.before = scenario.before.or(before);
        if let Some(kept) = &mut book.kept {
            kept.pictures(&mut scenario, pngs);
        }
        let entry = Entry { scenario, requirements };
        if let Some(kept) = &mut book.kept {
            kept.line(&entry);
        }
        let Entry { scenario, requirements } = entry;
        self.1.tell(Happening::Ended(&scenario));
        book.run.requirements.extend(requirements);
        if let Some(place) = place {
            book.run.scenarios[place] = scenario;
        }
    }

    /// Changes the record as a whole, once all scenarios have ended, and gives what that gives.
    pub fn settle<T>(&self, settle: impl FnOnce(&mut Run) -> T) -> T {
        settle(&mut self.open().run)
    }

    /// The record, of which nothing more is written.
    pub fn into_run(self) -> Run {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).run
    }

    /// Ends the record: what was written line by line becomes `record.json`, and a [`Chain`] is laid
    /// over it and the pictures.
    ///
    /// # Errors
    /// A [`Mistake`] that names the file that could not be written, now or before.
    pub fn close(self) -> Result<Run, Mistake> {
        let Book { run, kept, .. } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = kept else { return Ok(run) };
        let path = kept.folder.join(RECORD);
        let written = replace(&path, |file| {
            let mut file = BufWriter::new(file);
            serde_json::to_writer_pretty(&mut file, &run)?;
            file.flush()
        });
        written.map_err(|error| unwritable(&path, &error))?;
        // Left behind, they would be passed over.
        let _ = fs::remove_file(kept.folder.join(LOGBOOK));
        let _ = clear_evidence(&kept.folder, &run);
        if let Some(mistake) = kept.unwritten {
            return Err(mistake);
        }
        let path = kept.folder.join(CHAIN);
        let chained = Chain::over(&kept.folder, &run)
            .and_then(|chain| replace(&path, |mut file| write!(file, "{chain}")));
        chained.map_err(|error| unwritable(&path, &error))?;
        Ok(run)
    }

    fn open(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Writes a scenario's pictures, and into the scenario where they are; those that are the same
    /// share a file.
    fn pictures(&mut self, scenario: &mut Scenario, pngs: &[Vec<u8>]) {
        for (picture, png) in scenario.pictures.iter_mut().zip(pngs) {
            let digest = digest(&SHA256, png).as_ref().to_vec();
            if let Some(file) = self.written.get(&digest) {
                picture.file.clone_from(file);
                continue;
            }
            self.pictures += 1;
            picture.file = format!("{EVIDENCE}/{:04}.{}", self.pictures, kind(png));
            self.written.insert(digest, picture.file.clone());
            let path = self.folder.join(&picture.file);
            self.attempt(&path, |_| {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::write(&path, png)
            });
        }
    }

    /// Adds a line.
    fn line(&mut self, entry: &impl Serialize) {
        let path = self.folder.join(LOGBOOK);
        self.attempt(&path, |lines| {
            let mut line = serde_json::to_vec(entry)?;
            line.push(b'\n');
            lines.write_all(&line)
        });
    }

    fn attempt(&mut self, path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) {
        if self.unwritten.is_none()
            && let Err(error) = write(&mut self.lines)
        {
            self.unwritten = Some(unwritable(path, &error));
        }
    }
}

/// Writes a file under another name first, so that whenever the program is killed there is the old one
/// or the new one.
fn replace(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<File> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let file = File::create(&new)?;
    write(&file)?;
    fs::rename(&new, path)?;
    Ok(file)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::prepare;
    use super::*;
    use crate::record::{Verdict, read};
    use serde_json::json;

    /// A run of two scenarios that have not begun.
    pub(in crate::run::keep) fn run(id: &str) -> Run {
        let scenario = |line: usize| {
            json!({
                "id": format!("a.feature:{line}"), "feature": "a.feature", "feature_name": "A",
                "line": line, "name": "x", "tags": [], "requirements": [],
                "verdict": "inconclusive", "unfinished": true, "started_ms": 0, "duration_ms": 0,
                "steps": [], "exchanges": [], "snapshots": [],
                "pictures": [{ "file": "", "caption": "the page" }],
            })
        };
        serde_json::from_value(json!({
            "schema": "checkride.record/1", "id": id, "started": "2026-11-22T08:00:00Z",
            "duration_ms": 0, "completion": "interrupted", "requirements": {},
            "target": { "name": "mock", "dialect": "athenahealth", "fhir_base": "embedded" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": [scenario(1), scenario(2)],
        }))
        .unwrap()
    }

    fn judged(run: &Run) -> Scenario {
        let verdict = Verdict::Pass;
        Scenario { verdict, unfinished: false, ..run.scenarios[1].clone() }
    }

    #[test]
    fn what_was_entered_is_there_before_the_run_has_ended_and_after() {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).unwrap();
        let logbook = Logbook::begin(folder.path(), run("a")).unwrap();
        logbook.enter(judged(&run("a")), &[b"png".to_vec()], Requirements::new());
        let under_way = read(folder.path()).unwrap();
        let verdicts =
            |run: &Run| -> Vec<Verdict> { run.scenarios.iter().map(|one| one.verdict).collect() };
        assert_eq!(verdicts(&under_way), [Verdict::Inconclusive, Verdict::Pass]);
        let picture = &under_way.scenarios[1].pictures[0].file;
        assert_eq!(fs::read(folder.path().join(picture)).unwrap(), b"png");

        logbook.settle(|run| run.duration_ms = 7);
        let whole = logbook.close().unwrap();
        let kept = read(folder.path()).unwrap();
        assert_eq!((kept.duration_ms, verdicts(&kept)), (7, verdicts(&under_way)));
        assert_eq!(whole.scenarios[1].pictures[0].file, *picture);
        assert!(!folder.path().join(LOGBOOK).exists());
    }

    #[test]
    fn what_an_earlier_run_found_stays_until_there_is_something_newer() {
        let folder = tempfile::tempdir().unwrap();
        let mut earlier = run("a");
        for one in &mut earlier.scenarios {
            (one.verdict, one.before) = (Verdict::Fail, Some(Verdict::Fail));
        }
        let logbook = Logbook::begin(folder.path(), earlier.clone()).unwrap();
        logbook.enter(judged(&earlier), &[b"png".to_vec()], Requirements::new());
        assert!(logbook.was_judged(&earlier.scenarios[0].id));
        let under_way = read(folder.path()).unwrap();
        let seen = under_way.scenarios.iter().map(|one| (one.verdict, one.before, one.unfinished));
        let seen: Vec<_> = seen.collect();
        let before = Some(Verdict::Fail);
        assert_eq!(seen, [(Verdict::Fail, before, true), (Verdict::Pass, before, false)]);
    }

    #[test]
    fn pictures_that_are_the_same_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let logbook = Logbook::begin(folder.path(), run("a")).unwrap();
        let mut scenario = judged(&run("a"));
        scenario.pictures = vec![scenario.pictures[0].clone(); 3];
        let (webp, png) = (b"RIFF1".to_vec(), b"\x89PNG".to_vec());
        logbook.enter(scenario, &[webp.clone(), png, webp], Requirements::new());
        let run = logbook.close().unwrap();
        let files = run.scenarios[1].pictures.iter().map(|it| it.file.as_str());
        let expected = ["evidence/0001.webp", "evidence/0002.png", "evidence/0001.webp"];
        assert_eq!(files.collect::<Vec<_>>(), expected);
        assert!(expected.iter().all(|file| folder.path().join(file).exists()));
    }

    #[test]
    fn a_folder_belongs_to_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let logbook = Logbook::begin(folder.path(), run("a")).unwrap();
        let refused = prepare(folder.path()).unwrap_err();
        assert!(refused.message.starts_with("a run is writing to"), "{refused}");
        drop(logbook);
        prepare(folder.path()).unwrap();
    }
}
