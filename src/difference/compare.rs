//! Compares two runs.

use std::collections::{BTreeMap, BTreeSet};

use super::DeclaredApp;
use super::answer::{Addresses, Answer};
use super::classed::Gathering;
use super::found::{Compared, Difference};
use super::pairing::{self, Pair};
use super::rules::Rules;
use super::verdicts;
use crate::record::{Completion, Run, Scenario, Tls, Verdict};

/// How two runs differ: what became of each verdict, and what changed in the platform's answers.
///
/// Where an app was judged, the answers are the mock's, which is no platform of somebody else's: only
/// verdicts are compared then. What depends on a change is told by the scenarios in which it is seen, and
/// by what `apps` declare.
pub fn compare(before: &Run, after: &Run, rules: &Rules, apps: &[DeclaredApp]) -> Difference {
    let pairs = pairing::scenarios(before, after);
    let is_of_platform = before.target.app.is_none() && after.target.app.is_none();
    let is_embedded = |run: &Run| run.target.fhir_base == EMBEDDED;
    let mut gathering =
        Gathering::new(rules, apps).with_keys_of_a_run(is_embedded(before) || is_embedded(after));
    if is_of_platform {
        let (earlier, later) = (Addresses::of(before), Addresses::of(after));
        for (number, pair) in pairs.iter().enumerate() {
            let (Some(one), Some(other)) = *pair else { continue };
            for (one, other) in pairing::exchanges((one, &earlier), (other, &later)) {
                let (Some(seen), Some(now)) = (&one.response, &other.response) else { continue };
                let at = earlier.endpoint(&one.request.method, &one.request.url);
                let is = later.endpoint(&other.request.method, &other.request.url);
                let before = Answer { endpoint: &at, request: &one.request, response: seen };
                let after = Answer { endpoint: &is, request: &other.request, response: now };
                gathering.add(number, &before, &after);
            }
        }
    }
    if is_of_platform {
        hosts(before, after, &mut gathering);
    }
    let place = |number: usize| match pairs[number] {
        (_, Some(scenario)) | (Some(scenario), None) => scenario.id.clone(),
        (None, None) => String::new(),
    };
    let citations = Citations::of(&pairs);
    let (changes, unanswered) = gathering.changes(&place, &|found| citations.touched(found));
    Difference {
        schema: Difference::SCHEMA,
        before: compared(before),
        after: compared(after),
        scenarios: verdicts::scenarios(&pairs),
        requirements: verdicts::requirements(before, after),
        strict: verdicts::strict(before, after),
        changes,
        unanswered,
    }
}

/// Compares what the hosts that both runs looked at showed of their TLS: the last of each, if there are
/// several.
fn hosts(before: &Run, after: &Run, gathering: &mut Gathering<'_>) {
    let of = |run: &'_ Run| -> BTreeMap<String, Tls> {
        let seen =
            run.connections.iter().filter_map(|one| Some((one.host.clone(), one.tls.clone()?)));
        seen.collect()
    };
    let later = of(after);
    for (host, before) in of(before) {
        if let Some(after) = later.get(&host) {
            gathering.add_host(&host, &before, after);
        }
    }
}

fn compared(run: &Run) -> Compared {
    let unjudged = run.scenarios.iter().any(|one| one.unfinished);
    Compared {
        name: run.id.clone(),
        started: Some(run.started),
        target: Some(run.target.name.clone()),
        app: run.target.app.clone(),
        complete: run.completion == Completion::Complete && !unjudged,
        tally: run.tally().counted().collect(),
    }
}

/// Which scenarios cite which requirements.
struct Citations<'a> {
    by: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Requirements that a scenario finds otherwise than before.
    turned: BTreeMap<usize, BTreeSet<&'a str>>,
}

impl<'a> Citations<'a> {
    fn of(pairs: &[Pair<'a, Scenario>]) -> Self {
        let mut citations = Self { by: BTreeMap::new(), turned: BTreeMap::new() };
        for (number, (before, after)) in pairs.iter().enumerate() {
            let ids = [before, after].into_iter().flatten();
            for id in ids.flat_map(|one| one.requirements.iter().chain(one.findings.keys())) {
                citations.by.entry(id).or_default().insert(number);
            }
            let (Some(before), Some(after)) = (before, after) else { continue };
            let told = |one: Option<&Verdict>| one.copied();
            let turned = citations.turned.entry(number).or_default();
            for (id, found) in after.findings.iter().chain(&before.findings) {
                let other = (told(before.findings.get(id)), told(after.findings.get(id)));
                if other.0 != other.1 && Some(*found) != Some(Verdict::Skipped) {
                    turned.insert(id);
                }
            }
        }
        citations
    }

    /// The requirements of scenarios: first those that are found otherwise now, then those of which all
    /// scenarios are among these, then the others that are touched by most of their scenarios.
    fn touched(&self, scenarios: &BTreeSet<usize>) -> Vec<String> {
        let turned: BTreeSet<&str> =
            scenarios.iter().filter_map(|one| self.turned.get(one)).flatten().copied().collect();
        let mut found: Vec<(bool, usize, &str)> = Vec::new();
        for (id, by) in &self.by {
            let touched = by.intersection(scenarios).count();
            // Of a requirement that most of its scenarios say nothing else of, little can be said.
            if touched > 0 && (touched * 2 >= by.len() || turned.contains(id)) {
                found.push((!turned.contains(id), 1000 - touched * 1000 / by.len(), id));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, _, id)| id.to_owned()).collect()
    }
}

/// What a record calls the base of the mock that runs in the program itself.
const EMBEDDED: &str = "embedded";
