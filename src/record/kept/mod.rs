//! Reads the record that a run keeps in its folder: `record.json`, or `record.jsonl` as long as it
//! goes on, and for ever after a run that was killed. A chain shows whether somebody changed it since.

mod chain;

pub use chain::{CHAIN, Chain, Chainless, Link, digest_of, evidence};

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::record::{Requirements, Run, SCHEMA, Scenario};

/// A line of `record.jsonl`: a scenario that came to its end.
///
/// The line before all of these is a whole [`Run`]: the record as it would be if no scenario had begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The scenario.
    pub scenario: Scenario,
    /// Requirements that it says something of and that the first line does not know.
    #[serde(skip_serializing_if = "Requirements::is_empty", default)]
    pub requirements: Requirements,
}

/// Why a record cannot be read.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// There is none.
    #[error("no run has left a record there")]
    Absent,
    /// The disk does not give it.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// It is something else, or of a version that cannot be read.
    #[error("{0}")]
    Garbled(#[from] serde_json::Error),
    /// It is of another version of this program.
    #[error("it has the shape `{0}`, and this program knows `{SCHEMA}`")]
    Shape(String),
    /// A line that is not the last one is something else.
    #[error("line {line}: {source}")]
    GarbledLine {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Reads a record: of a folder that of the run that began last, whether or not it came to its end; of
/// a file this one.
///
/// Scenarios that a killed run did not finish are `inconclusive` and [`unfinished`](Scenario::unfinished).
///
/// # Errors
/// [`Unreadable`] if there is none, or it is something else.
pub fn read(place: &Path) -> Result<Run, Unreadable> {
    if place.extension().is_some_and(|it| it == "jsonl") {
        return unfinished(&bytes(place)?);
    }
    if !place.is_dir() {
        return read_bytes(&bytes(place)?);
    }
    let whole = match bytes(&place.join(RECORD)) {
        Err(Unreadable::Absent) => None,
        read => Some(read_bytes(&read?)?),
    };
    match bytes(&place.join(LOGBOOK)) {
        Err(Unreadable::Absent) => whole.ok_or(Unreadable::Absent),
        read => {
            let begun = unfinished(&read?)?;
            // A run that was killed after its last word left both.
            Ok(whole.filter(|whole| whole.id == begun.id).unwrap_or(begun))
        }
    }
}

/// The record that lines come to; the last one may be torn.
fn unfinished(lines: &[u8]) -> Result<Run, Unreadable> {
    let mut lines = lines.split_inclusive(|byte| *byte == b'\n');
    let mut run = read_bytes(lines.next().unwrap_or_default())?;
    let places = run.scenarios.iter().enumerate().map(|(place, one)| (one.id.clone(), place));
    let places: HashMap<String, usize> = places.collect();
    for (index, line) in lines.enumerate() {
        let entry: Entry = match serde_json::from_slice(line) {
            Ok(entry) => entry,
            Err(_) if !line.ends_with(b"\n") => break,
            Err(source) => return Err(Unreadable::GarbledLine { line: index + 2, source }),
        };
        let ended = entry.scenario.started_ms + entry.scenario.duration_ms;
        run.duration_ms = run.duration_ms.max(ended);
        run.requirements.extend(entry.requirements);
        match places.get(&entry.scenario.id) {
            Some(place) => run.scenarios[*place] = entry.scenario,
            None => run.scenarios.push(entry.scenario),
        }
    }
    Ok(run)
}

/// Reads a record out of the bytes of a `record.json`.
///
/// # Errors
/// [`Unreadable`] if it is something else.
pub fn read_bytes(bytes: &[u8]) -> Result<Run, Unreadable> {
    let run: Run = serde_json::from_slice(bytes)?;
    if run.schema == SCHEMA { Ok(run) } else { Err(Unreadable::Shape(run.schema)) }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unreadable::Absent,
        _ => error.into(),
    })
}

/// Name of the record's file.
pub const RECORD: &str = "record.json";
/// Name of the file that a record grows in.
pub const LOGBOOK: &str = "record.jsonl";
/// Name of the folder of screenshots, beside the record.
pub const EVIDENCE: &str = "evidence";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Verdict;
    use serde_json::{Value, json};

    fn scenario(line: usize, verdict: &str) -> Value {
        json!({
            "id": format!("a.feature:{line}"), "feature": "a.feature", "feature_name": "A",
            "line": line, "name": "x", "tags": [], "requirements": [], "verdict": verdict,
            "started_ms": 40, "duration_ms": 2, "steps": [], "exchanges": [], "pictures": [],
            "snapshots": [], "unfinished": verdict == "inconclusive",
        })
    }

    fn run(id: &str) -> Value {
        json!({
            "schema": "checkride.record/1", "id": id, "started": "2026-11-22T08:00:00Z",
            "duration_ms": 0, "completion": "interrupted", "requirements": {},
            "target": { "name": "mock", "dialect": "athenahealth", "fhir_base": "embedded" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": [scenario(1, "inconclusive"), scenario(2, "inconclusive")],
        })
    }

    fn lines() -> String {
        let entry = |line, verdict| json!({ "scenario": scenario(line, verdict) });
        format!("{}\n{}\n{}\n", run("b"), entry(2, "pass"), entry(1, "fail"))
    }

    fn verdicts(run: &Run) -> Vec<Verdict> {
        run.scenarios.iter().map(|one| one.verdict).collect()
    }

    #[test]
    fn wherever_the_lines_are_torn_all_whole_ones_count() {
        let lines = lines();
        let first = lines.find('\n').unwrap() + 1;
        let second = first + lines[first..].find('\n').unwrap() + 1;
        for end in first..=lines.len() {
            let run = unfinished(&lines.as_bytes()[..end]).unwrap();
            // A line is whole before its end is written.
            let expected = match end {
                end if end + 1 >= lines.len() => [Verdict::Fail, Verdict::Pass],
                end if end + 1 >= second => [Verdict::Inconclusive, Verdict::Pass],
                _ => [Verdict::Inconclusive, Verdict::Inconclusive],
            };
            assert_eq!(verdicts(&run), expected, "{end}");
            let left = run.scenarios.iter().filter(|one| one.unfinished).count();
            let unknown = expected.iter().filter(|it| **it == Verdict::Inconclusive).count();
            assert_eq!(left, unknown);
        }
        assert!(unfinished(&lines.as_bytes()[..first - 2]).is_err(), "nothing had begun");
    }

    #[test]
    fn a_line_that_is_broken_in_the_middle_is_told_with_its_number() {
        let torn = lines().replacen("{\"scenario\"", "{\"scen", 1);
        let error = unfinished(torn.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("line 2: "), "{error}");
    }

    #[test]
    fn a_folder_has_the_record_of_the_run_that_began_last() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path()), Err(Unreadable::Absent)));
        fs::write(folder.path().join(RECORD), run("a").to_string()).unwrap();
        assert_eq!(read(folder.path()).unwrap().id, "a");
        fs::write(folder.path().join(LOGBOOK), lines()).unwrap();
        let begun = read(folder.path()).unwrap();
        assert_eq!((begun.id.as_str(), begun.duration_ms), ("b", 42));
        let mut whole = run("b");
        whole["completion"] = "complete".into();
        fs::write(folder.path().join(RECORD), whole.to_string()).unwrap();
        let read = read(folder.path()).unwrap();
        assert_eq!(read.completion, crate::record::Completion::Complete);
    }
}
