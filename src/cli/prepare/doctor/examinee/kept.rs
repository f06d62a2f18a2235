//! What the owner keeps for the app: its secret, and its public keys.

use super::super::app::secrets::missing;
use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use crate::cli::subject::{Secrets, public_keys};
use crate::world::Examination;

/// Reads the app's secret and its public keys, if it has any of its own.
pub(super) fn examine(case: &Case<'_>, of: &mut Examination, sheet: &mut Sheet) {
    let (name, app) = (of.name.as_str(), &of.app);
    let place = |key: &str| case.place_in_apps(&[name, key]);
    let environment = |variable: &str| case.surroundings.variable(variable);
    let secrets = Secrets { project: case.project, environment: &environment };
    if let Some(reference) = &app.client_secret {
        match secrets.read(&format!("the client secret of `{name}`"), reference) {
            Ok(secret) => {
                case.redactor.learn("client_secret", &secret);
                sheet.well(format!("the secret of `{name}`"), "read");
                of.client_secret = Some(secret);
            }
            Err(mistake) => {
                sheet.find(missing(name, reference, mistake, place("client_secret")));
                return;
            }
        }
    }
    let Some(path) = &app.public_keys else { return };
    match public_keys(case.project, path) {
        Ok(keys) => {
            sheet.well(format!("the public keys of `{name}`"), format!("read, {}", of_keys(&keys)));
            of.public_keys = Some(keys);
        }
        Err(mistake) => {
            let cause = "it is registered as the app's imported key set, as it is";
            let fix = mistake.hint.unwrap_or_default();
            let about = format!("the public keys of `{name}`");
            let finding = Finding::new(Severity::Wrong, about, mistake.message, cause, fix);
            sheet.find(finding.at(place("public_keys")));
        }
    }
}

/// The keys of a set by their ids.
pub(super) fn of_keys(set: &serde_json::Value) -> String {
    let keys = set["keys"].as_array().into_iter().flatten();
    let ids = keys.map(|key| format!("`{}`", key["kid"].as_str().unwrap_or("without kid")));
    match ids.collect::<Vec<_>>().as_slice() {
        [] => "without a key".to_owned(),
        [one] => format!("with the key {one}"),
        many => format!("with the keys {}", many.join(", ")),
    }
}
