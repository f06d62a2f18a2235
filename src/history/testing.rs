//! Small records for the tests of this room.

use serde_json::json;

use crate::record::Run;

/// A run of these scenarios, each with its title and verdict, that began so many minutes after noon.
pub(super) fn run(id: &str, minute: u32, scenarios: &[(&str, &str)]) -> Run {
    let scenario = |(index, (name, verdict)): (usize, &(&str, &str))| {
        json!({
            "id": format!("a.feature:{}", index + 1), "feature": "a.feature", "feature_name": "A",
            "line": index + 1, "name": name, "tags": [], "requirements": ["REQ"],
            "verdict": verdict, "findings": { "REQ": verdict }, "started_ms": 0, "duration_ms": 1,
            "steps": [], "exchanges": [], "snapshots": [], "pictures": [],
        })
    };
    let scenarios: Vec<_> = scenarios.iter().enumerate().map(scenario).collect();
    let run = json!({
        "schema": "checkride.record/1", "id": id, "duration_ms": 5, "completion": "complete",
        "started": format!("2026-11-22T12:{minute:02}:00Z"), "requirements": {},
        "target": { "name": "mock", "dialect": "athenahealth", "fhir_base": "embedded" },
        "tool": { "version": "x", "platform": "x", "jobs": 1 }, "scenarios": scenarios,
    });
    serde_json::from_value(run).unwrap()
}

/// A scenario of each verdict.
pub(super) fn verdicts<'a>(words: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    words.iter().map(|word| (*word, *word)).collect()
}
