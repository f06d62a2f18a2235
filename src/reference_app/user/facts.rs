//! Records in words: people by their names, observations by what was observed.

use serde::Serialize;
use serde_json::Value;

/// A person, as the head of a record shows one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) birth_date: Option<String>,
    pub(super) gender: Option<String>,
    pub(super) id: Option<String>,
}

/// One entry of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) value: Option<String>,
    pub(super) when: Option<String>,
}

/// A Patient, Practitioner or other resource with a name.
pub(super) fn person(resource: &Value) -> Person {
    let text = |member: &str| resource[member].as_str().map(str::to_owned);
    let name = &resource["name"][0];
    let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let parts: Vec<&str> = given.chain(name["family"].as_str()).collect();
    let whole = name["text"].as_str().map(str::to_owned).filter(|_| parts.is_empty());
    Person {
        name: whole.unwrap_or_else(|| {
            if parts.is_empty() { "(no name)".to_owned() } else { parts.join(" ") }
        }),
        birth_date: text("birthDate"),
        gender: text("gender"),
        id: text("id"),
    }
}

/// Any resource, in a line.
pub(super) fn line(resource: &Value) -> Line {
    let kind = resource["resourceType"].as_str().unwrap_or("record");
    let code = &resource["code"];
    let what = code["text"].as_str().or_else(|| code["coding"][0]["display"].as_str());
    let when = ["effectiveDateTime", "authoredOn", "recordedDate", "issued"];
    let when = when.iter().find_map(|member| resource[*member].as_str());
    Line {
        what: what.unwrap_or(kind).to_owned(),
        value: value(resource),
        when: when.map(|when| when.chars().take(DATE).collect()),
    }
}

fn value(resource: &Value) -> Option<String> {
    let quantity = &resource["valueQuantity"];
    if let Some(value) = quantity.get("value") {
        let unit = quantity["unit"].as_str().unwrap_or_default();
        return Some(format!("{value} {unit}").trim_end().to_owned());
    }
    let concept = &resource["valueCodeableConcept"];
    let text = resource["valueString"].as_str().or_else(|| concept["text"].as_str());
    text.or_else(|| concept["coding"][0]["display"].as_str()).map(str::to_owned)
}

/// Characters of a date without its time.
const DATE: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn people_are_named_by_their_parts_or_their_text() {
        let parts = json!({"id": "1", "name": [{"given": ["Jake", "A."], "family": "Medlock"}]});
        assert_eq!(person(&parts).name, "Jake A. Medlock");
        assert_eq!(person(&json!({"name": [{"text": "Dr. No"}]})).name, "Dr. No");
        assert_eq!(person(&json!({})).name, "(no name)");
    }

    #[test]
    fn an_observation_is_a_line() {
        let pulse = json!({"resourceType": "Observation", "code": {"text": "Heart rate"},
            "valueQuantity": {"value": 72, "unit": "/min"}, "effectiveDateTime": "2026-01-02T03:04:05Z"});
        let line = line(&pulse);
        assert_eq!((line.what.as_str(), line.value.as_deref()), ("Heart rate", Some("72 /min")));
        assert_eq!(line.when.as_deref(), Some("2026-01-02"));
    }
}
