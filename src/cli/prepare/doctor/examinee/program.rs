//! The programs by which the app is started, and made to work: they are there, and may be run.

use std::path::{Path, PathBuf};

use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use crate::project::{AppUnderTest, Place, Trigger};

/// Looks for the folder and the programs of an app.
pub(super) fn examine(case: &Case<'_>, (name, app): (&str, &AppUnderTest), sheet: &mut Sheet) {
    let Some(start) = &app.start else { return };
    let place = |keys: &[&str]| case.place_in_apps(&[&[name], keys].concat());
    let root = case.project.root.as_path();
    let folder = start.folder.as_ref().map_or(root.to_owned(), |folder| root.join(folder));
    if !folder.is_dir() {
        let finding = Finding::new(
            Severity::Wrong,
            format!("the folder of `{name}`"),
            format!("`{}` is no folder", folder.display()),
            format!("`folder` is relative to the project file, which is in `{}`", root.display()),
            "correct `folder`; without it, the app runs in the project's folder",
        );
        sheet.find(finding.at(place(&["start", "folder"])));
        return;
    }
    let job = match &app.trigger {
        Some(Trigger::Command { command }) => command.first(),
        _ => None,
    };
    for (program, keys) in
        [(start.command.first(), ["start", "command"]), (job, ["trigger", "command"])]
    {
        let Some(written) = program else { continue };
        let own = case.surroundings.program.display().to_string();
        let program = written.replace("{checkride}", &own);
        // With a search path of its own the app looks elsewhere.
        if !program.contains('/') && start.environment.contains_key("PATH") {
            continue;
        }
        match found(&program, &folder, &case.surroundings.search) {
            Ok(path) => sheet.well(format!("the program `{written}`"), path.display().to_string()),
            Err(why) => sheet.find(finding(&program, &folder, why, place(&keys))),
        }
    }
}

enum Why {
    NotThere,
    NoProgram(PathBuf),
}

/// The file of a program, as the system looks for it.
fn found(program: &str, folder: &Path, search: &[PathBuf]) -> Result<PathBuf, Why> {
    let candidates: Vec<PathBuf> = match program.contains('/') {
        true => vec![folder.join(program)],
        false => search.iter().map(|folder| folder.join(program)).collect(),
    };
    if let Some(path) = candidates.iter().find(|path| may_run(path)) {
        return Ok(path.clone());
    }
    let there = candidates.into_iter().find(|path| path.is_file());
    Err(there.map_or(Why::NotThere, Why::NoProgram))
}

fn finding(program: &str, folder: &Path, why: Why, place: Place) -> Finding {
    let (seen, cause, fix) = match why {
        Why::NoProgram(path) => {
            let path = path.display();
            let cause = "nobody has the right to run it, or this user has not";
            let fix = format!("`chmod +x {path}`, or name the program that reads it first");
            (format!("`{path}` cannot be run"), cause.to_owned(), fix)
        }
        Why::NotThere if program.contains('/') => (
            format!("`{}` is not there", folder.join(program).display()),
            "a path is relative to the app's `folder`".to_owned(),
            "correct the path, or build the program first".to_owned(),
        ),
        Why::NotThere if program.contains(' ') => (
            format!("there is no program `{program}`"),
            "no shell reads a command: each of its words is an item of the list".to_owned(),
            format!("write `command: [{}]`", program.split(' ').collect::<Vec<_>>().join(", ")),
        ),
        Why::NotThere => (
            format!("there is no program `{program}`"),
            "it is in none of the folders of `PATH`".to_owned(),
            format!("install it, or write its path; `command -v {program}` shows it"),
        ),
    };
    Finding::new(Severity::Wrong, format!("the program `{program}`"), seen, cause, fix).at(place)
}

#[cfg(unix)]
fn may_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn may_run(path: &Path) -> bool {
    path.is_file()
}
