//! Who has to be ready for a release, and how far they are: what would be run for it, beside what the
//! last record about it has judged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::last::{Found, Records};
use crate::cli::Surroundings;
use crate::cli::outcome::{counted, shell_word};
use crate::cli::run::Announced;
use crate::cli::subject::{foreseen, unread};
use crate::clock::{day_in_words, day_of};
use crate::mock::Fault;
use crate::project::{
    Catalogue, Judged, Mistake, Plan, Platform, Project, Release, Selection, Target, releases,
};
use crate::record::{self, Readiness, Run, Scenario, SubjectKind, Verdict};

/// Notes in a run how far everybody is with the announced changes that are still to come, and with the
/// one that it was about.
///
/// A run has judged what it was asked to: where the rest of the project cannot be planned, or the history
/// does not tell, it notes what it knows.
pub(in crate::cli) fn note_readiness(
    surroundings: &Surroundings,
    project: &Project,
    run: &mut Run,
) {
    let today = day_of(run.started);
    let about = run.target.release.clone();
    let is_meant = |told: &record::Release| {
        about.as_ref() == Some(&told.id) || told.days_left(today).is_some_and(|days| days >= 0)
    };
    if !run.releases.iter().any(is_meant) {
        return;
    }
    let Ok(known) = releases::<Fault>(project, &run.target.dialect) else { return };
    let (records, _) = Records::of(surroundings, project, Some(run));
    let bench = Bench { surroundings, project, records };
    let noted = run.releases.iter().map(|told| {
        let release = known.iter().find(|release| release.id == told.id);
        let subjects = release.filter(|_| is_meant(told)).map(|it| bench.subjects(it, None));
        let subjects = subjects.and_then(Result::ok).unwrap_or_default();
        subjects.iter().map(Subject::recorded).collect()
    });
    let noted: Vec<Vec<record::Subject>> = noted.collect();
    for (release, subjects) in run.releases.iter_mut().zip(noted) {
        release.subjects = subjects;
    }
}

/// What is known of all releases.
pub(super) struct Bench<'a> {
    pub(super) surroundings: &'a Surroundings,
    pub(super) project: &'a Project,
    pub(super) records: Records<'a>,
}

impl Bench<'_> {
    /// Who of the project has to be ready for a release: its live targets of that platform, and its apps
    /// where there is something to examine them by.
    pub(super) fn subjects(
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
        let announced = Announced::of(self.project, target, Some(&release.id))?;
        let selection = Selection { subject, about: announced.about(), ..Selection::default() };
        let of = (name, target, Some(&announced));
        let plan = foreseen(self.surroundings, self.project, of, &offers, &selection)?;
        let last = self.records.last(&release.id, name, app);
        let arguments = match app {
            Some(app) => format!("--subject app --app {}", shell_word(app)),
            None => String::new(),
        };
        let on = match name == self.project.config.default_target {
            true => String::new(),
            false => format!(" --target {}", shell_word(name)),
        };
        let command = format!("checkride run {arguments}{on} --release {}", release.id);
        let kind = if app.is_some() { SubjectKind::App } else { SubjectKind::Target };
        let name = app.unwrap_or(name).to_owned();
        let told = (kind, name, command.replace("  ", " "));
        Ok(Subject::of(release, &plan, last, told))
    }
}

/// Somebody who has to be ready for a release.
pub(super) struct Subject {
    kind: SubjectKind,
    pub(super) name: String,
    /// The command that tests it.
    pub(super) command: String,
    /// How many scenarios there are to be judged.
    scenarios: usize,
    /// How many of them the last record has not judged.
    untested: usize,
    /// Ids of requirements that are not met, or of scenarios that fail and cite none.
    failing: Vec<String>,
    /// The last run that was about the release.
    tested: Option<Tested>,
    /// Why nothing can be judged.
    pub(super) lacks: Option<String>,
}

/// A run that was about a release.
struct Tested {
    day: Date,
    run: String,
    /// The folder of its record, unless the history alone has it.
    folder: Option<PathBuf>,
}

impl Subject {
    fn of(
        release: &Release<Fault>,
        plan: &Plan,
        last: Option<Found<'_>>,
        (kind, name, command): (SubjectKind, String, String),
    ) -> Self {
        let chosen: Vec<&str> = plan
            .scenarios
            .iter()
            .filter(|it| it.left_out.is_none())
            .map(|it| it.id.as_str())
            .collect();
        let judged = last.iter().flat_map(|last| &last.run.scenarios);
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
            tested: last.map(|Found { run, folder }| Tested {
                day: day_of(run.started),
                run: run.id.clone(),
                folder,
            }),
        }
    }

    pub(super) fn state(&self) -> Readiness {
        if !self.failing.is_empty() {
            Readiness::Fails
        } else if self.untested > 0 || self.lacks.is_some() {
            Readiness::Untested
        } else {
            Readiness::Conforms
        }
    }

    /// What there is to say of it, in a few words.
    pub(super) fn told(&self) -> String {
        let on = self.tested.as_ref().map(|it| format!(" on {}", day_in_words(it.day)));
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

    fn recorded(&self) -> record::Subject {
        record::Subject {
            kind: self.kind,
            name: self.name.clone(),
            state: self.state(),
            told: self.told(),
            command: match self.lacks {
                Some(_) => String::new(),
                None => self.command.clone(),
            },
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "kind": self.kind.word(),
            "name": self.name,
            "state": self.state().word(),
            "scenarios": self.scenarios,
            "untested": self.untested,
            "failing": self.failing,
            "lacks": self.lacks,
            "tested": self.tested.as_ref().map(|it| it.day),
            "run": self.tested.as_ref().map(|it| &it.run),
            "record": self.tested.as_ref().and_then(|it| it.folder.as_ref()),
            "command": self.command,
        })
    }
}

/// Verdicts that leave open whether somebody is ready.
const UNJUDGED: [Verdict; 3] = [Verdict::Inconclusive, Verdict::Error, Verdict::Skipped];
