//! The defects that the mock can be given, beside the feature files that have to notice them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::config::position_of;
use super::features::files_below;
use super::{Catalogue, Judged, Mistake, Plan, Planned, Project, from_yaml};
use crate::dialect::{Dialect, Rule};

/// A platform with one thing wrong, and the requirements that it breaks. `F` is how a fault of the
/// platform's answers is written.
#[derive(Clone, Debug)]
pub struct Defect<F> {
    /// What is wrong, in a few words; no other defect is called so.
    pub name: String,
    /// The file that it stands in, as the user would name it.
    pub file: PathBuf,
    /// How the platform behaves with it.
    pub dialect: Arc<Dialect>,
    /// The rules that it passes over.
    pub overlooks: BTreeSet<Rule>,
    /// Whether it has another setting than the platform, which any scenario may notice.
    pub changes_settings: bool,
    /// What goes wrong with its answers.
    pub faults: Vec<F>,
    /// Whether it is a flaw of the reference app, which has the same name.
    pub is_flaw: bool,
    /// The scenarios that it is put before, by their titles or by what their `path:line` begins with
    /// below the folder of features; all that it can reach, if there are none.
    pub before: Vec<String>,
    /// Ids of the requirements that have to turn red.
    pub red: BTreeSet<String>,
    /// Ids of requirements that turn red with them, because their scenarios get no further.
    pub collateral: BTreeSet<String>,
}

/// The defects of all `*.defects.yaml` in the project's folder of features, by file and place: those of
/// the platform, or the flaws of the reference app, by who is judged.
///
/// # Errors
/// The first [`Mistake`]: a file that cannot be read, a setting, rule or requirement that nobody
/// knows, a name that occurs twice, a defect in which nothing is wrong.
pub fn defects<F: DeserializeOwned>(
    project: &Project,
    (catalogue, judged): (&Catalogue, Judged),
    dialect: &Dialect,
) -> Result<Vec<Defect<F>>, Mistake> {
    let mut found: Vec<Defect<F>> = Vec::new();
    for path in files_below(&project.root.join(&project.config.features), ENDING)? {
        let file = path.strip_prefix(&project.root).unwrap_or(&path).to_owned();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Mistake::new(format!("cannot read `{}`: {error}", file.display())))?;
        let page = Page { file: &file, text: &text };
        for mut entry in from_yaml::<Vec<Entry<F>>>(&file, &text)? {
            if let Some(flaw) = &entry.flaw {
                entry.defect.clone_from(flaw);
            }
            if entry.defect.is_empty() {
                let mistake = page.mistake("red", "a defect has no name".to_owned());
                return Err(mistake.with_hint("give it one: `defect: any verifier is good`"));
            }
            if let Some(other) = found.iter().find(|other| other.name == entry.defect) {
                let message = format!("a second defect is called `{}`", entry.defect);
                return Err(page
                    .mistake(&entry.defect, message)
                    .with_hint(format!("the first one is in `{}`", other.file.display())));
            }
            if entry.flaw.is_some() == (judged == Judged::App) {
                found.extend(page.understand(entry, catalogue, dialect)?);
            }
        }
    }
    Ok(found)
}

impl<F> Defect<F> {
    /// Whether a scenario is one of those that it is put before.
    pub fn is_put_before(&self, planned: &Planned) -> bool {
        self.before.is_empty() || self.before.iter().any(|named| names(named, planned))
    }

    /// Proves that there is a scenario for each that it names.
    ///
    /// # Errors
    /// A [`Mistake`] for the first that is not in a plan of all scenarios.
    pub fn prove_before(&self, plan: &Plan) -> Result<(), Mistake> {
        let is_there = |named: &&String| plan.scenarios.iter().any(|one| names(named, one));
        let Some(named) = self.before.iter().find(|named| !is_there(named)) else { return Ok(()) };
        let file = self.file.display();
        let defect = &self.name;
        Err(Mistake::new(format!("the defect `{defect}` of `{file}` is put before no scenario"))
            .with_hint(format!("`before: [{named}]` is no title and no beginning of a path")))
    }
}

/// Whether a title or the beginning of a place means a scenario.
fn names(named: &str, planned: &Planned) -> bool {
    planned.scenario.name == named || planned.id.contains(&format!("/{named}"))
}

struct Page<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Page<'_> {
    /// The defect; none if it is in a part that the platform does not have.
    fn understand<F>(
        &self,
        entry: Entry<F>,
        catalogue: &Catalogue,
        dialect: &Dialect,
    ) -> Result<Option<Defect<F>>, Mistake> {
        let is_flaw = entry.flaw.is_some();
        let lists =
            [entry.overlooks.is_empty(), entry.settings.is_empty(), entry.faults.is_empty()];
        if !is_flaw && lists == [true; 3] {
            let message = format!("nothing is wrong in the defect `{}`", entry.defect);
            return Err(self
                .mistake(&entry.defect, message)
                .with_hint("say it by `overlooks`, `settings` or `faults`"));
        }
        for id in entry.red.iter().chain(&entry.collateral) {
            if let Err(near) = catalogue.cited(id) {
                let mistake = self.mistake(id, format!("unknown requirement `{id}`"));
                return Err(match near {
                    Some(near) => mistake.with_hint(format!("did you mean `{near}`?")),
                    None => mistake,
                });
            }
        }
        if entry.red.is_empty() {
            let message = format!("the defect `{}` breaks no requirement", entry.defect);
            return Err(self.mistake(&entry.defect, message).with_hint("name them in `red`"));
        }
        if entry.settings.keys().any(|path| dialect.has_no_part_of(path)) {
            return Ok(None);
        }
        let mut played = dialect.clone();
        for (path, value) in &entry.settings {
            played = played
                .with(path, value)
                .map_err(|error| self.mistake(path, format!("cannot {error}")))?;
        }
        played.overlooks.extend(&entry.overlooks);
        Ok(Some(Defect {
            name: entry.defect,
            file: self.file.to_owned(),
            dialect: Arc::new(played),
            overlooks: entry.overlooks,
            changes_settings: !entry.settings.is_empty(),
            faults: entry.faults,
            is_flaw,
            before: entry.before,
            red: entry.red,
            collateral: entry.collateral,
        }))
    }

    fn mistake(&self, word: &str, message: String) -> Mistake {
        Mistake::in_file(self.file, self.text, position_of(self.text, word), message)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<F> {
    #[serde(default)]
    defect: String,
    /// Instead of `defect`: a flaw of the reference app, by its name.
    #[serde(default)]
    flaw: Option<String>,
    #[serde(default)]
    overlooks: BTreeSet<Rule>,
    #[serde(default)]
    settings: BTreeMap<String, Value>,
    #[serde(default = "Vec::new")]
    faults: Vec<F>,
    #[serde(default)]
    before: Vec<String>,
    red: BTreeSet<String>,
    #[serde(default)]
    collateral: BTreeSet<String>,
}

/// What the name of a file of defects ends with.
const ENDING: &str = ".defects.yaml";
