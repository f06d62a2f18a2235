//! `checkride plan`: what a run would do, and what it would cost the platform.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::{PlanArgs, Shape};
use crate::cli::outcome::counted;
use crate::cli::run::{Announced, described, project, selection};
use crate::cli::subject::{foreseen, unread};
use crate::cli::{Exit, Surroundings};
use crate::project::{
    self, AppUnderTest, Judged, Mistake, Platform, Project, SecretRef, Selection, Target, built_in,
};
use crate::run::{Costs, sign_ins};

/// Says which scenarios would be run on each target, what for and at what cost; of an app, which would
/// examine it.
///
/// # Errors
/// A [`Mistake`] in the project, its scenarios or the command.
pub(in crate::cli) fn plan(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &PlanArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let profile = args.wanted.profile.as_deref().map(|it| project.profile(it)).transpose()?;
    let selection = selection(&project, profile, &args.wanted, args.whom.subject.into());
    let of_profile = profile.and_then(|profile| profile.target.clone());
    let names = match (args.targets.is_empty(), of_profile) {
        (false, _) => args.targets.clone(),
        (true, Some(target)) => vec![target],
        (true, None) => vec![project.config.default_target.clone()],
    };
    let foresee = |name: &String| {
        let target = project.target(Some(name))?;
        let app = described(&project, &args.whom, target)?;
        let announced = Announced::of(&project, target.1, args.wanted.release.as_deref())?;
        let selection = Selection { about: announced.about(), ..selection.clone() };
        Foreseen::of(surroundings, &project, (&selection, Some(&announced)), (name, app))
    };
    let all = names.iter().map(foresee).collect::<Result<Vec<_>, _>>()?;
    match args.format {
        Shape::Text => {
            let texts: Vec<String> = all.iter().map(Foreseen::text).collect();
            surroundings.tell(texts.join("\n\n").trim_end());
        }
        Shape::Json => {
            let targets: Vec<Value> = all.iter().map(Foreseen::json).collect();
            surroundings.tell(&format!("{:#}", json!({ "targets": targets })));
        }
    }
    let chosen = all.iter().any(|one| one.scenarios.iter().any(|it| it.left_out.is_none()));
    Ok(if chosen { Exit::Conforms } else { Exit::NothingSelected })
}

/// What a run of all scenarios on one target, or of all that examine an app, would cost at most.
pub(super) struct WholeCost {
    pub(super) scenarios: usize,
    pub(super) token_requests: usize,
    pub(super) sign_ins: usize,
    /// Token requests in a minute, and whole minutes that it waits for them, if there is a budget.
    pub(super) limit: Option<usize>,
    pub(super) minutes: Option<usize>,
}

/// Foresees a run of all scenarios on a target.
///
/// # Errors
/// A [`Mistake`] in the project or its scenarios.
pub(super) fn cost(
    surroundings: &Surroundings,
    project: &Project,
    (name, app): (&str, Option<(&str, &AppUnderTest)>),
) -> Result<WholeCost, Mistake> {
    let subject = if app.is_some() { Judged::App } else { Judged::Platform };
    let all = Selection { subject, ..Selection::default() };
    let foreseen = Foreseen::of(surroundings, project, (&all, None), (name, app))?;
    let Cost { token_requests, sign_ins } = foreseen.total();
    let scenarios = foreseen.scenarios.iter().filter(|one| one.left_out.is_none()).count();
    let (limit, minutes) = (foreseen.tokens_per_minute, foreseen.minutes());
    Ok(WholeCost { scenarios, token_requests, sign_ins, limit, minutes })
}

/// What a run on one target would be.
struct Foreseen {
    target: String,
    /// The app that is examined, if it is an app.
    app: Option<String>,
    platform: String,
    tokens_per_minute: Option<usize>,
    scenarios: Vec<Scenario>,
    /// Variables and files that are referred to, and not there.
    not_set: Vec<String>,
}

/// What something costs the platform.
#[derive(Clone, Copy, Default)]
struct Cost {
    token_requests: usize,
    sign_ins: usize,
}

struct Scenario {
    id: String,
    file: String,
    name: String,
    left_out: Option<String>,
    cost: Cost,
}

impl Foreseen {
    fn of(
        surroundings: &Surroundings,
        project: &Project,
        (selection, announced): (&Selection, Option<&Announced>),
        (name, app): (&str, Option<(&str, &AppUnderTest)>),
    ) -> Result<Self, Mistake> {
        let (name, target) = project.target(Some(name))?;
        let dialect = built_in::dialect(&target.dialect)?;
        let dialect = match announced {
            Some(announced) => announced.promised(dialect)?,
            None => dialect,
        };
        let is_remote = target.platform != Platform::Embedded;
        let tokens_per_minute = target.limits.tokens_per_minute(&dialect, is_remote);
        let of_app = app.map(|(app, of)| unread(surroundings, project, app, of).offers());
        let of_app = of_app.unwrap_or_default();
        let plan = foreseen(surroundings, project, (name, target, announced), &of_app, selection)?;
        let costs = Costs::default();
        let scenarios = plan.scenarios.iter().map(|planned| Scenario {
            id: planned.id.clone(),
            file: plan.files[planned.file].path.display().to_string(),
            name: planned.scenario.name.clone(),
            left_out: planned.left_out.clone(),
            // What an app sends goes to the mock.
            cost: match (&planned.left_out, app) {
                (None, None) => Cost {
                    token_requests: costs.token_calls(&plan, planned),
                    sign_ins: sign_ins(planned.steps(&plan.files)),
                },
                _ => Cost::default(),
            },
        });
        Ok(Self {
            target: name.to_owned(),
            app: app.map(|(app, _)| app.to_owned()),
            platform: match &target.platform {
                Platform::Embedded => "embedded".to_owned(),
                Platform::At(fhir_base) => fhir_base.to_string(),
            },
            tokens_per_minute: tokens_per_minute.and_then(|it| usize::try_from(it.get()).ok()),
            scenarios: scenarios.collect(),
            not_set: match app {
                Some((_, app)) => of_app_not_set(surroundings, project, app),
                None => not_set(surroundings, project, target),
            },
        })
    }

    fn total(&self) -> Cost {
        self.scenarios.iter().fold(Cost::default(), |sum, one| Cost {
            token_requests: sum.token_requests + one.cost.token_requests,
            sign_ins: sum.sign_ins + one.cost.sign_ins,
        })
    }

    /// Whole minutes that the budget makes a run wait, if all requests are one client's.
    fn minutes(&self) -> Option<usize> {
        let budget = self.tokens_per_minute?;
        Some(self.total().token_requests.div_ceil(budget).saturating_sub(1))
    }

    fn text(&self) -> String {
        let whom = self.app.as_ref().map(|app| format!("the app `{app}` on "));
        let whom = whom.unwrap_or_default();
        let costs = if self.app.is_none() { HEAD_OF_COSTS } else { "" };
        let mut text = format!("{whom}{} ({})\n\n{HEAD}{costs}\n", self.target, self.platform);
        let mut files: BTreeMap<&str, Vec<&Scenario>> = BTreeMap::new();
        for scenario in &self.scenarios {
            files.entry(&scenario.file).or_default().push(scenario);
        }
        for (file, scenarios) in &files {
            let _ = writeln!(text, "{}", self.row(file, scenarios.iter().copied()));
        }
        let _ = writeln!(text, "{}", self.row("in all", self.scenarios.iter()));
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in self.scenarios.iter().filter_map(|one| one.left_out.as_deref()) {
            *reasons.entry(reason).or_default() += 1;
        }
        if !reasons.is_empty() {
            text.push_str("\nleft out\n");
            let mut reasons: Vec<_> = reasons.into_iter().collect();
            reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
            for (reason, count) in reasons {
                let head = format!("{count:>5}  ");
                let options = textwrap::Options::new(WIDTH)
                    .initial_indent(&head)
                    .subsequent_indent("       ");
                let _ = writeln!(text, "{}", textwrap::fill(reason, options));
            }
        }
        let _ = writeln!(text, "\n{}", textwrap::fill(&self.said(), WIDTH));
        if !self.not_set.is_empty() {
            let missing = format!("Not there yet: {}.", self.not_set.join(", "));
            let _ = writeln!(text, "{}", textwrap::fill(&missing, WIDTH));
        }
        text.trim_end().to_owned()
    }

    fn row<'a>(&self, name: &str, scenarios: impl Iterator<Item = &'a Scenario> + Clone) -> String {
        let left_out = scenarios.clone().filter(|one| one.left_out.is_some()).count();
        let chosen = scenarios.clone().count() - left_out;
        let row = format!("{:<43} {chosen:>5} {left_out:>9}", shortened(name));
        if self.app.is_some() {
            return row;
        }
        let tokens: usize = scenarios.clone().map(|one| one.cost.token_requests).sum();
        let sign_ins: usize = scenarios.map(|one| one.cost.sign_ins).sum();
        format!("{row} {tokens:>9} {sign_ins:>10}")
    }

    /// The cost in a sentence or two.
    fn said(&self) -> String {
        if self.app.is_some() {
            return FOR_APP.to_owned();
        }
        let total = self.total();
        let mut said = format!(
            "At most {} and {}, as the sentences have them; a scenario that fails early costs \
             less, and one that is tried again costs more.",
            counted(total.token_requests, "token request"),
            counted(total.sign_ins, "sign-in"),
        );
        if let (Some(budget), Some(minutes)) = (self.tokens_per_minute, self.minutes()) {
            let _ = write!(
                said,
                " With {budget} in a minute for each client the run waits for {} at most, all of \
                 them being one client's.",
                counted(minutes, "minute")
            );
        }
        said
    }

    fn json(&self) -> Value {
        let total = self.total();
        let scenarios: Vec<Value> = self
            .scenarios
            .iter()
            .map(|one| {
                json!({
                    "id": one.id,
                    "name": one.name,
                    "left_out": one.left_out,
                    "token_requests": one.cost.token_requests,
                    "sign_ins": one.cost.sign_ins,
                })
            })
            .collect();
        json!({
            "target": self.target,
            "app": self.app,
            "platform": self.platform,
            "tokens_per_minute": self.tokens_per_minute,
            "token_requests": total.token_requests,
            "sign_ins": total.sign_ins,
            "minutes_of_waiting": self.minutes(),
            "not_there_yet": self.not_set,
            "scenarios": scenarios,
        })
    }
}

/// The variables and files that a target refers to, and that are not there.
fn not_set(surroundings: &Surroundings, project: &Project, target: &Target) -> Vec<String> {
    let variable = |name: &String| surroundings.variable(name).is_none_or(|it| it.is_empty());
    let mut missing = BTreeSet::new();
    let logins = target.apps.values().flat_map(|app| app.users.values());
    let logins: Vec<_> = logins.chain(target.users.values()).collect();
    let texts = target.apps.values().map(|app| &app.client_id);
    for text in texts.chain(logins.iter().map(|login| &login.username)) {
        if let project::Value::Env(name) = text
            && variable(name)
        {
            missing.insert(format!("`{name}`"));
        }
    }
    let kept = target.apps.values().flat_map(|app| [&app.client_secret, &app.private_key]);
    let kept = kept.flatten().chain(logins.iter().map(|login| &login.password));
    missing.extend(kept.filter_map(|kept| not_kept(surroundings, project, kept)));
    missing.into_iter().collect()
}

/// The same of an app that is examined.
fn of_app_not_set(
    surroundings: &Surroundings,
    project: &Project,
    app: &AppUnderTest,
) -> Vec<String> {
    let keys = app.public_keys.clone().map(SecretRef::File);
    let kept = app.client_secret.iter().chain(&keys);
    kept.filter_map(|kept| not_kept(surroundings, project, kept)).collect()
}

/// What is referred to, if it is not there.
fn not_kept(surroundings: &Surroundings, project: &Project, kept: &SecretRef) -> Option<String> {
    match kept {
        SecretRef::Env(name) => {
            let is_set = surroundings.variable(name).is_some_and(|it| !it.is_empty());
            (!is_set).then(|| format!("`{name}`"))
        }
        SecretRef::File(path) => {
            (!project.root.join(path).is_file()).then(|| format!("`{}`", path.display()))
        }
        SecretRef::Keyring(_) => None,
    }
}

/// A file's name, of which so many folders are left out that it fits into its column.
fn shortened(name: &str) -> String {
    let fits = |rest: &&str| rest.chars().count() < COLUMN;
    let ends = name.char_indices().filter(|(_, letter)| *letter == '/');
    let end = ends.map(|(index, _)| &name[index..]).find(fits);
    match end.filter(|_| name.chars().count() > COLUMN) {
        Some(end) => format!("…{end}"),
        None => name.to_owned(),
    }
}

const HEAD: &str = "file                                          run  left out";
const HEAD_OF_COSTS: &str = "    tokens   sign-ins";
const COLUMN: usize = 43;
const FOR_APP: &str =
    "Each of them has a mock platform of its own: nothing is sent to anybody else.";
const WIDTH: usize = 80;
