//! `checkride run`: judges a platform by the scenarios of the project.

mod again;
mod conclude;
mod likely;
mod registered;
mod release;
mod shard;
mod ui;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::FutureExt as _;

use conclude::Conclusion;
use likely::Known;
pub(super) use release::Announced;
pub(super) use shard::slot;

use super::args::{RunArgs, Wanted, Who, Whom};
use super::bank::keeping;
use super::outcome::counted;
use super::outcome::herald;
use super::selftest::{breakable, find, known_defects};
use super::subject::{authority, context, examination, subject};
use super::{Exit, Surroundings, browser, history};
use crate::browser::{Attention, Browser, Options};
use crate::http::{Budget, Courtesy, Loopback, Taken};
use crate::project::{
    AppUnderTest, Catalogue, Judged, Mistake, Pictures, Plan, Planned, Platform, Profile, Project,
    Selection, Target, built_in, plan, waivers,
};
use crate::record::{Completion, RECORD, Run};
use crate::report;
use crate::run::{
    Again, Costs, Durations, Logbook, Pace, Progress, Slot, execute, go_on, needs_browser, opened,
    preflight, prepare, take_part, waived_on,
};
use crate::snapshot::Mode;
use crate::world::{Context, Examination, Subject};

/// Runs the selected scenarios and reports on them.
pub(super) fn run(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &RunArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let profile = args.wanted.profile.as_deref().map(|it| project.profile(it)).transpose()?;
    let wanted = args.target.as_deref().or(profile.and_then(|it| it.target.as_deref()));
    let (name, target) = project.target(wanted)?;
    let mut subject = subject(surroundings, &project, target)?;
    let announced = Announced::of(&project, target, args.wanted.release.as_deref())?;
    let dialect = announced.play(&mut subject.0, built_in::dialect(&target.dialect)?)?;
    let judged = Judged::from(args.whom.subject);
    let mut examination = examined(surroundings, &project, &args.whom, (name, target))?;
    let catalogue = Catalogue::of(&target.dialect, judged)?;
    let waivers = waivers(&project)?;
    if let (Some(flaw), Some(app)) = (&args.defect, &mut examination) {
        let known = known_defects(&project, (&catalogue, judged), &dialect)?;
        *app = app.with_flaw(&find(&known, flaw)?.name);
    } else if let Some(wanted) = &args.defect {
        let embedded = breakable(name, &subject.0)?;
        let known = known_defects(&project, (&catalogue, Judged::Platform), &embedded.dialect)?;
        let defect = find(&known, wanted)?;
        subject.0 = Subject::Embedded(embedded.with(defect));
    }
    let selection = Selection {
        about: announced.about(),
        ..selection(&project, profile, &args.wanted, judged)
    };
    let mut offers = subject.0.offers(&dialect);
    offers.extend(examination.iter().flat_map(Examination::offers));
    let mut plan = plan(&project, &catalogue, &selection, &offers)?;
    if plan.scenarios.is_empty() {
        let nothing = announced.nothing_to_see();
        surroundings.remark(match (&nothing, plan.files.is_empty()) {
            (Some(why), _) => why,
            (None, true) => "nothing selected: no feature file is there",
            (None, false) => "nothing selected: no scenario fits these paths, tags and names",
        });
        return Ok(Exit::NothingSelected);
    }
    let mut jobs = args.jobs.map_or(surroundings.jobs(judged), usize::from);
    if examination.as_ref().is_some_and(Examination::is_alone) {
        jobs = 1;
    }
    let progress = match surroundings.interactive {
        true => Progress::bar(plan.scenarios.len()),
        false => Progress::lines(),
    };
    let today = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date();
    let mut progress = progress.waiving(waived_on(&waivers, name, today));
    let reports = project.root.join(&project.config.reports);
    let own = examination.as_ref().map_or(name, |app| &app.name);
    let own = || announced.folder(&reports, own).unwrap_or_else(|| reports.join("latest"));
    let out = args.out.clone().unwrap_or_else(own);
    let needed = needs_browser(&plan, examination.as_ref());
    let mut options = browser::options(surroundings, needed, &progress);
    let of_profile = profile.and_then(|it| it.pictures);
    let pictures = args.pictures.or(of_profile).unwrap_or(project.config.pictures);
    options.films = pictures == Pictures::Steps;
    if judged == Judged::App {
        options.tabs = jobs;
        options.attention = Attention::Full;
        options.trusted_keys.extend(examination.iter().flat_map(Examination::trusted_keys));
        options.remembers = false;
    }
    let mode = if args.update_snapshots { Mode::Update } else { Mode::Review };
    let mut context = context(&project, (name, target), (subject, dialect), mode, options.clone())?;
    context.examination = examination;
    if matches!(context.subject, Subject::Remote(_)) {
        context.bank = keeping(surroundings, &project)?;
    }
    let (seen, notice) = (progress.clone(), ui::Notice::default());
    let slot = args.shard.map(|wanted| wanted.slot(surroundings)).transpose()?;
    // A part says little by itself, and a defect says nothing of the target.
    let speaks = slot.is_none() && args.defect.is_none();
    let (kept, herald) = match speaks {
        true => (history::keeping(surroundings, &project)?, herald(surroundings, &project)?),
        false => (None, None),
    };
    let courtesy = courtesy(name, target, &context, slot)?;
    let heard = notice.clone();
    let courtesy = courtesy.with_notice(Arc::new(move |what| {
        seen.wait(what);
        heard.waits(what);
    }));
    context.transport = context.transport.with(courtesy);
    preflight(&mut plan, &context)?;
    if context.transport.is_frugal() {
        context.shared_tokens = Costs::default().shared_tokens(&plan);
    }
    let is_remote = matches!(context.subject, Subject::Remote(_));
    let of_profile = profile.map_or(0, |profile| u16::from(profile.retries.min(MOST_RETRIES)));
    let retries = if args.retries > 0 { args.retries } else { of_profile };
    if args.retries > 0 && !is_remote {
        surroundings.remark("the embedded mock is judged at once: no scenario is run again");
    }
    let pace = Pace { jobs, retries: if is_remote { retries.into() } else { 0 } };
    let described = described(&project, &args.whom, (name, target))?;
    let open = |context: &Context, plan: &Plan| {
        let mut record = opened(context, plan, pace);
        announced.note(&mut record);
        record.registration =
            registered::registration(surroundings, target, described, &context.redactor);
        record
    };
    let mut record = open(&context, &plan);
    if let Some(slot) = slot {
        let durations = args.durations.as_deref().map(|file| surroundings.folder.join(file));
        let durations = durations.as_deref().map(Durations::read).transpose()?.unwrap_or_default();
        let scarce = context.transport.is_frugal();
        take_part(&mut plan, &mut record, slot, &durations, scarce);
    }
    // Before the new record takes the place of the last one.
    let baseline = args.measure.baseline(surroundings, Some(&project), &record.target)?;
    let runtime = runtime()?;
    let port = ui::Port::of(&runtime, args.ui)?;
    prepare(&out)?;
    let mut part = plan.clone();
    if let Some((earlier, again)) = again::earlier(args, &out)? {
        let (is_complete, exit) = (earlier.completion == Completion::Complete, Exit::of(&earlier));
        let wanted = go_on(&mut record, earlier, again)?;
        if wanted.is_empty() && is_complete {
            surroundings.remark("nothing is run again: every scenario of the last run has passed");
            return Ok(exit);
        }
        part.scenarios.retain(|planned| wanted.contains(&planned.id));
    }
    let chosen = part.scenarios.iter().filter(|one| one.left_out.is_none()).count();
    progress.expect(chosen);
    if !surroundings.interactive && (chosen > 0 || slot.is_some()) {
        let app = context.examination.as_ref().map(|it| format!(" of the app `{}`", it.name));
        let app = app.unwrap_or_default();
        let of_plan = record.shard().map(|shard| format!(", {shard}")).unwrap_or_default();
        let scenarios = counted(chosen, "scenario");
        progress.say(&format!("running {scenarios}{app} on `{name}`{of_plan}"));
    }

    runtime.block_on(async {
        let comes_back =
            |one: &Planned| one.left_out.is_none() && one.tags.iter().any(|tag| tag == "browser");
        if context.browser.is_on_this_machine() && plan.scenarios.iter().any(comes_back) {
            if let Some(authority) = authority(&project, target)? {
                let trusted_keys = browser::trusted_keys(&context, &authority).await?;
                context.browser = Browser::new(Options { trusted_keys, ..options });
            }
            context.loopback = listen(&context.subject, &progress).await;
        }
        Ok::<(), Mistake>(())
    })?;
    let context = Arc::new(context);
    // Who runs a few scenarios by hand does not wait for the plans of all releases.
    let is_meant = plan.is_whole || profile.is_some() || record.target.release.is_some();
    let is_meant = is_meant && speaks;
    let conclusion = Conclusion {
        surroundings,
        waivers: &waivers,
        today,
        is_whole: plan.is_whole && slot.is_none(),
        baseline,
        kept,
        herald,
        formats: formats(profile, &args.report),
        out: &out,
        print_waivers: args.print_waivers,
        causes: Known {
            project: &project,
            catalogue: &catalogue,
            judged,
            dialect: &context.dialect,
        },
        readiness: is_meant.then_some(&project),
    };
    let seen_by = (&runtime, surroundings);
    let mut ui = port.map(|port| port.serve(seen_by, (&record, &out), &notice));
    loop {
        let mut logbook = Logbook::begin(&out, record)?;
        if let Some(ui) = &ui {
            logbook = logbook.watched(ui.watch(&waivers, today));
        }
        runtime.block_on(async {
            let stop = ui.as_ref().map_or_else(|| stopped().boxed(), |ui| ui.stop().boxed());
            execute(Arc::clone(&context), &part, pace, progress.clone(), &logbook, stop).await;
            context.browser.close().await;
        });
        let unstopped = context.examination.as_ref().and_then(Examination::unstopped);
        if let Some((times, why)) = unstopped {
            surroundings.remark(&format!(
                "the app's stop command failed in {}: it {why}; what was left of the app on this \
                 machine was ended",
                counted(times, "scenario")
            ));
        }
        let (exit, run) = conclusion.draw(logbook);
        let (Some(ui), Some(run)) = (&mut ui, run) else { return Ok(exit) };
        let Some(wanted) = ui.next(&runtime, &run) else {
            ui.end(&runtime);
            return Ok(exit);
        };
        record = open(&context, &plan);
        let wanted = go_on(&mut record, run, Again::These(wanted))?;
        part.scenarios.clone_from(&plan.scenarios);
        part.scenarios.retain(|planned| wanted.contains(&planned.id));
        progress = Progress::lines().waiving(waived_on(&waivers, name, today));
    }
}

/// The app that is to be judged, if it is an app, with all that its owner keeps for it.
///
/// # Errors
/// A [`Mistake`] if there is none, or the target is no mock, which alone can watch it.
fn examined(
    surroundings: &Surroundings,
    project: &Project,
    whom: &Whom,
    target: (&str, &Target),
) -> Result<Option<Examination>, Mistake> {
    let Some((app, _)) = described(project, whom, target)? else { return Ok(None) };
    crate::program::sweep();
    examination(surroundings, project, Some(app)).map(Some)
}

/// The app that is to be judged, if it is an app, as its owner describes it.
///
/// # Errors
/// As for [`examined`].
pub(super) fn described<'a>(
    project: &'a Project,
    whom: &Whom,
    (name, target): (&str, &Target),
) -> Result<Option<(&'a str, &'a AppUnderTest)>, Mistake> {
    if whom.subject == Who::Platform {
        return match &whom.app {
            None => Ok(None),
            Some(_) => Err(Mistake::new("`--app` names an app, but a platform is judged")
                .with_hint("add `--subject app` to judge the app")),
        };
    }
    if target.platform != Platform::Embedded {
        return Err(project
            .mistake_at(name, format!("an app is examined on the mock, and `{name}` is none"))
            .with_hint("name a target with `platform: embedded`, which speaks the same dialect"));
    }
    project.app(whom.app.as_deref()).map(Some)
}

/// Receives users where the target's apps have addresses on this machine.
async fn listen(subject: &Subject, progress: &Progress) -> Loopback {
    let Subject::Remote(remote) = subject else { return Loopback::default() };
    let addresses = remote.apps.iter().flat_map(|app| {
        let left = app.post_logout_redirect_uri.iter();
        left.chain([&app.redirect_uri]).cloned()
    });
    let (loopback, taken) = Loopback::listen(addresses).await;
    for Taken { redirect_uri, why } in taken {
        progress.say(&format!(
            "cannot listen at `{redirect_uri}`: {why}; users are caught on their way there, and \
             nothing is sent to whoever listens"
        ));
    }
    loopback
}

/// The threads that a run needs.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Mistake> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Mistake::new(format!("cannot start the program's threads: {error}")))
}

/// Ends the record and writes the reports.
pub(in crate::cli) fn write(
    logbook: Logbook,
    formats: &[report::Format],
    out: &Path,
) -> Result<Run, Mistake> {
    let run = logbook.close()?;
    for format in formats {
        report::write(&run, *format, (out, out))
            .map_err(|error| Mistake::new(format!("cannot {error}")))?;
    }
    Ok(run)
}

/// What is wanted: what the command line says, and a profile where it says nothing.
pub(super) fn selection(
    project: &Project,
    profile: Option<&Profile>,
    wanted: &Wanted,
    subject: Judged,
) -> Selection {
    let features = profile.map(|it| it.features.as_slice()).unwrap_or_default();
    let features = features.iter().map(|path| project.root.join(path).display().to_string());
    Selection {
        paths: if wanted.paths.is_empty() { features.collect() } else { wanted.paths.clone() },
        tags: wanted.tags.clone().or_else(|| profile?.tags.clone()),
        name: wanted.name.clone(),
        subject,
        about: None,
    }
}

/// The reports that are wanted.
fn formats(profile: Option<&Profile>, said: &[report::Format]) -> Vec<report::Format> {
    let of_profile = profile.and_then(|profile| profile.reports.clone());
    match said {
        [] => of_profile.unwrap_or_else(|| report::Format::USUAL.to_vec()),
        said => said.to_vec(),
    }
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

/// How the target is treated: somebody else's with care, and within a shard's part of its budget.
///
/// # Errors
/// A [`Mistake`] if there are more shards than the budget can be divided among.
fn courtesy(
    name: &str,
    target: &Target,
    context: &Context,
    slot: Option<Slot>,
) -> Result<Courtesy, Mistake> {
    let is_remote = matches!(context.subject, Subject::Remote(_));
    let budget = target.limits.tokens_per_minute(&context.dialect, is_remote);
    let budget = budget.map(Budget::per_minute);
    // Each shard has a mock of its own.
    if !is_remote {
        return Ok(Courtesy::embedded(budget));
    }
    match (budget, slot) {
        (Some(whole), Some(slot)) => match shard::part(&whole, slot) {
            Some(part) => Ok(Courtesy::remote(Some(part))),
            None => Err(Mistake::new(format!(
                "{} shards cannot share {} token requests a minute on `{name}`: each needs one",
                slot.of,
                whole.coins()
            ))
            .with_hint(
                "run fewer shards, or raise `limits: { tokens_per_minute: … }` of the target, if its \
                 platform allows it",
            )),
        },
        (budget, _) => Ok(Courtesy::remote(budget)),
    }
}

/// The file to open, as short as it can be said from here.
pub(in crate::cli) fn shown(
    surroundings: &Surroundings,
    out: &Path,
    formats: &[report::Format],
) -> PathBuf {
    let best = formats.iter().find(|format| **format == report::Format::Html);
    let file = best.or(formats.first()).map_or(RECORD, |format| format.file());
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

/// As many as the command line allows.
const MOST_RETRIES: u8 = 5;
