//! Turns cucumber's events and the scenarios' notebooks into the record.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use cucumber::event::{self, StepError};
use cucumber::{Event, Writer, cli, parser, writer};

use super::{Progress, sides};
use crate::project::{Plan, Planned};
use crate::record::{Check, Recorder, Scenario, Step, StepOutcome, Strict, Verdict};
use crate::world::{Halt, World};

/// What is known of each scenario so far; it outlives cucumber's run.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<HashMap<String, Vec<Notes>>>>);

/// What is known of one attempt at a scenario.
#[derive(Clone, Debug, Default)]
struct Notes {
    recorder: Option<Recorder>,
    started: Option<SystemTime>,
    ended: Option<SystemTime>,
    steps: HashMap<usize, StepNotes>,
    halt: Option<Halt>,
}

#[derive(Clone, Debug)]
struct StepNotes {
    started: SystemTime,
    ended: Option<SystemTime>,
    outcome: StepOutcome,
    message: Option<String>,
}

/// A scenario of the record, with the pictures that belong to it.
pub struct Collected {
    /// The scenario.
    pub scenario: Scenario,
    /// Its screenshots, in the order of its `pictures`.
    pub pngs: Vec<Vec<u8>>,
}

impl Ledger {
    /// Keeps the notebook of a scenario that is about to begin.
    pub fn open(&self, id: &str, recorder: &Recorder) {
        let mut ledger = self.lock();
        let attempts = ledger.entry(id.to_owned()).or_default();
        // Of an attempt an event may be noted before its notebook is.
        let begun = attempts.iter().filter(|notes| notes.recorder.is_some()).count();
        attempt(attempts, begun).recorder = Some(recorder.clone());
    }

    /// The scenario as the record has it; one that did not end says that the run was stopped.
    pub fn scenario(&self, plan: &Plan, planned: &Planned, run_started: SystemTime) -> Collected {
        let attempts = self.lock().get(&planned.id).cloned().unwrap_or_default();
        let (notes, judgement) = decided(attempts, planned, plan);
        let evidence = notes.recorder.as_ref().map(Recorder::evidence).unwrap_or_default();
        let Judgement { verdict, reason, findings, strict } = judgement;
        let file = &plan.files[planned.file];
        let mut scenario = Scenario {
            id: planned.id.clone(),
            feature: file.path.to_string_lossy().replace('\\', "/"),
            feature_name: file.feature.name.clone(),
            line: planned.scenario.position.line,
            name: planned.scenario.name.clone(),
            tags: planned.tags.clone(),
            requirements: planned.requirements.clone(),
            sides: sides(planned, plan),
            verdict,
            findings,
            reason,
            strict,
            started_ms: ms_between(run_started, notes.started.unwrap_or(run_started)),
            duration_ms: match (notes.started, notes.ended) {
                (Some(started), Some(ended)) => ms_between(started, ended),
                _ => 0,
            },
            steps: planned.steps(&plan.files).map(|step| notes.step(step)).collect(),
            exchanges: Vec::new(),
            pictures: Vec::new(),
            snapshots: Vec::new(),
            output: evidence.output,
        };
        let lines: Vec<usize> = scenario.steps.iter().map(|step| step.line).collect();
        let step_at = |at: SystemTime| notes.step_at(&lines, at);
        for (at, check) in evidence.checks {
            if let Some(step) = step_at(at).and_then(|index| scenario.steps.get_mut(index)) {
                step.checks.push(check);
            }
        }
        let mut exchanges = evidence.exchanges;
        exchanges.sort_by_key(|(at, _)| *at);
        for (index, (at, mut exchange)) in exchanges.into_iter().enumerate() {
            exchange.number = index + 1;
            exchange.step = step_at(at);
            exchange.started_ms = ms_between(run_started, at);
            scenario.exchanges.push(exchange);
        }
        let mut pngs = Vec::new();
        for (at, mut picture, png) in evidence.pictures {
            picture.step = step_at(at);
            scenario.pictures.push(picture);
            pngs.push(png);
        }
        for (at, mut snapshot) in evidence.snapshots {
            snapshot.step = step_at(at);
            scenario.snapshots.push(snapshot);
        }
        Collected { scenario, pngs }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Notes>>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The notes of an attempt, counted from 0.
fn attempt(attempts: &mut Vec<Notes>, number: usize) -> &mut Notes {
    if attempts.len() <= number {
        attempts.resize_with(number + 1, Notes::default);
    }
    &mut attempts[number]
}

/// The attempt that decides about a scenario, and what the scenario comes to: the last one, if it
/// held, but `flaky` after others that did not; else the one that is worst.
fn decided(mut attempts: Vec<Notes>, planned: &Planned, plan: &Plan) -> (Notes, Judgement) {
    let last = attempts.pop().unwrap_or_default();
    let mut judgement = last.judgement(planned, plan);
    let earlier = attempts.into_iter().map(|notes| {
        let judgement = notes.judgement(planned, plan);
        (notes, judgement)
    });
    let Some((worst, before)) = earlier.max_by_key(|(_, judgement)| judgement.verdict) else {
        return (last, judgement);
    };
    if judgement.verdict > Verdict::Warn {
        let is_worse = before.verdict > judgement.verdict;
        return if is_worse { (worst, before) } else { (last, judgement) };
    }
    judgement.verdict = Verdict::Flaky;
    let held = judgement.findings.values_mut().filter(|found| **found < Verdict::Flaky);
    held.for_each(|found| *found = Verdict::Flaky);
    let why = before.reason.unwrap_or_default();
    let what = before.verdict;
    judgement.reason = Some(format!("it held only when it was run again; before: {what}, {why}"));
    (last, judgement)
}

/// What a scenario came to.
struct Judgement {
    verdict: Verdict,
    reason: Option<String>,
    /// What it says of each requirement.
    findings: BTreeMap<String, Verdict>,
    /// The same by the standard alone.
    strict: Option<Strict>,
}

impl Notes {
    /// The scenario's verdict on its own requirements and on those that checks found broken on the
    /// way; the worst of them is the scenario's.
    fn judgement(&self, planned: &Planned, plan: &Plan) -> Judgement {
        let strict = self.strict(planned, plan);
        let (own, reason) = match planned.is_strict_alone() && strict.is_some() {
            true => (Verdict::Skipped, Some(permission(planned))),
            false => self.own_verdict(planned, plan, only_recommended(planned, plan)),
        };
        let findings = planned.requirements.iter().map(|id| (id.clone(), own));
        let findings = findings.collect();
        let mut judgement = Judgement { verdict: own, reason, findings, strict };
        for (_, check) in self.recorder.as_ref().map(Recorder::checks).unwrap_or_default() {
            let Some(id) = check.requirement.filter(|_| check.verdict != Verdict::Pass) else {
                continue;
            };
            let cited = plan.catalogue.cited(&id).unwrap_or_default();
            let is_advised = match cited.as_slice() {
                [] => only_recommended(planned, plan),
                cited => cited.iter().all(|it| is_advice(&it.level)),
            };
            let verdict = if is_advised { Verdict::Warn } else { check.verdict };
            // Advice that this platform's documents do not give says nothing of it.
            let is_foreign_advice = cited.is_empty() && check.verdict == Verdict::Warn;
            if is_foreign_advice || cited.is_empty() && planned.is_strict_alone() {
                continue;
            }
            // What this platform does not promise by that name says something of what it does.
            let broken: Vec<&String> = match cited.as_slice() {
                [] => planned.requirements.iter().collect(),
                cited => cited.iter().map(|requirement| &requirement.id).collect(),
            };
            for id in broken {
                let found = judgement.findings.entry(id.clone()).or_insert(verdict);
                *found = verdict.max(*found);
            }
            if verdict > judgement.verdict {
                let why = format!("not so: {}", check.statement);
                judgement.verdict = verdict;
                judgement.reason = Some(self.redacted(&why));
            }
        }
        judgement
    }

    /// The judgement by the demands of the standard that the platform's requirements depart from;
    /// `None` if the scenario proves none of them, or this program itself went wrong.
    fn strict(&self, planned: &Planned, plan: &Plan) -> Option<Strict> {
        if planned.strict.is_empty() || planned.left_out.is_some() {
            return None;
        }
        let demands = planned.strict.keys().filter_map(|id| plan.catalogue.departure(id));
        let advice = demands.map(|departure| &*departure.demand.level).all(is_advice);
        let (verdict, reason) = self.own_verdict(planned, plan, advice);
        let judged = verdict != Verdict::Error;
        judged.then(|| Strict { verdict, reason, demands: planned.strict.clone() })
    }

    /// What a claim that does not hold says, with what was found instead.
    fn found(&self, claim: &str) -> String {
        let checks = self.recorder.as_ref().map(Recorder::checks).unwrap_or_default();
        let check = checks.iter().rev().find(|(_, it)| it.statement == claim);
        match check {
            Some((_, Check { expected, actual, .. })) => {
                format!("{claim} (expected: {expected}; found: {actual})")
            }
            None => claim.to_owned(),
        }
    }

    /// The verdict on the scenario's own requirements, and why; `advice` if these only recommend.
    fn own_verdict(
        &self,
        planned: &Planned,
        plan: &Plan,
        advice: bool,
    ) -> (Verdict, Option<String>) {
        if let Some(reason) = &planned.left_out {
            return (Verdict::Skipped, Some(reason.clone()));
        }
        if let Some(halt) = &self.halt {
            let (verdict, why) = halt.verdict();
            return match verdict {
                Verdict::Fail if !self.stopped_at_a_proof(planned, plan) => {
                    let why = format!("stopped before anything was judged: {}", self.found(why));
                    (Verdict::Inconclusive, Some(self.redacted(&why)))
                }
                // What is only recommended cannot be failed.
                Verdict::Fail if advice => (Verdict::Warn, Some(self.redacted(why))),
                verdict => (verdict, Some(self.redacted(why))),
            };
        }
        if self.ended.is_none() {
            let why = if self.started.is_some() {
                "while this scenario was under way"
            } else {
                "before this scenario began"
            };
            return (Verdict::Inconclusive, Some(format!("the run was stopped {why}")));
        }
        let checks = self.recorder.as_ref().map(Recorder::checks).unwrap_or_default();
        let is_own = |check: &Check| check.requirement.is_none() && check.verdict == Verdict::Warn;
        let warning = checks.iter().find(|(_, check)| is_own(check));
        if let Some((_, check)) = warning {
            let why = format!("not so, though it should be: {}", check.statement);
            return (Verdict::Warn, Some(why));
        }
        (Verdict::Pass, None)
    }

    /// Whether the step that failed is a `Then`: what fails on the way there says nothing of what the
    /// scenario is about.
    fn stopped_at_a_proof(&self, planned: &Planned, plan: &Plan) -> bool {
        planned.steps(&plan.files).any(|step| {
            step.ty == gherkin::StepType::Then
                && self
                    .steps
                    .get(&step.position.line)
                    .is_some_and(|notes| notes.outcome == StepOutcome::Failed)
        })
    }

    fn step(&self, step: &gherkin::Step) -> Step {
        let notes = self.steps.get(&step.position.line);
        Step {
            line: step.position.line,
            keyword: step.keyword.trim().to_owned(),
            text: step.value.clone(),
            table: step.table.as_ref().map(|table| table.rows.clone()).unwrap_or_default(),
            docstring: step.docstring.as_ref().map(|text| text.trim().to_owned()),
            outcome: notes.map_or(StepOutcome::NotRun, |notes| notes.outcome),
            duration_ms: notes
                .and_then(|notes| Some(ms_between(notes.started, notes.ended?)))
                .unwrap_or_default(),
            message: notes.and_then(|notes| notes.message.as_deref()).map(|it| self.redacted(it)),
            checks: Vec::new(),
        }
    }

    /// Index of the step that was under way at a moment.
    fn step_at(&self, lines: &[usize], at: SystemTime) -> Option<usize> {
        lines
            .iter()
            .enumerate()
            .rfind(|(_, line)| self.steps.get(line).is_some_and(|step| step.started <= at))
            .map(|(index, _)| index)
    }

    fn redacted(&self, text: &str) -> String {
        match &self.recorder {
            Some(recorder) => recorder.redactor().redact(text),
            None => text.to_owned(),
        }
    }
}

/// Whether all requirements of a scenario are recommendations or permissions.
fn only_recommended(planned: &Planned, plan: &Plan) -> bool {
    let level = |id: &String| plan.requirements.get(id).map(|requirement| &*requirement.level);
    let mut levels = planned.requirements.iter().filter_map(level).peekable();
    levels.peek().is_some() && levels.all(is_advice)
}

fn is_advice(level: &str) -> bool {
    matches!(level, "SHOULD" | "MAY")
}

/// Why a scenario that proves demands of the standard alone says nothing of the platform itself.
fn permission(planned: &Planned) -> String {
    let ids: BTreeSet<&str> = planned.strict.values().flatten().map(String::as_str).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    format!("judged by the standard alone: the platform's {} permits otherwise", ids.join(", "))
}

/// Cucumber's writer: notes every event, and shows progress.
pub struct Collector<'a> {
    ledger: Ledger,
    progress: Progress,
    plan: &'a Plan,
}

impl<'a> Collector<'a> {
    /// A collector that notes into this ledger what becomes of a plan's scenarios.
    pub fn new(ledger: Ledger, progress: Progress, plan: &'a Plan) -> Self {
        Self { ledger, progress, plan }
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
        let mut ledger = self.ledger.lock();
        let number = event.retries.map_or(0, |retries| retries.current);
        let notes = attempt(ledger.entry(id.clone()).or_default(), number);
        match event.event {
            event::Scenario::Started => {
                notes.started = Some(at);
                self.progress.started(&scenario.name);
            }
            event::Scenario::Finished => {
                notes.ended = Some(at);
                if notes.halt.is_some() && event.retries.is_some_and(|retries| retries.left > 0) {
                    return;
                }
                let planned = self.plan.scenarios.iter().find(|planned| planned.id == id);
                // One that is about the standard alone says nothing of the platform.
                if let Some(planned) = planned.filter(|planned| !planned.is_strict_alone()) {
                    let Judgement { verdict, findings, .. } = notes.judgement(planned, self.plan);
                    self.progress.finished(&id, &scenario.name, verdict, &findings);
                } else {
                    self.progress.done(None);
                }
            }
            event::Scenario::Background(step, event) | event::Scenario::Step(step, event) => {
                step_event(notes, &step, event, at);
            }
            event::Scenario::Hook(_, event::Hook::Failed(_, payload)) => {
                notes.halt.get_or_insert(Halt::read(&panic_text(&payload)));
            }
            event::Scenario::Hook(..) | event::Scenario::Log(_) => {}
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

fn ms_between(start: SystemTime, end: SystemTime) -> u64 {
    let took = end.duration_since(start).unwrap_or_default();
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Catalogue, Project, Selection, plan};
    use crate::secret::{Redactor, Secret};
    use cucumber::event::{Retries, RetryableScenario};

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

    #[test]
    fn a_panic_in_a_step_is_an_error_and_its_words_hold_no_secret() {
        let (plan, ledger) = (planned(), Ledger::default());
        let planned = &plan.scenarios[0];
        let recorder = Recorder::new(Redactor::new());
        recorder.redactor().learn("client_secret", &Secret::new("canary-secret"));
        ledger.open(&planned.id, &recorder);
        let collector = Collector::new(ledger.clone(), Progress::silent(), &plan);
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
        let Collected { scenario, .. } = ledger.scenario(&plan, planned, SystemTime::now());
        assert_eq!(scenario.verdict, Verdict::Error);
        let record = serde_json::to_string(&scenario).unwrap();
        assert!(!record.contains("canary"), "{record}");
        let reason = scenario.reason.unwrap();
        assert!(reason.contains("stopped unexpectedly: called `Option::unwrap()`"), "{reason}");
    }
}
