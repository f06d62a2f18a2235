//! What was not judged, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{Run, Verdict};
use crate::report::coverage::{Coverage, Covered, Standing};

/// What was not judged.
#[derive(Serialize)]
pub(super) struct Unjudged<'run> {
    scenarios: Vec<Group<'run>>,
    requirements: Vec<Rest>,
}

/// Scenarios that were not judged, for one reason.
#[derive(Serialize)]
struct Group<'run> {
    verdict: Verdict,
    reason: &'run str,
    scenarios: usize,
    /// The requirements that they would have been about.
    requirements: BTreeSet<&'run str>,
}

/// Requirements that no scenario judges, for one reason.
#[derive(Serialize)]
struct Rest {
    title: &'static str,
    requirements: Vec<Covered>,
}

pub(super) fn unjudged(run: &Run) -> Unjudged<'_> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for verdict in UNJUDGED {
        let mut by_reason: BTreeMap<&str, Group<'_>> = BTreeMap::new();
        // What is about the standard alone is judged, and told beside the vendor's requirements.
        let scenarios = run.scenarios.iter().filter(|one| one.verdict == verdict);
        for scenario in scenarios.filter(|one| one.strict.is_none() || verdict != Verdict::Skipped)
        {
            let reason = scenario.reason.as_deref().unwrap_or("no reason is known");
            let (scenarios, requirements) = (0, BTreeSet::new());
            let group = Group { verdict, reason, scenarios, requirements };
            let group = by_reason.entry(reason).or_insert(group);
            group.scenarios += 1;
            group.requirements.extend(scenario.requirements.iter().map(String::as_str));
        }
        groups.extend(by_reason.into_values());
    }
    Unjudged { scenarios: groups, requirements: rest(run) }
}

/// Nothing of a run of some scenarios, as a shard is: others may judge them.
fn rest(run: &Run) -> Vec<Rest> {
    if run.uncited.is_empty() || run.shard().is_some() {
        return Vec::new();
    }
    let coverage = Coverage::of_run(run);
    let rest = TITLES.into_iter().map(|(standing, title)| Rest {
        title,
        requirements: coverage.standing(standing).cloned().collect(),
    });
    rest.filter(|rest| !rest.requirements.is_empty()).collect()
}

const UNJUDGED: [Verdict; 3] = [Verdict::Error, Verdict::Inconclusive, Verdict::Skipped];
const TITLES: [(Standing, &str); 5] = [
    (Standing::LeftOut, "The target lacks what every scenario about it needs"),
    (Standing::Missing, "No scenario is about it"),
    (Standing::App, "It is for apps to hold"),
    (Standing::Document, "Only a document can show it"),
    (Standing::Tests, "It is about Checkride, and proven by tests of Checkride"),
];
