//! Scopes: declared in the registration, requested, and granted.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::declared::taking_part;
use crate::record::{Exchange, Run, Sender};

/// A scope.
#[derive(Serialize, Default)]
pub(super) struct Line<'run> {
    scope: String,
    /// The apps that declare it.
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

/// Every scope that was declared, requested or granted, those with a mark first; nothing where no app
/// was registered, so that nothing was declared.
pub(super) fn scopes(run: &Run) -> Vec<Line<'_>> {
    let mut lines: BTreeMap<String, Line<'_>> = BTreeMap::new();
    for app in taking_part(run) {
        for scope in &app.scopes {
            let line = lines.entry(scope.clone()).or_default();
            if !line.declared.contains(&app.name.as_str()) {
                line.declared.push(&app.name);
            }
        }
    }
    if lines.is_empty() {
        return Vec::new();
    }
    for scenario in &run.scenarios {
        for exchange in &scenario.exchanges {
            let requested = requested(exchange);
            let granted = granted(exchange, &requested);
            for scope in requested {
                let line = lines.entry(scope).or_default();
                line.requested += 1;
                line.seen_in.get_or_insert(&scenario.id);
            }
            for scope in granted {
                let line = lines.entry(scope).or_default();
                let is_first = line.granted == 0 && line.declared.is_empty();
                line.granted += 1;
                if is_first || line.seen_in.is_none() {
                    line.seen_in = Some(&scenario.id);
                }
            }
        }
    }
    let mut lines: Vec<Line<'_>> =
        lines.into_iter().map(|(scope, line)| marked(Line { scope, ..line })).collect();
    lines.sort_by_key(|line| line.mark.is_none());
    lines
}

fn marked(line: Line<'_>) -> Line<'_> {
    let mark = match (line.declared.is_empty(), line.requested, line.granted) {
        (true, _, 1..) => Some("granted, not declared"),
        (true, _, 0) => Some("requested, not declared"),
        (false, 0, 1..) => Some("granted without a request"),
        (false, 0, 0) => Some("declared, never requested"),
        (false, _, 0) => Some("declared, never granted"),
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
}
