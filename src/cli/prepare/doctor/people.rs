//! Who can sign in: somebody for each kind of app, each with a password.

use super::app::secrets::missing;
use super::case::Case;
use super::finding::{Finding, Severity, Sheet};
use crate::cli::subject::Secrets;
use crate::project::{Category, Login, Platform, Value};

/// Looks for the people of the target and of its apps. No password is typed.
pub(super) fn examine(case: &Case<'_>, sheet: &mut Sheet) {
    let of_target = case.target.users.iter();
    for (user, login) in of_target {
        one(case, user, login, &["users", user, "password"], sheet);
    }
    for (name, app) in &case.apps {
        for (user, login) in &app.users {
            one(case, user, login, &["apps", name, "users", user, "password"], sheet);
        }
    }
    nobody(case, sheet);
}

fn one(case: &Case<'_>, user: &str, login: &Login, keys: &[&str], sheet: &mut Sheet) {
    let environment = |variable: &str| case.surroundings.variable(variable);
    let about = format!("the user `{user}`");
    if let Err(variable) = login.username.read(&environment) {
        let seen = format!("`{variable}`, which holds the user name, is not set");
        let cause =
            "somebody without a name is left out of a run, with the scenarios that need them";
        let fix = format!("set it to the name of a test account: `export {variable}=…`");
        let place = case.place(&[&keys[..keys.len() - 1], &["username"]].concat());
        sheet.find(Finding::new(Severity::Warning, about, seen, cause, fix).at(place));
        return;
    }
    let secrets = Secrets { project: case.project, environment: &environment };
    let whose = format!("the password of `{user}`");
    if let Err(mistake) = secrets.read(&whose, &login.password) {
        sheet.find(Finding { about, ..missing(user, &login.password, mistake, case.place(keys)) });
    } else if matches!(&login.username, Value::Written(name) if name.trim().is_empty()) {
        let seen = "the user name is empty";
        let cause = "nothing stands in the project file";
        let fix = "write the name of a test account";
        sheet.find(Finding::new(Severity::Wrong, about, seen, cause, fix).at(case.place(keys)));
    }
}

/// Apps with users that nobody can sign in to.
fn nobody(case: &Case<'_>, sheet: &mut Sheet) {
    if case.target.platform == Platform::Embedded {
        return;
    }
    for (category, users) in [
        (Category::Patient, ["patient", "parent"]),
        (Category::Provider, ["provider", "colleague"]),
    ] {
        let mut apps = case.apps.iter().filter(|(_, app)| app.category == category);
        let known = |(_, app): &&(&str, &crate::project::RegisteredApp)| {
            users
                .iter()
                .any(|user| app.users.contains_key(*user) || case.target.users.contains_key(*user))
        };
        let Some((name, _)) = apps.find(|app| !known(app)) else { continue };
        let user = users[0];
        sheet.find(
            Finding::new(
                Severity::Warning,
                format!("the app `{name}`"),
                format!("nobody can sign in to it: the target has no user `{user}`"),
                "`users` does not name one; scenarios with a sign-in are skipped",
                format!(
                    "write a test account: `users: {{ {user}: {{ username: …, password: {{ env: … }} }} }}`"
                ),
            )
            .at(case.place(&["users"])),
        );
    }
}
