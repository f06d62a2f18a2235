//! Drives cucumber through a plan.

use std::collections::HashSet;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cucumber::event::Retries;
use cucumber::runner::basic::{RetryOptions, ScenarioType};
use cucumber::{Cucumber, World as _, cli, runner};
use futures::FutureExt as _;
use jiff::Timestamp;

use super::cast::Cast;
use super::collect::{Collector, Ledger, hosts};
use super::fingerprint::fingerprint;
use super::frugal::Costs;
use super::keep::Logbook;
use super::progress::Progress;
use super::settle::doubt;
use crate::project::{Plan, Planned};
use crate::protocol::random::alphanumeric;
use crate::record::{
    Completion, Connection, Extent, Recorder, Requirements, Run, SCHEMA, Target, Tool,
};
use crate::world::{Context, Scene, Subject, World};

/// How a run goes about its scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many run at the same time at most.
    pub jobs: usize,
    /// How often one that did not pass is run again.
    pub retries: usize,
}

impl From<usize> for Pace {
    /// So many at the same time, each once.
    fn from(jobs: usize) -> Self {
        Self { jobs, retries: 0 }
    }
}

/// The record of a run of this plan as it would be if no scenario had begun.
pub fn opened(context: &Context, plan: &Plan, pace: Pace) -> Run {
    let started = Timestamp::now();
    let nothing = Ledger::default();
    let open = |planned| nothing.close(plan, planned, started.into()).scenario;
    let mut requirements = plan.requirements.clone();
    let permitting = plan.scenarios.iter().flat_map(|planned| planned.strict.values().flatten());
    let permitting = permitting.filter_map(|id| plan.catalogue.all().get_key_value(id));
    requirements.extend(permitting.map(|(id, found)| (id.clone(), found.clone())));
    Run {
        schema: SCHEMA.to_owned(),
        id: format!("{}-{}", started.strftime("%Y%m%dT%H%M%SZ"), alphanumeric(8).to_lowercase()),
        started,
        duration_ms: 0,
        completion: Completion::Interrupted,
        extent: Some(Extent { plan: fingerprint(plan), whole: plan.is_whole, shard: None }),
        parts: Vec::new(),
        baseline: None,
        past: Vec::new(),
        since: None,
        connections: Vec::new(),
        releases: Vec::new(),
        target: Target {
            name: context.target.clone(),
            dialect: context.dialect.name.clone(),
            fhir_base: match &context.subject {
                Subject::Embedded(_) => "embedded".to_owned(),
                Subject::Remote(remote) => context.redactor.redact(remote.fhir_base.as_str()),
            },
            app: context.examination.as_ref().map(|it| it.name.clone()),
            mock: context.snapshots.mock().map(str::to_owned),
            release: None,
            is_as_released: false,
            defect: match &context.subject {
                Subject::Embedded(embedded) => {
                    let flaw = context.examination.as_ref().and_then(|it| it.flaw.clone());
                    embedded.defect.clone().or(flaw)
                }
                Subject::Remote(_) => None,
            },
        },
        registration: None,
        tool: Tool {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            browser: None,
            jobs: pace.jobs,
        },
        requirements,
        strict: plan.strict(),
        waivers: Vec::new(),
        uncited: if plan.is_whole { plan.uncited() } else { Requirements::new() },
        scenarios: plan.scenarios.iter().map(open).collect(),
        elsewhere: Vec::new(),
    }
}

/// Runs a plan that [`preflight`](super::preflight()) has proven, at this pace, and notes in the logbook
/// what becomes of it.
///
/// When `stop` resolves, the run is given up: what was judged stays judged, the rest is
/// `inconclusive`. The browser stays open for another run.
pub async fn execute(
    context: Arc<Context>,
    plan: &Plan,
    pace: Pace,
    progress: Progress,
    logbook: &Logbook,
    stop: impl Future<Output = ()>,
) {
    let heard = std::panic::take_hook();
    perform(context, plan, pace, progress, logbook, stop).await;
    // Cucumber silences panics while it runs, and a run that was given up leaves it so.
    std::panic::set_hook(heard);
}

/// As [`execute`], but leaves panics as silent as they are then: other runs may be under way.
pub(super) async fn perform(
    context: Arc<Context>,
    plan: &Plan,
    pace: Pace,
    progress: Progress,
    logbook: &Logbook,
    stop: impl Future<Output = ()>,
) {
    let clock = Instant::now();
    let collector = Collector::new(plan, logbook, progress.clone());
    let ledger = collector.ledger();
    let completion = {
        let run = act(Arc::clone(&context), plan, pace, collector);
        tokio::select! {
            () = run => Completion::Complete,
            () = stop => Completion::Interrupted,
        }
    };
    progress.end();
    ledger.close_all(plan, logbook);
    let connections = match completion {
        Completion::Complete => {
            let login = context.login_script();
            hosts::look_at(&context, logbook.settle(|run| hosts::spoken_to(run, &login))).await
        }
        // Whoever stops a run does not wait for anybody.
        Completion::Interrupted => Vec::new(),
    };
    logbook.settle(|run| {
        ledger.prove(run, &context.redactor);
        Connection::join(&mut run.connections, connections);
        run.duration_ms += u64::try_from(clock.elapsed().as_millis()).unwrap_or_default();
        run.completion = completion;
        run.tool.browser = context.browser.version().or_else(|| run.tool.browser.take());
        if let Subject::Remote(_) = &context.subject {
            doubt(run);
        }
    });
}

/// Acts out the plan's scenarios.
async fn act(context: Arc<Context>, plan: &Plan, pace: Pace, collector: Collector<'_>) {
    let cast = match context.transport.is_frugal() {
        true => Cast::in_order(plan, &Costs::default().order(plan)),
        false => Cast::of(plan),
    };
    // On a system of others no other scenario may change what is compared.
    let serial: HashSet<String> = match &context.subject {
        Subject::Embedded(_) => HashSet::new(),
        Subject::Remote(_) => {
            plan.scenarios.iter().filter(|it| is_compared(it)).map(|it| it.id.clone()).collect()
        }
    };
    let notebooks = collector.ledger();
    let runner = runner::Basic::<World>::default()
        .steps(World::collection())
        .max_concurrent_scenarios(pace.jobs)
        .which_scenario(move |feature, _, scenario| match serial.contains(&id(feature, scenario)) {
            true => ScenarioType::Serial,
            false => ScenarioType::Concurrent,
        })
        // Tags of features have no say in it: on the embedded mock nothing is run again.
        .retry_options(move |_, _, _, _| {
            let retries = Retries::initial(pace.retries);
            (pace.retries > 0).then_some(RetryOptions { retries, after: Some(BREATH) })
        })
        .before(move |feature, rule, scenario, world| {
            let recorder = Recorder::new(context.redactor.child());
            let path = feature.path.clone().unwrap_or_default();
            let id = id(feature, scenario);
            notebooks.open(&id, &recorder);
            let capability = path
                .parent()
                .and_then(|folder| folder.file_name())
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            let context = Arc::clone(&context);
            let tags = feature.tags.iter().chain(&scenario.tags);
            let over_tls =
                tags.chain(rule.into_iter().flat_map(|it| &it.tags)).any(|tag| tag == OVER_TLS);
            let scenario = (id, scenario.name.clone());
            async move {
                let scene = Scene::set(context, recorder, scenario, capability, over_tls);
                world.enter(scene.await);
            }
            .boxed_local()
        })
        .after(|_, _, _, finished, world| {
            let failed = !matches!(finished, cucumber::event::ScenarioFinished::StepPassed);
            async move {
                if let Some(scene) = world.and_then(World::leave) {
                    scene.clear(failed).await;
                }
            }
            .boxed_local()
        });
    let options = cli::Opts::<cli::Empty, runner::basic::Cli, cli::Empty, cli::Empty>::default();
    Cucumber::<World, _, (), _, _, cli::Empty>::custom(cast, runner, collector)
        .with_cli(options)
        .run(())
        .await;
}

/// `path:line`.
fn id(feature: &gherkin::Feature, scenario: &gherkin::Scenario) -> String {
    let path = feature.path.as_deref().unwrap_or(Path::new(""));
    format!("{}:{}", path.display(), scenario.position.line)
}

/// Whether a scenario compares an answer with an accepted one.
fn is_compared(planned: &Planned) -> bool {
    planned.scenario.steps.iter().any(|step| step.value.starts_with(COMPARES))
}

/// How the sentence begins that compares with a snapshot.
const COMPARES: &str = "the answer looks like the accepted";
/// The pause before a scenario is run again.
const BREATH: Duration = Duration::from_secs(1);

/// The tag of scenarios in which the mock is served over TLS.
const OVER_TLS: &str = "needs:tls";
