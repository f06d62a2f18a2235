//! What an answer looks like without its values: data that others change must not matter.

use serde_json::Value;

/// An answer `{status, headers, body}` with the shape of its body: instead of each value its type, and
/// instead of the items of a list one item that has what any of them has.
pub(super) fn shape(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(body) = answer.get_mut("body") {
        *body = shape_of(body);
    }
    answer
}

fn shape_of(value: &Value) -> Value {
    match value {
        Value::Null => "[null]".into(),
        Value::Bool(_) => "[boolean]".into(),
        Value::Number(_) => "[number]".into(),
        Value::String(_) => "[string]".into(),
        Value::Array(items) => items.iter().map(shape_of).reduce(joined).into_iter().collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), shape_of(value))).collect()
        }
    }
}

/// A shape that both fit.
fn joined(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            for (name, value) in other {
                let both = match one.remove(&name) {
                    Some(known) => joined(known, value),
                    None => value,
                };
                one.insert(name, both);
            }
            one.sort_keys();
            Value::Object(one)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.into_iter().chain(other).reduce(joined).into_iter().collect()
        }
        (one, other) if one == other => one,
        (one, other) => {
            let mut kinds: Vec<String> = [one, other].iter().flat_map(kinds).collect();
            kinds.sort();
            kinds.dedup();
            format!("[{}]", kinds.join(" or ")).into()
        }
    }
}

/// The words of a shape that is one of several types.
pub(super) fn kinds(shape: &Value) -> Vec<String> {
    match shape {
        Value::String(word) => {
            let words = word.trim_matches(['[', ']']).split(" or ");
            words.map(str::to_owned).collect()
        }
        Value::Array(_) => vec!["list".to_owned()],
        _ => vec!["object".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(body: Value) -> Value {
        shape(&json!({ "status": 200, "headers": { "pragma": "no-cache" }, "body": body }))
    }

    #[test]
    fn values_of_the_body_are_gone_and_the_rest_stays() {
        let seen = of(json!({ "id": "a-1.E-2", "active": true, "total": 3, "link": null }));
        let body = json!({
            "id": "[string]", "active": "[boolean]", "total": "[number]", "link": "[null]",
        });
        let expected = json!({ "status": 200, "headers": { "pragma": "no-cache" }, "body": body });
        assert_eq!(seen, expected);
    }

    #[test]
    fn other_people_and_another_order_are_the_same_shape() {
        let jane = json!({ "id": "1", "name": [{ "family": "Doe" }] });
        let john = json!({ "id": "2", "name": [{ "family": "Roe", "given": ["John", "J."] }] });
        let shapes = [json!([jane, john]), json!([john, jane]), json!([john, jane, john])].map(of);
        assert!(shapes.iter().all(|it| *it == shapes[0]), "{shapes:?}");
        let given = &shapes[0]["body"][0]["name"][0]["given"];
        assert_eq!(*given, json!(["[string]"]));
    }

    #[test]
    fn another_type_is_another_shape() {
        assert_ne!(of(json!({ "expires_in": 3600 })), of(json!({ "expires_in": "3600" })));
        assert_eq!(
            of(json!([1, "a", null, {}]))["body"],
            json!(["[null or number or object or string]"])
        );
    }
}
