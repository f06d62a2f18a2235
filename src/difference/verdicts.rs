//! What became of verdicts: of scenarios, of requirements, and of the standard's demands.

use std::collections::BTreeMap;

use super::found::{RequirementChange, ScenarioChange};
use super::pairing::{self, Pair};
use crate::record::{Baseline, Requirements, Run, Scenario, Standing, Verdict, worst};

/// What became of the scenarios' verdicts, worst first.
pub fn scenarios(pairs: &[Pair<'_, Scenario>]) -> Vec<ScenarioChange> {
    let mut changes: Vec<ScenarioChange> = pairs.iter().filter_map(scenario).collect();
    changes.sort_by_key(|change| change.standing);
    changes
}

fn scenario((before, after): &Pair<'_, Scenario>) -> Option<ScenarioChange> {
    let shown = after.or(*before)?;
    let broken = |one: &Option<&Scenario>| one.map(broken_by).unwrap_or_default();
    let (was, is) = (broken(before), broken(after));
    let (still, newly) = is.into_iter().partition::<Vec<String>, _>(|id| was.contains(id));
    let verdict = |one: &Option<&Scenario>| one.map(|one| one.verdict);
    let mut standing = Standing::of(verdict(before), verdict(after))?;
    // Another requirement than before: somebody has to look.
    if standing == Standing::StillFailing && !newly.is_empty() {
        standing = Standing::NewlyFailing;
    }
    let moved_from = match (before, after) {
        (Some(before), Some(after)) if before.id != after.id => Some(before.id.clone()),
        _ => None,
    };
    Some(ScenarioChange {
        standing,
        id: shown.id.clone(),
        name: shown.name.clone(),
        feature: shown.feature_name.clone(),
        moved_from,
        before: verdict(before),
        after: verdict(after),
        reason: after.and_then(Scenario::reason_told),
        newly_broken: newly,
        still_broken: still,
    })
}

fn broken_by(scenario: &Scenario) -> Vec<String> {
    let broken = scenario.findings.iter().filter(|(_, found)| **found == Verdict::Fail);
    broken.map(|(id, _)| id.clone()).collect()
}

/// What became of the requirements' verdicts, worst first.
pub fn requirements(before: &Run, after: &Run) -> Vec<RequirementChange> {
    let of = |run| {
        let scenarios = |run: &'_ Run| -> Vec<(String, Verdict)> {
            let found = run.scenarios.iter().flat_map(|one| &one.findings);
            found.map(|(id, verdict)| (id.clone(), *verdict)).collect()
        };
        worst_of(scenarios(run))
    };
    told(&of(before), &of(after), &[&after.requirements, &before.requirements])
}

/// What became of the verdicts by the standard alone, worst first.
pub fn strict(before: &Run, after: &Run) -> Vec<RequirementChange> {
    let of = |run: &Run| {
        let strict = run.scenarios.iter().filter_map(|one| one.strict.as_ref());
        let found = strict.flat_map(|strict| {
            strict.demands.keys().map(|id| (id.clone(), strict.verdict)).collect::<Vec<_>>()
        });
        worst_of(found.collect())
    };
    told(&of(before), &of(after), &[&after.strict, &before.strict])
}

/// By requirement the worst that is found of it; what left it out says nothing beside what judged it.
fn worst_of(found: Vec<(String, Verdict)>) -> BTreeMap<String, Verdict> {
    let mut known: BTreeMap<String, Verdict> = BTreeMap::new();
    for (id, verdict) in found {
        let before = known.entry(id).or_insert(verdict);
        *before = worst([*before, verdict]);
    }
    known
}

fn told(
    before: &BTreeMap<String, Verdict>,
    after: &BTreeMap<String, Verdict>,
    known: &[&Requirements],
) -> Vec<RequirementChange> {
    let ids = before.keys().chain(after.keys().filter(|id| !before.contains_key(*id)));
    let mut changes: Vec<RequirementChange> = ids
        .filter_map(|id| {
            let (before, after) = (before.get(id).copied(), after.get(id).copied());
            let standing = Standing::of(before, after)?;
            let requirement = known.iter().find_map(|known| known.get(id));
            let text = |of: fn(&crate::record::Requirement) -> &String| {
                requirement.map(|it| of(it).clone()).unwrap_or_default()
            };
            let (statement, source) = (text(|it| &it.statement), text(|it| &it.source));
            Some(RequirementChange { standing, id: id.clone(), statement, source, before, after })
        })
        .collect();
    changes.sort_by(|one, other| (one.standing, &one.id).cmp(&(other.standing, &other.id)));
    changes
}

/// Measures a run by an earlier one: notes what became of each of its scenarios since.
pub fn settle(run: &mut Run, earlier: &Run) {
    let found: BTreeMap<String, Standing> = scenarios(&pairing::scenarios(earlier, run))
        .into_iter()
        .filter(|change| change.after.is_some())
        .map(|change| (change.id, change.standing))
        .collect();
    run.baseline = Some(Baseline { run: earlier.id.clone(), started: earlier.started });
    for scenario in &mut run.scenarios {
        scenario.standing = found.get(&scenario.id).copied();
    }
}
