//! Compares two folders of accepted answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::DeclaredApp;
use super::answer::{Addresses, Answer};
use super::classed::Gathering;
use super::found::{Compared, Difference};
use super::rules::Rules;
use crate::record::{Request, Response};

/// How two folders of accepted answers differ: each answer `{status, headers, body}` by its name, which is
/// the endpoint of what changed in it.
///
/// What is in one folder only tells nothing of a platform; it is not compared.
pub fn compare_snapshots(
    (before_name, before): (&str, &BTreeMap<String, Value>),
    (after_name, after): (&str, &BTreeMap<String, Value>),
    rules: &Rules,
    apps: &[DeclaredApp],
) -> Difference {
    let addresses = Addresses::default();
    let mut gathering = Gathering::new(rules, apps);
    let names: Vec<&String> = before.keys().filter(|name| after.contains_key(*name)).collect();
    for (number, name) in names.iter().enumerate() {
        let (one, other) = (response(&before[*name]), response(&after[*name]));
        let request = Request {
            method: "accepted".to_owned(),
            url: if name.contains("smart-configuration") {
                format!("/{name}/.well-known/smart-configuration")
            } else {
                (*name).clone()
            },
            headers: Vec::new(),
            body: String::new(),
        };
        let endpoint = addresses.endpoint(&request.method, &request.url);
        let of = |response| Answer { endpoint: &endpoint, request: &request, response };
        gathering.add(number, &of(&one), &of(&other));
    }
    let place = |number: usize| names[number].clone();
    let (changes, unanswered) = gathering.changes(&place, &|_: &BTreeSet<usize>| Vec::new());
    let side = |name: &str| Compared {
        name: name.to_owned(),
        started: None,
        target: None,
        app: None,
        complete: true,
        tally: BTreeMap::new(),
    };
    Difference {
        schema: Difference::SCHEMA,
        before: side(before_name),
        after: side(after_name),
        scenarios: Vec::new(),
        requirements: Vec::new(),
        strict: Vec::new(),
        changes,
        unanswered,
    }
}

/// An accepted answer, as it came.
fn response(answer: &Value) -> Response {
    let status = answer.get("status").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
    let mut headers = Vec::new();
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let values = value.as_array().map_or_else(|| vec![value], |values| values.iter().collect());
        let texts = values.into_iter().filter_map(Value::as_str);
        headers.extend(texts.map(|value| (name.clone(), value.to_owned())));
    }
    let body = match answer.get("body") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) if lines.iter().all(Value::is_string) && !lines.is_empty() => {
            lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        Some(body) => body.to_string(),
    };
    Response { status, headers, body }
}
