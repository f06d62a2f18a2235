//! Cucumber's events, noted as they come.

use std::time::SystemTime;

use cucumber::event::{self, StepError};
use cucumber::{Event, Writer, cli, parser, writer};

use super::ledger::{Ledger, Notes, StepNotes};
use crate::project::Plan;
use crate::record::StepOutcome;
use crate::run::{Logbook, Progress};
use crate::world::{Halt, World};

/// Cucumber's writer: notes every event, and shows progress.
pub struct Collector<'a> {
    ledger: Ledger,
    plan: &'a Plan,
    logbook: &'a Logbook,
    progress: Progress,
}

impl<'a> Collector<'a> {
    /// A collector that notes into this logbook what becomes of a plan's scenarios.
    pub fn new(plan: &'a Plan, logbook: &'a Logbook, progress: Progress) -> Self {
        Self { ledger: Ledger::default(), plan, logbook, progress }
    }

    /// What is known of the scenarios that are under way.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    fn scenario_event(
        &self,
        feature: &gherkin::Feature,
        scenario: &gherkin::Scenario,
        event: event::RetryableScenario<World>,
        at: SystemTime,
    ) {
        let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let id = format!("{path}:{}", scenario.position.line);
        let number = event.retries.map_or(0, |retries| retries.current);
        match event.event {
            event::Scenario::Started => {
                self.logbook.began(&id);
                self.ledger.note(&id, number, |notes| notes.started = Some(at));
                self.progress.started(&id, &scenario.name);
            }
            event::Scenario::Finished => {
                let is_halted = self.ledger.note(&id, number, |notes| {
                    notes.ended = Some(at);
                    notes.halt.is_some()
                });
                if !is_halted || event.retries.is_none_or(|retries| retries.left == 0) {
                    self.finished(&id);
                }
            }
            event::Scenario::Background(step, event) | event::Scenario::Step(step, event) => {
                self.ledger.note(&id, number, |notes| step_event(notes, &step, event, at));
            }
            event::Scenario::Hook(_, event::Hook::Failed(_, payload)) => {
                let halt = Halt::read(&panic_text(&payload));
                self.ledger.note(&id, number, |notes| {
                    notes.halt.get_or_insert(halt);
                });
            }
            event::Scenario::Hook(..) | event::Scenario::Log(_) => {}
        }
    }

    /// Nobody is told of a scenario's end before the record has it.
    fn finished(&self, id: &str) {
        let Some(planned) = self.plan.scenarios.iter().find(|planned| planned.id == id) else {
            return self.progress.passed_over(id);
        };
        let (verdict, findings) = self.ledger.enter(self.plan, planned, self.logbook);
        // One that is about the standard alone says nothing of the platform.
        match planned.is_strict_alone() {
            true => self.progress.passed_over(id),
            false => self.progress.finished(id, &planned.scenario.name, verdict, &findings),
        }
    }
}

fn step_event(notes: &mut Notes, step: &gherkin::Step, event: event::Step<World>, at: SystemTime) {
    let line = step.position.line;
    let halt = match event {
        event::Step::Started => {
            let begun =
                StepNotes { started: at, ended: None, outcome: StepOutcome::NotRun, message: None };
            notes.steps.insert(line, begun);
            return;
        }
        event::Step::Passed(..) => None,
        event::Step::Skipped => Some(Halt::Error("no sentence fits this step".into())),
        event::Step::Failed(_, _, _, StepError::Panic(payload)) => {
            Some(Halt::read(&panic_text(&payload)))
        }
        event::Step::Failed(_, _, _, other) => Some(Halt::Error(other.to_string())),
    };
    if let Some(step) = notes.steps.get_mut(&line) {
        step.ended = Some(at);
        step.outcome = if halt.is_none() { StepOutcome::Passed } else { StepOutcome::Failed };
        step.message = halt.as_ref().map(|halt| halt.verdict().1.to_owned());
    }
    if let Some(halt) = halt {
        notes.halt.get_or_insert(halt);
    }
}

impl Writer<World> for Collector<'_> {
    type Cli = cli::Empty;

    async fn handle_event(
        &mut self,
        event: parser::Result<Event<event::Cucumber<World>>>,
        _: &cli::Empty,
    ) {
        let Ok(Event { value: event::Cucumber::Feature(feature, event), at, .. }) = event else {
            return;
        };
        match event {
            event::Feature::Scenario(scenario, event)
            | event::Feature::Rule(_, event::Rule::Scenario(scenario, event)) => {
                self.scenario_event(&feature, &scenario, event, at);
            }
            _ => {}
        }
    }
}

impl writer::Normalized for Collector<'_> {}

/// Nobody asks cucumber for its counts: the record has its own.
impl writer::Stats<World> for Collector<'_> {
    fn passed_steps(&self) -> usize {
        0
    }

    fn skipped_steps(&self) -> usize {
        0
    }

    fn failed_steps(&self) -> usize {
        0
    }

    fn retried_steps(&self) -> usize {
        0
    }

    fn parsing_errors(&self) -> usize {
        0
    }

    fn hook_errors(&self) -> usize {
        0
    }
}

fn panic_text(payload: &event::Info) -> String {
    let payload = payload.as_ref();
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Catalogue, Project, Selection, plan};
    use crate::record::{Recorder, Run, Verdict};
    use crate::secret::{Redactor, Secret};
    use cucumber::event::{Retries, RetryableScenario};
    use std::sync::Arc;

    fn planned() -> Plan {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        write(
            "checkride.yaml",
            "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n",
        );
        write("a.feature", "Feature: A\n  Scenario: S\n    When it breaks\n");
        let root = folder.path().canonicalize().unwrap();
        let project = Project::read(&root.join("checkride.yaml")).unwrap();
        let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
        let selection =
            Selection { paths: vec![root.display().to_string()], ..Selection::default() };
        plan(&project, &catalogue, &selection, &[]).unwrap()
    }

    /// A run of one scenario that has not begun.
    fn run_of(id: &str) -> Run {
        serde_json::from_value(serde_json::json!({
            "schema": "x", "id": "x", "started": "2026-11-22T08:00:00Z", "duration_ms": 0,
            "completion": "interrupted", "requirements": {},
            "target": { "name": "mock", "dialect": "athenahealth", "fhir_base": "x" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": [{
                "id": id, "feature": "a.feature", "feature_name": "A", "line": 2, "name": "S",
                "tags": [], "requirements": [], "verdict": "inconclusive", "started_ms": 0,
                "duration_ms": 0, "steps": [], "exchanges": [], "pictures": [], "snapshots": [],
            }],
        }))
        .unwrap()
    }

    #[test]
    fn a_panic_in_a_step_is_an_error_and_its_words_hold_no_secret() {
        let plan = planned();
        let planned = &plan.scenarios[0];
        let recorder = Recorder::new(Redactor::new());
        recorder.redactor().learn("client_secret", &Secret::new("canary-secret"));
        let logbook = Logbook::unwritten(run_of(&planned.id));
        let collector = Collector::new(&plan, &logbook, Progress::silent());
        collector.ledger().open(&planned.id, &recorder);
        let step = planned.scenario.steps[0].clone();
        let words = "called `Option::unwrap()` on canary-secret, password=canary";
        let panic = StepError::Panic(Arc::new(words.to_owned()));
        for event in [
            event::Scenario::Started,
            event::Scenario::Step(Arc::new(step.clone()).into(), event::Step::Started),
            event::Scenario::Step(
                Arc::new(step).into(),
                event::Step::Failed(None, None, None, panic),
            ),
            event::Scenario::Finished,
        ] {
            let event = RetryableScenario { event, retries: None::<Retries> };
            let feature = &plan.files[0].feature;
            collector.scenario_event(feature, &planned.scenario, event, SystemTime::now());
        }
        let scenario = &logbook.into_run().scenarios[0];
        assert_eq!(scenario.verdict, Verdict::Error);
        let record = serde_json::to_string(scenario).unwrap();
        assert!(!record.contains("canary"), "{record}");
        let reason = scenario.reason.as_deref().unwrap();
        assert!(reason.contains("stopped unexpectedly: called `Option::unwrap()`"), "{reason}");
    }
}
