//! The Common Test Report Format (CTRF): JSON that test dashboards and pull-request tools read.

use serde_json::{Value, json};

use crate::record::{Run, Scenario, Verdict};
use crate::report::junit::{account_of, message_of};

/// The run as CTRF.
///
/// `inconclusive` is `other`: it is no failure of the platform, and nothing that passed. `error` is
/// `failed`, for a build must not go on with it; `waived` is `skipped`, as in JUnit. `rawStatus` has the
/// verdict itself.
pub fn render(run: &Run) -> String {
    let start = run.started.as_millisecond();
    let tests: Vec<Value> =
        run.scenarios.iter().map(|scenario| test(run, scenario, start)).collect();
    let count = |wanted: &str| {
        let found = run.scenarios.iter().filter(|one| status(one.verdict) == wanted);
        found.count()
    };
    let report = json!({
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "runId": run.id,
        "generatedBy": "checkride",
        "results": {
            "tool": { "name": "checkride", "version": run.tool.version },
            "summary": {
                "tests": run.scenarios.len(),
                "passed": count("passed"),
                "failed": count("failed"),
                "skipped": count("skipped"),
                "pending": 0,
                "other": count("other"),
                "flaky": run.tally().of(Verdict::Flaky),
                "start": start,
                "stop": after(start, run.duration_ms),
            },
            "tests": tests,
            "environment": {
                "testEnvironment": run.target.name,
                "extra": {
                    "dialect": run.target.dialect,
                    "fhirBase": run.target.fhir_base,
                    "app": run.target.app,
                },
            },
        },
    });
    format!("{report:#}\n")
}

fn test(run: &Run, scenario: &Scenario, start: i64) -> Value {
    let begun = after(start, scenario.started_ms);
    let mut test = json!({
        "testId": scenario.id,
        "name": scenario.name,
        "status": status(scenario.verdict),
        "rawStatus": scenario.verdict.word(),
        "duration": scenario.duration_ms,
        "start": begun,
        "stop": after(begun, scenario.duration_ms),
        "suite": [scenario.feature_name],
        "filePath": scenario.feature,
        "line": scenario.line,
        "tags": scenario.tags,
        "flaky": scenario.verdict == Verdict::Flaky,
        "extra": { "requirements": scenario.findings },
    });
    if scenario.verdict != Verdict::Pass {
        test["message"] = message_of(scenario).into();
    }
    if !matches!(scenario.verdict, Verdict::Pass | Verdict::Skipped) {
        test["trace"] = account_of(run, scenario).into();
    }
    test
}

fn status(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass | Verdict::Warn | Verdict::Flaky => "passed",
        Verdict::Skipped | Verdict::Waived => "skipped",
        Verdict::Inconclusive => "other",
        Verdict::Error | Verdict::Fail => "failed",
    }
}

fn after(start: i64, milliseconds: u64) -> i64 {
    start.saturating_add_unsigned(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_summary_counts_every_scenario_once() {
        let report: Value = serde_json::from_str(&render(&sample::run())).unwrap();
        let summary = &report["results"]["summary"];
        let statuses = ["passed", "failed", "skipped", "pending", "other"];
        let counted = statuses.map(|status| summary[status].as_u64().unwrap());
        assert_eq!(counted.iter().sum::<u64>(), summary["tests"].as_u64().unwrap());
        assert_eq!(report["results"]["tests"].as_array().unwrap().len(), 10);
        let tally = sample::run().tally();
        let judged_red = tally.of(Verdict::Fail) + tally.of(Verdict::Error);
        assert_eq!(counted[1], judged_red as u64);
        assert_eq!(counted[4], tally.of(Verdict::Inconclusive) as u64);
    }

    #[test]
    fn a_failure_says_why_and_when() {
        let report: Value = serde_json::from_str(&render(&sample::run())).unwrap();
        let tests = report["results"]["tests"].as_array().unwrap();
        let failed = tests.iter().find(|test| test["rawStatus"] == "fail").unwrap();
        assert!(failed["trace"].as_str().unwrap().contains("expected: invalid_client"));
        assert!(failed["stop"].as_i64() >= failed["start"].as_i64());
    }
}
