//! What became of the defects: a table for people, or JSON for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::Exit;
use crate::cli::outcome::counted;
use crate::mock::Fault;
use crate::project::{Defect, Plan};
use crate::run::selftest::{Outcome, Trial};

/// What became of the defects.
pub(super) struct Matrix<'a> {
    pub(super) plan: &'a Plan,
    pub(super) rows: Vec<(&'a Defect<Fault>, &'a Option<Trial>)>,
    pub(super) unproven: Vec<&'a str>,
    /// Whether the defects were chosen by their names.
    pub(super) is_chosen: bool,
}

impl Matrix<'_> {
    fn judged(&self) -> impl Iterator<Item = (&Defect<Fault>, &Trial, Outcome)> {
        self.rows.iter().filter_map(|(defect, trial)| {
            let trial = trial.as_ref()?;
            Some((*defect, trial, trial.outcome(defect, self.plan)))
        })
    }

    pub(super) fn exit(&self) -> Exit {
        let untried = self.rows.iter().any(|(_, trial)| trial.is_none());
        let is_good = |outcome| matches!(outcome, Outcome::Killed | Outcome::LeftOut);
        if !self.unproven.is_empty() || !self.judged().all(|(_, _, outcome)| is_good(outcome)) {
            Exit::NotMet
        } else if untried {
            Exit::NotJudged
        } else {
            Exit::Conforms
        }
    }

    pub(super) fn text(&self, target: &str, seconds: f64) -> String {
        let mut text = String::new();
        for (defect, trial, outcome) in self.judged() {
            // Of all defects, those of other platforms are counted only.
            if outcome == Outcome::LeftOut && !self.is_chosen {
                continue;
            }
            let _ = writeln!(text, "{:10}  {}", outcome.word(), defect.name);
            if outcome == Outcome::Killed {
                let _ = writeln!(text, "            {}", words(&defect.red));
                continue;
            }
            let _ = writeln!(text, "  file:     {}", defect.file.display());
            let _ = writeln!(text, "  expected: {}", words(&defect.red));
            if outcome == Outcome::LeftOut {
                continue;
            }
            let _ = writeln!(text, "  actual:   {}", words(trial.red.keys()));
            let _ = writeln!(text, "  tried on: {}", counted(trial.scenarios, "scenario"));
            for (id, scenario) in trial.undeclared(defect, self.plan) {
                let _ = writeln!(text, "  beside:   {id} at {scenario}");
            }
            for (scenario, why) in &trial.errors {
                let _ = writeln!(text, "  error:    {scenario}: {why}");
            }
        }
        if !self.unproven.is_empty() {
            let requirements = counted(self.unproven.len(), "requirement");
            let _ = writeln!(text, "\nno defect turns red: {requirements}");
            for id in &self.unproven {
                let _ = writeln!(text, "  {id}");
            }
        }
        let counts = OUTCOMES.iter().filter_map(|outcome| {
            let count = self.judged().filter(|(_, _, found)| found == outcome).count();
            (count > 0).then(|| format!("{count} {}", outcome.word()))
        });
        let counts: Vec<String> = counts.collect();
        let defects = counted(self.rows.len(), "defect");
        let scenarios = counted(self.plan.scenarios.len(), "scenario");
        let _ = writeln!(
            text,
            "\n{defects} of `{target}`, {scenarios}, {seconds:.1} s: {}",
            counts.join(", ")
        );
        let untried = self.rows.iter().filter(|(_, trial)| trial.is_none()).count();
        if untried > 0 {
            let _ = writeln!(text, "The selftest was stopped; {untried} were not tried.");
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let rows = self.judged().map(|(defect, trial, outcome)| {
            json!({
                "defect": defect.name,
                "file": defect.file,
                "outcome": outcome.word(),
                "expected": defect.red,
                "collateral": defect.collateral,
                "red": trial.red,
                "scenarios": trial.scenarios,
                "errors": trial.errors.iter().map(|(id, why)| json!({"scenario": id, "why": why}))
                    .collect::<Vec<_>>(),
            })
        });
        json!({
            "scenarios": self.plan.scenarios.len(),
            "defects": rows.collect::<Vec<_>>(),
            "without_defect": self.unproven,
        })
    }
}

fn words<'a>(ids: impl IntoIterator<Item = &'a String>) -> String {
    let ids: Vec<&str> = ids.into_iter().map(String::as_str).collect();
    if ids.is_empty() { "nothing".to_owned() } else { ids.join(", ") }
}

const OUTCOMES: [Outcome; 5] =
    [Outcome::Killed, Outcome::Survived, Outcome::Collateral, Outcome::Error, Outcome::LeftOut];
