//! What a difference means to clients: what came beside, and what is gone or different.

use serde_json::Value;

use crate::record::Drift;

/// How `seen` differs from `accepted`, both as they stand in snapshots.
///
/// Lists of texts and numbers are sets: their order says nothing. Lists of objects and lists are
/// compared item by item.
pub(super) fn drift(accepted: &str, seen: &str) -> Drift {
    let mut drift = Drift::default();
    match (serde_json::from_str(accepted), serde_json::from_str(seen)) {
        (Ok(accepted), Ok(seen)) => drift.compare("", &accepted, &seen),
        _ if accepted == seen => {}
        _ => drift.broken.push("the accepted answer is no JSON".to_owned()),
    }
    drift
}

impl Drift {
    fn compare(&mut self, at: &str, accepted: &Value, seen: &Value) {
        match (accepted, seen) {
            (Value::Object(accepted), Value::Object(seen)) => {
                let path = |name: &str| match at {
                    "" => name.to_owned(),
                    at => format!("{at}.{name}"),
                };
                for (name, value) in accepted {
                    match seen.get(name) {
                        Some(now) => self.compare(&path(name), value, now),
                        None => self.broken.push(format!("{} is gone", path(name))),
                    }
                }
                let new = seen.keys().filter(|name| !accepted.contains_key(*name));
                self.added.extend(new.map(|name| format!("{} is new", path(name))));
            }
            (Value::Array(accepted), Value::Array(seen))
                if accepted.iter().chain(seen).all(is_scalar) =>
            {
                let gone = accepted.iter().filter(|value| !seen.contains(value));
                self.broken.extend(gone.map(|value| format!("{at}: {value} is gone")));
                let new = seen.iter().filter(|value| !accepted.contains(value));
                self.added.extend(new.map(|value| format!("{at}: {value} is new")));
            }
            (Value::Array(accepted), Value::Array(seen)) => {
                for (index, (value, now)) in accepted.iter().zip(seen).enumerate() {
                    self.compare(&format!("{at}[{index}]"), value, now);
                }
                for index in seen.len()..accepted.len() {
                    self.broken.push(format!("{at}[{index}] is gone"));
                }
                for index in accepted.len()..seen.len() {
                    self.added.push(format!("{at}[{index}] is new"));
                }
            }
            _ if accepted == seen => {}
            _ => self.broken.push(format!("{at} was {}, is {}", shown(accepted), shown(seen))),
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(accepted: &Value, seen: &Value) -> (Vec<String>, Vec<String>) {
        let found = drift(&accepted.to_string(), &seen.to_string());
        (found.broken, found.added)
    }

    #[test]
    fn nothing_differs_from_itself() {
        let answer = json!({"a": [1, {"b": null}], "c": ["x"]});
        assert_eq!(of(&answer, &answer), (vec![], vec![]));
    }

    #[test]
    fn what_came_is_told_apart_from_what_went_or_changed() {
        let accepted = json!({"body": {"token_type": "Bearer", "expires_in": 3600, "scope": "a"}});
        let seen = json!({"body": {"expires_in": "3600", "scope": "a", "patient": "[id]"}});
        let (broken, added) = of(&accepted, &seen);
        assert_eq!(broken, ["body.token_type is gone", "body.expires_in was 3600, is \"3600\""]);
        assert_eq!(added, ["body.patient is new"]);
    }

    #[test]
    fn the_values_of_discovery_are_sets() {
        let accepted = json!({"code_challenge_methods_supported": ["S256"], "g": ["a", "b"]});
        let seen = json!({"code_challenge_methods_supported": ["plain"], "g": ["b", "a", "c"]});
        let (broken, added) = of(&accepted, &seen);
        assert_eq!(broken, ["code_challenge_methods_supported: \"S256\" is gone"]);
        assert_eq!(
            added,
            ["code_challenge_methods_supported: \"plain\" is new", "g: \"c\" is new"]
        );
    }

    #[test]
    fn lists_of_objects_are_compared_item_by_item() {
        let accepted = json!({"keys": [{"kid": "1"}, {"kid": "2"}]});
        let seen = json!({"keys": [{"kid": "3"}]});
        let (broken, added) = of(&accepted, &seen);
        assert_eq!(broken, ["keys[0].kid was \"1\", is \"3\"", "keys[1] is gone"]);
        assert!(added.is_empty());
        assert_eq!(of(&seen, &accepted).1, ["keys[1] is new"]);
        assert_eq!(of(&json!({"a": {}}), &json!({"a": []})).0, ["a was an object, is a list"]);
    }

    #[test]
    fn an_accepted_text_that_is_no_json_is_said_to_be_none() {
        assert_eq!(drift("{", "{}").broken, ["the accepted answer is no JSON"]);
    }
}
