//! Small records of runs.

use serde_json::{Value, json};

/// The record of a run on the target `mock` that began so many hours after the beginning of October 2026.
pub fn record(hour: i64, scenarios: &[(&str, &str)]) -> Value {
    let scenario = |(index, (name, verdict)): (usize, &(&str, &str))| {
        json!({
            "id": format!("features/a.feature:{}", index + 3), "feature": "features/a.feature",
            "feature_name": "A", "line": index + 3, "name": name, "tags": [],
            "requirements": [requirement(name)], "verdict": verdict,
            "findings": { requirement(name): verdict }, "started_ms": 0,
            "duration_ms": 100 + index, "steps": [], "exchanges": [], "snapshots": [], "pictures": [],
        })
    };
    let scenarios: Vec<_> = scenarios.iter().enumerate().map(scenario).collect();
    let started = jiff::Timestamp::from_second(OCTOBER + hour * 3600).unwrap();
    json!({
        "schema": "checkride.record/1", "id": name(hour), "started": started,
        "duration_ms": 40_000 + hour, "completion": "complete",
        "extent": { "plan": "p", "whole": true }, "requirements": {},
        "target": { "name": "mock", "dialect": "athenahealth", "fhir_base": "embedded" },
        "tool": { "version": "0.1.0", "platform": "linux x86_64", "jobs": 4 },
        "scenarios": scenarios,
    })
}

/// The name of the run of that hour.
pub fn name(hour: i64) -> String {
    let started = jiff::Timestamp::from_second(OCTOBER + hour * 3600).unwrap();
    format!("{}-00c0ffee", started.strftime("%Y%m%dT%H%M%SZ"))
}

fn requirement(name: &str) -> String {
    format!("REQ-{}", name.to_uppercase().replace(' ', "-"))
}

/// The beginning of October 2026.
const OCTOBER: i64 = 1_790_812_800;
