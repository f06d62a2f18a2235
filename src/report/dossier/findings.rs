//! What was found broken, with what was demanded and seen, and where the evidence is.

use serde::Serialize;

use crate::record::{Check, Run, Scenario, Verdict};

/// Findings, in the order of the run.
#[derive(Serialize)]
pub(super) struct Findings<'run> {
    /// Scenarios that fail.
    failures: Vec<Finding<'run>>,
    /// Scenarios that hold, but not without a remark.
    remarks: Vec<Remark<'run>>,
}

/// A scenario that fails.
#[derive(Serialize)]
struct Finding<'run> {
    id: &'run str,
    name: &'run str,
    requirements: Vec<&'run str>,
    reason: Option<&'run str>,
    checks: Vec<&'run Check>,
    exchanges: usize,
    pictures: Vec<&'run str>,
    /// Whether it failed in the run that this one is measured by, too.
    is_known: bool,
}

/// A scenario with a remark.
#[derive(Serialize)]
struct Remark<'run> {
    verdict: Verdict,
    id: &'run str,
    name: &'run str,
    reason: String,
}

pub(super) fn findings(run: &Run) -> Findings<'_> {
    let of = |verdict| run.scenarios.iter().filter(move |one| one.verdict == verdict);
    let remarks = REMARKED.into_iter().flat_map(of).map(|one| Remark {
        verdict: one.verdict,
        id: &one.id,
        name: &one.name,
        reason: one.reason_told().unwrap_or_default(),
    });
    Findings {
        failures: of(Verdict::Fail).map(|one| finding(run, one)).collect(),
        remarks: remarks.collect(),
    }
}

fn finding<'run>(run: &Run, scenario: &'run Scenario) -> Finding<'run> {
    let checks = scenario.steps.iter().flat_map(|step| &step.checks);
    let checks: Vec<&Check> = checks.filter(|check| check.verdict == Verdict::Fail).collect();
    let broken = scenario.findings.iter().filter(|(_, verdict)| **verdict == Verdict::Fail);
    Finding {
        id: &scenario.id,
        name: &scenario.name,
        requirements: broken.map(|(id, _)| id.as_str()).collect(),
        // A broken check says the same, and more.
        reason: scenario.reason.as_deref().filter(|_| checks.is_empty()),
        checks,
        exchanges: scenario.exchanges.len(),
        pictures: scenario.pictures.iter().map(|picture| picture.file.as_str()).collect(),
        is_known: run.is_known(scenario),
    }
}

/// Verdicts that are told by name, though nothing fails.
const REMARKED: [Verdict; 3] = [Verdict::Waived, Verdict::Flaky, Verdict::Warn];
