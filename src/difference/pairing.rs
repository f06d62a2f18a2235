//! Which scenario, and which exchange, of one run is which of the other one.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;

use serde_json::Value;
use url::Url;

use super::answer::Addresses;
use crate::record::{Exchange, Run, Scenario, Sender};

/// A thing of the earlier run and what it is in the later one; one of them is missing for what is gone or
/// new.
pub type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// Pairs the scenarios of two runs, in the order of the later one; what is gone comes last.
///
/// A scenario is the same if feature file, title and steps are, on whatever line; then if file, line and
/// title are; then if file and title are; then if title and steps are, in another file; and last if its place and steps are,
/// under another title.
pub fn scenarios<'a>(before: &'a Run, after: &'a Run) -> Vec<Pair<'a, Scenario>> {
    let (before, after) = (&before.scenarios, &after.scenarios);
    let mut pairing = Pairing::new(before.len(), after.len());
    let steps = |one: &Scenario| -> Vec<String> {
        one.steps.iter().map(|step| format!("{} {:?}", step.text, step.table)).collect()
    };
    let known = |one: &Scenario| !one.steps.is_empty();
    pairing.pass(before, after, |one| known(one).then(|| (&one.feature, &one.name, steps(one))));
    pairing.pass(before, after, |one| Some((&one.id, &one.name)));
    pairing.pass(before, after, |one| Some((&one.feature, &one.name)));
    pairing.pass(before, after, |one| known(one).then(|| (&one.name, steps(one))));
    pairing.pass(before, after, |one| known(one).then(|| (&one.id, steps(one))));
    pairing.pairs(before, after)
}

/// Pairs the exchanges of a scenario that were the same request; of the others nothing can be told.
pub fn exchanges<'a>(
    before: (&'a Scenario, &Addresses),
    after: (&'a Scenario, &Addresses),
) -> Vec<(&'a Exchange, &'a Exchange)> {
    let of = |(scenario, addresses): (&'a Scenario, &Addresses)| -> Vec<(&'a Exchange, Asked)> {
        let asked = scenario.exchanges.iter().filter(|one| one.response.is_some());
        let asked = asked.filter(|one| one.sender != Sender::Platform);
        asked.map(|one| (one, Asked::of(one, scenario, addresses))).collect()
    };
    let (before, after) = (of(before), of(after));
    let mut pairing = Pairing::new(before.len(), after.len());
    pairing.pass(&before, &after, |(_, asked)| Some(asked));
    pairing.pass(&before, &after, |(_, asked)| Some((&asked.endpoint, &asked.shape, asked.sender)));
    let pairs = pairing.pairs(&before, &after).into_iter();
    pairs.filter_map(|(one, other)| Some((one?.0, other?.0))).collect()
}

/// What was asked, without values.
#[derive(PartialEq, Eq, Hash)]
struct Asked {
    step: String,
    sender: u8,
    endpoint: String,
    /// Names of parameters, and the words that decide what a request is.
    shape: Vec<String>,
}

impl Asked {
    fn of(exchange: &Exchange, scenario: &Scenario, addresses: &Addresses) -> Self {
        let request = &exchange.request;
        let step = exchange.step.and_then(|step| scenario.steps.get(step));
        Self {
            step: step.map(|step| step.text.clone()).unwrap_or_default(),
            sender: exchange.sender as u8,
            endpoint: addresses.endpoint(&request.method, &request.url).to_string(),
            shape: shape(exchange),
        }
    }
}

fn shape(exchange: &Exchange) -> Vec<String> {
    // A browser sends what the page has it send.
    if exchange.sender == Sender::Browser {
        return Vec::new();
    }
    let request = &exchange.request;
    let query = Url::parse(&request.url).ok();
    let query: Vec<(String, String)> = query
        .iter()
        .flat_map(Url::query_pairs)
        .map(|(one, other)| (one.into(), other.into()))
        .collect();
    let mut shape: Vec<String> = Vec::new();
    match serde_json::from_str(&request.body) {
        Ok(Value::Object(members)) => shape.extend(members.into_iter().map(|(name, _)| name)),
        _ => {
            let form = url::form_urlencoded::parse(request.body.as_bytes());
            shape.extend(form.map(|(name, value)| told(&name, &value)));
        }
    }
    shape.extend(query.iter().map(|(name, value)| told(name, value)));
    let scheme = request.headers.iter().find(|(name, _)| name == "authorization");
    let scheme = scheme.and_then(|(_, value)| value.split_whitespace().next());
    shape.extend(scheme.map(str::to_owned));
    shape.sort();
    shape
}

fn told(name: &str, value: &str) -> String {
    match DECIDING.contains(&name) {
        true => format!("{name}={value}"),
        false => name.to_owned(),
    }
}

/// Which of two lists belong together.
struct Pairing {
    /// By place in the earlier list, the place in the later one.
    found: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Pairing {
    fn new(before: usize, after: usize) -> Self {
        Self { found: vec![None; before], taken: vec![false; after] }
    }

    /// Pairs those that have the same key, one by one in their order, of those that have no partner yet.
    fn pass<'a, T, K: Eq + Hash>(
        &mut self,
        before: &'a [T],
        after: &'a [T],
        key: impl Fn(&'a T) -> Option<K>,
    ) {
        let mut free: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (place, one) in after.iter().enumerate().filter(|(place, _)| !self.taken[*place]) {
            if let Some(key) = key(one) {
                free.entry(key).or_default().push_back(place);
            }
        }
        for (place, one) in before.iter().enumerate() {
            if self.found[place].is_some() {
                continue;
            }
            let partner = key(one).and_then(|key| free.get_mut(&key)?.pop_front());
            if let Some(partner) = partner {
                self.found[place] = Some(partner);
                self.taken[partner] = true;
            }
        }
    }

    fn pairs<'a, T>(&self, before: &'a [T], after: &'a [T]) -> Vec<Pair<'a, T>> {
        let partners: BTreeMap<usize, usize> = self
            .found
            .iter()
            .enumerate()
            .filter_map(|(place, partner)| Some(((*partner)?, place)))
            .collect();
        let later = after.iter().enumerate();
        let later = later
            .map(|(place, one)| (partners.get(&place).map(|partner| &before[*partner]), Some(one)));
        let gone = before.iter().zip(&self.found).filter(|(_, partner)| partner.is_none());
        later.chain(gone.map(|(one, _)| (Some(one), None))).collect()
    }
}

/// Parameters whose value says which request it is.
const DECIDING: [&str; 5] = [
    "grant_type",
    "response_type",
    "response_mode",
    "client_assertion_type",
    "code_challenge_method",
];
