//! Gathers what was seen in single answers into changes, each with its class and with what depends on it.

use std::collections::{BTreeMap, BTreeSet};

use super::DeclaredApp;
use super::answer::{Answer, Aspect, Endpoint, How, Kind, Seen, compare, tls};
use super::found::{Change, Unanswered};
use super::rules::Rules;
use crate::record::Tls;

/// What was seen so far.
pub struct Gathering<'a> {
    rules: &'a Rules,
    apps: &'a [DeclaredApp],
    /// Whether the platforms keep their keys from one run to the next.
    keeps_keys: bool,
    found: BTreeMap<Key, Found>,
    /// Answers that were compared, by endpoint.
    compared: BTreeMap<String, usize>,
    unanswered: BTreeMap<String, usize>,
}

/// Where a change is seen, so far as that makes it another change.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    endpoint: Endpoint,
    aspect: Aspect,
    how: How,
    name: String,
    /// What was there and is there; nothing for lists, of which each answer may show a part.
    values: Option<(Vec<String>, Vec<String>)>,
}

#[derive(Default)]
struct Found {
    before: BTreeSet<String>,
    after: BTreeSet<String>,
    answers: usize,
    scenarios: BTreeSet<usize>,
}

impl<'a> Gathering<'a> {
    pub fn new(rules: &'a Rules, apps: &'a [DeclaredApp]) -> Self {
        let (found, compared, unanswered) = Default::default();
        Self { rules, apps, keeps_keys: true, found, compared, unanswered }
    }

    /// The same, where a platform makes its keys anew for each run, as the embedded mock does.
    #[must_use]
    pub fn with_keys_of_a_run(self, is_so: bool) -> Self {
        Self { keeps_keys: !is_so, ..self }
    }

    /// Compares two answers to one request of a scenario, which is known by its number.
    pub fn add(&mut self, scenario: usize, before: &Answer<'_>, after: &Answer<'_>) {
        // What is the same to the letter needs no reading.
        let (one, other) = (before.response, after.response);
        let name = || after.endpoint.to_string();
        *self.compared.entry(name()).or_default() += 1;
        if before.request.url == after.request.url
            && (one.status, &one.headers, &one.body) == (other.status, &other.headers, &other.body)
        {
            return;
        }
        let vocabulary = &self.rules.vocabulary;
        let Some(seen) = compare(&before.facts(vocabulary), &after.facts(vocabulary)) else {
            *self.unanswered.entry(name()).or_default() += 1;
            return;
        };
        for one in seen {
            if self.keeps_keys || one.aspect != Aspect::Key {
                self.note(Some(scenario), after.endpoint, one);
            }
        }
    }

    /// Compares what a host showed of its TLS on two days.
    pub fn add_host(&mut self, host: &str, before: &Tls, after: &Tls) {
        let endpoint = Endpoint::host(host);
        *self.compared.entry(endpoint.to_string()).or_default() += 1;
        for seen in compare(&tls::facts(before), &tls::facts(after)).into_iter().flatten() {
            self.note(None, &endpoint, seen);
        }
    }

    fn note(&mut self, scenario: Option<usize>, endpoint: &Endpoint, seen: Seen) {
        let Seen { aspect, how, name, before, after } = seen;
        let is_part = matches!(how, How::Added | How::Removed) && aspect != Aspect::Member;
        let values = (!is_part).then(|| (before.clone(), after.clone()));
        let key = Key { endpoint: endpoint.clone(), aspect, how, name, values };
        let found = self.found.entry(key).or_default();
        found.before.extend(before);
        found.after.extend(after);
        found.answers += 1;
        found.scenarios.extend(scenario);
    }

    /// The changes, worst first, and what could not be compared. `place` tells a scenario's place by its
    /// number, and `cites` orders the requirements of scenarios by how much a change is about them.
    pub fn changes(
        self,
        place: &dyn Fn(usize) -> String,
        cites: &dyn Fn(&BTreeSet<usize>) -> Vec<String>,
    ) -> (Vec<Change>, Vec<Unanswered>) {
        let mut changes: Vec<Change> = Vec::new();
        for (key, found) in self.found {
            let Key { endpoint, aspect, how, name, .. } = key;
            let (before, after) = (found.before.into_iter(), found.after.into_iter());
            let seen = Seen { aspect, how, name, before: before.collect(), after: after.collect() };
            // A test proves that there is a rule for each kind of change.
            let Some(rule) = self.rules.of(endpoint.kind, &seen) else { continue };
            let apps = self.apps.iter().filter(|app| app.depends_on(&endpoint, &seen));
            let shown = endpoint.to_string();
            changes.push(Change {
                class: rule.class,
                rule: rule.id.clone(),
                says: rule.says.clone(),
                because: rule.because.clone(),
                source: rule.source.clone(),
                kind: endpoint.kind,
                aspect,
                how,
                answers: found.answers,
                of: self.compared.get(&shown).copied().unwrap_or_default(),
                requirements: cites(&found.scenarios),
                scenarios: found.scenarios.iter().map(|one| place(*one)).collect(),
                apps: apps.map(|app| app.name.clone()).collect(),
                endpoint: shown,
                name: seen.name,
                before: seen.before,
                after: seen.after,
            });
        }
        changes.sort_by(|one, other| order(one).cmp(&order(other)));
        let unanswered = self.unanswered.into_iter();
        let unanswered = unanswered.map(|(endpoint, answers)| Unanswered { endpoint, answers });
        (changes, unanswered.collect())
    }
}

/// Worst first; then what most depend on.
fn order(change: &Change) -> (impl Ord, Kind, &str, Aspect, &str, How, &[String]) {
    let Change { class, kind, endpoint, aspect, name, how, before, apps, .. } = change;
    ((*class, std::cmp::Reverse(apps.len())), *kind, endpoint, *aspect, name, *how, before)
}
