//! What is likely the cause of a failure: the known defects that break just what is broken.
//!
//! Each defect names the requirements that turn red with it, which `checkride selftest` proves. So a red
//! requirement points back to the defects that it would betray; those that would have broken anything that
//! holds are none of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::cli::outcome::shell_word;
use crate::cli::selftest::known_defects;
use crate::dialect::Dialect;
use crate::project::{Catalogue, Defect, Judged, Platform, Project};
use crate::record::{Likely, Run, Verdict};
use crate::report::requirement_verdicts;

/// Where the defects of a project are looked up.
pub(super) struct Known<'a> {
    pub(super) project: &'a Project,
    pub(super) catalogue: &'a Catalogue,
    pub(super) judged: Judged,
    pub(super) dialect: &'a Dialect,
}

impl Known<'_> {
    /// Notes the likely causes at each scenario that failed.
    pub(super) fn note(&self, run: &mut Run) {
        run.scenarios.iter_mut().for_each(|scenario| scenario.likely.clear());
        if !run.scenarios.iter().any(|scenario| BROKEN.contains(&scenario.verdict)) {
            return;
        }
        // A run has judged what it was asked to, whatever is wrong with the files of defects.
        let catalogue = (self.catalogue, self.judged);
        let Ok(defects) = known_defects(self.project, catalogue, self.dialect) else { return };
        let mock = self.mock(run);
        suspect(run, &defects, mock.as_deref());
    }

    /// The target that can be given a defect, to compare with; nothing where that is what was run.
    fn mock(&self, run: &Run) -> Option<String> {
        if run.target.defect.is_some() || self.judged == Judged::App {
            return None;
        }
        let mut targets = self.project.config.targets.iter();
        let found = targets.find(|(_, target)| {
            target.platform == Platform::Embedded && target.dialect == run.target.dialect
        });
        found.map(|(name, _)| name.to_owned())
    }
}

fn suspect<F>(run: &mut Run, defects: &[Defect<F>], mock: Option<&str>) {
    let verdicts: BTreeMap<String, Verdict> =
        requirement_verdicts(run).into_iter().map(|(id, it)| (id.to_owned(), it.verdict)).collect();
    let is_broken = |id: &&String| verdicts.get(*id).is_some_and(|it| BROKEN.contains(it));
    let holds = |id: &String| verdicts.get(id).is_some_and(|it| HOLDING.contains(it));
    let suspects: Vec<(&str, BTreeSet<&String>)> = defects
        .iter()
        .filter(|defect| !defect.red.iter().any(holds))
        .map(|defect| (&*defect.name, defect.red.iter().filter(is_broken).collect()))
        .filter(|(_, broken): &(_, BTreeSet<_>)| !broken.is_empty())
        .collect();
    for scenario in run.scenarios.iter_mut().filter(|one| BROKEN.contains(&one.verdict)) {
        let found = scenario.findings.iter().filter(|(_, it)| BROKEN.contains(it));
        let found: BTreeSet<&String> = found.map(|(id, _)| id).collect();
        let mut fitting: Vec<_> =
            suspects.iter().filter(|(_, broken)| !broken.is_disjoint(&found)).collect();
        fitting.sort_by_key(|(name, broken)| (Reverse(broken.len()), *name));
        let most = fitting.first().map_or(0, |(_, broken)| broken.len());
        fitting.retain(|(_, broken)| broken.len() == most);
        let likely = fitting.iter().take(MOST).map(|(name, broken)| Likely {
            cause: (*name).to_owned(),
            breaks: broken.iter().map(|id| (*id).clone()).collect(),
            compare: mock.map(|mock| {
                let words = ["checkride", "run", &scenario.id, "--target", mock, "--defect", name];
                words.map(shell_word).join(" ")
            }),
        });
        scenario.likely = likely.collect();
    }
}

/// Verdicts of what is not as it has to be.
const BROKEN: [Verdict; 2] = [Verdict::Fail, Verdict::Warn];
/// Verdicts of what is as it has to be.
const HOLDING: [Verdict; 2] = [Verdict::Pass, Verdict::Flaky];
/// How many causes are told at most.
const MOST: usize = 3;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::project::built_in;

    fn defect(name: &str, red: &[&str]) -> Defect<()> {
        Defect {
            name: name.to_owned(),
            file: "a.defects.yaml".into(),
            dialect: Arc::new(built_in::dialect("smart").unwrap()),
            overlooks: BTreeSet::new(),
            changes_settings: false,
            faults: Vec::new(),
            is_flaw: false,
            before: Vec::new(),
            red: red.iter().map(|id| (*id).to_owned()).collect(),
            collateral: BTreeSet::new(),
        }
    }

    /// A run of scenarios, each with what it found.
    fn run(scenarios: &[(&str, &Value)]) -> Run {
        let scenario = |(id, findings): &(&str, &Value)| {
            let verdicts: Vec<&str> =
                findings.as_object().unwrap().values().filter_map(Value::as_str).collect();
            let verdict = if verdicts.contains(&"fail") { "fail" } else { verdicts[0] };
            json!({
                "id": id, "feature": "a.feature", "feature_name": "A", "line": 1, "name": id,
                "tags": [], "requirements": [], "verdict": verdict, "findings": findings,
                "started_ms": 0, "duration_ms": 0,
                "steps": [], "exchanges": [], "snapshots": [], "pictures": [],
            })
        };
        serde_json::from_value(json!({
            "schema": "checkride.record/1", "id": "r", "started": "2026-11-22T08:00:00Z",
            "duration_ms": 0, "completion": "complete", "requirements": {},
            "target": { "name": "ours", "dialect": "smart", "fhir_base": "https://x.example" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": scenarios.iter().map(scenario).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    fn causes(run: &Run, place: usize) -> Vec<&str> {
        run.scenarios[place].likely.iter().map(|it| &*it.cause).collect()
    }

    #[test]
    fn the_defect_that_breaks_the_most_of_what_is_broken_and_nothing_that_holds_is_likely() {
        let defects = [
            defect("breaks one", &["A"]),
            defect("breaks both", &["A", "B"]),
            defect("breaks what holds too", &["A", "B", "C"]),
            defect("breaks what was not judged too", &["A", "B", "Z"]),
            defect("breaks something else", &["D"]),
        ];
        let (fails, both) = (json!({ "A": "fail" }), json!({ "A": "fail", "B": "warn" }));
        let (holds, unclear) = (json!({ "C": "pass" }), json!({ "Z": "inconclusive" }));
        let mut run = run(&[("a", &fails), ("b", &both), ("c", &holds), ("it's here:7", &unclear)]);
        suspect(&mut run, &defects, Some("mock"));
        let both = ["breaks both", "breaks what was not judged too"];
        assert_eq!((causes(&run, 0), causes(&run, 1)), (both.to_vec(), both.to_vec()));
        assert_eq!(run.scenarios[0].likely[0].breaks, BTreeSet::from(["A".into(), "B".into()]));
        let compare = run.scenarios[0].likely[0].compare.as_deref();
        assert_eq!(compare, Some("checkride run a --target mock --defect 'breaks both'"));
        assert!(causes(&run, 2).is_empty() && causes(&run, 3).is_empty(), "nothing failed there");
    }

    #[test]
    fn where_no_defect_fits_none_is_named() {
        let fails = json!({ "A": "fail", "B": "pass" });
        let mut run = run(&[("a", &fails)]);
        suspect(&mut run, &[defect("breaks both", &["A", "B"])], None);
        assert_eq!(causes(&run, 0), [""; 0]);
    }
}
