//! A scenario as the page's script reads it: a line of the list, and the whole of it with its evidence.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::record::{Requirement, Run, Scenario, SnapshotState, Verdict};
use crate::report::ReportError;
use crate::report::flow::Flows;

/// A line of the list of scenarios.
#[derive(Serialize)]
pub(super) struct Row<'run> {
    id: &'run str,
    feature: &'run str,
    feature_name: &'run str,
    name: &'run str,
    verdict: Verdict,
    requirements: &'run [String],
    /// What its requirements are about.
    areas: BTreeSet<&'run str>,
    tags: &'run [String],
    /// Milliseconds from the start of the run.
    started_ms: u64,
    /// Milliseconds from start to end.
    duration_ms: u64,
    /// The judgement by the standard alone.
    strict: Option<Verdict>,
    strict_ids: Vec<&'run str>,
    /// Whether an answer waits for review.
    review: bool,
    /// What became of it since the run that this one is measured by.
    standing: Option<&'static str>,
    /// Who has to do something about it.
    fault: Option<&'static str>,
    /// Whether nobody came to judge it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unfinished: bool,
    /// Number of the packed element that has its evidence, and its place there.
    #[serde(flatten)]
    pub(super) at: Option<Place>,
}

/// Where a scenario's evidence is in the page.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Place {
    pub(super) block: usize,
    pub(super) place: usize,
}

impl<'run> Row<'run> {
    /// The line of a scenario.
    pub(super) fn of(run: &'run Run, scenario: &'run Scenario) -> Self {
        let waits = |state| matches!(state, SnapshotState::New | SnapshotState::Changed);
        let demands = demands(run, scenario);
        let strict = scenario.strict.as_ref();
        Self {
            id: &scenario.id,
            feature: &scenario.feature,
            feature_name: &scenario.feature_name,
            name: &scenario.name,
            verdict: scenario.verdict,
            requirements: &scenario.requirements,
            areas: demands.iter().map(|it| &*it.area).filter(|area| !area.is_empty()).collect(),
            tags: &scenario.tags,
            started_ms: scenario.started_ms,
            duration_ms: scenario.duration_ms,
            strict: strict.map(|it| it.verdict),
            strict_ids: strict
                .iter()
                .flat_map(|it| it.demands.keys())
                .map(String::as_str)
                .collect(),
            review: scenario.snapshots.iter().any(|one| waits(one.state)),
            standing: scenario.standing.map(|it| it.words()),
            fault: fault(run, scenario),
            unfinished: scenario.unfinished,
            at: None,
        }
    }
}

/// Who has to do something about a scenario, if somebody has to.
pub(super) fn fault(run: &Run, scenario: &Scenario) -> Option<&'static str> {
    match scenario.verdict {
        Verdict::Fail if run.target.app.is_some() => Some("the app"),
        Verdict::Fail => {
            let broken = scenario.findings.iter().filter(|(_, it)| **it == Verdict::Fail);
            let mut actors = broken.filter_map(|(id, _)| Some(&*run.requirements.get(id)?.actor));
            Some(if actors.any(|actor| actor == "portal") { "the portal" } else { "the platform" })
        }
        Verdict::Error => Some("Checkride or the project"),
        Verdict::Inconclusive => Some("nobody: it could not be judged"),
        _ => None,
    }
}

/// The requirements that a scenario says something of.
pub(super) fn demands<'run>(run: &'run Run, scenario: &Scenario) -> Vec<&'run Requirement> {
    let others = scenario.findings.keys().filter(|id| !scenario.requirements.contains(id));
    let ids = scenario.requirements.iter().chain(others);
    let own = ids.filter_map(|id| run.requirements.get(id));
    let strict = scenario.strict.iter().flat_map(|strict| strict.demands.keys());
    own.chain(strict.filter_map(|id| run.strict.get(id))).collect()
}

/// The whole of a scenario as JSON: its record with `demands`, `flow`, and in each of its `pictures`
/// what `picture` says of the file: an object whose `picture` is its number in the page.
///
/// # Errors
/// When it cannot be written as JSON, which is our bug.
pub(super) fn evidence(
    run: &Run,
    scenario: &Scenario,
    flows: &Flows,
    mut picture: impl FnMut(&str) -> Result<Value, ReportError>,
) -> Result<Value, ReportError> {
    let mut data = serde_json::to_value(scenario)?;
    data["demands"] = serde_json::to_value(demands(run, scenario))?;
    data["flow"] = serde_json::to_value(flows.flow(scenario))?;
    let pictures = scenario.pictures.iter().map(|one| {
        let mut told = picture(&one.file)?;
        told["step"] = one.step.into();
        told["caption"] = one.caption.as_str().into();
        Ok(told)
    });
    data["pictures"] = pictures.collect::<Result<_, ReportError>>()?;
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_party_at_fault_has_to_do_something() {
        let mut run = sample::run();
        run.requirements.insert(
            "PORTAL".into(),
            Requirement { actor: "portal".into(), ..run.requirements["DISC-HTTPS"].clone() },
        );
        let mut scenario = run.scenarios[1].clone();
        assert_eq!(fault(&run, &scenario), Some("the platform"));
        scenario.findings.insert("PORTAL".into(), Verdict::Fail);
        assert_eq!(fault(&run, &scenario), Some("the portal"));
        run.target.app = Some("scheduler".into());
        assert_eq!(fault(&run, &scenario), Some("the app"));
        for (verdict, expected) in [
            (Verdict::Pass, None),
            (Verdict::Error, Some("Checkride or the project")),
            (Verdict::Inconclusive, Some("nobody: it could not be judged")),
        ] {
            scenario.verdict = verdict;
            assert_eq!(fault(&run, &scenario), expected);
        }
    }
}
