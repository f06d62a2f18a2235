//! What is known of scenarios that are under way, and what each comes to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use super::tokens::Tokens;
use crate::project::{Plan, Planned};
use crate::record::{Check, Evidence, Recorder, Run, Scenario, Step, StepOutcome, Strict, Verdict};
use crate::run::{Logbook, sides};
use crate::secret::{Redactor, Secret};
use crate::world::Halt;

/// What is known of each scenario that is under way; it outlives cucumber's run.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    notes: Arc<Mutex<HashMap<String, Vec<Notes>>>>,
    tokens: Tokens,
}

/// What is known of one attempt at a scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    recorder: Option<Recorder>,
    pub(super) started: Option<SystemTime>,
    pub(super) ended: Option<SystemTime>,
    pub(super) steps: HashMap<usize, StepNotes>,
    pub(super) halt: Option<Halt>,
}

/// What is known of a step of it.
#[derive(Clone, Debug)]
pub(super) struct StepNotes {
    pub(super) started: SystemTime,
    pub(super) ended: Option<SystemTime>,
    pub(super) outcome: StepOutcome,
    pub(super) message: Option<String>,
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

    /// The scenario as the record has it, of which nothing is known any longer here; one that did not end
    /// says that the run was stopped.
    pub fn close(&self, plan: &Plan, planned: &Planned, run_started: SystemTime) -> Collected {
        let attempts = self.lock().remove(&planned.id).unwrap_or_default();
        let (notes, judgement) = decided(attempts, planned, plan);
        let (evidence, unproven) = match &notes.recorder {
            Some(recorder) => self.evidence(recorder),
            None => Default::default(),
        };
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
            before: None,
            standing: None,
            likely: Vec::new(),
            unfinished: planned.left_out.is_none() && !notes.is_decided(),
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
        let mut exchanges: Vec<_> = evidence.exchanges.into_iter().enumerate().collect();
        exchanges.sort_by_key(|(_, (at, _))| *at);
        let mut numbers = HashMap::new();
        for (index, (noted, (at, mut exchange))) in exchanges.into_iter().enumerate() {
            exchange.number = index + 1;
            exchange.step = step_at(at);
            exchange.started_ms = ms_between(run_started, at);
            numbers.insert(noted, exchange.number);
            scenario.exchanges.push(exchange);
        }
        for (noted, place, token) in unproven {
            let number = numbers.get(&noted).copied().unwrap_or_default();
            self.tokens.await_key(&scenario.id, number, place, token);
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

    /// Verifies signatures of tokens whose keys were seen later in the run.
    pub fn prove(&self, run: &mut Run, redactor: &Redactor) {
        self.tokens.settle(run, redactor);
    }

    /// What was noted, with its signed tokens taken apart; those whose keys may still be seen, by the
    /// places of their exchanges.
    fn evidence(&self, recorder: &Recorder) -> (Evidence, Vec<(usize, String, Secret)>) {
        let mut evidence = recorder.evidence();
        let seen = (std::mem::take(&mut evidence.signed), evidence.keys.as_slice());
        let (exchanges, audiences) = (&mut evidence.exchanges, &evidence.audiences);
        let unproven = self.tokens.take_apart(exchanges, seen, audiences, recorder.redactor());
        (evidence, unproven)
    }

    /// Enters into the logbook what is known of the scenarios that did not end; what an earlier run
    /// found stays.
    pub fn close_all(&self, plan: &Plan, logbook: &Logbook) {
        let begun: HashSet<String> = self.lock().keys().cloned().collect();
        let begun = plan.scenarios.iter().filter(|planned| begun.contains(&planned.id));
        let begun = begun.filter(|planned| !logbook.was_judged(&planned.id));
        begun.for_each(|planned| {
            self.enter(plan, planned, logbook);
        });
    }

    /// Notes something of an attempt at a scenario, counted from 0.
    pub(super) fn note<T>(&self, id: &str, number: usize, note: impl FnOnce(&mut Notes) -> T) -> T {
        let mut ledger = self.lock();
        note(attempt(ledger.entry(id.to_owned()).or_default(), number))
    }

    /// Enters a scenario into the logbook, and gives what it came to.
    pub(super) fn enter(
        &self,
        plan: &Plan,
        planned: &Planned,
        logbook: &Logbook,
    ) -> (Verdict, BTreeMap<String, Verdict>) {
        let Collected { scenario, pngs } = self.close(plan, planned, logbook.begun());
        let outcome = (scenario.verdict, scenario.findings.clone());
        let found = scenario.findings.keys().filter(|id| !plan.requirements.contains_key(*id));
        let found = found.filter_map(|id| plan.catalogue.cited(id).ok()).flatten();
        let found = found.map(|found| (found.id.clone(), found.clone())).collect();
        logbook.enter(scenario, &pngs, found);
        outcome
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Notes>>> {
        self.notes.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
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

    /// Whether it came to its end, or at least to what its verdict follows from.
    fn is_decided(&self) -> bool {
        self.ended.is_some() || self.halt.is_some()
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

fn ms_between(start: SystemTime, end: SystemTime) -> u64 {
    let took = end.duration_since(start).unwrap_or_default();
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
