//! Scopes: declared in the registration, requested, and granted, app by app.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::client::client;
use super::declared::taking_part;
use crate::record::{Exchange, Registered, Run, Sender};

/// A scope of an app.
#[derive(Serialize, Default)]
pub(super) struct Line<'run> {
    scope: String,
    /// The app; nothing for requests of which the record does not say whose they are.
    app: Option<&'run str>,
    /// The apps that declare it: that one, if it does, or where it is not known, any.
    declared: Vec<&'run str>,
    /// How many requests ask for it.
    requested: usize,
    /// How many token answers grant it.
    granted: usize,
    /// In what the three are not the same.
    mark: Option<&'static str>,
    /// A scenario in which that was seen.
    seen_in: Option<&'run str>,
}

/// Every scope that an app declares, requests or is granted, those with a mark first; nothing where no
/// app declares any.
pub(super) fn scopes(run: &Run) -> Vec<Line<'_>> {
    let apps: Vec<&Registered> = taking_part(run).collect();
    // What is of no known app comes last.
    let mut lines: BTreeMap<(usize, String), Line<'_>> = BTreeMap::new();
    for (place, app) in apps.iter().enumerate() {
        for scope in &app.scopes {
            lines.entry((place, scope.clone())).or_insert_with(|| line(&apps, place, scope));
        }
    }
    if lines.is_empty() {
        return Vec::new();
    }
    for scenario in &run.scenarios {
        let mut before = None;
        for exchange in &scenario.exchanges {
            let requested = requested(exchange);
            let granted = granted(exchange, &requested);
            let place = client(&apps, exchange, &mut before).unwrap_or(apps.len());
            for scope in requested {
                let new = || line(&apps, place, &scope);
                let line = lines.entry((place, scope.clone())).or_insert_with(new);
                line.requested += 1;
                line.seen_in.get_or_insert(&scenario.id);
            }
            for scope in granted {
                let new = || line(&apps, place, &scope);
                let line = lines.entry((place, scope.clone())).or_insert_with(new);
                let is_first = line.granted == 0 && line.declared.is_empty();
                line.granted += 1;
                if is_first || line.seen_in.is_none() {
                    line.seen_in = Some(&scenario.id);
                }
            }
        }
    }
    let unknown: Vec<String> =
        lines.keys().filter(|(place, _)| *place == apps.len()).map(|(_, it)| it.clone()).collect();
    let mut lines: Vec<Line<'_>> = lines
        .into_iter()
        .map(|((place, scope), line)| {
            marked(Line { scope, ..line }, place < apps.len(), unknown.as_slice())
        })
        .collect();
    lines.sort_by_key(|line| line.mark.is_none());
    lines
}

fn line<'run>(apps: &[&'run Registered], place: usize, scope: &String) -> Line<'run> {
    let app = apps.get(place);
    let all = app.map_or(apps, std::slice::from_ref);
    let declaring = all.iter().filter(|app| app.scopes.contains(scope));
    Line {
        app: app.map(|app| app.name.as_str()),
        declared: declaring.map(|app| app.name.as_str()).collect(),
        ..Line::default()
    }
}

/// The line with its mark; `unknown` are the scopes of requests that may be of any app.
fn marked<'run>(line: Line<'run>, is_known: bool, unknown: &[String]) -> Line<'run> {
    let mark = match (line.declared.is_empty(), line.requested, line.granted) {
        (true, _, 1..) => Some("granted, not declared"),
        (true, _, 0) => Some("requested, not declared"),
        (false, _, 0) if is_known && unknown.contains(&line.scope) => Some(PERHAPS),
        (false, 0, 1..) if is_known => Some("granted without a request"),
        (false, 0, 0) => Some("declared, never requested"),
        (false, _, 0) if is_known => Some("declared, never granted"),
        (false, ..) => None,
    };
    Line { mark, seen_in: line.seen_in.filter(|_| mark.is_some()), ..line }
}

/// The scopes that a request for authorization or for tokens asks for.
fn requested(exchange: &Exchange) -> Vec<String> {
    let is_asked = matches!(exchange.sender, Sender::App | Sender::Browser);
    let asked = match exchange.request.method.as_str() {
        "POST" => form_scopes(&exchange.request.body, "grant_type"),
        _ => {
            let query = Url::parse(&exchange.request.url).ok();
            let query = query.as_ref().and_then(Url::query).unwrap_or_default();
            form_scopes(query, "response_type")
        }
    };
    if is_asked { asked } else { Vec::new() }
}

/// The scopes of a form that has this parameter.
fn form_scopes(form: &str, with: &str) -> Vec<String> {
    let pairs = || form_urlencoded::parse(form.as_bytes());
    if !pairs().any(|(name, _)| name == with) {
        return Vec::new();
    }
    let scopes = pairs().filter(|(name, _)| name == "scope");
    scopes.flat_map(|(_, value)| words(&value)).collect()
}

/// The scopes of a token answer; where it names none, those that were requested (RFC 6749 §5.1).
fn granted(exchange: &Exchange, requested: &[String]) -> Vec<String> {
    let Some(response) = exchange.response.as_ref().filter(|it| it.status == 200) else {
        return Vec::new();
    };
    if exchange.sender != Sender::App && exchange.sender != Sender::Browser {
        return Vec::new();
    }
    let Ok(Value::Object(answer)) = serde_json::from_str(&response.body) else {
        return Vec::new();
    };
    if !answer.contains_key("access_token") {
        return Vec::new();
    }
    match answer.get("scope") {
        Some(scope) => scope.as_str().map(words).unwrap_or_default(),
        None => requested.to_vec(),
    }
}

fn words(scopes: &str) -> Vec<String> {
    let mut words: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}

/// What is said of an app's scope that was seen, but perhaps not of this app.
const PERHAPS: &str = "declared; seen in requests that do not name their app";

#[cfg(test)]
mod tests {
    use super::super::page::tests::declared_run;
    use super::*;

    #[test]
    fn each_difference_between_what_was_declared_requested_and_granted_is_marked() {
        let run = declared_run();
        let lines = scopes(&run);
        let seen: Vec<_> =
            lines.iter().map(|it| (&*it.scope, it.requested, it.granted, it.mark)).collect();
        assert_eq!(
            seen,
            [
                ("offline_access", 0, 0, Some("declared, never requested")),
                ("openid", 1, 0, Some("declared, never granted")),
                ("patient/Observation.read", 1, 0, Some("requested, not declared")),
                ("user/*.read", 0, 1, Some("granted, not declared")),
                ("patient/Patient.read", 1, 2, None),
            ]
        );
        assert_eq!(lines[3].seen_in, Some("features/app/a.feature:1"));
    }

    #[test]
    fn what_one_app_declares_excuses_no_other() {
        let mut run = declared_run();
        let apps = &mut run.registration.as_mut().unwrap().apps;
        let mut wide = apps[0].clone();
        wide.name = "wide".into();
        wide.client_id = Some("0oa2".into());
        wide.scopes = vec!["patient/Observation.read".into(), "user/*.read".into()];
        apps.push(wide);
        let of = |run: &Run| -> Vec<(String, String, Option<&str>)> {
            let told = scopes(run).into_iter().filter(|line| line.mark.is_some());
            let told = told.map(|it| (it.app.unwrap_or("?").to_owned(), it.scope, it.mark));
            told.collect()
        };
        let line = |app: &str, scope: &str, mark| (app.to_owned(), scope.to_owned(), Some(mark));
        assert_eq!(
            of(&run),
            [
                line("scheduler", "offline_access", "declared, never requested"),
                line("scheduler", "openid", "declared, never granted"),
                line("scheduler", "patient/Observation.read", "requested, not declared"),
                line("scheduler", "user/*.read", "granted, not declared"),
                line("wide", "patient/Observation.read", "declared, never requested"),
                line("wide", "user/*.read", "declared, never requested"),
            ]
        );
        // Of a request that names no app, each may be the sender.
        for exchange in &mut run.scenarios[0].exchanges {
            exchange.request.url = exchange.request.url.replace("client_id=0oa1", "client_id=0oa3");
        }
        assert_eq!(
            of(&run),
            [
                line("scheduler", "offline_access", "declared, never requested"),
                line("scheduler", "openid", PERHAPS),
                line("scheduler", "patient/Patient.read", PERHAPS),
                line("wide", "patient/Observation.read", PERHAPS),
                line("wide", "user/*.read", PERHAPS),
            ]
        );
    }
}
