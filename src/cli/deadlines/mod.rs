//! `checkride deadlines`: the announced changes of the platforms, how many days are left, and what is
//! not tested for them.

mod last;
mod readiness;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use serde_json::{Value, json};

pub(super) use readiness::note_readiness;

use super::args::Shape;
use super::run::project;
use super::{Exit, Surroundings, show_error};
use crate::clock::{Clock, day_in_words, day_of};
use crate::mock::Fault;
use crate::project::{Mistake, releases};
use crate::record::{self, Readiness};
use last::Records;
use readiness::{Bench, Subject};

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
    let today = args.today.unwrap_or_else(|| day_of(Clock::system().now()));
    let wanted = args.target.as_deref().map(|name| project.target(Some(name))).transpose()?;
    let mut dialects: BTreeSet<&str> =
        project.config.targets.values().map(|target| target.dialect.as_str()).collect();
    dialects.retain(|dialect| wanted.is_none_or(|(_, target)| target.dialect == *dialect));
    let (records, silent) = Records::of(surroundings, &project, None);
    let bench = Bench { surroundings, project: &project, records };
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
    // What it has may be newer than what the folders have.
    if let Some(silent) = &silent {
        show_error::show(surroundings, silent);
    }
    let Some(within) = args.within else {
        return Ok(if silent.is_some() { Exit::NotJudged } else { Exit::Conforms });
    };
    let near = deadlines.iter().filter(|one| one.days_left <= i64::from(within));
    let states: BTreeSet<Readiness> =
        near.flat_map(|one| &one.subjects).map(Subject::state).collect();
    Ok(if states.contains(&Readiness::Fails) {
        Exit::NotMet
    } else if silent.is_some() || states.contains(&Readiness::Untested) {
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
        let day = told.deadline().map(day_in_words).unwrap_or_default();
        let _ = writeln!(text, "{day}, {}", told.countdown(today));
        let _ = writeln!(text, "  {} of {dialect}: {}", told.id, told.title);
        for subject in subjects {
            let _ = writeln!(text, "  * {}: {}", subject.name, subject.told());
            if subject.state() != Readiness::Conforms && subject.lacks.is_none() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Project, RELEASES, schema_of_releases};

    fn file(path: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    /// `CHECKRIDE_REFERENCE=accept` writes it.
    #[test]
    fn the_published_schema_of_releases_is_that_of_this_program() {
        let file = file("docs/reference/releases.schema.json");
        let schema = format!("{:#}\n", schema_of_releases::<Fault>());
        if std::env::var("CHECKRIDE_REFERENCE").as_deref() == Ok("accept") {
            std::fs::write(&file, &schema).unwrap();
        }
        assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), schema);
    }

    #[test]
    fn the_schema_of_releases_demands_what_a_project_has_to_say() {
        let schema = schema_of_releases::<Fault>();
        let definitions = &schema["$defs"];
        let required = |of: &str| {
            let required = definitions[of]["required"].as_array().unwrap();
            required.iter().map(|it| it.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
        };
        let release = ["id", "dialect", "title", "source", "changes"].map(str::to_owned);
        assert_eq!(required("Release"), release.into());
        assert_eq!(required("Change"), ["title".to_owned()].into());
        for of in ["Release", "Change"] {
            let keys = definitions[of]["properties"].as_object().unwrap();
            assert!(keys.values().all(|key| key["description"].is_string()), "{keys:?}");
            assert_eq!(definitions[of]["additionalProperties"], false);
        }
        let fault = &definitions["Change"]["properties"]["faults"]["items"]["$ref"];
        assert_eq!(fault, "#/$defs/Fault");
    }

    #[test]
    fn the_example_of_the_guide_is_a_release() {
        let guide = std::fs::read_to_string(file("docs/guides/deadlines.md")).unwrap();
        let (_, example) = guide.split_once("```yaml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("checkride.yaml");
        std::fs::write(&file, "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n")
            .unwrap();
        std::fs::write(folder.path().join(RELEASES), example).unwrap();
        let project = Project::read(&file).unwrap();
        let known = releases::<Fault>(&project, "athenahealth").unwrap();
        let summer = known.iter().find(|release| release.id == "summer-2027").unwrap();
        assert_eq!((summer.changes.len(), summer.faults().len()), (3, 1));
    }
}
