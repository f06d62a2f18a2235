//! Takes secrets out of a JSON document without making something else of it.

use serde_json::{Map, Value};

use super::Redactor;

impl Redactor {
    /// The document with every secret replaced by `[redacted:word]`, by the same rules as
    /// [`redact`](Redactor::redact); numbers that are secrets become texts.
    pub fn redact_json(&self, document: &Value) -> Value {
        let text = self.redact(&document.to_string());
        match serde_json::from_str(&text) {
            Ok(shown) => shown,
            // A secret that was a bare number, or went beyond its quotation marks.
            Err(_) => self.redact_members(document),
        }
    }

    fn redact_members(&self, document: &Value) -> Value {
        match document {
            Value::Object(members) => {
                let shown = members
                    .iter()
                    .map(|(name, value)| (self.redact(name), self.redact_member(name, value)));
                Value::Object(shown.collect())
            }
            Value::Array(items) => items.iter().map(|item| self.redact_members(item)).collect(),
            Value::String(text) => self.redact(text).into(),
            other => {
                let shown = self.redact(&other.to_string());
                serde_json::from_str(&shown).unwrap_or_else(|_| shown.into())
            }
        }
    }

    /// The name may give the value away.
    fn redact_member(&self, name: &str, value: &Value) -> Value {
        let alone = Map::from_iter([(name.to_owned(), value.clone())]);
        let shown = serde_json::from_str(&self.redact(&Value::Object(alone).to_string()));
        let alone = shown.ok().and_then(|shown: Map<String, Value>| shown.into_values().next());
        alone.unwrap_or_else(|| self.redact_members(value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_document_stays_one() {
        let redactor = Redactor::new();
        redactor.learn("password", &Secret::new("canary\"pass"));
        redactor.learn("passcode", &Secret::new("1234567890"));
        for (document, shown) in [
            (
                json!({ "sub": "jake", "sid": "on", "exp": 5, "note": "x canary\"pass" }),
                json!({ "sub": "jake", "sid": "[redacted:sid]", "exp": 5, "note": "x [redacted:password]" }),
            ),
            (
                json!({ "n": 1234567890, "in": [{ "sid": "on" }, "canary\"pass", true] }),
                json!({ "n": "[redacted:passcode]", "in": [{ "sid": "[redacted:sid]" }, "[redacted:password]", true] }),
            ),
            (
                json!({ "canary\"pass": 1, "k": 1234567890 }),
                json!({ "[redacted:password]": 1, "k": "[redacted:passcode]" }),
            ),
        ] {
            assert_eq!(redactor.redact_json(&document), shown);
        }
    }
}
