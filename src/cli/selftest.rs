//! `checkride selftest`: plays the mock platform with one defect after the other, to see whether the
//! scenarios notice each.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use super::args::{SelftestArgs, Shape};
use super::run::{project, runtime, stopped};
use super::subject::{context, subject};
use super::summary::{counted, troubles};
use super::{Exit, Surroundings, browser};
use crate::dialect::Dialect;
use crate::mock::{Fault, Faults};
use crate::project::{
    Catalogue, Defect, Mistake, Plan, Project, Selection, defects, nearest, plan,
};
use crate::record::{Run, Verdict};
use crate::run::selftest::{Baseline, Crew, Outcome, Trial, baseline, trials, unproven};
use crate::run::{Progress, execute, preflight};
use crate::snapshot::Mode;
use crate::world::{Context, Embedded, Subject};

/// Tries the selected defects on the scenarios of the project.
pub(super) fn selftest(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &SelftestArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let (name, target) = project.target(args.target.as_deref())?;
    let subject = subject(surroundings, &project, target)?;
    let embedded = breakable(name, &subject.0)?.clone();
    let catalogue = Catalogue::of_dialect(&target.dialect)?;
    let defects = known_defects(&project, &catalogue, &embedded.dialect)?;
    let mut chosen = chosen(&defects, &args.names)?;
    if args.everywhere {
        chosen.iter_mut().for_each(|defect| defect.before.clear());
    }
    let selection = Selection { tags: args.tags.clone(), ..Selection::default() };
    let mut plan = plan(&project, &catalogue, &selection, &subject.0.offers(&embedded.dialect))?;
    if plan.is_whole {
        defects.iter().try_for_each(|defect| defect.prove_before(&plan))?;
    }
    let needed = plan.scenarios.iter().any(|one| one.tags.iter().any(|tag| tag == "browser"));
    let options = browser::options(surroundings, needed, &Progress::lines());
    let dialect = Dialect::clone(&embedded.dialect);
    let context = context(&project, (name, target), (subject, dialect), Mode::Compare, options)?;
    preflight(&mut plan, &context)?;
    plan.scenarios.retain(|one| one.left_out.is_none() && !one.is_strict_alone());
    if plan.scenarios.is_empty() || chosen.is_empty() {
        surroundings.remark("nothing selected: no scenario, or no defect, is there");
        return Ok(Exit::NothingSelected);
    }
    let bench = Bench { surroundings, context, embedded, plan, jobs: surroundings.cores * 2 };
    let began = Instant::now();
    let runtime = runtime()?;
    let baseline = match bench.intact(&runtime, &chosen, args.intact.into()) {
        Ok(baseline) => baseline,
        Err(exit) => return Ok(exit),
    };
    let found = bench.tried(&runtime, &chosen, &baseline);
    runtime.block_on(bench.context.browser.close());
    // Which requirements nothing proves can only be said of all defects.
    let unproven = match args.names.is_empty() {
        true => unproven(&bench.plan, &defects).into_iter().collect(),
        false => Vec::new(),
    };
    let is_chosen = !args.names.is_empty();
    let matrix = Matrix {
        plan: &bench.plan,
        rows: chosen.iter().zip(&found).collect(),
        unproven,
        is_chosen,
    };
    match args.format {
        Shape::Text => {
            let seconds = began.elapsed().as_secs_f64();
            surroundings.tell(matrix.text(name, seconds).trim_end());
        }
        Shape::Json => surroundings.tell(&format!("{:#}", matrix.json())),
    }
    Ok(matrix.exit())
}

/// What is needed for runs of the platform, intact or not.
struct Bench<'a> {
    surroundings: &'a Surroundings,
    context: Context,
    embedded: Embedded,
    plan: Plan,
    jobs: usize,
}

impl Bench<'_> {
    /// Runs the intact platform so many times; what it fails is told, and nothing else done then.
    fn intact(
        &self,
        runtime: &tokio::runtime::Runtime,
        defects: &[Defect<Fault>],
        times: usize,
    ) -> Result<Baseline, Exit> {
        let scenarios = counted(self.plan.scenarios.len(), "scenario");
        let first = runtime.block_on(baseline(
            &self.context,
            &self.embedded,
            &self.plan,
            defects,
            self.jobs,
            self.progress(self.plan.scenarios.len(), &format!("{scenarios} on the intact mock")),
            async { stopped().await },
        ));
        self.judge(&first.run)?;
        for number in 2..=times {
            let title = format!("{scenarios} on the intact mock, run {number} of {times}");
            let progress = self.progress(self.plan.scenarios.len(), &title);
            let context = Arc::new(self.context.clone());
            let again = runtime.block_on(async {
                execute(context, &self.plan, self.jobs.into(), progress, stopped()).await
            });
            self.judge(&again.run)?;
        }
        Ok(first)
    }

    fn judge(&self, run: &Run) -> Result<(), Exit> {
        let passed = |one: &&crate::record::Scenario| one.verdict == Verdict::Pass;
        let others = run.scenarios.iter().filter(|one| !passed(one)).count();
        if others == 0 {
            return Ok(());
        }
        self.surroundings.tell(troubles(run, None, self.surroundings.colours).trim_end());
        let others = counted(others, "scenario");
        self.surroundings
            .remark(&format!("{others} did not pass on the intact mock: no defects tried"));
        Err(match Exit::of(run) {
            Exit::Conforms => Exit::NotMet,
            exit => exit,
        })
    }

    fn tried(
        &self,
        runtime: &tokio::runtime::Runtime,
        defects: &[Defect<Fault>],
        baseline: &Baseline,
    ) -> Vec<Option<Trial>> {
        let progress = self.progress(defects.len(), &counted(defects.len(), "defect"));
        let is_stopped = Arc::new(AtomicBool::new(false));
        let (flag, told) = (Arc::clone(&is_stopped), progress.clone());
        runtime.spawn(async move {
            stopped().await;
            flag.store(true, Ordering::Relaxed);
            told.say("stopping after the defects that are under way");
        });
        let crew = Crew {
            workers: self.surroundings.cores,
            jobs: self.jobs,
            progress: &progress,
            stopped: &is_stopped,
        };
        let handle = runtime.handle();
        let found =
            trials(handle, &self.context, &self.embedded, &self.plan, defects, baseline, crew);
        progress.end();
        found
    }

    fn progress(&self, count: usize, title: &str) -> Progress {
        if self.surroundings.interactive {
            return Progress::bar(count);
        }
        let progress = Progress::lines();
        progress.say(title);
        progress
    }
}

/// What became of the defects.
struct Matrix<'a> {
    plan: &'a Plan,
    rows: Vec<(&'a Defect<Fault>, &'a Option<Trial>)>,
    unproven: Vec<&'a str>,
    /// Whether the defects were chosen by their names.
    is_chosen: bool,
}

impl Matrix<'_> {
    fn judged(&self) -> impl Iterator<Item = (&Defect<Fault>, &Trial, Outcome)> {
        self.rows.iter().filter_map(|(defect, trial)| {
            let trial = trial.as_ref()?;
            Some((*defect, trial, trial.outcome(defect, self.plan)))
        })
    }

    fn exit(&self) -> Exit {
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

    fn text(&self, target: &str, seconds: f64) -> String {
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

    fn json(&self) -> Value {
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

/// The faults of a defect make sense.
fn prove_faults(defect: &Defect<Fault>) -> Result<(), Mistake> {
    for fault in &defect.faults {
        Faults::default().plant(fault.clone()).map_err(|error| {
            let file = defect.file.display();
            Mistake::new(format!("cannot {error} of the defect `{}` in `{file}`", defect.name))
        })?;
    }
    Ok(())
}

/// The mock that defects are given to.
pub(super) fn breakable<'a>(name: &str, subject: &'a Subject) -> Result<&'a Embedded, Mistake> {
    let Subject::Embedded(embedded) = subject else {
        return Err(Mistake::new(format!("the target `{name}` cannot be given defects"))
            .with_hint("choose a target whose platform is the embedded mock"));
    };
    Ok(embedded)
}

/// The defects of the project, proven to make sense.
pub(super) fn known_defects(
    project: &Project,
    catalogue: &Catalogue,
    dialect: &Dialect,
) -> Result<Vec<Defect<Fault>>, Mistake> {
    let defects = defects::<Fault>(project, catalogue, dialect)?;
    defects.iter().try_for_each(prove_faults)?;
    Ok(defects)
}

/// The defect of this name.
pub(super) fn find<'a>(
    defects: &'a [Defect<Fault>],
    name: &str,
) -> Result<&'a Defect<Fault>, Mistake> {
    defects.iter().find(|defect| defect.name == name).ok_or_else(|| {
        let mistake = Mistake::new(format!("unknown defect `{name}`"));
        match nearest(name, defects.iter().map(|defect| defect.name.as_str())) {
            Some(near) => mistake.with_hint(format!("did you mean `{near}`?")),
            None => mistake.with_hint("the files `*.defects.yaml` beside the features name them"),
        }
    })
}

/// The defects of these names; all of them if there are none.
fn chosen(defects: &[Defect<Fault>], names: &[String]) -> Result<Vec<Defect<Fault>>, Mistake> {
    match names {
        [] => Ok(defects.to_vec()),
        names => names.iter().map(|name| find(defects, name).cloned()).collect(),
    }
}

fn words<'a>(ids: impl IntoIterator<Item = &'a String>) -> String {
    let ids: Vec<&str> = ids.into_iter().map(String::as_str).collect();
    if ids.is_empty() { "nothing".to_owned() } else { ids.join(", ") }
}

const OUTCOMES: [Outcome; 5] =
    [Outcome::Killed, Outcome::Survived, Outcome::Collateral, Outcome::Error, Outcome::LeftOut];
