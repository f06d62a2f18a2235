//! Puts words into the places of a template.

use serde_json::Value;

use crate::dialect::Words;

/// The template with its `{word}`s filled in; one that stands alone in its place keeps its type, one
/// that is not known stays as it is.
pub(super) fn fill(template: &Value, words: &Words) -> Value {
    match template {
        Value::String(text) => fill_text(text, words),
        Value::Array(items) => items.iter().map(|item| fill(item, words)).collect(),
        Value::Object(members) => {
            let filled = members.iter().map(|(name, value)| (name.clone(), fill(value, words)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

fn fill_text(text: &str, words: &Words) -> Value {
    let alone = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if let Some(value) = alone.and_then(|name| words.get(name)) {
        return value.clone();
    }
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, end)| Some((words.get(name)?, end))) {
            Some((Value::String(value), end)) => {
                filled.push_str(value);
                rest = end;
            }
            Some((value, end)) => {
                filled.push_str(&value.to_string());
                rest = end;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_word_alone_keeps_its_type_and_an_unknown_one_stays() {
        let words = json!({"value": 36.6, "list": [1], "name": "Ada", "number": 7});
        let words = words.as_object().unwrap();
        let template = json!(["{value}", "{list}", "{name} {number}!", "{what} {name}", "{", 1]);
        let filled = json!([36.6, [1], "Ada 7!", "{what} Ada", "{", 1]);
        assert_eq!(fill(&template, words), filled);
    }
}
