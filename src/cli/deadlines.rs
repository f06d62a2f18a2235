//! `checkride deadlines`: the announced changes of the platforms, how many days are left, and what is
//! not tested for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::args::Shape;
use super::outcome::counted;
use super::run::{Announced, project};
use super::subject::{foreseen, unread};
use super::{Exit, Surroundings};
use crate::clock::Clock;
use crate::mock::Fault;
use crate::project::{
    Catalogue, Judged, Mistake, Plan, Platform, Project, Release, Selection, Target, releases,
};
use crate::record::{self, RECORD, Run, Scenario, Verdict};

#[derive(Debug, clap::Args)]
pub(super) struct DeadlinesArgs {
    /// Only those of this target's platform, by its name in the project file.
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,

    /// End with 1 or 3 if something fails or is not tested, and the deadline is no more than so many
    /// days away, or has passed.
    #[arg(long, value_name = "DAYS")]
    pub(super) within: Option<u32>,

    /// How it is written.
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    pub(super) format: Shape,

    /// The day from which is counted [default: today].
    #[arg(long, value_name = "DAY", hide = true)]
    pub(super) today: Option<Date>,
}

/// Says what is still to be tested, and until when.
pub(super) fn deadlines(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &DeadlinesArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let today = args.today.unwrap_or_else(|| Clock::system().now().to_zoned(TimeZone::UTC).date());
    let wanted = args.target.as_deref().map(|name| project.target(Some(name))).transpose()?;
    let mut dialects: BTreeSet<&str> =
        project.config.targets.values().map(|target| target.dialect.as_str()).collect();
    dialects.retain(|dialect| wanted.is_none_or(|(_, target)| target.dialect == *dialect));
    let reports = project.root.join(&project.config.reports);
    let bench = Bench { surroundings, project: &project, records: records(&reports, 0) };
    let mut deadlines = Vec::new();
    for dialect in dialects {
        for release in releases::<Fault>(&project, dialect)? {
            let subjects = bench.subjects(&release, wanted.map(|(name, _)| name))?;
            let told = release.recorded();
            let days_left = told.days_left(today).unwrap_or_default();
            deadlines.push(Deadline { dialect: dialect.to_owned(), told, days_left, subjects });
        }
    }
    deadlines.sort_by_key(|one| (one.told.deadline(), one.told.id.clone()));
    match args.format {
        Shape::Text => surroundings.tell(text(&deadlines, today).trim_end()),
        Shape::Json => {
            let deadlines: Vec<Value> = deadlines.iter().map(Deadline::json).collect();
            let all = json!({ "today": today, "deadlines": deadlines });
            surroundings.tell(&format!("{all:#}"));
        }
    }
    let Some(within) = args.within else { return Ok(Exit::Conforms) };
    let near = deadlines.iter().filter(|one| one.days_left <= i64::from(within));
    let states: BTreeSet<State> = near.flat_map(|one| &one.subjects).map(Subject::state).collect();
    Ok(if states.contains(&State::Fails) {
        Exit::NotMet
    } else if states.contains(&State::Untested) {
        Exit::NotJudged
    } else {
        Exit::Conforms
    })
}

/// An announced change, and how far everybody is with it.
struct Deadline {
    dialect: String,
    told: record::Release,
    days_left: i64,
    subjects: Vec<Subject>,
}

/// Somebody who has to be ready for a release.
struct Subject {
    /// `target` or `app`.
    kind: &'static str,
    name: String,
    /// The command that tests it.
    command: String,
    /// How many scenarios there are to be judged.
    scenarios: usize,
    /// How many of them the last record has not judged.
    untested: usize,
    /// Ids of requirements that are not met, or of scenarios that fail and cite none.
    failing: Vec<String>,
    /// The last run that was about the release: its day, and the folder of its record.
    tested: Option<(Date, PathBuf)>,
    /// Why nothing can be judged.
    lacks: Option<String>,
}

/// How far somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Conforms,
    Untested,
    Fails,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Untested => "untested",
            Self::Fails => "fails",
        }
    }
}

/// What is known of all releases.
struct Bench<'a> {
    surroundings: &'a Surroundings,
    project: &'a Project,
    /// Folders of records that are about a release, by its id.
    records: Vec<(PathBuf, String)>,
}

impl Bench<'_> {
    /// Who of the project has to be ready for a release: its live targets of that platform, and its apps
    /// where there is something to examine them by.
    fn subjects(
        &self,
        release: &Release<Fault>,
        wanted: Option<&str>,
    ) -> Result<Vec<Subject>, Mistake> {
        let of_dialect = self.project.config.targets.iter();
        let mut of_dialect = of_dialect.filter(|(_, target)| target.dialect == release.dialect);
        let live = of_dialect.clone().filter(|(name, target)| {
            let is_wanted = wanted.is_none_or(|wanted| wanted == name.as_str());
            is_wanted && matches!(target.platform, Platform::At(_))
        });
        let mut subjects = Vec::new();
        for (name, target) in live {
            subjects.push(self.subject(release, (name, target), None)?);
        }
        let mock = of_dialect.find(|(_, target)| target.platform == Platform::Embedded);
        let of_apps = Catalogue::of_app(&release.dialect)?;
        let mut asked = release.changes.iter().flat_map(|change| &change.requirements);
        let examines = release.can_be_played() || asked.any(|id| of_apps.all().contains_key(id));
        if let Some((name, target)) = mock.filter(|_| examines) {
            for app in self.project.config.apps.keys() {
                subjects.push(self.subject(release, (name, target), Some(app))?);
            }
        }
        Ok(subjects)
    }

    fn subject(
        &self,
        release: &Release<Fault>,
        (name, target): (&str, &Target),
        app: Option<&str>,
    ) -> Result<Subject, Mistake> {
        let offers = match app {
            Some(app) => {
                let (app, described) = self.project.app(Some(app))?;
                unread(self.surroundings, self.project, app, described).offers()
            }
            None => Vec::new(),
        };
        let subject = if app.is_some() { Judged::App } else { Judged::Platform };
        let about = Announced::of(self.project, target, Some(&release.id))?.about();
        let selection = Selection { subject, about, ..Selection::default() };
        let plan = foreseen(self.surroundings, self.project, (name, target), &offers, &selection)?;
        let last = self.last(&release.id, name, app);
        let arguments = match app {
            Some(app) => format!("--subject app --app {}", quoted(app)),
            None => String::new(),
        };
        let on = match name == self.project.config.default_target {
            true => String::new(),
            false => format!(" --target {}", quoted(name)),
        };
        let command = format!("checkride run {arguments}{on} --release {}", release.id);
        let kind = if app.is_some() { "app" } else { "target" };
        let name = app.unwrap_or(name).to_owned();
        let told = (kind, name, command.replace("  ", " "));
        Ok(Subject::of(release, &plan, last, told))
    }

    /// The last record that is about a release, of a target or an app.
    fn last(&self, release: &str, target: &str, app: Option<&str>) -> Option<(PathBuf, Run)> {
        let of_release = self.records.iter().filter(|(_, id)| id == release);
        let read =
            of_release.filter_map(|(place, _)| Some((place.clone(), record::read(place).ok()?)));
        let is_of = |run: &Run| run.target.name == target && run.target.app.as_deref() == app;
        read.filter(|(_, run)| is_of(run)).max_by_key(|(_, run)| run.started)
    }
}

impl Subject {
    fn of(
        release: &Release<Fault>,
        plan: &Plan,
        last: Option<(PathBuf, Run)>,
        (kind, name, command): (&'static str, String, String),
    ) -> Self {
        let chosen: Vec<&str> = plan
            .scenarios
            .iter()
            .filter(|it| it.left_out.is_none())
            .map(|it| it.id.as_str())
            .collect();
        let judged = last.iter().flat_map(|(_, run)| &run.scenarios);
        let judged: BTreeMap<&str, &Scenario> = judged.map(|one| (one.id.as_str(), one)).collect();
        let is_judged = |id: &&&str| {
            let verdict = judged.get(**id).filter(|one| !one.unfinished).map(|one| one.verdict);
            verdict.is_some_and(|verdict| !UNJUDGED.contains(&verdict))
        };
        // On the day, what is only recommended decides whether an app goes on, too.
        let is_ready = |one: &Scenario| match one.verdict {
            Verdict::Fail => false,
            Verdict::Warn => !release.is_about(&one.tags, &one.requirements),
            _ => true,
        };
        let mut failing = BTreeSet::new();
        for scenario in judged.values().filter(|one| !is_ready(one)) {
            match scenario.requirements.as_slice() {
                [] => failing.extend([scenario.id.clone()]),
                ids => failing.extend(ids.iter().cloned()),
            }
        }
        let lacks = plan.scenarios.iter().find_map(|it| it.left_out.clone());
        let lacks = lacks.unwrap_or_else(|| "no scenario is about it".to_owned());
        Self {
            kind,
            name,
            command,
            scenarios: chosen.len(),
            untested: chosen.iter().filter(|id| !is_judged(id)).count(),
            failing: failing.into_iter().collect(),
            lacks: chosen.is_empty().then_some(lacks),
            tested: last.map(|(place, run)| (run.started.to_zoned(TimeZone::UTC).date(), place)),
        }
    }

    fn state(&self) -> State {
        if !self.failing.is_empty() {
            State::Fails
        } else if self.untested > 0 || self.lacks.is_some() {
            State::Untested
        } else {
            State::Conforms
        }
    }

    /// What there is to say of it, in a few words.
    fn told(&self) -> String {
        let on = self.tested.as_ref().map(|(day, _)| format!(" on {}", long(*day)));
        let on = on.unwrap_or_default();
        let scenarios = counted(self.scenarios, "scenario");
        let fails = match self.failing.len() {
            0 => String::new(),
            1 => format!("{} is not met{on}", self.failing[0]),
            _ => format!("{} are not met{on}", self.failing.join(", ")),
        };
        if let Some(why) = &self.lacks {
            return format!("cannot be tested: {why}");
        }
        match (self.untested, self.tested.is_some()) {
            (_, false) => format!("not tested, {scenarios}"),
            (0, _) if fails.is_empty() => format!("conforms, {scenarios}{on}"),
            (0, _) => fails,
            (untested, _) => {
                let part = format!("{untested} of {scenarios} not judged{on}");
                if fails.is_empty() { part } else { format!("{fails}; {part}") }
            }
        }
    }

    fn json(&self) -> Value {
        json!({
            "kind": self.kind,
            "name": self.name,
            "state": self.state().word(),
            "scenarios": self.scenarios,
            "untested": self.untested,
            "failing": self.failing,
            "lacks": self.lacks,
            "tested": self.tested.as_ref().map(|(day, _)| day),
            "record": self.tested.as_ref().map(|(_, place)| place),
            "command": self.command,
        })
    }
}

impl Deadline {
    fn json(&self) -> Value {
        let subjects: Vec<Value> = self.subjects.iter().map(Subject::json).collect();
        json!({
            "dialect": self.dialect,
            "release": self.told,
            "deadline": self.told.deadline(),
            "days_left": self.days_left,
            "subjects": subjects,
        })
    }
}

fn text(deadlines: &[Deadline], today: Date) -> String {
    if deadlines.is_empty() {
        return "no change of a platform is announced; `releases.yaml` takes those that you know of"
            .to_owned();
    }
    let mut text = String::new();
    for Deadline { dialect, told, subjects, .. } in deadlines {
        let day = told.deadline().map(long).unwrap_or_default();
        let _ = writeln!(text, "{day}, {}", told.countdown(today));
        let _ = writeln!(text, "  {} of {dialect}: {}", told.id, told.title);
        for subject in subjects {
            let _ = writeln!(text, "  * {}: {}", subject.name, subject.told());
            if subject.state() != State::Conforms && subject.lacks.is_none() {
                let _ = writeln!(text, "    {}", subject.command);
            }
        }
        if subjects.is_empty() {
            let _ =
                writeln!(text, "  nothing here can show it: no target is a live environment of it");
        }
        text.push('\n');
    }
    text
}

/// The folders below the folder of reports with a record that is about a release, and which.
fn records(folder: &Path, depth: usize) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = entries.map(|entry| entry.path()).filter(|path| path.is_dir() && depth < DEPTH);
    let mut found: Vec<_> = below.flat_map(|path| records(&path, depth + 1)).collect();
    let head = fs::read(folder.join(RECORD)).ok();
    let head = head.and_then(|bytes| serde_json::from_slice::<Head>(&bytes).ok());
    found.extend(head.and_then(|head| Some((folder.to_owned(), head.target.release?))));
    found
}

/// As much of a record as tells whether it has to be read.
#[derive(Deserialize)]
struct Head {
    target: record::Target,
}

fn long(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it));
    if is_plain { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

/// Folders between the folder of reports and a record, at most: `releases/<id>/<subject>`.
const DEPTH: usize = 3;
/// Verdicts that leave open whether somebody is ready.
const UNJUDGED: [Verdict; 3] = [Verdict::Inconclusive, Verdict::Error, Verdict::Skipped];
