//! The rows that a record becomes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_lc_rs::digest::{SHA256, digest};

use crate::record::{Completion, How, Run, Scenario, Verdict, worst};

/// A record as rows. Each kind is in the order of its key, so that two writers never wait for each other.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) number: i64,
    /// The runs whose place it takes.
    pub(super) parts: BTreeSet<String>,
    pub(super) scenarios: BTreeMap<i64, Judged<'a>>,
    /// Which scenarios say something of which requirement.
    pub(super) proofs: BTreeSet<(&'a str, i64)>,
    pub(super) findings: BTreeMap<&'a str, Verdict>,
}

/// A scenario, and which it is of those of one title.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) nth: i64,
    pub(super) scenario: &'a Scenario,
}

impl<'a> Rows<'a> {
    pub(super) fn of(run: &'a Run) -> Self {
        let mut seen: HashMap<(&str, &str), i64> = HashMap::new();
        let mut scenarios = BTreeMap::new();
        let mut proofs = BTreeSet::new();
        let mut findings: BTreeMap<&str, Verdict> = BTreeMap::new();
        for scenario in &run.scenarios {
            let nth = seen.entry((&scenario.feature, &scenario.name)).or_default();
            *nth += 1;
            let number = number(&[&scenario.feature, &scenario.name, &nth.to_string()]);
            for (requirement, verdict) in &scenario.findings {
                proofs.insert((requirement.as_str(), number));
                let found = findings.entry(requirement).or_insert(*verdict);
                *found = worst([*found, *verdict]);
            }
            scenarios.insert(number, Judged { nth: *nth, scenario });
        }
        Self { number: number_of_run(&run.id), parts: parts(run), scenarios, proofs, findings }
    }
}

/// The number of the run of this name.
pub(super) fn number_of_run(id: &str) -> i64 {
    number(&[id])
}

/// Whether everything was judged and nothing is wrong.
pub(super) fn is_green(run: &Run) -> bool {
    let tally = run.tally();
    let good = tally.of(Verdict::Pass) + tally.of(Verdict::Warn) + tally.of(Verdict::Flaky);
    let bad = [Verdict::Fail, Verdict::Error, Verdict::Inconclusive].map(|word| tally.of(word));
    run.completion == Completion::Complete
        && good > 0
        && bad == [0; 3]
        && run.complaints().next().is_none()
}

/// The names of the runs that a record was put together of, and so stands for.
fn parts(run: &Run) -> BTreeSet<String> {
    let merged = |part: &crate::record::Part| match part.how {
        How::Shard { .. } => Some(format!("{}-merged", part.run)),
        _ => None,
    };
    let names =
        run.parts.iter().flat_map(|part| merged(part).into_iter().chain([part.run.clone()]));
    names.filter(|name| *name != run.id).collect()
}

/// A number that these texts always have, and no others.
fn number(texts: &[&str]) -> i64 {
    // With its length before it no text runs into the next one.
    let told: String = texts.iter().map(|text| format!("{}:{text}", text.len())).collect();
    let digest = digest(&SHA256, told.as_bytes());
    digest.as_ref().iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{run, verdicts};
    use super::*;

    #[test]
    fn a_scenario_keeps_its_number_when_it_moves_to_another_line() {
        let one = run("a", 1, &[("x", "pass"), ("y", "pass")]);
        let mut moved = one.clone();
        moved.scenarios.iter_mut().for_each(|scenario| scenario.line += 7);
        let numbers = |run| Rows::of(run).scenarios.into_keys().collect::<Vec<_>>();
        assert_eq!(numbers(&one), numbers(&moved));
    }

    #[test]
    fn scenarios_of_one_title_are_told_apart() {
        let twice = run("a", 1, &[("x", "pass"), ("x", "fail")]);
        let rows = Rows::of(&twice);
        let nth: BTreeSet<i64> = rows.scenarios.values().map(|one| one.nth).collect();
        assert_eq!(nth, BTreeSet::from([1, 2]));
        assert_eq!(rows.findings["REQ"], Verdict::Fail, "the worst of both");
    }

    #[test]
    fn green_is_a_run_in_which_everything_was_judged_and_nothing_is_wrong() {
        let green = |run: &Run| is_green(run);
        assert!(green(&run("a", 1, &verdicts(&["pass", "warn", "flaky", "waived", "skipped"]))));
        for word in ["fail", "error", "inconclusive"] {
            assert!(!green(&run("a", 1, &verdicts(&["pass", word]))), "{word}");
        }
        assert!(!green(&run("a", 1, &verdicts(&["skipped"]))), "nothing was judged");
        let mut stopped = run("a", 1, &verdicts(&["pass"]));
        stopped.completion = Completion::Interrupted;
        assert!(!green(&stopped));
    }
}
