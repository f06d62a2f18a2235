//! An HTTP answer as one JSON value, with the headers that a client depends on.

use serde_json::{Map, Value, json};

/// The answer as `{status, headers, body}`.
///
/// Of the headers only those are kept that OAuth and FHIR give a meaning; of `location` the
/// values of its parameters are left out. `body` is the JSON value, or the lines of the text.
/// `headers` have names in lower case.
pub fn answer(status: u16, headers: &[(String, String)], body: &str) -> Value {
    let mut kept = Map::new();
    for (name, value) in headers.iter().filter(|(name, _)| KEPT.contains(&name.as_str())) {
        let value = if name == "location" { without_values(value) } else { value.clone() };
        match kept.get_mut(name) {
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = json!([first.take(), value]),
            None => {
                kept.insert(name.clone(), value.into());
            }
        }
    }
    json!({ "status": status, "headers": kept, "body": body_value(body) })
}

fn body_value(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| match body.lines().count() {
        0 => Value::Null,
        1 => body.trim_end().into(),
        _ => body.lines().collect(),
    })
}

/// `https://app.example/cb?code=[code]&state=[state]`
fn without_values(location: &str) -> String {
    let Some(start) = location.find(['?', '#']) else { return location.to_owned() };
    let mut shown = location[..start].to_owned();
    for part in location[start..].split_inclusive(['?', '#', '&']) {
        let (pair, separator) = match part.char_indices().next_back() {
            Some((at, last)) if "?#&".contains(last) => part.split_at(at),
            _ => (part, ""),
        };
        match pair.split_once('=') {
            Some((name, _)) => shown.push_str(&format!("{name}=[{name}]")),
            None => shown.push_str(pair),
        }
        shown.push_str(separator);
    }
    shown
}

const KEPT: [&str; 6] =
    ["cache-control", "content-type", "location", "pragma", "retry-after", "www-authenticate"];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn an_answer_keeps_what_a_client_depends_on() {
        let value = answer(
            302,
            &headers(&[
                ("date", "Sat, 21 Nov 2026 22:00:00 GMT"),
                ("location", "https://app.example/cb?code=abc&state=xyz#x=1"),
                ("cache-control", "no-store"),
                ("www-authenticate", "Basic"),
                ("www-authenticate", "Bearer"),
            ]),
            "",
        );
        assert_eq!(
            value,
            json!({
                "status": 302,
                "headers": {
                    "location": "https://app.example/cb?code=[code]&state=[state]#x=[x]",
                    "cache-control": "no-store",
                    "www-authenticate": ["Basic", "Bearer"],
                },
                "body": null,
            })
        );
    }

    #[test]
    fn a_body_is_json_or_its_lines() {
        assert_eq!(answer(200, &[], r#"{"a":1}"#)["body"], json!({"a": 1}));
        assert_eq!(answer(200, &[], "no such page\n")["body"], json!("no such page"));
        assert_eq!(answer(200, &[], "<p>\nhi")["body"], json!(["<p>", "hi"]));
    }
}
