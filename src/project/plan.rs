//! Which scenarios are to be run on a target, and which are left out for what reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cucumber::tag::Ext as _;
use gherkin::tagexpr::TagOperation;
use regex::Regex;

use super::config::position_of;
use super::{About, Catalogue, FeatureFile, Mistake, Project, nearest, read_features, releases};
use crate::record::Requirements;

/// What the user asked to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Files, folders, or `file:line`; none means the project's folder of features.
    pub paths: Vec<String>,
    /// A tag expression, `@smoke and not @slow`.
    pub tags: Option<String>,
    /// A regular expression that the scenario's title matches.
    pub name: Option<String>,
    /// Who is judged: the other one's scenarios are not selected.
    pub subject: Judged,
    /// The announced change of the platform that it is about.
    pub about: Option<About>,
}

/// Who is judged by a scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Judged {
    /// The platform.
    #[default]
    Platform,
    /// An app: the scenarios of features with the tag `@app`.
    App,
}

/// The scenarios of a run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The files they stand in.
    pub files: Vec<FeatureFile>,
    /// The scenarios in the order of files and lines.
    pub scenarios: Vec<Planned>,
    /// The requirements they cite.
    pub requirements: Requirements,
    /// All requirements of the target's dialect.
    pub catalogue: Catalogue,
    /// Whether these are all scenarios of the project.
    pub is_whole: bool,
}

/// One selected scenario.
#[derive(Clone, Debug)]
pub struct Planned {
    /// `path:line`.
    pub id: String,
    /// Index of its file in the plan.
    pub file: usize,
    /// Index of the rule that it stands in, if any.
    pub rule: Option<usize>,
    /// The scenario, outlines filled in.
    pub scenario: gherkin::Scenario,
    /// Tags of feature, rule, scenario and examples.
    pub tags: Vec<String>,
    /// Ids of the requirements of the target's dialect that it proves.
    pub requirements: Vec<String>,
    /// Ids of the demands of the standard that it proves though the target's platform permits
    /// otherwise, each with the ids of the requirements that do.
    pub strict: BTreeMap<String, Vec<String>>,
    /// Why it cannot run on this target; nothing of it is sent then.
    pub left_out: Option<String>,
}

impl Plan {
    /// The demands of the standard that scenarios prove though the target's platform permits
    /// otherwise.
    pub fn strict(&self) -> Requirements {
        let ids = self.scenarios.iter().flat_map(|planned| planned.strict.keys());
        let departures = ids.filter_map(|id| self.catalogue.departure(id));
        departures.map(|one| (one.demand.id.clone(), one.demand.clone())).collect()
    }

    /// The requirements of the dialect that no scenario cites.
    pub fn uncited(&self) -> Requirements {
        let all = self.catalogue.all().iter();
        let uncited = all.filter(|(id, _)| !self.requirements.contains_key(*id));
        uncited.map(|(id, requirement)| (id.clone(), requirement.clone())).collect()
    }
}

impl Planned {
    /// Whether it proves nothing but what the target's platform permits to be otherwise.
    pub fn is_strict_alone(&self) -> bool {
        self.requirements.is_empty() && !self.strict.is_empty()
    }

    /// Whether it judges an app, and no platform.
    pub fn judges_app(&self) -> bool {
        self.tags.iter().any(|tag| tag == APP)
    }

    /// Its steps: those of the backgrounds first.
    pub fn steps<'a>(
        &'a self,
        files: &'a [FeatureFile],
    ) -> impl Iterator<Item = &'a gherkin::Step> {
        let feature = &files[self.file].feature;
        let rule = self.rule.map(|index| &feature.rules[index]);
        feature
            .background
            .iter()
            .chain(rule.and_then(|rule| rule.background.as_ref()))
            .flat_map(|background| &background.steps)
            .chain(&self.scenario.steps)
    }
}

/// What a target, or an app under test, offers to scenarios; each has a tag `@needs:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability {
    /// The word in the tag.
    pub word: &'static str,
    /// What is lacking, to end the sentence "the target …" or "the app …".
    pub lack: &'static str,
}

/// What only some targets and apps offer.
pub const CAPABILITIES: [Capability; 25] = [
    Capability { word: "clock", lack: "lets nobody move its clock" },
    Capability { word: "portal", lack: "has no developer portal that a program can use" },
    Capability { word: "settings", lack: "lets nobody change its settings" },
    Capability { word: "tls", lack: "is spoken to without TLS" },
    Capability { word: "ehr", lack: "has no chart from which a provider can launch an app" },
    Capability { word: "batch", lack: "is not known to take several requests in one" },
    Capability { word: "user", lack: "has no users" },
    Capability { word: "backend", lack: "works for its users only" },
    Capability { word: "secret", lack: "has no client secret" },
    Capability { word: "keys", lack: "signs no assertions" },
    Capability { word: "hosted-keys", lack: "publishes no key set" },
    Capability { word: "confidential", lack: "is a public client" },
    Capability { word: "public", lack: "is a confidential client" },
    Capability { word: "standalone", lack: "has no start page of its own" },
    Capability { word: "launch", lack: "is not launched from the EHR" },
    Capability { word: "embedded", lack: "is not shown inside the EHR" },
    Capability { word: "openid", lack: "does not ask who the user is (no scope `openid`)" },
    Capability { word: "refresh", lack: "asks for no refresh token (no scope `offline_access`)" },
    Capability { word: "restart", lack: "is not started here (no `start:`)" },
    Capability { word: "data-sign", lack: "is not described to show data (no `shows_data:`)" },
    Capability { word: "error-sign", lack: "is not described to tell errors (no `shows_error:`)" },
    Capability { word: "log-out", lack: "is not described to sign users out (no `log_out:`)" },
    Capability { word: "endpoints", lack: "declares no API endpoints (no `endpoints:`)" },
    Capability { word: "authority", lack: "does not trust the mock's authority (no `tls:`)" },
    Capability { word: "requests", lack: "is not triggered by an HTTP request" },
];

/// Chooses the scenarios of a run.
///
/// `offered` are the words of the capabilities that the target has.
///
/// # Errors
/// The first [`Mistake`] in selection, feature files or tags; an empty selection is none.
pub fn plan(
    project: &Project,
    catalogue: &Catalogue,
    selection: &Selection,
    offered: &[&str],
) -> Result<Plan, Mistake> {
    let wanted = Wanted::understand(project, selection)?;
    let mut plan = Plan {
        files: Vec::new(),
        scenarios: Vec::new(),
        requirements: Requirements::new(),
        catalogue: catalogue.clone(),
        is_whole: *selection == Selection { subject: selection.subject, ..Selection::default() },
    };
    let mut seen = BTreeSet::new();
    for path in &wanted.paths {
        for file in read_features(project, &path.path)? {
            let index = plan.files.iter().position(|known| known.path == file.path);
            let index = index.unwrap_or_else(|| {
                plan.files.push(file.clone());
                plan.files.len() - 1
            });
            let mut found = false;
            for planned in scenarios_of(&file, index) {
                if path.line.is_none_or(|line| stands_at(&file, &planned, line)) {
                    found = true;
                    if wanted.takes(&planned) && seen.insert(planned.id.clone()) {
                        plan.scenarios.push(planned);
                    }
                }
            }
            if let (false, Some(line)) = (found, path.line) {
                return Err(no_scenario_at(&file, line));
            }
        }
    }
    for planned in &mut plan.scenarios {
        let file = &plan.files[planned.file];
        let proved = proved(file, planned, catalogue, &mut plan.requirements)?;
        let departures = planned.requirements.iter().filter_map(|id| catalogue.departure(id));
        planned.strict = departures
            .map(|departure| (departure.demand.id.clone(), departure.permitted_by.clone()))
            .collect();
        let cites = !planned.requirements.is_empty();
        let foreign = cites && proved.is_empty() && planned.strict.is_empty();
        planned.left_out = lacking(file, planned, offered, selection.subject)?
            .or_else(|| foreign.then(|| FOREIGN.to_owned()));
        planned.requirements = proved;
    }
    releases::choose(&mut plan, project, selection.about.as_ref())?;
    plan.scenarios.sort_by(|one, other| {
        let place = |planned: &Planned| {
            (plan.files[planned.file].path.clone(), planned.scenario.position.line)
        };
        place(one).cmp(&place(other))
    });
    Ok(plan)
}

fn no_scenario_at(file: &FeatureFile, line: usize) -> Mistake {
    let path = file.path.display();
    let mistake = Mistake::new(format!("cannot find a scenario at line {line} of `{path}`"));
    match file.headings.first() {
        Some(first) => mistake.with_hint(format!(
            "the first one begins at line {first}, and the file has {} lines",
            file.text.lines().count()
        )),
        None => mistake.with_hint("no scenario is in this file"),
    }
}

/// The selection, understood.
struct Wanted {
    paths: Vec<WantedPath>,
    tags: Option<TagOperation>,
    name: Option<Regex>,
    subject: Judged,
}

struct WantedPath {
    path: PathBuf,
    line: Option<usize>,
}

impl Wanted {
    fn understand(project: &Project, selection: &Selection) -> Result<Self, Mistake> {
        let tags = selection.tags.as_deref().map(|text| {
            text.parse::<TagOperation>().map_err(|error| {
                Mistake::new(format!("cannot understand the tag expression `{text}`: {error}"))
                    .with_hint("for example `--tags \"@smoke and not @slow\"`")
            })
        });
        let name = selection.name.as_deref().map(|text| {
            Regex::new(text).map_err(|error| {
                Mistake::new(format!("cannot understand `--name {text}`: {error}"))
                    .with_hint("it is a regular expression that the scenario's title matches")
            })
        });
        let mut paths = selection
            .paths
            .iter()
            .map(|text| WantedPath::understand(text))
            .collect::<Result<Vec<_>, _>>()?;
        if paths.is_empty() {
            let path = project.root.join(&project.config.features);
            if !path.exists() {
                return Err(Mistake::new(format!("cannot find the folder `{}`", path.display()))
                    .with_hint(
                        "`features:` in `checkride.yaml` names the folder of feature files",
                    ));
            }
            paths.push(WantedPath { path, line: None });
        }
        let subject = selection.subject;
        Ok(Self { paths, tags: tags.transpose()?, name: name.transpose()?, subject })
    }

    fn takes(&self, planned: &Planned) -> bool {
        planned.judges_app() == (self.subject == Judged::App)
            && self.tags.as_ref().is_none_or(|tags| tags.eval(&planned.tags))
            && self.name.as_ref().is_none_or(|name| name.is_match(&planned.scenario.name))
    }
}

impl WantedPath {
    fn understand(text: &str) -> Result<Self, Mistake> {
        let path = PathBuf::from(text);
        if path.exists() {
            return absolute(path, None);
        }
        if let Some((file, line)) = text.rsplit_once(':')
            && let Ok(line) = line.parse()
            && PathBuf::from(file).is_file()
        {
            return absolute(PathBuf::from(file), Some(line));
        }
        Err(Mistake::new(format!("cannot find `{text}`"))
            .with_hint("give a feature file, a folder of them, or `file:line`"))
    }
}

fn absolute(path: PathBuf, line: Option<usize>) -> Result<WantedPath, Mistake> {
    let path = path
        .canonicalize()
        .map_err(|error| Mistake::new(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(WantedPath { path, line })
}

/// All scenarios of a file, with the tags that they inherit.
fn scenarios_of(file: &FeatureFile, index: usize) -> Vec<Planned> {
    let feature = &file.feature;
    let planned = |rule: Option<usize>, scenario: &gherkin::Scenario| {
        let rule_tags = rule.map(|rule| feature.rules[rule].tags.as_slice()).unwrap_or_default();
        let tags: Vec<String> =
            feature.tags.iter().chain(rule_tags).chain(&scenario.tags).cloned().collect();
        Planned {
            id: format!("{}:{}", file.path.display(), scenario.position.line),
            file: index,
            rule,
            scenario: scenario.clone(),
            requirements: after_prefix(&tags, REQUIREMENT),
            tags,
            strict: BTreeMap::new(),
            left_out: None,
        }
    };
    feature
        .scenarios
        .iter()
        .map(|scenario| planned(None, scenario))
        .chain(
            feature
                .rules
                .iter()
                .enumerate()
                .flat_map(|(rule, of)| of.scenarios.iter().map(move |scenario| (rule, scenario)))
                .map(|(rule, scenario)| planned(Some(rule), scenario)),
        )
        .collect()
}

fn stands_at(file: &FeatureFile, planned: &Planned, line: usize) -> bool {
    if line > file.text.lines().count() {
        return false;
    }
    let own = planned.scenario.position.line;
    let is_row = file.feature.scenarios.iter().any(|other| other.position.line == line)
        && !file.headings.contains(&line);
    if is_row { own == line } else { file.heading_of(own) == file.heading_of(line) }
}

fn after_prefix(tags: &[String], prefix: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for tag in tags {
        if let Some(rest) = tag.strip_prefix(prefix)
            && !found.iter().any(|known| known == rest)
        {
            found.push(rest.to_owned());
        }
    }
    found
}

/// Looks every requirement tag up: the ids of what is proved for the target's dialect.
fn proved(
    file: &FeatureFile,
    planned: &Planned,
    catalogue: &Catalogue,
    cited: &mut Requirements,
) -> Result<Vec<String>, Mistake> {
    let mut ids: Vec<String> = Vec::new();
    for id in &planned.requirements {
        match catalogue.cited(id) {
            Ok(requirements) => {
                for requirement in requirements {
                    if !ids.contains(&requirement.id) {
                        ids.push(requirement.id.clone());
                        cited.insert(requirement.id.clone(), requirement.clone());
                    }
                }
            }
            Err(near) => {
                let tag = format!("@{REQUIREMENT}{id}");
                return Err(Mistake::in_file(
                    &file.path,
                    &file.text,
                    position_of(&file.text, &tag),
                    format!("unknown requirement `{id}`"),
                )
                .with_hint(match near {
                    Some(near) => format!("did you mean `@{REQUIREMENT}{near}`?"),
                    None => {
                        "`requirements.yaml` of each folder in `dialects/` lists them".to_owned()
                    }
                }));
            }
        }
    }
    Ok(ids)
}

/// The sentence that says what the target lacks for this scenario.
fn lacking(
    file: &FeatureFile,
    planned: &Planned,
    offered: &[&str],
    subject: Judged,
) -> Result<Option<String>, Mistake> {
    for word in after_prefix(&planned.tags, NEED) {
        let Some(capability) = CAPABILITIES.iter().find(|known| known.word == word) else {
            let words = CAPABILITIES.map(|known| known.word);
            let hint = match nearest(&word, words) {
                Some(near) => format!("did you mean `@{NEED}{near}`?"),
                None => format!("known needs: {}", words.join(", ")),
            };
            let tag = format!("@{NEED}{word}");
            let position = position_of(&file.text, &tag);
            return Err(Mistake::in_file(
                &file.path,
                &file.text,
                position,
                format!("unknown need `{word}`"),
            )
            .with_hint(hint));
        };
        if !offered.contains(&capability.word) {
            let who = match subject {
                Judged::Platform => "target",
                Judged::App => "app",
            };
            return Ok(Some(format!("the {who} {}", capability.lack)));
        }
    }
    Ok(None)
}

/// Why a scenario is left out that proves requirements of other dialects alone.
const FOREIGN: &str = "the target's dialect demands nothing of what it proves";
/// The tag of scenarios that judge an app.
const APP: &str = "app";
const REQUIREMENT: &str = "req:";
const NEED: &str = "needs:";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    const FEATURE: &str = "@area:token
Feature: Tokens

  @req:TSEC-WRONG-SECRET
  Scenario: A wrong secret is refused
    Given nothing

  @needs:clock
  Scenario Outline: After <days> days
    Given nothing

    Examples:
      | days |
      | 1    |
      | 90   |
";

    fn project(feature: &str) -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        let yaml = "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n";
        std::fs::write(folder.path().join("checkride.yaml"), yaml).unwrap();
        std::fs::create_dir(folder.path().join("features")).unwrap();
        std::fs::write(folder.path().join("features/token.feature"), feature).unwrap();
        let root = folder.path().canonicalize().unwrap();
        let project = Project::read(&root.join("checkride.yaml")).unwrap();
        (folder, project)
    }

    fn planned(
        feature: &str,
        selection: Selection,
        offered: &[&str],
    ) -> Result<Vec<String>, Mistake> {
        let (_folder, project) = project(feature);
        let selection = Selection {
            paths: selection
                .paths
                .iter()
                .map(|path| project.root.join(path).display().to_string())
                .collect(),
            ..selection
        };
        let catalogue = Catalogue::of_dialect("athenahealth")?;
        let plan = plan(&project, &catalogue, &selection, offered)?;
        Ok(plan
            .scenarios
            .iter()
            .map(|one| match &one.left_out {
                None => one.id.clone(),
                Some(reason) => format!("{} {reason}", one.id),
            })
            .collect())
    }

    #[test]
    fn each_row_of_an_outline_is_a_scenario() {
        let all = planned(FEATURE, Selection::default(), &["clock"]).unwrap();
        let ids =
            ["features/token.feature:5", "features/token.feature:14", "features/token.feature:15"];
        assert_eq!(all, ids);
    }

    #[test]
    fn what_the_target_lacks_is_said() {
        let all = planned(FEATURE, Selection::default(), &[]).unwrap();
        assert_eq!(all[1], "features/token.feature:14 the target lets nobody move its clock");
    }

    #[test]
    fn a_line_selects_a_scenario_a_row_or_a_whole_outline() {
        let at = |line: usize| {
            let paths = vec![format!("features/token.feature:{line}")];
            planned(FEATURE, Selection { paths, ..Selection::default() }, &["clock"]).unwrap().len()
        };
        assert_eq!((at(6), at(15), at(9), at(10)), (1, 1, 2, 2));
    }

    #[test]
    fn a_line_before_the_first_scenario_or_behind_the_file_is_a_mistake() {
        for line in [1, 99] {
            let paths = vec![format!("features/token.feature:{line}")];
            let mistake = planned(FEATURE, Selection { paths, ..Selection::default() }, &["clock"]);
            let message = mistake.unwrap_err().message;
            assert!(
                message.starts_with(&format!("cannot find a scenario at line {line}")),
                "{message}"
            );
        }
    }

    #[test]
    fn tags_and_names_select() {
        let tags = Selection { tags: Some("not @needs:clock".into()), ..Selection::default() };
        assert_eq!(planned(FEATURE, tags, &["clock"]).unwrap().len(), 1);
        let name = Selection { name: Some("^After 90".into()), ..Selection::default() };
        assert_eq!(planned(FEATURE, name, &["clock"]).unwrap(), ["features/token.feature:15"]);
    }

    #[test]
    fn a_scenario_of_what_the_platform_permits_to_be_otherwise_is_judged_by_the_standard() {
        let strict = |cited: &str| {
            let (_folder, project) = project(&FEATURE.replace("TSEC-WRONG-SECRET", cited));
            let catalogue = Catalogue::of_dialect("athenahealth").unwrap();
            let plan = plan(&project, &catalogue, &Selection::default(), &[]).unwrap();
            let ids: Vec<String> = plan.strict().into_keys().collect();
            let first = &plan.scenarios[0];
            (first.is_strict_alone(), first.left_out.is_some(), ids)
        };
        assert_eq!(strict("JWT-27"), (true, false, vec!["JWT-27".to_owned()]));
        assert_eq!(strict("JWKS-JTI @req:JWT-27"), (false, false, vec!["JWT-27".to_owned()]));
        assert_eq!(strict("JWT-23"), (false, true, Vec::new()));
    }

    #[test]
    fn an_unknown_requirement_is_shown_with_its_place() {
        let feature = FEATURE.replace("TSEC-WRONG-SECRET", "TSEC-WRONG-SECRT");
        let mistake = planned(&feature, Selection::default(), &[]).unwrap_err();
        assert_eq!(mistake.message, "unknown requirement `TSEC-WRONG-SECRT`");
        assert_eq!(mistake.place.unwrap().position, Some((4, 3)));
        assert_eq!(mistake.hint.unwrap(), "did you mean `@req:TSEC-WRONG-SECRET`?");
    }

    #[test]
    fn a_row_that_does_not_fit_its_table_is_shown_with_its_place() {
        let mistake =
            planned(&FEATURE.replace("| 90   |", "| 90 | 1 |"), Selection::default(), &[])
                .unwrap_err();
        assert_eq!(mistake.message, "the table has 1 columns, this row has 2");
        assert_eq!(mistake.place.unwrap().position.unwrap().0, 15);
    }

    #[test]
    fn a_misspelt_keyword_is_not_taken_for_a_comment() {
        let feature = FEATURE.replacen("    Given nothing", "    Givven nothing\n    When x", 1);
        let mistake = planned(&feature, Selection::default(), &[]).unwrap_err();
        assert!(mistake.message.contains("`Givven`"), "{mistake}");
        assert_eq!(mistake.place.unwrap().position, Some((6, 5)));
        assert!(mistake.hint.unwrap().contains("`Given`"));
    }

    #[test]
    fn what_is_not_gherkin_is_shown_with_its_place() {
        let mistake = planned(
            "Feature: x\n\n  Scenario: y\n    Given z\n    nonsense\n",
            Selection::default(),
            &[],
        )
        .unwrap_err();
        assert!(mistake.message.starts_with("this is not Gherkin"), "{mistake}");
        assert_eq!(mistake.place.unwrap().position.unwrap().0, 5);
    }
}
