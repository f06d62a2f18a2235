//! `checkride run`: judges a platform by the scenarios of the project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::RunArgs;
use super::selftest::{breakable, find, known_defects};
use super::summary::{counted, summarised};
use super::{Exit, Surroundings, browser, show_error};
use crate::browser::{Browser, Options};
use crate::dialect::Dialect;
use crate::http::{Budget, Courtesy, Proxy, Transport};
use crate::project::{
    Catalogue, Mistake, Platform, Project, Selection, Target, built_in, plan, waivers,
};
use crate::record::Run;
use crate::report;
use crate::run::{Outcome, Progress, execute, keep, preflight, prepare, waive};
use crate::secret::Redactor;
use crate::snapshot::{Mode, Store};
use crate::world::{Account, Context, Embedded, KeyRing, KnownApp, Subject};

/// Runs the selected scenarios and reports on them.
pub(super) fn run(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &RunArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let (name, target) = project.target(args.target.as_deref())?;
    let mut subject = subject(surroundings, &project, target)?;
    let dialect = built_in::dialect(&target.dialect)?;
    let catalogue = Catalogue::of_dialect(&target.dialect)?;
    let waivers = waivers(&project)?;
    if let Some(wanted) = &args.defect {
        let embedded = breakable(name, &subject.0)?;
        let known = known_defects(&project, &catalogue, &embedded.dialect)?;
        let defect = find(&known, wanted)?;
        subject.0 = Subject::Embedded(embedded.with(defect));
    }
    let selection =
        Selection { paths: args.paths.clone(), tags: args.tags.clone(), name: args.name.clone() };
    let mut plan = plan(&project, &catalogue, &selection, &subject.0.offers(&dialect))?;
    if plan.scenarios.is_empty() {
        surroundings.remark(match plan.files.is_empty() {
            true => "nothing selected: no feature file is there",
            false => "nothing selected: no scenario fits these paths, tags and names",
        });
        return Ok(Exit::NothingSelected);
    }
    let jobs = args.jobs.map_or(surroundings.cores * 2, usize::from);
    let progress = match surroundings.interactive {
        true => Progress::bar(plan.scenarios.len()),
        false => Progress::lines(),
    };
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| project.root.join(&project.config.reports).join("latest"));
    let needed = plan.scenarios.iter().any(|one| one.tags.iter().any(|tag| tag == "browser"));
    let options = browser::options(surroundings, needed, &progress);
    let mode = if args.update_snapshots { Mode::Update } else { Mode::Review };
    let mut context = context(&project, (name, target), (subject, dialect), mode, options)?;
    let seen = progress.clone();
    let courtesy = courtesy(target, &context).with_notice(Arc::new(move |what| seen.wait(what)));
    context.transport = context.transport.with(courtesy);
    preflight(&mut plan, &context)?;
    prepare(&out)?;
    let chosen = plan.scenarios.iter().filter(|one| one.left_out.is_none()).count();
    if !surroundings.interactive && chosen > 0 {
        progress.say(&format!("running {} on `{name}`", counted(chosen, "scenario")));
    }

    let mut outcome = runtime()?.block_on(async {
        let browser = context.browser.clone();
        let outcome = execute(Arc::new(context), &plan, jobs, progress, stopped()).await;
        browser.close().await;
        outcome
    });
    waive(&mut outcome.run, &waivers, plan.is_whole);
    match write(outcome, &args.report, &out) {
        Ok(run) => {
            let page = shown(surroundings, &out, args);
            let said = summarised(surroundings, &run, &page);
            if args.print_waivers {
                surroundings.remark(said.trim_end());
                let entries = report::waivers_for(&run);
                if !entries.is_empty() {
                    surroundings.tell(entries.trim_end());
                }
            } else {
                surroundings.tell(said.trim_end());
            }
            Ok(Exit::of(&run))
        }
        // Everything was sent by now, so this is no mistake of the project.
        Err(unwritten) => {
            show_error::show(surroundings, &unwritten);
            Ok(Exit::NotJudged)
        }
    }
}

/// The threads that a run needs.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Mistake> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Mistake::new(format!("cannot start the program's threads: {error}")))
}

/// Writes record and reports.
fn write(outcome: Outcome, formats: &[report::Format], out: &Path) -> Result<Run, Mistake> {
    let run = keep(outcome, out)?;
    for format in formats {
        report::write(&run, *format, out)
            .map_err(|error| Mistake::new(format!("cannot {error}")))?;
    }
    Ok(run)
}

/// The project of a command.
pub(super) fn project(
    surroundings: &Surroundings,
    file: Option<&Path>,
) -> Result<Project, Mistake> {
    match file {
        Some(file) => Project::read(&surroundings.folder.join(file)),
        None => Project::find(&surroundings.folder),
    }
}

/// Who can sign in, by the word that scenarios use.
type Accounts = BTreeMap<String, Account>;

/// The platform under test and who can sign in there, all secrets read.
pub(super) fn subject(
    surroundings: &Surroundings,
    project: &Project,
    target: &Target,
) -> Result<(Subject, Accounts), Mistake> {
    let Platform::At(fhir_base) = &target.platform else {
        let sandbox = built_in::sandbox(&target.dialect)?;
        let accounts = sandbox.users.iter().map(|user| {
            let password = crate::secret::Secret::new(user.password.clone());
            (user.name.clone(), Account { username: user.username.clone(), password })
        });
        let accounts = accounts.collect();
        let dialect = Arc::new(built_in::dialect(&target.dialect)?);
        let sandbox = Arc::new(sandbox);
        let embedded =
            Embedded { sandbox, dialect, faults: Vec::new(), defect: None, witness: None };
        return Ok((Subject::Embedded(embedded), accounts));
    };
    let environment = |variable: &str| surroundings.variable(variable);
    let mut apps = Vec::new();
    for (app_name, app) in &target.apps {
        let whose = format!("the client secret of `{app_name}`");
        let secret = app.client_secret.as_ref();
        apps.push(KnownApp {
            category: app.category.word().to_owned(),
            method: app.method.word().to_owned(),
            client_id: app.client_id.clone(),
            secret: secret.map(|it| project.secret(&whose, it, &environment)).transpose()?,
            scopes: app.scopes.clone(),
            redirect_uri: app.redirect_uris.first().cloned().unwrap_or_default(),
        });
    }
    let mut accounts = Accounts::new();
    for (user, login) in &target.users {
        let whose = format!("the password of `{user}`");
        let password = project.secret(&whose, &login.password, &environment)?;
        accounts.insert(user.clone(), Account { username: login.username.clone(), password });
    }
    Ok((Subject::Remote { fhir_base: fhir_base.clone(), apps }, accounts))
}

pub(super) fn context(
    project: &Project,
    (name, target): (&str, &Target),
    ((subject, users), dialect): ((Subject, Accounts), Dialect),
    mode: Mode,
    options: Options,
) -> Result<Context, Mistake> {
    let redactor = Redactor::new();
    for account in users.values() {
        redactor.learn("password", &account.password);
    }
    if let Subject::Remote { apps, .. } = &subject {
        for secret in apps.iter().filter_map(|app| app.secret.as_ref()) {
            redactor.learn("client_secret", secret);
        }
    }
    let proxy = match &subject {
        Subject::Embedded(_) => Proxy::Never,
        Subject::Remote { .. } => Proxy::AsConfigured,
    };
    let store = Store::new(project.root.join(&project.config.snapshots), mode);
    Ok(Context {
        target: name.to_owned(),
        examples: examples(&subject, target),
        subject,
        endpoints: target.endpoints.clone(),
        login_hosts: target.login_hosts.clone(),
        dialect: Arc::new(dialect),
        users,
        transport: Transport::new(PATIENCE, proxy)
            .map_err(|error| Mistake::new(format!("cannot {error}")))?,
        browser: Browser::new(options),
        snapshots: store.relative_to(&project.root),
        redactor,
        keys: KeyRing::default(),
    })
}

/// How the target is treated: somebody else's with care.
fn courtesy(target: &Target, context: &Context) -> Courtesy {
    let is_remote = matches!(context.subject, Subject::Remote { .. });
    let budget = target.limits.tokens_per_minute(&context.dialect, is_remote);
    let budget = budget.map(Budget::per_minute);
    if is_remote { Courtesy::remote(budget) } else { Courtesy::embedded(budget) }
}

/// Ids that scenarios call by a word: those of the mock's sandbox, or those that the project names.
fn examples(subject: &Subject, target: &Target) -> BTreeMap<String, String> {
    let mut known = match subject {
        Subject::Embedded(embedded) => embedded.sandbox.examples.clone(),
        Subject::Remote { .. } => BTreeMap::new(),
    };
    known.extend(target.examples.clone());
    known
}

/// The file to open, as short as it can be said from here.
fn shown(surroundings: &Surroundings, out: &Path, args: &RunArgs) -> PathBuf {
    let best = args.report.iter().find(|format| **format == report::Format::Html);
    let file = best.or(args.report.first()).map_or(crate::run::RECORD, |format| format.file());
    let path = out.join(file);
    path.strip_prefix(&surroundings.folder).map(Path::to_owned).unwrap_or(path)
}

/// Resolves when somebody wants the program to end; who asks again does not have to wait.
///
/// It hears from the moment that it is called, not only when it is waited for. To be called within
/// a runtime.
pub(super) fn stopped() -> impl Future<Output = ()> {
    let asked = asked_to_end();
    async move {
        asked.await;
        let again = asked_to_end();
        tokio::spawn(async move {
            again.await;
            // The browser ends with this process, and the next run sweeps what it leaves.
            std::process::exit(i32::from(Exit::NotJudged.code()));
        });
    }
}

/// Ctrl-C, or a signal to end.
#[cfg(unix)]
fn asked_to_end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let signals = kinds.map(signal);
    async move {
        let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_end() {
    let _ = tokio::signal::ctrl_c().await;
}

/// How long the platform may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
