//! `checkride selftest`: plays the mock platform with one defect after the other, to see whether the
//! scenarios notice each.

mod known;
mod matrix;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

pub(super) use known::{breakable, find, known_defects};

use self::known::chosen;
use self::matrix::Matrix;
use super::args::{SelftestArgs, Shape, Who, Whom};
use super::outcome::{counted, troubles};
use super::run::{project, runtime, stopped};
use super::subject::{context, examination, subject};
use super::{Exit, Surroundings, browser};
use crate::browser::Attention;
use crate::dialect::Dialect;
use crate::mock::Fault;
use crate::project::{
    AppUnderTest, Catalogue, Defect, Judged, Mistake, Plan, Project, Selection, plan,
};
use crate::record::{Run, Verdict};
use crate::run::selftest::{Baseline, Crew, Trial, baseline, trials, unproven};
use crate::run::{Logbook, Progress, execute, needs_browser, opened, preflight};
use crate::snapshot::Mode;
use crate::world::{Context, Embedded, Examination};

/// Tries the selected defects on the scenarios of the project.
pub(super) fn selftest(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &SelftestArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let judged = Judged::from(args.whom.subject);
    let apps = apps(surroundings, &project, &args.whom)?;
    let (name, target) = project.target(args.target.as_deref())?;
    let subject = subject(surroundings, &project, target)?;
    let embedded = breakable(name, &subject.0)?.clone();
    let catalogue = Catalogue::of(&target.dialect, judged)?;
    let defects = known_defects(&project, (&catalogue, judged), &embedded.dialect)?;
    let mut chosen = chosen(&defects, &args.names)?;
    if args.everywhere {
        chosen.iter_mut().for_each(|defect| defect.before.clear());
    }
    let dialect = Dialect::clone(&embedded.dialect);
    let of_platform = subject.0.offers(&dialect);
    let selection = Selection { tags: args.tags.clone(), subject: judged, ..Selection::default() };
    let mut plans = Vec::new();
    for examination in apps {
        let mut offers = of_platform.clone();
        offers.extend(examination.iter().flat_map(Examination::offers));
        let plan = plan(&project, &catalogue, &selection, &offers)?;
        if plan.is_whole {
            defects.iter().try_for_each(|defect| defect.prove_before(&plan))?;
        }
        plans.push((examination, plan));
    }
    let needed = plans.iter().any(|(app, plan)| needs_browser(plan, app.as_ref()));
    let mut options = browser::options(surroundings, needed, &Progress::lines());
    if judged == Judged::App {
        options.tabs = surroundings.jobs(judged);
        options.attention = Attention::Full;
        let apps = plans.iter().filter_map(|(app, _)| app.as_ref());
        options.trusted_keys.extend(apps.flat_map(Examination::trusted_keys));
    }
    let shared = context(&project, (name, target), (subject, dialect), Mode::Compare, options)?;
    let mut benches = Vec::new();
    for (examination, mut plan) in plans {
        let context = Context { examination, ..shared.clone() };
        preflight(&mut plan, &context)?;
        plan.scenarios.retain(|one| one.left_out.is_none() && !one.is_strict_alone());
        let (embedded, jobs) = (embedded.clone(), surroundings.jobs(judged));
        benches.push(Bench {
            surroundings,
            context,
            embedded,
            plan,
            jobs,
            everywhere: args.everywhere,
        });
    }
    if benches.iter().all(|bench| bench.plan.scenarios.is_empty()) || chosen.is_empty() {
        surroundings.remark("nothing selected: no scenario, or no defect, is there");
        return Ok(Exit::NothingSelected);
    }
    let began = Instant::now();
    let runtime = runtime()?;
    let mut found: Vec<Option<Trial>> = vec![None; chosen.len()];
    for bench in &benches {
        let baseline = match bench.intact(&runtime, &chosen, args.intact.into()) {
            Ok(baseline) => baseline,
            Err(exit) => return Ok(exit),
        };
        let tried = bench.tried(&runtime, &chosen, &baseline);
        found = found.into_iter().zip(tried).map(|(one, other)| Trial::both(one, other)).collect();
    }
    runtime.block_on(shared.browser.close());
    let plan = all_of(benches);
    // Which requirements nothing proves can only be said of all defects.
    let unproven = match args.names.is_empty() {
        true => unproven(&plan, &defects).into_iter().collect(),
        false => Vec::new(),
    };
    let is_chosen = !args.names.is_empty();
    let rows = chosen.iter().zip(&found).collect();
    let matrix = Matrix { plan: &plan, rows, unproven, is_chosen };
    match args.format {
        Shape::Text => {
            let seconds = began.elapsed().as_secs_f64();
            surroundings.tell(matrix.text(name, seconds).trim_end());
        }
        Shape::Json => surroundings.tell(&format!("{:#}", matrix.json())),
    }
    Ok(matrix.exit())
}

/// The apps that can be given flaws: the reference app, as the project describes it. Of a platform's
/// selftest, none at all.
fn apps(
    surroundings: &Surroundings,
    project: &Project,
    whom: &Whom,
) -> Result<Vec<Option<Examination>>, Mistake> {
    if whom.subject == Who::Platform {
        return Ok(vec![None]);
    }
    if let Some(name) = &whom.app {
        return Ok(vec![Some(examination(surroundings, project, Some(name))?)]);
    }
    let is_ours = |app: &AppUnderTest| {
        let command = app.start.as_ref().map(|start| start.command.as_slice());
        command.is_some_and(|words| words.starts_with(&REFERENCE_APP.map(str::to_owned)))
    };
    let ours = project.config.apps.iter().filter(|(_, app)| is_ours(app));
    let found: Vec<_> = ours
        .map(|(name, _)| examination(surroundings, project, Some(name)).map(Some))
        .collect::<Result<_, Mistake>>()?;
    match found.is_empty() {
        false => Ok(found),
        true => Err(Mistake::new("no app that can be given flaws is described").with_hint(
            "the reference app can: `start: { command: [\"{checkride}\", demo-app, patient] }`",
        )),
    }
}

/// The scenarios of all benches in one plan.
fn all_of(benches: Vec<Bench<'_>>) -> Plan {
    let mut plans = benches.into_iter().map(|bench| bench.plan);
    let Some(mut whole) = plans.next() else { return Plan::default() };
    for plan in plans {
        for planned in plan.scenarios {
            if !whole.scenarios.iter().any(|known| known.id == planned.id) {
                whole.scenarios.push(planned);
            }
        }
        whole.requirements.extend(plan.requirements);
    }
    whole
}

/// What is needed for runs of the platform, intact or not.
struct Bench<'a> {
    surroundings: &'a Surroundings,
    context: Context,
    embedded: Embedded,
    plan: Plan,
    jobs: usize,
    everywhere: bool,
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
        let who = self.who();
        let first = runtime.block_on(baseline(
            &self.context,
            &self.embedded,
            &self.plan,
            defects,
            self.jobs,
            self.progress(self.plan.scenarios.len(), &format!("{scenarios} on the intact {who}")),
            async { stopped().await },
        ));
        self.judge(&first.run)?;
        for number in 2..=times {
            let title = format!("{scenarios} on the intact {who}, run {number} of {times}");
            let progress = self.progress(self.plan.scenarios.len(), &title);
            let context = Arc::new(self.context.clone());
            let pace = self.jobs.into();
            let again = Logbook::unwritten(opened(&context, &self.plan, pace));
            runtime.block_on(async {
                execute(context, &self.plan, pace, progress, &again, stopped()).await;
            });
            self.judge(&again.into_run())?;
        }
        Ok(first)
    }

    /// Who is given defects, in words.
    fn who(&self) -> String {
        match &self.context.examination {
            None => "mock".to_owned(),
            Some(app) => format!("app `{}`", app.name),
        }
    }

    fn judge(&self, run: &Run) -> Result<(), Exit> {
        // Who has nothing to show in a scenario has nothing to show with a defect either.
        let others = run.scenarios.iter().map(|one| one.verdict);
        let others = others.filter(|it| !matches!(it, Verdict::Pass | Verdict::Skipped)).count();
        if others == 0 {
            return Ok(());
        }
        self.surroundings.tell(troubles(run, None, self.surroundings.colours).trim_end());
        let others = counted(others, "scenario");
        self.surroundings.remark(&format!(
            "{others} did not pass on the intact {}: no defects tried",
            self.who()
        ));
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
            workers: self.jobs / 2,
            jobs: self.jobs,
            everywhere: self.everywhere,
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

/// How the command of the reference app begins.
const REFERENCE_APP: [&str; 2] = ["{checkride}", "demo-app"];
