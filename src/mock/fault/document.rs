//! Members of a JSON document by their pointer (RFC 6901): set, left out, written twice.

use serde_json::Value;

/// Gives the member a value; nothing happens if there is nothing that could have such a member.
pub(super) fn set(document: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = place(pointer) else { return };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.insert(name, value)),
        Some(Value::Array(items)) => match name.parse::<usize>() {
            Ok(index) if index < items.len() => items[index] = value,
            _ if name == "-" || name == items.len().to_string() => items.push(value),
            _ => {}
        },
        _ => {}
    }
}

/// Leaves the member out.
pub(super) fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, name)) = place(pointer) else { return };
    match document.pointer_mut(parent) {
        // Those that stay keep their order.
        Some(Value::Object(members)) => drop(members.shift_remove(&name)),
        Some(Value::Array(items)) => {
            if let Some(index) = name.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

/// The document as text, with the member twice: as it is, and with this value or its own again.
pub(super) fn repeating(document: &Value, pointer: &str, second: Option<&Value>) -> String {
    let path: Vec<String> = pointer.split('/').skip(1).map(unescaped).collect();
    written(document, Some(&path), second)
}

/// A value as text; `path` is the rest of the way to the repeated member, if it leads through here.
fn written(value: &Value, path: Option<&[String]>, second: Option<&Value>) -> String {
    let Some([name, rest @ ..]) = path else { return value.to_string() };
    match value {
        Value::Object(members) => {
            let mut parts = Vec::new();
            for (key, value) in members {
                let key_text = Value::from(key.as_str());
                let on_the_way = (key == name).then_some(rest);
                parts.push(format!("{key_text}:{}", written(value, on_the_way, second)));
                if key == name && rest.is_empty() {
                    parts.push(format!("{key_text}:{}", second.unwrap_or(value)));
                }
            }
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            let each = items.iter().enumerate().map(|(index, item)| {
                written(item, (index.to_string() == *name).then_some(rest), second)
            });
            format!("[{}]", each.collect::<Vec<_>>().join(","))
        }
        _ => value.to_string(),
    }
}

fn place(pointer: &str) -> Option<(&str, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    Some((parent, unescaped(name)))
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_is_set_left_out_or_written_twice_and_the_rest_stays() {
        let document = json!({"a": 1, "b": {"c/d": [1, 2]}, "e": null});
        let changed = |change: &dyn Fn(&mut Value)| {
            let mut document = document.clone();
            change(&mut document);
            document.to_string()
        };
        for (pointer, expected) in [
            ("/a", r#"{"a":"x","b":{"c/d":[1,2]},"e":null}"#),
            ("/f", r#"{"a":1,"b":{"c/d":[1,2]},"e":null,"f":"x"}"#),
            ("/b/c~1d/1", r#"{"a":1,"b":{"c/d":[1,"x"]},"e":null}"#),
            ("/b/c~1d/-", r#"{"a":1,"b":{"c/d":[1,2,"x"]},"e":null}"#),
            ("/a/b", r#"{"a":1,"b":{"c/d":[1,2]},"e":null}"#),
        ] {
            assert_eq!(changed(&|it| set(it, pointer, json!("x"))), expected);
        }
        for (pointer, expected) in [
            ("/a", r#"{"b":{"c/d":[1,2]},"e":null}"#),
            ("/b/c~1d/0", r#"{"a":1,"b":{"c/d":[2]},"e":null}"#),
            ("/nothing/here", r#"{"a":1,"b":{"c/d":[1,2]},"e":null}"#),
        ] {
            assert_eq!(changed(&|it| remove(it, pointer)), expected);
        }
        for (pointer, second, expected) in [
            ("/a", None, r#"{"a":1,"a":1,"b":{"c/d":[1,2]},"e":null}"#),
            ("/b/c~1d", Some(json!(3)), r#"{"a":1,"b":{"c/d":[1,2],"c/d":3},"e":null}"#),
            ("/x", None, r#"{"a":1,"b":{"c/d":[1,2]},"e":null}"#),
        ] {
            assert_eq!(repeating(&document, pointer, second.as_ref()), expected);
        }
        let list = json!([{"k": 1}, {"k": 2}]);
        assert_eq!(repeating(&list, "/1/k", None), r#"[{"k":1},{"k":2,"k":2}]"#);
    }
}
