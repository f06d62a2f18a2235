//! Plays the platform with one defect after the other, to see whether the scenarios notice each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::execute::{opened, perform};
use super::{Logbook, Progress};
use crate::mock::Fault;
use crate::project::{Defect, Plan, Planned};
use crate::record::{Run, Verdict};
use crate::world::{Context, Embedded, Subject, Witness};

/// What a run of the platform with a defect came to.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The requirements that turned red, each with a scenario that says so.
    pub red: BTreeMap<String, String>,
    /// How many scenarios it was put before.
    pub scenarios: usize,
    /// Scenarios in which this program itself went wrong, with what it said.
    pub errors: Vec<(String, String)>,
}

/// How a defect was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Exactly what is declared turned red.
    Killed,
    /// Something that is declared did not turn red.
    Survived,
    /// More turned red than is declared.
    Collateral,
    /// This program itself went wrong.
    Error,
    /// None of the selected scenarios could notice it.
    LeftOut,
}

/// What the platform without any defect came to, with notes of what each scenario touches.
pub struct Baseline {
    /// Its run.
    pub run: Run,
    witness: Witness,
    /// For each defect its first fault in the witness's list.
    first_fault: Vec<usize>,
}

impl Trial {
    /// How the defect was met by the scenarios of a plan.
    pub fn outcome(&self, defect: &Defect<Fault>, plan: &Plan) -> Outcome {
        let judged = judged(plan);
        let is_known = |id: &str| judged.contains(id) || self.red.contains_key(id);
        let declared = defect.red.iter().map(|id| meant(plan, id));
        let mut declared = declared.filter(|ids| ids.iter().any(|id| is_known(id))).peekable();
        let is_missed = |ids: Vec<&str>| !ids.iter().any(|id| self.red.contains_key(*id));
        if declared.peek().is_none() || !can_be_noticed(defect, plan) {
            Outcome::LeftOut
        } else if !self.errors.is_empty() {
            Outcome::Error
        } else if declared.any(is_missed) {
            Outcome::Survived
        } else if self.undeclared(defect, plan).next().is_some() {
            Outcome::Collateral
        } else {
            Outcome::Killed
        }
    }

    /// What turned red though the defect does not declare it, with the scenario that says so.
    pub fn undeclared<'a>(
        &'a self,
        defect: &Defect<Fault>,
        plan: &Plan,
    ) -> impl Iterator<Item = (&'a String, &'a String)> {
        let named = defect.red.iter().chain(&defect.collateral);
        let declared: BTreeSet<String> =
            named.flat_map(|id| meant(plan, id)).map(str::to_owned).collect();
        self.red.iter().filter(move |(id, _)| !declared.contains(*id))
    }
}

/// Whether the target's dialect demands what a defect breaks, and scenarios that it is put before are
/// run there.
fn can_be_noticed(defect: &Defect<Fault>, plan: &Plan) -> bool {
    let is_run = |planned: &Planned| planned.left_out.is_none() && defect.is_put_before(planned);
    defect.red.iter().any(|id| !meant(plan, id).is_empty()) && plan.scenarios.iter().any(is_run)
}

/// The requirements of the target's dialect that an id stands for, which may be another dialect's.
fn meant<'a>(plan: &'a Plan, id: &str) -> Vec<&'a str> {
    let found = plan.catalogue.cited(id).unwrap_or_default();
    found.into_iter().map(|requirement| requirement.id.as_str()).collect()
}

/// The requirements that scenarios of the plan judge on the target.
fn judged(plan: &Plan) -> BTreeSet<&str> {
    let judging = plan.scenarios.iter().filter(|planned| planned.left_out.is_none());
    judging.flat_map(|planned| &planned.requirements).map(String::as_str).collect()
}

/// Runs the whole plan on the platform as it should be, and notes what each scenario touches.
pub async fn baseline(
    context: &Context,
    embedded: &Embedded,
    plan: &Plan,
    defects: &[Defect<Fault>],
    jobs: usize,
    progress: Progress,
    stop: impl Future<Output = ()>,
) -> Baseline {
    let mut faults = Vec::new();
    let mut first_fault = Vec::new();
    for defect in defects {
        first_fault.push(faults.len());
        faults.extend(defect.faults.iter().cloned());
    }
    let witness = Witness::of(faults);
    let played = Embedded { witness: Some(witness.clone()), ..embedded.clone() };
    let mut context = context.clone();
    if let Some(examination) = &mut context.examination {
        examination.rehearses = true;
    }
    let run = play(&context, played, plan, jobs, progress, stop).await;
    Baseline { run, witness, first_fault }
}

impl Baseline {
    /// The plan without the scenarios that cannot notice a defect: those that touch nothing of it.
    ///
    /// A flaw of an app is put before the scenarios that cite what it breaks, and before all only if it
    /// is to be put `everywhere`: each of them starts an app, and most flaws can be reached from all.
    pub fn within_reach(
        &self,
        plan: &Plan,
        (defect, index): (&Defect<Fault>, usize),
        everywhere: bool,
    ) -> Plan {
        let declared: Vec<String> =
            defect.red.iter().flat_map(|id| meant(plan, id)).map(str::to_owned).collect();
        let first = self.first_fault.get(index).copied().unwrap_or_default();
        let own = first..first + defect.faults.len();
        let can_be_noticed = can_be_noticed(defect, plan);
        let mut reached = plan.clone();
        reached.scenarios.retain(|planned| {
            if planned.left_out.is_some() || !can_be_noticed {
                return false;
            }
            let touched = self.witness.touched(&planned.id);
            if defect.is_flaw {
                let is_there = touched.flaws.contains(&defect.name);
                let is_meant = everywhere
                    || !defect.before.is_empty()
                    || declared.iter().any(|id| planned.requirements.contains(id));
                return is_there && is_meant && defect.is_put_before(planned);
            }
            let is_reached = defect.changes_settings
                || defect.overlooks.iter().any(|rule| touched.rules.contains(rule))
                || touched.faults.iter().any(|fault| own.contains(fault));
            is_reached && defect.is_put_before(planned)
        });
        reached
    }
}

/// Puts every defect before the scenarios that it can reach, several defects at a time. A defect that
/// was not tried because `stopped` is set has no trial.
///
/// To be called outside of the runtime's own threads.
pub fn trials(
    runtime: &tokio::runtime::Handle,
    context: &Context,
    embedded: &Embedded,
    plan: &Plan,
    defects: &[Defect<Fault>],
    baseline: &Baseline,
    crew: Crew<'_>,
) -> Vec<Option<Trial>> {
    // The end of one run must not let the others' panics, by which steps stop, be heard.
    let heard = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![None; defects.len()]);
    std::thread::scope(|scope| {
        for _ in 0..crew.workers {
            scope.spawn(|| {
                while let Some(index) = turn(&next, crew.stopped, defects.len()) {
                    let defect = &defects[index];
                    let reached = baseline.within_reach(plan, (defect, index), crew.everywhere);
                    let mut context = context.clone();
                    let played = match &mut context.examination {
                        Some(examination) if defect.is_flaw => {
                            *examination = examination.with_flaw(&defect.name);
                            embedded.clone()
                        }
                        _ => embedded.with(defect),
                    };
                    let silent = Progress::silent();
                    let stop = std::future::pending();
                    let run = play(&context, played, &reached, crew.jobs, silent, stop);
                    let trial = Trial::of(&runtime.block_on(run));
                    let outcome = trial.outcome(defect, plan);
                    let line = format!("{:10} {}", outcome.word(), defect.name);
                    // What one app does not show, another may.
                    let may_follow = defect.is_flaw && outcome == Outcome::Survived;
                    let is_news =
                        !may_follow && !matches!(outcome, Outcome::Killed | Outcome::LeftOut);
                    crew.progress.done(is_news.then_some(line));
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found[index] = Some(trial);
                }
            });
        }
    });
    std::panic::set_hook(heard);
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Who tries the defects.
#[derive(Clone, Copy)]
pub struct Crew<'a> {
    /// How many defects are tried at a time.
    pub workers: usize,
    /// How many scenarios of each run at a time.
    pub jobs: usize,
    /// Whether a flaw of an app is put before every scenario that comes to its place.
    pub everywhere: bool,
    /// Where it is shown how far they are.
    pub progress: &'a Progress,
    /// Set when no other defect is to be begun.
    pub stopped: &'a AtomicBool,
}

fn turn(next: &AtomicUsize, stopped: &AtomicBool, count: usize) -> Option<usize> {
    if stopped.load(Ordering::Relaxed) {
        return None;
    }
    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < count)
}

async fn play(
    context: &Context,
    embedded: Embedded,
    plan: &Plan,
    jobs: usize,
    progress: Progress,
    stop: impl Future<Output = ()>,
) -> Run {
    let context = Context { subject: Subject::Embedded(embedded), ..context.clone() };
    let logbook = Logbook::unwritten(opened(&context, plan, jobs.into()));
    perform(Arc::new(context), plan, jobs.into(), progress, &logbook, stop).await;
    logbook.into_run()
}

impl Trial {
    /// What came of one defect on two apps: all that turned red on either.
    pub fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(mut one), Some(other)) = (one.clone(), other.clone()) else {
            return one.or(other);
        };
        for (id, scenario) in other.red {
            one.red.entry(id).or_insert(scenario);
        }
        one.scenarios += other.scenarios;
        one.errors.extend(other.errors);
        Some(one)
    }

    fn of(run: &Run) -> Self {
        let mut red = BTreeMap::new();
        for scenario in &run.scenarios {
            for (id, _) in scenario.findings.iter().filter(|(_, found)| RED.contains(found)) {
                red.entry(id.clone()).or_insert_with(|| scenario.id.clone());
            }
        }
        let errors = run.scenarios.iter().filter(|one| one.verdict == Verdict::Error);
        let errors = errors.map(|one| (one.id.clone(), one.reason.clone().unwrap_or_default()));
        Self { red, scenarios: run.scenarios.len(), errors: errors.collect() }
    }
}

impl Outcome {
    /// Its word on the terminal and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Survived => "survived",
            Self::Collateral => "collateral",
            Self::Error => "error",
            Self::LeftOut => "left out",
        }
    }
}

/// The requirements of a plan that no defect has to turn red.
pub fn unproven<'a>(plan: &'a Plan, defects: &[Defect<Fault>]) -> BTreeSet<&'a str> {
    let broken = defects.iter().flat_map(|defect| &defect.red).flat_map(|id| meant(plan, id));
    let broken: BTreeSet<&str> = broken.collect();
    judged(plan).into_iter().filter(|id| !broken.contains(id)).collect()
}

/// What says that a demand or a recommendation is not met.
const RED: [Verdict; 2] = [Verdict::Fail, Verdict::Warn];
