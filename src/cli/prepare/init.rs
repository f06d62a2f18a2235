//! `checkride init`: begins a project that can be run at once.

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, Write as _};
use std::path::Path;

use crate::cli::args::InitArgs;
use crate::cli::{Exit, Surroundings};
use crate::project::{FILE_NAME, Mistake, schema};

/// Writes the files of a new project; none that is there is touched.
///
/// # Errors
/// A [`Mistake`] if there is a project file already, or a file cannot be written.
pub(in crate::cli) fn init(surroundings: &Surroundings, args: &InitArgs) -> Result<Exit, Mistake> {
    let folder = surroundings.folder.join(args.folder.as_deref().unwrap_or(Path::new("")));
    let file = folder.join(FILE_NAME);
    if file.exists() {
        return Err(Mistake::new(format!("there is a project already: `{}`", file.display()))
            .with_hint("nothing was changed; `checkride plan` says what it would run"));
    }
    let asks = surroundings.interactive && !args.yes && args.targets.is_empty();
    let targets = if asks { asked(surroundings) } else { args.targets.clone() };
    for (path, text) in [
        (FILE_NAME, project_file(&targets)),
        (SCHEMA, format!("{:#}\n", schema())),
        ("features/token/first.feature", include_str!("first.feature").to_owned()),
        (".gitignore", IGNORED.to_owned()),
    ] {
        let written = write_new(&folder.join(path), &text).map_err(|error| {
            Mistake::new(format!("cannot write `{}`: {error}", folder.join(path).display()))
        })?;
        surroundings.tell(&match written {
            true => format!("wrote {path}"),
            false => format!("left {path} as it is"),
        });
    }
    surroundings.tell("\nNext: `checkride run` judges the mock in this program.");
    for target in targets {
        surroundings.tell(&format!(
            "      `checkride plan --target {target}` says what is to be set, and what a run costs;\n      \
             `checkride doctor --target {target}` says what is wrong before one."
        ));
    }
    Ok(Exit::Conforms)
}

/// The targets that somebody at the terminal wants beside the mock.
fn asked(surroundings: &Surroundings) -> Vec<String> {
    let wants = |what: &str| {
        surroundings.remark(&format!("Get ready for {what}, too? [y/N]"));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    };
    let known = [(PREVIEW, "athenahealth's Preview"), (ONEUP, "1upHealth's sandbox")];
    known.into_iter().filter(|(_, what)| wants(what)).map(|(name, _)| name.to_owned()).collect()
}

fn project_file(targets: &[String]) -> String {
    let mut text = format!("# yaml-language-server: $schema={SCHEMA}\n{MOCK}");
    for (name, template) in TEMPLATES {
        if targets.iter().any(|target| target == name) {
            text.push_str(template);
        }
    }
    text
}

/// Writes a file that is not there yet; whether it was not.
fn write_new(path: &Path, text: &str) -> io::Result<bool> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

const PREVIEW: &str = "preview";
const ONEUP: &str = "1uphealth-sandbox";
const TEMPLATES: [(&str, &str); 2] =
    [(PREVIEW, include_str!("preview.yaml")), (ONEUP, include_str!("1uphealth-sandbox.yaml"))];
/// Beside the project file, so that it is that of the program which wrote both.
const SCHEMA: &str = "checkride.schema.json";
const MOCK: &str = "default_target: mock

targets:
  # The platform that comes with Checkride; it needs no credentials and no network.
  mock:
    platform: embedded
    dialect: athenahealth
";
const IGNORED: &str = "/reports/
/secrets/
.env
*.snap.new
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Mistake, Project};

    #[test]
    fn what_init_writes_is_a_project() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, project_file(&TEMPLATES.map(|(name, _)| name.to_owned()))).unwrap();
        let project: Result<Project, Mistake> = Project::read(&file);
        let project = project.unwrap();
        for (name, _) in TEMPLATES {
            assert!(!project.target(Some(name)).unwrap().1.apps.is_empty(), "{name}");
        }
    }

    #[test]
    fn this_repository_is_ready_for_the_same_platforms() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE_NAME);
        let own = std::fs::read_to_string(own).unwrap();
        for (name, template) in TEMPLATES {
            assert!(own.contains(template), "{name}");
        }
    }
}
