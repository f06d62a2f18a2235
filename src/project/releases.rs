//! The announced changes of a platform: what will be another, from which day, and until when somebody
//! has to have tested. Those that are known come with the dialects; a project adds its own in
//! `releases.yaml` beside the project file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::config::position_of;
use super::listed::EntryPlace;
use super::{Mistake, Plan, Planned, Project, built_in, from_yaml, nearest};
use crate::dialect::Dialect;
use crate::record;

/// An announced change of a platform. `F` is how a fault of the platform's answers is written.
#[derive(Clone, Debug)]
pub struct Release<F> {
    /// Its id, which tags name: `@release:…`.
    pub id: String,
    /// Name of the dialect whose platform changes.
    pub dialect: String,
    /// What it is called.
    pub title: String,
    /// Where it was announced.
    pub source: String,
    /// The day on which the platform changes.
    pub effective: Option<Date>,
    /// The day by which somebody has to have tested.
    pub test_by: Option<Date>,
    /// What changes.
    pub changes: Vec<Change<F>>,
}

/// One of the things that a release changes.
#[derive(Clone, Debug)]
pub struct Change<F> {
    /// What is another, in a few words.
    pub title: String,
    /// What the settings of the dialect are then.
    pub settings: BTreeMap<String, Value>,
    /// What the platform's answers are then.
    pub faults: Vec<F>,
    /// Why nothing of it is played, if nothing is.
    pub documented: Option<String>,
    /// Ids of the requirements that show whether somebody is ready for it.
    pub requirements: BTreeSet<String>,
}

/// The release that a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its id.
    pub id: String,
    /// What there is to judge.
    pub stage: Stage,
}

/// What there is to judge of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The mock as the platform will be: every scenario says something of the release.
    Played,
    /// The mock as it is: only the scenarios do that are about the release.
    Rehearsed,
    /// A platform that may have the release: the scenarios that are about it, or, where none is, all of
    /// them say whether something broke.
    Live,
}

/// The releases of a dialect's platform: those that come with the program, then those of the project.
///
/// # Errors
/// The first [`Mistake`] of the project's file, whatever dialect the entry is of.
pub fn releases<F: DeserializeOwned>(
    project: &Project,
    dialect: &str,
) -> Result<Vec<Release<F>>, Mistake> {
    let mut all = all::<F>(project)?;
    all.retain(|release| release.dialect == dialect);
    Ok(all)
}

/// The releases of all dialects.
fn all<F: DeserializeOwned>(project: &Project) -> Result<Vec<Release<F>>, Mistake> {
    let mut found: Vec<Release<F>> = Vec::new();
    for name in built_in::DIALECTS {
        let (path, text) = built_in::releases(name)?;
        read(&path, text, Some(name), &mut found)?;
    }
    let path = project.root.join(RELEASES);
    if path.exists() {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Mistake::new(format!("cannot read `{}`: {error}", path.display())))?;
        read(&path, &text, None, &mut found)?;
    }
    Ok(found)
}

/// Reads a file of releases; `of` is the dialect in whose folder it is.
fn read<F: DeserializeOwned>(
    path: &Path,
    text: &str,
    of: Option<&str>,
    found: &mut Vec<Release<F>>,
) -> Result<(), Mistake> {
    // A file of comments alone is no list yet.
    let entries: Option<Vec<Entry<F>>> = from_yaml(path, text)?;
    for (entry, place) in entries.unwrap_or_default().into_iter().zip(EntryPlace::all(path, text)) {
        let release = entry.understood(of, &place)?;
        if found.iter().any(|known| known.id == release.id) {
            let message = format!("a second release has the id `{}`", release.id);
            return Err(place.mistake(&release.id, message).with_hint("give it another one"));
        }
        found.push(release);
    }
    Ok(())
}

impl<F: Clone> Release<F> {
    /// The release of that id.
    ///
    /// # Errors
    /// A [`Mistake`] if there is none.
    pub fn find(all: &[Self], dialect: &str, id: &str) -> Result<Self, Mistake> {
        all.iter().find(|release| release.id == id).cloned().ok_or_else(|| {
            let known = all.iter().map(|release| release.id.as_str());
            let hint = match nearest(id, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if all.is_empty() => format!("none is known; add it to `{RELEASES}`"),
                None => format!("known releases: {}", known.collect::<Vec<_>>().join(", ")),
            };
            Mistake::new(format!("unknown release `{id}` of `{dialect}`")).with_hint(hint)
        })
    }

    /// Whether the mock can be as the platform will be, at least in part.
    pub fn can_be_played(&self) -> bool {
        self.changes.iter().any(|change| change.documented.is_none())
    }

    /// The dialect as it will be.
    ///
    /// # Errors
    /// A [`Mistake`] if a setting does not fit it, which was found when the release was read.
    pub fn patched(&self, dialect: &Dialect) -> Result<Dialect, Mistake> {
        let settings = self.changes.iter().flat_map(|change| &change.settings);
        settings.into_iter().try_fold(dialect.clone(), |dialect, (path, value)| {
            let changed = dialect.with(path, value);
            changed.map_err(|error| Mistake::new(format!("cannot {error}")))
        })
    }

    /// What the answers of the platform will be.
    pub fn faults(&self) -> Vec<F> {
        self.changes.iter().flat_map(|change| change.faults.clone()).collect()
    }

    /// The release as a record tells of it.
    pub fn recorded(&self) -> record::Release {
        let changes = self.changes.iter().map(|change| record::Change {
            title: change.title.clone(),
            documented: change.documented.clone(),
            requirements: change.requirements.iter().cloned().collect(),
        });
        record::Release {
            id: self.id.clone(),
            title: self.title.clone(),
            source: self.source.clone(),
            effective: self.effective,
            test_by: self.test_by,
            changes: changes.collect(),
            subjects: Vec::new(),
        }
    }
}

impl<F> Release<F> {
    /// Whether a scenario with these tags, which proves these requirements, is about it.
    pub fn is_about(&self, tags: &[String], requirements: &[String]) -> bool {
        let tag = format!("{TAG}{}", self.id);
        let mut asked = self.changes.iter().flat_map(|change| &change.requirements);
        // A dialect may have a requirement of its own for the one that is cited.
        let cites = |id: &String| requirements.contains(id) || tags.contains(&format!("req:{id}"));
        tags.contains(&tag) || asked.any(cites)
    }
}

/// Leaves the scenarios in a plan that a run about a release needs, and takes those out of any other run
/// that show what a platform does not do yet.
///
/// # Errors
/// A [`Mistake`] for a tag that names no release.
pub(super) fn choose(
    plan: &mut Plan,
    project: &Project,
    about: Option<&About>,
) -> Result<(), Mistake> {
    let is_tagged = |planned: &Planned| planned.tags.iter().any(|tag| tag.starts_with(TAG));
    if about.is_none() && !plan.scenarios.iter().any(is_tagged) {
        return Ok(());
    }
    let known = all::<Value>(project)?;
    for planned in &mut plan.scenarios {
        for id in planned.tags.iter().filter_map(|tag| tag.strip_prefix(TAG)) {
            let Some(release) = known.iter().find(|release| release.id == id) else {
                let file = &plan.files[planned.file];
                let ids = known.iter().map(|release| release.id.as_str());
                let hint = match nearest(id, ids) {
                    Some(near) => format!("did you mean `@{TAG}{near}`?"),
                    None => format!("`{RELEASES}` beside the project file says what it is"),
                };
                let tag = format!("@{TAG}{id}");
                let position = position_of(&file.text, &tag);
                let message = format!("unknown release `{id}`");
                return Err(
                    Mistake::in_file(&file.path, &file.text, position, message).with_hint(hint)
                );
            };
            let is_meant = about.is_some_and(|about| about.id == id);
            if release.can_be_played() && !is_meant && planned.left_out.is_none() {
                planned.left_out = Some(format!(
                    "it shows what will change with `{id}`; `--release {id}` runs it"
                ));
            }
        }
    }
    let Some(about) = about else { return Ok(()) };
    let shown = known.iter().find(|release| release.id == about.id);
    let is_about = |planned: &Planned| {
        shown.is_some_and(|it| it.is_about(&planned.tags, &planned.requirements))
    };
    let all = match about.stage {
        Stage::Played => true,
        Stage::Rehearsed => false,
        Stage::Live => !plan.scenarios.iter().any(is_about),
    };
    if all {
        return Ok(());
    }
    plan.scenarios.retain(is_about);
    let cited: BTreeSet<&String> = plan.scenarios.iter().flat_map(|it| &it.requirements).collect();
    plan.requirements.retain(|id, _| cited.contains(id));
    Ok(())
}

/// The JSON Schema of a project's `releases.yaml`.
pub fn schema_of_releases<F: JsonSchema>() -> Value {
    schema_for!(Vec<Entry<F>>).to_value()
}

// What is missing is told with its place: it is not for serde to demand it, but the schema does.
/// An announced change of a platform.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Release")]
struct Entry<F> {
    /// A word for it, which tags name (`@release:…`): letters, digits, `-`, `_` and `.`.
    #[schemars(required)]
    id: Option<String>,
    /// The dialect whose platform changes.
    #[schemars(required)]
    dialect: Option<String>,
    /// What the platform calls it.
    #[schemars(required)]
    title: Option<String>,
    /// The page that announces it.
    #[schemars(required)]
    source: Option<String>,
    /// The day on which the platform changes, `2027-06-15`. This one or `test_by` is needed.
    effective: Option<String>,
    /// The day by which you have to have tested, which counts where both are given.
    test_by: Option<String>,
    /// What changes.
    #[schemars(required, length(min = 1))]
    changes: Option<Vec<EntryOfChange<F>>>,
}

/// One of the things that a release changes: what the mock is like then, or why it cannot be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Change")]
struct EntryOfChange<F> {
    /// What is another, in a few words.
    #[schemars(required)]
    title: Option<String>,
    /// What the settings of the dialect are then: `lifetimes.system_access_token: 300`.
    #[serde(default)]
    settings: BTreeMap<String, Value>,
    /// What goes wrong with the platform's answers then.
    #[serde(default = "Vec::<F>::new")]
    faults: Vec<F>,
    /// Why the mock does not play it.
    documented: Option<String>,
    /// Ids of the requirements, of the platform or of apps, that show whether somebody is ready.
    #[serde(default)]
    requirements: BTreeSet<String>,
}

impl<F> Entry<F> {
    fn understood(self, of: Option<&str>, place: &EntryPlace<'_>) -> Result<Release<F>, Mistake> {
        let said = |value: Option<String>, key: &str, hint: &str| {
            let message = format!("the release says no `{key}`");
            // A change has keys of the same names.
            let missing = || place.mistake_at_start(message).with_hint(hint);
            value.filter(|value| !value.trim().is_empty()).ok_or_else(missing)
        };
        let id = said(self.id, "id", "a word for it, which tags name: `summer-2027`")?;
        if !id.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter)) {
            let message = format!("`{id}` cannot stand in a tag");
            return Err(place.mistake(&id, message).with_hint("letters, digits, `-`, `_` and `.`"));
        }
        let title = said(self.title, "title", "what the platform calls it")?;
        let source = said(self.source, "source", "the page that announces it")?;
        let dialect = match of {
            Some(of) => of.to_owned(),
            None => said(self.dialect, "dialect", "whose platform changes: `athenahealth`")?,
        };
        let played = built_in::dialect(&dialect).map_err(|unknown| {
            let hint = unknown.hint.clone().unwrap_or_default();
            place.mistake(&dialect, unknown.message).with_hint(hint)
        })?;
        let day = |text: Option<String>| {
            let day = |text: &String| Date::strptime("%Y-%m-%d", text).ok();
            match text.as_ref().map(|text| (text, day(text))) {
                Some((text, None)) => {
                    let message = format!("`{text}` is no day of the calendar");
                    Err(place.mistake(text, message).with_hint("a day: `2027-06-01`"))
                }
                found => Ok(found.and_then(|(_, day)| day)),
            }
        };
        let (effective, test_by) = (day(self.effective)?, day(self.test_by)?);
        if effective.is_none() && test_by.is_none() {
            let message = format!("`{id}` says no day");
            return Err(place.mistake(&id, message).with_hint(
                "`effective:` is the day on which the platform changes, `test_by:` that by which you \
                 have to have tested",
            ));
        }
        let changes = self.changes.unwrap_or_default();
        if changes.is_empty() {
            let message = format!("`{id}` changes nothing");
            return Err(place.mistake(&id, message).with_hint("say it in `changes:`"));
        }
        let changes = changes.into_iter().map(|change| change.understood(&played, place));
        let changes = changes.collect::<Result<_, _>>()?;
        Ok(Release { id, dialect, title, source, effective, test_by, changes })
    }
}

impl<F> EntryOfChange<F> {
    fn understood(self, dialect: &Dialect, place: &EntryPlace<'_>) -> Result<Change<F>, Mistake> {
        let title = self.title.filter(|title| !title.trim().is_empty()).ok_or_else(|| {
            place
                .mistake("changes", "a change has no `title`".to_owned())
                .with_hint("what is another, in a few words")
        })?;
        let is_played = !self.settings.is_empty() || !self.faults.is_empty();
        let why = self.documented.as_deref().map(str::trim).unwrap_or_default();
        match (is_played, why.is_empty()) {
            (true, false) => {
                let message = format!("`{title}` is played, and said to be documented only");
                return Err(place.mistake(&title, message).with_hint("leave one of them"));
            }
            (false, true) => {
                let message = format!("nothing is said of how `{title}` shows");
                return Err(place.mistake(&title, message).with_hint(
                    "give the new `settings:` or `faults:` of the mock, or say in `documented:` why it \
                     cannot be played",
                ));
            }
            _ => {}
        }
        self.settings.iter().try_fold(dialect.clone(), |dialect, (path, value)| {
            dialect
                .with(path, value)
                .map_err(|error| place.mistake(path, format!("cannot {error}")))
        })?;
        for id in &self.requirements {
            if !built_in::requirement_ids().contains(id.as_str()) {
                let mistake = place.mistake(id, format!("unknown requirement `{id}`"));
                return Err(match nearest(id, built_in::requirement_ids()) {
                    Some(near) => mistake.with_hint(format!("did you mean `{near}`?")),
                    None => mistake,
                });
            }
        }
        Ok(Change {
            title,
            settings: self.settings,
            faults: self.faults,
            documented: self.documented,
            requirements: self.requirements,
        })
    }
}

/// Name of a project's file of releases.
pub const RELEASES: &str = "releases.yaml";
/// What the tag of a scenario begins with that is about a release.
const TAG: &str = "release:";

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "# what is known
- id: summer-2027
  dialect: athenahealth
  title: Summer 2027
  source: https://notes.example/summer
  test_by: 2027-06-01
  changes:
    - title: Tokens live for five minutes
      settings: { lifetimes.system_access_token: 300 }
      requirements: [TRES-EXPIRES-IN-DEFAULT]
    - title: The token endpoint is slow
      faults:
        - at: { endpoint: token }
          fault: { kind: status, status: 503 }
- id: winter-2027
  dialect: smart
  title: Winter 2027
  source: https://notes.example/winter
  effective: 2027-12-01
  changes:
    - title: Something that nobody says
      documented: The notes are not public.
";

    fn read_all(text: &str) -> Result<Vec<Release<Value>>, Mistake> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("checkride.yaml");
        let yaml = "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n";
        std::fs::write(&file, yaml).unwrap();
        std::fs::write(folder.path().join(RELEASES), text).unwrap();
        all(&Project::read(&file).unwrap())
    }

    #[test]
    fn the_releases_that_come_with_the_program_can_be_read() {
        let known = read_all("# none of our own\n").unwrap();
        let ids: Vec<&str> = known.iter().map(|release| release.id.as_str()).collect();
        assert_eq!(ids, ["spring-2026", "tls-2026-02-04"]);
        assert!(known.iter().all(|release| !release.can_be_played()));
    }

    #[test]
    fn a_release_says_how_the_mock_will_be() {
        let known = read_all(TWO).unwrap();
        let summer = Release::find(&known, "athenahealth", "summer-2027").unwrap();
        assert!(summer.can_be_played());
        let today = built_in::dialect("athenahealth").unwrap();
        let then = summer.patched(&today).unwrap();
        assert_eq!(today.lifetimes.system_access_token, 3600);
        assert_eq!(then.lifetimes.system_access_token, 300);
        assert_eq!(summer.faults().len(), 1);
        let winter = Release::find(&known, "smart", "winter-2027").unwrap();
        assert!(!winter.can_be_played());
        let unknown = Release::find(&known, "smart", "winter-2026").unwrap_err();
        assert_eq!(unknown.hint.as_deref(), Some("did you mean `winter-2027`?"));
    }

    #[test]
    fn what_is_missing_unknown_or_contradicts_itself_is_told_with_its_place() {
        for (from, to, place, message, hint) in [
            ("  title: Winter 2027\n", "", (15, 1), "the release says no `title`", "calls it"),
            ("  dialect: smart\n", "", (15, 1), "the release says no `dialect`", "athenahealth"),
            ("dialect: smart", "dialect: smrt", (16, 12), "unknown dialect `smrt`", "`smart`?"),
            ("2027-12-01", "2027-13-01", (19, 14), "no day of the calendar", "2027-06-01"),
            ("  effective: 2027-12-01\n", "", (15, 7), "`winter-2027` says no day", "test_by"),
            ("id: winter-2027", "id: winter 2027", (15, 7), "cannot stand in a tag", "letters"),
            ("id: winter-2027", "id: summer-2027", (15, 7), "a second release", "another one"),
            ("system_access_token", "system_token", (9, 19), "cannot find the setting", ""),
            ("TRES-EXPIRES-IN-DEFAULT", "TRES-EXPIRES", (10, 22), "unknown requirement", ""),
            (
                "      documented: The notes are not public.\n",
                "",
                (21, 14),
                "nothing is said",
                "documented",
            ),
            ("test_by: 2027", "tested_by: 2027", (6, 3), "unknown key `tested_by`", "test_by"),
        ] {
            let mistake = read_all(&TWO.replacen(from, to, 1)).unwrap_err();
            assert!(mistake.message.contains(message), "{mistake}");
            assert_eq!(mistake.place.as_ref().unwrap().position, Some(place), "{mistake}");
            assert!(mistake.hint.as_deref().unwrap_or_default().contains(hint), "{mistake:?}");
        }
        let both = TWO
            .replace("documented: The", "settings: { lifetimes.code: 60 }\n      documented: The");
        assert!(read_all(&both).unwrap_err().message.contains("is played, and said to be"));
        let none = TWO.split("  changes:\n    - title: Something").next().unwrap();
        assert!(read_all(none).unwrap_err().message.contains("changes nothing"));
    }
}
