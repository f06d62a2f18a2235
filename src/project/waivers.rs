//! The waivers of a project, `waivers.yaml` beside the project file: one entry for each requirement
//! that may stay broken on a target for a while.

use jiff::civil::Date;
use serde::Deserialize;

use super::listed::EntryPlace;
use super::{Catalogue, Mistake, Project, from_yaml, nearest};
use crate::record::Waiver;

/// Reads the waivers of a project; without the file there are none.
///
/// # Errors
/// The first [`Mistake`], with its place: what is missing, unknown or no date.
pub fn waivers(project: &Project) -> Result<Vec<Waiver>, Mistake> {
    let path = project.root.join(WAIVERS);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Mistake::new(format!("cannot read `{}`: {error}", path.display())))?;
    // A file of comments alone is no list yet.
    let entries: Option<Vec<Entry>> = from_yaml(&path, &text)?;
    let mut found: Vec<Waiver> = Vec::new();
    for (entry, place) in entries.unwrap_or_default().into_iter().zip(EntryPlace::all(&path, &text))
    {
        let waiver = entry.understood(project, &place)?;
        let same = |known: &Waiver| {
            (&known.requirement, &known.target) == (&waiver.requirement, &waiver.target)
        };
        if found.iter().any(same) {
            let Waiver { requirement, target, .. } = &waiver;
            let message = format!("`{requirement}` is waived twice for `{target}`");
            return Err(place.mistake(requirement, message).with_hint("leave one of them"));
        }
        found.push(waiver);
    }
    Ok(found)
}

/// An entry as it is written; what is missing is told with its place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    requirement: Option<String>,
    target: Option<String>,
    reason: Option<String>,
    owner: Option<String>,
    ticket: Option<String>,
    until: Option<String>,
}

impl Entry {
    fn understood(self, project: &Project, place: &EntryPlace<'_>) -> Result<Waiver, Mistake> {
        let said = |value: Option<String>, key: &str, hint: &str| {
            value.filter(|value| !value.trim().is_empty()).ok_or_else(|| {
                place.mistake(key, format!("the waiver says no `{key}`")).with_hint(hint.to_owned())
            })
        };
        let requirement = said(self.requirement, "requirement", "the id of what is not met")?;
        let target = said(self.target, "target", "the name of a target in `checkride.yaml`")?;
        let reason = said(self.reason, "reason", "why it may stay so, for whoever reads a report")?;
        let owner = said(self.owner, "owner", "who answers for it")?;
        let ticket = said(self.ticket, "ticket", "where it is followed up")?;
        let until = said(self.until, "until", "the last day on which it holds: `2027-03-31`")?;
        let Some(of) = project.config.targets.get(&target) else {
            let known = project.config.targets.keys().map(String::as_str);
            let hint = match nearest(&target, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known targets: {}", known.collect::<Vec<_>>().join(", ")),
            };
            let message = format!("unknown target `{target}`");
            return Err(place.mistake(&target, message).with_hint(hint));
        };
        let catalogue = Catalogue::of_dialect(&of.dialect)?;
        if !catalogue.all().contains_key(&requirement) {
            let known = catalogue.all().keys().map(String::as_str);
            let hint = match nearest(&requirement, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`checkride coverage` lists the requirements of a target".to_owned(),
            };
            let message = format!("`{target}` has no requirement `{requirement}`");
            return Err(place.mistake(&requirement, message).with_hint(hint));
        }
        let until = Date::strptime("%Y-%m-%d", &until).map_err(|_| {
            place
                .mistake(&until, format!("`{until}` is no day of the calendar"))
                .with_hint("the last day on which the waiver holds: `2027-03-31`")
        })?;
        Ok(Waiver { requirement, target, reason, owner, ticket, until })
    }
}

/// Name of the file.
pub const WAIVERS: &str = "waivers.yaml";

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "# what Preview is known for
- requirement: TSEC-WRONG-SECRET
  target: mock
  reason: answers with 500 until the next release
  owner: integration team
  ticket: CASE-1234
  until: 2027-03-31
- requirement: TOKEN-RATE-LIMIT
  target: mock
  reason: no quota there
  owner: integration team
  ticket: CASE-1235
  until: 2027-06-30
";

    fn read(text: &str) -> Result<Vec<Waiver>, Mistake> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("checkride.yaml");
        let yaml = "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n";
        std::fs::write(&file, yaml).unwrap();
        std::fs::write(folder.path().join(WAIVERS), text).unwrap();
        waivers(&Project::read(&file).unwrap())
    }

    #[test]
    fn waivers_are_read_and_a_file_of_comments_has_none() {
        let read_two = read(TWO).unwrap();
        assert_eq!(read_two.len(), 2);
        assert_eq!(read_two[1].until.to_string(), "2027-06-30");
        assert_eq!(read("# none yet\n").unwrap(), []);
    }

    #[test]
    fn what_is_missing_unknown_or_impossible_is_told_with_its_place() {
        for (from, to, place, message, hint) in [
            ("  ticket: CASE-1235\n", "", (8, 1), "the waiver says no `ticket`", "followed up"),
            ("CASE-1235", "''", (12, 3), "the waiver says no `ticket`", "followed up"),
            ("2027-06-30", "2027-02-30", (13, 10), "no day of the calendar", "2027-03-31"),
            ("2027-06-30", "soon", (13, 10), "`soon` is no day", "2027-03-31"),
            ("TOKEN-RATE-LIMIT", "TOKEN-RATE-LIMT", (8, 16), "no requirement", "TOKEN-RATE-LIMIT"),
            (
                "target: mock\n  reason: no",
                "target: mok\n  reason: no",
                (9, 11),
                "unknown target",
                "`mock`?",
            ),
            ("TOKEN-RATE-LIMIT", "TSEC-WRONG-SECRET", (8, 16), "waived twice", "leave one"),
            ("ticket: CASE-1235", "tickets: x", (12, 3), "unknown key `tickets`", "ticket"),
        ] {
            let mistake = read(&TWO.replace(from, to)).unwrap_err();
            assert!(mistake.message.contains(message), "{mistake}");
            assert_eq!(mistake.place.as_ref().unwrap().position, Some(place), "{mistake}");
            assert!(mistake.hint.as_ref().unwrap().contains(hint), "{mistake:?}");
        }
    }
}
