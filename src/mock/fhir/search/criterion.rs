//! One thing that a search asks for, and whether a resource has it.

use serde_json::Value;

use super::date::{Prefix, Span};
use super::parameter::{Kind, Parameter};

/// A parameter with its values, of which one has to fit (FHIR R4, search §3.1.1.4).
#[derive(Clone, Debug)]
pub(in crate::mock::fhir) struct Criterion {
    pub(in crate::mock::fhir) parameter: &'static Parameter,
    modifier: Modifier,
    wanted: Vec<Wanted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Modifier {
    None,
    Missing(bool),
    Exact,
    Contains,
    Not,
}

#[derive(Clone, Debug)]
enum Wanted {
    Token {
        system: Option<String>,
        code: String,
    },
    Text(String),
    Date(Prefix, Span),
    /// As `Type/id`, or `/id` if the type may be any.
    Reference(String),
}

impl Criterion {
    /// Reads a parameter as it was sent, `name` or `name:modifier`; `None` if the resource type has
    /// no such parameter. `base` is the address that absolute references begin with.
    ///
    /// # Errors
    /// What is wrong with the modifier or the value.
    pub(in crate::mock::fhir) fn read(
        kind: &str,
        name: &str,
        value: &str,
        base: &str,
    ) -> Option<Result<Self, String>> {
        if let Some((chained, _)) = name.split_once('.') {
            let chained = chained.split(':').next().unwrap_or(chained);
            return Parameter::of(kind, chained)
                .map(|_| Err(format!("The chained parameter {name} is not supported.")));
        }
        let (name, modifier) = match name.split_once(':') {
            Some((name, modifier)) => (name, Some(modifier)),
            None => (name, None),
        };
        let parameter = Parameter::of(kind, name)?;
        Some(Self::of(parameter, modifier, value, base))
    }

    fn of(
        parameter: &'static Parameter,
        modifier: Option<&str>,
        value: &str,
        base: &str,
    ) -> Result<Self, String> {
        let unsupported = |modifier: &str| {
            format!("The modifier {modifier} of the parameter {} is not supported.", parameter.name)
        };
        let mut target = None;
        let modifier = match (modifier, parameter.kind) {
            (None, _) => Modifier::None,
            (Some("missing"), _) => match value {
                "true" => Modifier::Missing(true),
                "false" => Modifier::Missing(false),
                _ => return Err(format!("{}:missing is true or false.", parameter.name)),
            },
            (Some("exact"), Kind::Text) => Modifier::Exact,
            (Some("contains"), Kind::Text) => Modifier::Contains,
            (Some("not"), Kind::Token) => Modifier::Not,
            (Some(kind), Kind::Reference(of))
                if kind.starts_with(|it: char| it.is_ascii_uppercase())
                    && (of.is_empty() || of == kind) =>
            {
                target = Some(kind);
                Modifier::None
            }
            (Some(modifier), _) => return Err(unsupported(modifier)),
        };
        if matches!(modifier, Modifier::Missing(_)) {
            return Ok(Self { parameter, modifier, wanted: Vec::new() });
        }
        let values = split(value, ',');
        let wanted = values.iter().map(|value| Wanted::read(parameter, value, target, base));
        Ok(Self { parameter, modifier, wanted: wanted.collect::<Result<_, _>>()? })
    }

    /// Whether a resource has what is asked for.
    pub(in crate::mock::fhir) fn holds(&self, resource: &Value) -> bool {
        let mut found = Vec::new();
        for path in self.parameter.paths.split('|') {
            collect(resource, path, &mut found);
        }
        let fits = || {
            found.iter().any(|value| self.wanted.iter().any(|it| it.is_in(value, self.modifier)))
        };
        match self.modifier {
            Modifier::Missing(missing) => found.is_empty() == missing,
            Modifier::Not => !fits(),
            _ => fits(),
        }
    }

    /// The references that it asks for, if that is all it asks.
    pub(in crate::mock::fhir) fn references(&self) -> Option<impl Iterator<Item = &str>> {
        (self.modifier == Modifier::None).then(|| {
            self.wanted.iter().filter_map(|wanted| match wanted {
                Wanted::Reference(reference) => Some(reference.as_str()),
                Wanted::Token { code, .. } => Some(code.as_str()),
                _ => None,
            })
        })
    }

    /// What the first value of a parameter is sorted by.
    pub(super) fn sort_key(parameter: &Parameter, resource: &Value) -> Option<String> {
        let mut found = Vec::new();
        for path in parameter.paths.split('|') {
            collect(resource, path, &mut found);
        }
        let text = |value: &Value| value.as_str().map(str::to_lowercase);
        found.into_iter().find_map(|value| {
            let inner = ["start", "end", "code", "value", "reference"].map(|name| &value[name]);
            text(value)
                .or_else(|| inner.into_iter().find_map(text))
                .or_else(|| text(&value["coding"][0]["code"]))
        })
    }
}

impl Wanted {
    fn read(
        parameter: &Parameter,
        value: &str,
        target: Option<&str>,
        base: &str,
    ) -> Result<Self, String> {
        Ok(match parameter.kind {
            Kind::Token => {
                let parts = split(value, '|');
                let (system, code) = match parts.as_slice() {
                    [code] => (None, code),
                    [system, code] => (Some(system), code),
                    _ => return Err(format!("{} has one system and one code.", parameter.name)),
                };
                Self::Token { system: system.map(|it| plain(it)), code: plain(code) }
            }
            Kind::Text => Self::Text(plain(value)),
            Kind::Date => {
                let (prefix, date) = Prefix::split(value);
                let span = Span::parse(date).ok_or_else(|| {
                    format!("{} is no date of the form YYYY-MM-DD.", parameter.name)
                })?;
                Self::Date(prefix, span)
            }
            Kind::Reference(of) => {
                let value = plain(value);
                let own = value.strip_prefix(base).filter(|_| !base.is_empty());
                let relative = match own {
                    Some(path) => path.rsplitn(3, '/').take(2).collect::<Vec<_>>(),
                    None => vec![value.as_str()],
                };
                let relative = relative.into_iter().rev().collect::<Vec<_>>().join("/");
                Self::Reference(if relative.contains('/') {
                    relative
                } else {
                    format!("{}/{relative}", target.unwrap_or(of))
                })
            }
        })
    }

    fn is_in(&self, value: &Value, modifier: Modifier) -> bool {
        match self {
            Self::Token { system, code } => has_token(value, system.as_deref(), code),
            Self::Text(wanted) => value.as_str().is_some_and(|found| match modifier {
                Modifier::Exact => found == wanted,
                Modifier::Contains => found.to_lowercase().contains(&wanted.to_lowercase()),
                _ => found.to_lowercase().starts_with(&wanted.to_lowercase()),
            }),
            Self::Date(prefix, wanted) => {
                Span::of(value).is_some_and(|found| prefix.holds(found, *wanted))
            }
            Self::Reference(wanted) => value["reference"].as_str().is_some_and(|found| {
                found == wanted || (wanted.starts_with('/') && found.ends_with(wanted.as_str()))
            }),
        }
    }
}

/// Whether a code, Coding, CodeableConcept, Identifier or ContactPoint is the token.
fn has_token(value: &Value, system: Option<&str>, code: &str) -> bool {
    match value {
        Value::String(text) => system.is_none_or(str::is_empty) && text == code,
        Value::Bool(flag) => flag.to_string() == code,
        Value::Object(members) => {
            if let Some(codings) = members.get("coding").and_then(Value::as_array) {
                return codings.iter().any(|coding| has_token(coding, system, code));
            }
            let found = members.get("code").or_else(|| members.get("value"));
            let of = members.get("system").and_then(Value::as_str).unwrap_or_default();
            system.is_none_or(|system| system == of)
                && (code.is_empty() || found.and_then(Value::as_str) == Some(code))
        }
        _ => false,
    }
}

/// The values at a path of members; lists are looked through. `telecom[email]` takes the items whose
/// `system` is that word.
fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    if let Some(items) = value.as_array() {
        items.iter().for_each(|item| collect(item, path, found));
        return;
    }
    let Some((step, rest)) = (!path.is_empty()).then(|| path.split_once('.').unwrap_or((path, "")))
    else {
        found.push(value);
        return;
    };
    let (step, system) = match step.split_once('[') {
        Some((step, system)) => (step, Some(system.trim_end_matches(']'))),
        None => (step, None),
    };
    let Some(inner) = value.get(step) else { return };
    let before = found.len();
    collect(inner, rest, found);
    if let Some(system) = system {
        let of_system = found.split_off(before).into_iter().filter(|it| it["system"] == system);
        found.extend(of_system);
    }
}

/// The parts between separators; one after a backslash separates nothing.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in text.chars() {
        if letter == separator && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = letter == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts
}

/// The text without the backslashes that escape.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: &str = "http://127.0.0.1:1";

    fn holds(kind: &str, name: &str, value: &str, resource: &Value) -> bool {
        Criterion::read(kind, name, value, BASE).unwrap().unwrap().holds(resource)
    }

    #[test]
    fn a_patient_is_found_by_what_is_asked() {
        let patient = json!({
            "resourceType": "Patient", "id": "p-1", "active": true,
            "name": [{"text": "Ada Whitcomb", "family": "Whitcomb", "given": ["Ada", "Mae"]}],
            "identifier": [{"system": "urn:x", "value": "17"}, {"value": "a,b"}],
            "gender": "female", "birthDate": "1954-02-02",
            "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "a@b"}],
            "generalPractitioner": [{"reference": "Practitioner/d-9"}],
        });
        for (name, value, expected) in [
            ("_id", "p-1", true),
            ("_id", "x,p-1", true),
            ("family", "whit", true),
            ("family", "hitcomb", false),
            ("family:contains", "HITC", true),
            ("family:exact", "whitcomb", false),
            ("family:exact", "Whitcomb", true),
            ("given", "mae", true),
            ("name", "ada", true),
            ("name", "whit,nobody", true),
            ("gender", "female", true),
            ("gender:not", "female", false),
            ("gender:missing", "false", true),
            ("birthdate", "1954", true),
            ("birthdate", "gt1954-02-02", false),
            ("birthdate:missing", "true", false),
            ("identifier", "17", true),
            ("identifier", "urn:x|17", true),
            ("identifier", "urn:x|", true),
            ("identifier", "urn:y|17", false),
            ("identifier", "|17", false),
            ("identifier", "a\\,b", true),
            ("identifier", "|a\\,b", true),
            ("active", "true", true),
            ("email", "a@b", true),
            ("email", "1", false),
            ("general-practitioner", "d-9", true),
            ("general-practitioner", "Practitioner/d-9", true),
            ("general-practitioner", "http://127.0.0.1:1/fhir/r4/Practitioner/d-9", true),
            ("general-practitioner", "http://elsewhere/fhir/r4/Practitioner/d-9", false),
            ("general-practitioner:Practitioner", "d-9", true),
        ] {
            assert_eq!(holds("Patient", name, value, &patient), expected, "{name}={value}");
        }
    }

    #[test]
    fn codes_are_found_with_and_without_their_system() {
        let observation = json!({
            "category": [{"coding": [{"system": "urn:c", "code": "vital-signs"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": "Patient/p-1"},
        });
        for (name, value, expected) in [
            ("category", "vital-signs", true),
            ("category", "urn:c|vital-signs", true),
            ("category", "laboratory,vital-signs", true),
            ("code", "http://loinc.org|8867-4", true),
            ("code", "http://snomed.info/sct|8867-4", false),
            ("patient", "p-1", true),
            ("patient", "Patient/p-1", true),
            ("subject", "p-1", true),
            ("subject:Patient", "p-1", true),
            ("patient", "1", false),
        ] {
            assert_eq!(holds("Observation", name, value, &observation), expected, "{name}={value}");
        }
    }

    #[test]
    fn what_is_not_supported_is_said() {
        for (name, value) in [
            ("family:phonetic", "x"),
            ("birthdate", "yesterday"),
            ("birthdate:exact", "1954"),
            ("identifier", "a|b|c"),
            ("gender:missing", "perhaps"),
            ("general-practitioner.name", "x"),
            ("general-practitioner:Group", "x"),
        ] {
            assert!(Criterion::read("Patient", name, value, BASE).unwrap().is_err(), "{name}");
        }
        assert!(Criterion::read("Patient", "colour", "red", BASE).is_none());
        assert!(Criterion::read("Patient", "code", "red", BASE).is_none());
    }
}
