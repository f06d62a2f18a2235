//! Divides a plan into parts that run on machines which do not speak to each other.
//!
//! Each machine divides the whole plan by itself, so nothing goes into it that may differ between them:
//! only the plan, and durations from a file that all of them have.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::Costs;
use super::fingerprint::Print;
use crate::project::{Mistake, Plan, Planned};
use crate::record::{Elsewhere, Run, Shard};

/// Leaves in a plan and its opened record the scenarios of one of the parts that it is divided into; the
/// record keeps the names of the others.
///
/// All parts take about the same time, as far as that is known. If token requests are `scarce`, those are
/// what takes time.
pub fn take_part(plan: &mut Plan, run: &mut Run, slot: Slot, durations: &Durations, scarce: bool) {
    let shards = divide(plan, slot.of, durations, scarce);
    let mut print = Print::default();
    for (planned, shard) in plan.scenarios.iter().zip(&shards) {
        print.text(&planned.id);
        print.text(&shard.to_string());
    }
    let Slot { number, of } = slot;
    if let Some(extent) = &mut run.extent {
        extent.shard = Some(Shard { number, of, division: print.finish() });
    }
    let mut own = shards.iter().map(|shard| *shard == number);
    plan.scenarios.retain(|_| own.next().unwrap_or_default());
    for (scenario, shard) in std::mem::take(&mut run.scenarios).into_iter().zip(shards) {
        match shard == number {
            true => run.scenarios.push(scenario),
            false => run.elsewhere.push(Elsewhere { shard, scenario: scenario.stub() }),
        }
    }
}

/// Which part of a plan is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its number, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// How long scenarios took in an earlier run.
#[derive(Debug, Default)]
pub struct Durations {
    /// Milliseconds, by feature file and title, which lines that were moved leave alone.
    known: HashMap<(String, String), Vec<u64>>,
}

impl Durations {
    /// Reads the durations of an earlier run from its `record.json` or `results.json`.
    ///
    /// # Errors
    /// A [`Mistake`] if the file is none.
    pub fn read(path: &Path) -> Result<Self, Mistake> {
        let unreadable = |why: String| {
            Mistake::new(format!("cannot read the durations in `{}`: {why}", path.display()))
                .with_hint("give the `results.json` or `record.json` of a run")
        };
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let earlier: Earlier =
            serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        let mut known: HashMap<_, Vec<u64>> = HashMap::new();
        for Judged { id, name, duration_ms } in earlier.scenarios {
            // What was left out took no time.
            if duration_ms > 0 {
                known.entry((file(&id).to_owned(), name)).or_default().push(duration_ms);
            }
        }
        Ok(Self { known })
    }

    fn of(&self, planned: &Planned) -> Option<u64> {
        let key = (file(&planned.id).to_owned(), planned.scenario.name.clone());
        mean(self.known.get(&key)?.iter().copied())
    }
}

/// The number of the shard of each scenario, in the plan's order, counted from 1.
fn divide(plan: &Plan, of: usize, durations: &Durations, scarce: bool) -> Vec<usize> {
    let weights = weights(plan, durations, scarce);
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // The heaviest first, each to whoever has least so far; a tie is decided by the plan's order.
    order.sort_by_key(|index| std::cmp::Reverse(weights[*index]));
    let mut loads = vec![0u64; of];
    let mut shards = vec![0; weights.len()];
    for index in order {
        let least = loads.iter().enumerate().min_by_key(|(_, load)| **load);
        let least = least.map_or(0, |(shard, _)| shard);
        loads[least] += weights[index];
        shards[index] = least + 1;
    }
    shards
}

/// What each scenario of a plan weighs, in milliseconds: what it took, what its like took, or a guess.
fn weights(plan: &Plan, durations: &Durations, scarce: bool) -> Vec<u64> {
    let costs = Costs::default();
    let known: Vec<Option<u64>> = plan.scenarios.iter().map(|one| durations.of(one)).collect();
    let like = |browser: bool| {
        let alike = plan.scenarios.iter().zip(&known).filter(|(one, _)| in_browser(one) == browser);
        mean(alike.filter_map(|(_, known)| *known))
    };
    let guesses = [like(false).unwrap_or(REQUESTS), like(true).unwrap_or(BROWSER)];
    let weigh = |(planned, known): (&Planned, &Option<u64>)| {
        if planned.left_out.is_some() {
            return NOTHING;
        }
        let shares = costs.shares_token(plan, planned);
        let tokens = if scarce && !shares { costs.token_calls(plan, planned) } else { 0 };
        let took = known.unwrap_or(guesses[usize::from(in_browser(planned))]);
        took.max(TOKEN * tokens as u64)
    };
    plan.scenarios.iter().zip(&known).map(weigh).collect()
}

fn in_browser(planned: &Planned) -> bool {
    planned.tags.iter().any(|tag| tag == "browser")
}

/// The file of a scenario's id.
fn file(id: &str) -> &str {
    id.rsplit_once(':').map_or(id, |(file, _)| file)
}

fn mean(numbers: impl Iterator<Item = u64>) -> Option<u64> {
    let (sum, count) = numbers.fold((0u64, 0), |(sum, count), one| (sum + one, count + 1));
    sum.checked_div(count)
}

/// What is read of an earlier run.
#[derive(Deserialize)]
struct Earlier {
    scenarios: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    id: String,
    name: String,
    duration_ms: u64,
}

/// What a scenario without a browser takes, about.
const REQUESTS: u64 = 50;
/// What a scenario in the browser takes, about.
const BROWSER: u64 = 1000;
/// What a token request takes where a few a minute are allowed.
const TOKEN: u64 = 20_000;
/// Scenarios that are left out are dealt out, too.
const NOTHING: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Catalogue, Project, Selection, plan};

    /// A plan of so many scenarios with and without the browser; the last one is left out.
    fn planned(requests: usize, browser: usize) -> Plan {
        let folder = tempfile::tempdir().unwrap();
        let yaml = "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n";
        std::fs::write(folder.path().join("checkride.yaml"), yaml).unwrap();
        std::fs::create_dir(folder.path().join("features")).unwrap();
        let scenario = |tag: &str, number: usize| {
            format!("\n  {tag}\n  Scenario: {tag} {number}\n    When the app asks for a token\n")
        };
        let requests = (1..=requests).map(|number| scenario("@http", number));
        let browser = (1..=browser).map(|number| scenario("@browser", number));
        let all: String = requests.chain(browser).chain([scenario("@needs:clock", 1)]).collect();
        std::fs::write(folder.path().join("features/a.feature"), format!("Feature: A\n{all}"))
            .unwrap();
        let root = folder.path().canonicalize().unwrap();
        let project = Project::read(&root.join("checkride.yaml")).unwrap();
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        plan(&project, &catalogue, &Selection::default(), &[]).unwrap()
    }

    fn loads(plan: &Plan, shards: &[usize], durations: &Durations, of: usize) -> Vec<u64> {
        let weights = weights(plan, durations, false);
        let load = |number| {
            let own = shards.iter().zip(&weights).filter(|(shard, _)| **shard == number);
            own.map(|(_, weight)| *weight).sum()
        };
        (1..=of).map(load).collect()
    }

    #[test]
    fn every_scenario_is_in_one_shard_and_the_slow_ones_are_spread() {
        let plan = planned(40, 13);
        for of in [1, 2, 3, 4, 7, 100] {
            let shards = divide(&plan, of, &Durations::default(), false);
            assert_eq!(shards.len(), 54);
            assert!(shards.iter().all(|shard| (1..=of).contains(shard)));
            let slow = |number: usize| {
                let own = plan.scenarios.iter().zip(&shards).filter(|(_, it)| **it == number);
                own.filter(|(one, _)| in_browser(one)).count()
            };
            let slow: Vec<usize> = (1..=of).map(slow).collect();
            assert!(slow.iter().max().unwrap() - slow.iter().min().unwrap() <= 1, "{of}: {slow:?}");
        }
    }

    #[test]
    fn known_durations_balance_the_shards_and_a_line_that_moved_does_not_matter() {
        let plan = planned(30, 0);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("results.json");
        let earlier: Vec<_> = (1..=30)
            .map(|number| {
                let name = format!("@http {number}");
                let took = if [1, 4, 7].contains(&number) { 9000 } else { 1000 };
                serde_json::json!({
                    "id": format!("features/a.feature:{}", 1000 + number),
                    "name": name, "duration_ms": took,
                })
            })
            .collect();
        std::fs::write(&file, serde_json::json!({ "scenarios": earlier }).to_string()).unwrap();
        let durations = Durations::read(&file).unwrap();
        let shards = divide(&plan, 3, &durations, false);
        assert_eq!(loads(&plan, &shards, &durations, 3).iter().max(), Some(&18_001));
        let blindly = divide(&plan, 3, &Durations::default(), false);
        assert_ne!(shards, blindly, "it is the durations that decide");
        assert_eq!(blindly, divide(&plan, 3, &Durations::default(), false));
    }

    #[test]
    fn where_tokens_are_scarce_they_are_what_is_spread() {
        let plan = planned(9, 3);
        let shards = divide(&plan, 3, &Durations::default(), true);
        let weights = weights(&plan, &Durations::default(), true);
        assert!(weights[..12].iter().all(|weight| *weight == TOKEN));
        for number in 1..=3 {
            assert_eq!(shards[..12].iter().filter(|shard| **shard == number).count(), 4);
        }
    }

    #[test]
    fn what_holds_no_durations_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.json");
        std::fs::write(&file, "{}").unwrap();
        let mistake = Durations::read(&file).unwrap_err();
        assert!(mistake.message.contains("missing field `scenarios`"), "{mistake}");
    }
}
