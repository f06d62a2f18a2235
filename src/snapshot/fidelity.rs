//! How the shape of a platform's answer differs from that of the mock's to the same scenario.

use serde_json::{Map, Value};

use super::normalise::names_time;
use super::shape::{kinds, shape};
use crate::record::Fidelity;

/// Compares a platform's answer, of which `seen` is the shape, with the mock's accepted one.
///
/// `None` if that is no JSON. Values are compared of status and headers alone; an empty list says
/// nothing of its items, and a type that is one of several fits them.
pub(super) fn fidelity(file: String, seen: &Value, accepted: &str) -> Option<Fidelity> {
    let mock = shape(&valued("", serde_json::from_str(accepted).ok()?));
    let mut found = Fidelity { file, ..Fidelity::default() };
    found.compare("", &bare(seen), &mock);
    // A platform sends its members in any order.
    [&mut found.only_platform, &mut found.only_mock, &mut found.different]
        .into_iter()
        .for_each(|lines| lines.sort());
    Some(found)
}

impl Fidelity {
    fn compare(&mut self, at: &str, platform: &Value, mock: &Value) {
        match (platform, mock) {
            (Value::Object(platform), Value::Object(mock)) => {
                let path = |name: &str| match at {
                    "" => name.to_owned(),
                    at => format!("{at}.{name}"),
                };
                for (name, value) in platform {
                    match mock.get(name) {
                        Some(other) => self.compare(&path(name), value, other),
                        None => {
                            self.only_platform.push(format!("{}: {}", path(name), shown(value)))
                        }
                    }
                }
                let rest = mock.iter().filter(|(name, _)| !platform.contains_key(*name));
                let rest = rest.map(|(name, value)| format!("{}: {}", path(name), shown(value)));
                self.only_mock.extend(rest);
            }
            (Value::Array(platform), Value::Array(mock)) if at.starts_with(BODY) => {
                if let (Some(platform), Some(mock)) = (platform.first(), mock.first()) {
                    self.compare(&format!("{at}[]"), platform, mock);
                }
            }
            _ if platform == mock || (at.starts_with(BODY) && fit(platform, mock)) => {}
            _ => self.different.push(format!(
                "{at}: {} on the platform, {} on the mock",
                shown(platform),
                shown(mock)
            )),
        }
    }
}

/// Whether each that one side can be the other can be too.
fn fit(platform: &Value, mock: &Value) -> bool {
    let (platform, mock) = (kinds(platform), kinds(mock));
    let within = |one: &[String], other: &[String]| one.iter().all(|kind| other.contains(kind));
    within(&platform, &mock) || within(&mock, &platform)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => text.trim_matches(['[', ']']).to_owned(),
        scalar => scalar.to_string(),
    }
}

/// The shape with bare types where a name stands beside them: `[string]` for `[jti: string]`.
fn bare(shape: &Value) -> Value {
    match shape {
        Value::String(word) => match type_of(word) {
            Some(kind) => format!("[{kind}]").into(),
            None => word.as_str().into(),
        },
        Value::Array(items) => items.iter().map(bare).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), bare(value))).collect()
        }
        other => other.clone(),
    }
}

/// The accepted answer with a value of the same type where a word stands for one.
fn valued(name: &str, value: Value) -> Value {
    match value {
        Value::String(word) => match type_of(&word) {
            _ if word == TIME && names_time(name) => 0.into(),
            Some("number") => 0.into(),
            Some("boolean") => true.into(),
            Some("null") => Value::Null,
            Some("array") => Value::Array(Vec::new()),
            Some("object") => Value::Object(Map::new()),
            _ => word.into(),
        },
        Value::Array(items) => items.into_iter().map(|item| valued(name, item)).collect(),
        Value::Object(members) => {
            let valued = |(name, value): (String, Value)| {
                let value = valued(&name, value);
                (name, value)
            };
            members.into_iter().map(valued).collect()
        }
        other => other,
    }
}

/// The type in `[name: type]`.
fn type_of(word: &str) -> Option<&str> {
    let (_, kind) = word.strip_prefix('[')?.strip_suffix(']')?.split_once(": ")?;
    kind.chars().all(|letter| letter.is_ascii_lowercase()).then_some(kind)
}

const BODY: &str = "body";
/// What stands for a moment in an accepted answer, whether it was a text or a number.
const TIME: &str = "[timestamp]";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compared(platform: &Value, accepted: &Value) -> Fidelity {
        fidelity("x.snap".to_owned(), &shape(platform), &accepted.to_string()).unwrap()
    }

    #[test]
    fn an_answer_of_the_same_shape_differs_in_nothing() {
        let platform = json!({
            "status": 200, "headers": { "cache-control": "no-store" },
            "body": {
                "access_token": "abc", "exp": 1_795_000_000, "jti": "x", "list": [],
                "entry": [{ "id": "1" }, { "id": "2", "active": true }], "next": null,
            },
        });
        let accepted = json!({
            "status": 200, "headers": { "cache-control": "no-store" },
            "body": {
                "access_token": "[access_token: string]", "exp": "[timestamp]",
                "jti": "[jti: string]", "list": ["a"], "entry": [{ "id": "7", "active": false }],
                "next": null,
            },
        });
        let found = compared(&platform, &accepted);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn what_one_side_alone_has_and_what_differs_is_told_apart() {
        let platform = json!({
            "status": 401, "headers": { "content-type": "application/json" },
            "body": { "error": "x", "errorCode": 7, "causes": [{ "a": 1 }], "n": 1, "meta": {} },
        });
        let accepted = json!({
            "status": 400, "headers": { "content-type": "application/json", "pragma": "no-cache" },
            "body": { "error": "y", "causes": [{ "a": "1", "b": [] }], "n": 2, "hint": "h" },
        });
        let found = compared(&platform, &accepted);
        assert_eq!(found.only_platform, ["body.errorCode: number", "body.meta: an object"]);
        assert_eq!(
            found.only_mock,
            ["body.causes[].b: a list", "body.hint: string", "headers.pragma: no-cache"]
        );
        assert_eq!(
            found.different,
            [
                "body.causes[].a: number on the platform, string on the mock",
                "status: 401 on the platform, 400 on the mock",
            ]
        );
    }

    #[test]
    fn a_text_that_is_no_json_cannot_be_compared() {
        assert_eq!(fidelity("x".to_owned(), &json!({}), "{"), None);
    }
}
