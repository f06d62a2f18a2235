//! `checkride diff`: what changed between two runs, or between two folders of accepted answers.

mod measure;
mod side;

use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::run::project;
use super::{Exit, Surroundings};
use crate::difference::{
    Class, DeclaredApp, Difference, Format, Rules, compare, compare_snapshots, written,
};
use crate::project::{FILE_NAME, Mistake, Project};
use crate::record::Standing;

pub(super) use measure::Measure;
pub(super) use side::Asked;
use side::{LAST, LAST_GREEN, Side};

/// Say what changed between two runs, and what of it breaks clients: verdicts, and the answers of the
/// platform.
#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The earlier run: a folder of reports, a `record.json` or `record.jsonl`; `last`, `last-green`, a
    /// day, a moment or the beginning of a run's name, as `checkride history` has it; `target:NAME` for
    /// the last run on another target, `target:NAME@WHICH` for another one of it. Or a folder of accepted
    /// answers [default: the last one without anything wrong].
    #[arg(value_name = "A")]
    pub(super) before: Option<String>,

    /// The later run, told in the same ways [default: the last one].
    #[arg(value_name = "B")]
    pub(super) after: Option<String>,

    /// How the difference is written.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format_parser())]
    pub(super) format: Format,

    /// The file that it is written to [default: the output stream].
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Only changes of these classes; the exit code heeds all of them.
    #[arg(long, value_name = "CLASSES", value_delimiter = ',', value_parser = class_parser())]
    pub(super) class: Vec<Class>,
}

/// Compares the two sides, and writes how they differ.
pub(super) fn diff(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &DiffArgs,
) -> Result<Exit, Mistake> {
    let project = project_if_any(surroundings, file)?;
    let asked = |target, release, before| {
        let project = project.as_ref();
        Asked { surroundings, project, target, release, before }
    };
    let after = asked(None, None, None).side(args.after.as_deref().unwrap_or(LAST))?;
    // What is looked for has judged the same, and before.
    let (judged, begun) = match &after {
        Side::Run(run) => (Some(run.target.clone()), Some(run.started)),
        Side::Snapshots { .. } => (None, None),
    };
    // What is judged for a release is compared with today, too; today with nothing that is to come.
    let is_of_today = judged.as_ref().is_some_and(|target| target.release.is_none());
    let release = is_of_today.then(String::new);
    let before =
        asked(judged, release, begun).side(args.before.as_deref().unwrap_or(LAST_GREEN))?;
    let rules = Rules::built_in()?;
    let apps = project.as_ref().map(declared).unwrap_or_default();
    let difference = match (&before, &after) {
        (Side::Run(before), Side::Run(after)) => {
            if before.target.app != after.target.app {
                return Err(Mistake::new(
                    "one run judged an app, and the other one something else",
                )
                .with_hint("compare runs that judged the same app, or a platform both"));
            }
            compare(before, after, &rules, &apps)
        }
        (
            Side::Snapshots { name: one, answers: before },
            Side::Snapshots { name: other, answers: after },
        ) => compare_snapshots((one, before), (other, after), &rules, &apps),
        _ => {
            return Err(Mistake::new("one side is a run, and the other one accepted answers")
                .with_hint("give two runs, or two folders of accepted answers"));
        }
    };
    let classes = if args.class.is_empty() { Class::ALL.to_vec() } else { args.class.clone() };
    let colours = surroundings.colours && args.out.is_none();
    let text = written(&difference, args.format, &classes, colours)
        .map_err(|error| Mistake::new(format!("cannot {error}")))?;
    match &args.out {
        None => surroundings.tell(text.trim_end()),
        Some(out) => {
            let path = surroundings.folder.join(out);
            fs::write(&path, &text).map_err(|error| {
                Mistake::new(format!("cannot write `{}`: {error}", out.display()))
            })?;
            surroundings.remark(&format!("{}: {}", difference.headline(), out.display()));
        }
    }
    Ok(exit(&difference))
}

/// What is certain outweighs what is open.
fn exit(difference: &Difference) -> Exit {
    let is_broken =
        difference.of(Class::Breaking) > 0 || difference.standing(Standing::NewlyFailing) > 0;
    match (is_broken, difference.is_complete()) {
        (true, _) => Exit::NotMet,
        (false, false) => Exit::NotJudged,
        (false, true) => Exit::Conforms,
    }
}

/// The project, if there is one: files and folders can be compared without.
pub(super) fn project_if_any(
    surroundings: &Surroundings,
    file: Option<&Path>,
) -> Result<Option<Project>, Mistake> {
    let is_here = surroundings.folder.ancestors().any(|it| it.join(FILE_NAME).is_file());
    match file.is_some() || is_here {
        true => project(surroundings, file).map(Some),
        false => Ok(None),
    }
}

/// The apps of the project, by what they declare.
pub(super) fn declared(project: &Project) -> Vec<DeclaredApp> {
    let apps = project.config.apps.iter();
    apps.map(|(name, app)| DeclaredApp {
        name: name.clone(),
        endpoints: app.endpoints.clone(),
        scopes: app.scopes.clone(),
    })
    .collect()
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    let words = Format::ALL.map(|format| PossibleValue::new(format.word()));
    PossibleValuesParser::new(words).map(|word| {
        let found = Format::ALL.into_iter().find(|format| format.word() == word);
        found.unwrap_or(Format::Text)
    })
}

fn class_parser() -> impl TypedValueParser<Value = Class> {
    let words = Class::ALL.map(|class| PossibleValue::new(class.word()));
    PossibleValuesParser::new(words).map(|word| {
        let found = Class::ALL.into_iter().find(|class| class.word() == word);
        found.unwrap_or(Class::Breaking)
    })
}
