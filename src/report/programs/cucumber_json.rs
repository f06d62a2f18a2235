//! Cucumber's own JSON, which viewers and plug-ins of build servers read.

use serde_json::{Value, json};

use crate::record::{Run, Scenario, Step, StepOutcome, Verdict};
use crate::report::junit::message_of;

/// The run as Cucumber JSON: a list of features, each with its scenarios and their steps.
///
/// Cucumber knows no verdicts but those of steps. The step that stopped a scenario is `failed` if the
/// verdict is `fail` or `error`, `pending` if it could not be judged, and `skipped` if the deviation is
/// known; its message begins with the verdict. Steps of a scenario that was left out are `skipped`.
pub fn render(run: &Run) -> String {
    let of_features = run.scenarios.chunk_by(|one, next| one.feature == next.feature);
    let features: Vec<Value> = of_features.filter_map(feature).collect();
    format!("{:#}\n", Value::from(features))
}

fn feature(scenarios: &[Scenario]) -> Option<Value> {
    let first = scenarios.first()?;
    let elements: Vec<Value> = scenarios.iter().map(element).collect();
    Some(json!({
        "uri": first.feature,
        "id": slug(&first.feature_name),
        "keyword": "Feature",
        "name": first.feature_name,
        "description": "",
        "line": 1,
        "tags": [],
        "elements": elements,
    }))
}

fn element(scenario: &Scenario) -> Value {
    let tags: Vec<Value> = scenario
        .tags
        .iter()
        .map(|tag| json!({ "name": format!("@{tag}"), "line": scenario.line }))
        .collect();
    let mut steps: Vec<Value> = scenario.steps.iter().map(|one| step(scenario, one)).collect();
    let word = word(scenario.verdict);
    if !steps.iter().any(|one| one["result"]["status"] == word) {
        // A scenario that no step stopped, as when the run was interrupted, must not look as if it held.
        steps.push(outcome_alone(scenario));
    }
    json!({
        "id": format!("{};{};{}", slug(&scenario.feature_name), slug(&scenario.name), scenario.line),
        "keyword": "Scenario",
        "type": "scenario",
        "name": scenario.name,
        "description": "",
        "line": scenario.line,
        "tags": tags,
        "steps": steps,
    })
}

fn step(scenario: &Scenario, step: &Step) -> Value {
    let stopped = step.outcome == StepOutcome::Failed;
    let status = match step.outcome {
        StepOutcome::Passed => "passed",
        StepOutcome::Failed => word(scenario.verdict),
        StepOutcome::NotRun => "skipped",
    };
    let mut result = json!({ "status": status, "duration": nanoseconds(step.duration_ms) });
    if stopped {
        let said = step.message.clone().unwrap_or_else(|| message_of(scenario));
        result["error_message"] = format!("{}: {said}", scenario.verdict).into();
    }
    let mut arguments = Vec::new();
    if !step.table.is_empty() {
        let rows = step.table.iter().map(|row| json!({ "cells": row }));
        arguments.push(json!({ "rows": rows.collect::<Vec<_>>() }));
    }
    if let Some(text) = &step.docstring {
        arguments.push(json!({ "content": text, "line": step.line + 1 }));
    }
    json!({
        "keyword": format!("{} ", step.keyword),
        "name": step.text,
        "line": step.line,
        "arguments": arguments,
        "match": { "location": format!("{}:{}", scenario.feature, step.line) },
        "result": result,
    })
}

fn outcome_alone(scenario: &Scenario) -> Value {
    let message = format!("{}: {}", scenario.verdict, message_of(scenario));
    json!({
        "keyword": "* ",
        "name": "the scenario is judged",
        "line": scenario.line,
        "arguments": [],
        "match": { "location": scenario.id },
        "result": { "status": word(scenario.verdict), "duration": 0, "error_message": message },
    })
}

/// What a verdict is called of the step that decided it.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass | Verdict::Warn | Verdict::Flaky => "passed",
        Verdict::Skipped | Verdict::Waived => "skipped",
        Verdict::Inconclusive => "pending",
        Verdict::Error | Verdict::Fail => "failed",
    }
}

fn nanoseconds(milliseconds: u64) -> u64 {
    milliseconds.saturating_mul(1_000_000)
}

/// A name as it stands in Cucumber's ids, of which viewers make names of files.
fn slug(name: &str) -> String {
    let letters = name.chars().take(LONGEST).map(|it| if it.is_alphanumeric() { it } else { '-' });
    letters.collect::<String>().to_lowercase()
}

/// Letters of a name in an id: names of files have an end.
const LONGEST: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn status(scenario: &Value) -> &str {
        let statuses = scenario["steps"].as_array().unwrap().iter();
        let statuses = statuses.map(|step| step["result"]["status"].as_str().unwrap());
        ["failed", "pending", "skipped", "passed"]
            .into_iter()
            .find(|status| statuses.clone().any(|of| of == *status))
            .unwrap()
    }

    #[test]
    fn no_scenario_looks_better_than_it_is() {
        let mut run = sample::run();
        for scenario in &mut run.scenarios {
            for step in &mut scenario.steps {
                step.outcome = StepOutcome::Passed;
            }
        }
        for run in [sample::run(), run] {
            let features: Value = serde_json::from_str(&render(&run)).unwrap();
            let features = features.as_array().unwrap();
            assert_eq!(features.len(), sample::FEATURES.len());
            let elements = features.iter().flat_map(|it| it["elements"].as_array().unwrap());
            for (element, scenario) in elements.zip(&run.scenarios) {
                let expected: &[&str] = match scenario.verdict {
                    Verdict::Pass | Verdict::Warn | Verdict::Flaky => &["passed"],
                    Verdict::Skipped | Verdict::Waived => &["skipped"],
                    Verdict::Inconclusive => &["pending"],
                    Verdict::Error | Verdict::Fail => &["failed"],
                };
                assert!(expected.contains(&status(element)), "{element:#}");
            }
        }
    }
}
