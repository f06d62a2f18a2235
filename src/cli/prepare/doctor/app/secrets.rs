//! Secrets and keys: there or missing, readable, of the right kind.

use std::collections::BTreeMap;

use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use crate::cli::subject::Secrets;
use crate::project::{Mistake, Place, RegisteredApp, SecretRef, Value};
use crate::protocol::SigningKey;
use crate::secret::Secret;

/// What an app proves itself with.
pub(in crate::cli::prepare::doctor) struct Ready {
    pub(super) client_id: String,
    pub(super) secret: Option<Secret>,
    pub(super) key: Option<SigningKey>,
    /// The scopes that it asks for, without those that are wrong for certain.
    pub(super) scopes: Vec<String>,
}

/// Reads what each app proves itself with; an app of which something is missing is not among them.
pub(in crate::cli::prepare::doctor) fn examine(
    case: &Case<'_>,
    sheet: &mut Sheet,
) -> BTreeMap<String, Ready> {
    let environment = |variable: &str| case.surroundings.variable(variable);
    let secrets = Secrets { project: case.project, environment: &environment };
    let mut ready = BTreeMap::new();
    for (name, app) in &case.apps {
        let Ok(client_id) = app.client_id.read(&environment) else {
            sheet.find(left_out(case, name, &app.client_id));
            continue;
        };
        let found = sheet.findings.len();
        let place = |key: &str| case.place_in(name, key);
        let secret = app.client_secret.as_ref().and_then(|reference| {
            let read = secrets.read(&format!("the client secret of `{name}`"), reference);
            read.inspect(|secret| case.redactor.learn("client_secret", secret))
                .map_err(|it| sheet.find(missing(name, reference, it, place("client_secret"))))
                .ok()
        });
        let key = app.private_key.as_ref().filter(|_| app.method.signs()).and_then(|reference| {
            let read = secrets.key(name, app, reference);
            read.map_err(|it| sheet.find(unusable(case, (name, app), reference, it))).ok()
        });
        if sheet.findings.len() == found {
            ready.insert(
                (*name).to_owned(),
                Ready { client_id, secret, key, scopes: app.scopes.clone() },
            );
        }
    }
    ready
}

/// An app whose id is in a variable that is not set.
fn left_out(case: &Case<'_>, name: &str, id: &Value) -> Finding {
    let variable = match id {
        Value::Env(variable) => variable.as_str(),
        Value::Written(_) => "",
    };
    Finding::new(
        Severity::Warning,
        format!("the app `{name}`"),
        format!("`{variable}`, which holds its client id, is not set"),
        "an app without an id is left out of a run, with the scenarios that need it",
        format!("set it to the id that the platform's portal shows: `export {variable}=…`"),
    )
    .at(case.place_in(name, "client_id"))
}

/// A secret that cannot be had.
pub(in crate::cli::prepare::doctor) fn missing(
    name: &str,
    reference: &SecretRef,
    mistake: Mistake,
    place: Place,
) -> Finding {
    let cause = match reference {
        SecretRef::Env(_) => "the program was started from a shell that does not have the variable",
        SecretRef::File(_) if mistake.message.contains("other people") => {
            "the file's mode gives its group or everybody a right to it"
        }
        SecretRef::File(_) => "the file is not there, or you have no right to read it",
        SecretRef::Keyring(_) => "this machine's keyring does not have it, or is locked",
    };
    let fix = mistake.hint.unwrap_or_default();
    let about = format!("the secret of `{name}`");
    Finding::new(Severity::Wrong, about, mistake.message, cause, fix).at(place)
}

/// A private key that cannot be had, or cannot sign as it has to.
fn unusable(
    case: &Case<'_>,
    (name, app): (&str, &RegisteredApp),
    reference: &SecretRef,
    mistake: Mistake,
) -> Finding {
    let environment = |variable: &str| case.surroundings.variable(variable);
    let secrets = Secrets { project: case.project, environment: &environment };
    let place = |key: &str| case.place_in(name, key);
    if secrets.read(&format!("the private key of `{name}`"), reference).is_err() {
        return missing(name, reference, mistake, place("private_key"));
    }
    let (cause, key) = match app.alg {
        Some(_) if mistake.message.contains("does not sign by") => {
            ("`alg` names an algorithm of another kind of key", "alg")
        }
        _ => ("what is kept there is not a key that this app can sign with", "private_key"),
    };
    let fix = mistake.hint.unwrap_or_default();
    let about = format!("the key of `{name}`");
    Finding::new(Severity::Wrong, about, mistake.message, cause, fix).at(place(key))
}
