//! The facts of JSON bodies: their shape, and of the documents that programs read the words in them.

use serde_json::{Map, Value};

use super::json::absorb;
use super::place::Places;
use super::{Aspect, Endpoint, Fact, Facts, Kind, words};
use crate::difference::rules::Vocabulary;

pub fn note(
    facts: &mut Facts,
    endpoint: &Endpoint,
    body: &Value,
    places: &Places,
    vocabulary: &Vocabulary,
) {
    match body.get("resourceType").and_then(Value::as_str) {
        Some("CapabilityStatement") => return capabilities(facts, body),
        Some("OperationOutcome") => outcome(facts, body),
        _ => {}
    }
    if let Some(keys) = body.get("keys").and_then(Value::as_array)
        && keys.iter().all(|key| key.get("kty").is_some())
    {
        return key_set(facts, keys);
    }
    absorb(&mut facts.shapes, body);
    let is_discovery = endpoint.kind == Kind::Discovery;
    members(facts, body, "", &mut |facts, path, name, value| {
        match value {
            // An address that a document names; it is compared whole, for some configure it by hand.
            Value::String(text) if is_discovery && is_address(name, text) => {
                facts.text(Aspect::Address, path, places.address(text));
            }
            Value::String(text) if vocabulary.enumerated.contains(name) => {
                facts.text(Aspect::Value, path, words::sentence(text));
            }
            Value::String(text) if vocabulary.scopes.contains(name) => {
                let items = text.split_whitespace().map(str::to_owned);
                facts.list(Aspect::Listed, path, items);
            }
            Value::String(_) | Value::Number(_) if vocabulary.lifetimes.contains(name) => {
                // Some send it as text.
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if let Ok(seconds) = text.parse() {
                    facts.put(Aspect::Lifetime, path, Fact::Amount(seconds));
                }
            }
            Value::Bool(it) if is_discovery => {
                facts.text(Aspect::Value, path, it.to_string());
            }
            Value::Array(items) if is_listed(name) || vocabulary.lists.contains(name) => {
                let items = items.iter().filter_map(Value::as_str).map(str::to_owned);
                facts.list(Aspect::Listed, path, items);
            }
            Value::Array(items) if name.ends_with("xtension") => {
                let urls = items.iter().filter_map(|it| it.get("url")?.as_str());
                facts.list(Aspect::Listed, path, urls.map(str::to_owned));
            }
            _ => {}
        }
    });
    // How long a token lasts, where both ends of it are said (RFC 7662 §2.2).
    let moment = |name: &str| body.get(name).and_then(Value::as_u64);
    if let (Some(begins), Some(ends)) = (moment("iat"), moment("exp")) {
        facts.put(Aspect::Lifetime, "exp", Fact::Amount(ends.saturating_sub(begins)));
    }
}

/// Visits each member outside of lists with its path and name, and of lists of objects those of the
/// first one.
fn members(
    facts: &mut Facts,
    value: &Value,
    path: &str,
    visit: &mut impl FnMut(&mut Facts, String, &str, &Value),
) {
    let Value::Object(members_of) = value else { return };
    for (name, value) in members_of {
        let inner = match path {
            "" => name.clone(),
            path => format!("{path}.{name}"),
        };
        visit(facts, inner.clone(), name, value);
        if value.is_object() && value.get("resourceType").is_none() {
            members(facts, value, &inner, visit);
        }
    }
}

/// Lists that discovery documents give the server's abilities by (RFC 8414 §2, SMART App Launch §8.1.1).
fn is_listed(name: &str) -> bool {
    name.ends_with("_supported") || name == "capabilities"
}

fn is_address(name: &str, text: &str) -> bool {
    name == "issuer"
        || text.contains("://")
            && ["_endpoint", "_uri", "_url"].iter().any(|ending| name.ends_with(ending))
}

/// What a FHIR server says that it can do (FHIR R4 §5.2), type by type.
fn capabilities(facts: &mut Facts, body: &Value) {
    let of = |value: &Value, list: &str, name: &str| -> Vec<String> {
        let items = value.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.get(name)?.as_str().map(str::to_owned)).collect()
    };
    let texts = |value: Option<&Value>| -> Vec<String> {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    for name in ["fhirVersion", "kind", "status"] {
        if let Some(text) = body.get(name).and_then(Value::as_str) {
            facts.text(Aspect::Value, name, text);
        }
    }
    let software = body.get("software").and_then(|it| it.get("version")).and_then(Value::as_str);
    facts.text(Aspect::HeaderValue, "software.version", software.unwrap_or_default());
    facts.list(Aspect::Listed, "format", texts(body.get("format")));
    let sides = body.get("rest").and_then(Value::as_array).into_iter().flatten();
    for rest in sides {
        let services = rest.get("security").and_then(|it| it.get("service"));
        let codings = services.and_then(Value::as_array).into_iter().flatten();
        let codes = codings.flat_map(|service| of(service, "coding", "code"));
        facts.list(Aspect::Listed, "rest.security.service", codes);
        facts.list(Aspect::Listed, "rest.interaction", of(rest, "interaction", "code"));
        facts.list(Aspect::Listed, "rest.resource", of(rest, "resource", "type"));
        for resource in rest.get("resource").and_then(Value::as_array).into_iter().flatten() {
            let Some(kind) = resource.get("type").and_then(Value::as_str) else { continue };
            for (list, name) in
                [("interaction", "code"), ("searchParam", "name"), ("operation", "name")]
            {
                let place = format!("rest.resource({kind}).{list}");
                facts.list(Aspect::Listed, place, of(resource, list, name));
            }
            for list in ["searchInclude", "searchRevInclude", "supportedProfile"] {
                let place = format!("rest.resource({kind}).{list}");
                facts.list(Aspect::Listed, place, texts(resource.get(list)));
            }
        }
    }
}

/// What a FHIR server refuses by (FHIR R4, OperationOutcome).
fn outcome(facts: &mut Facts, body: &Value) {
    let issues = body.get("issue").and_then(Value::as_array).into_iter().flatten();
    let severity = issues.filter_map(|issue| issue.get("severity")?.as_str().map(str::to_owned));
    facts.list(Aspect::Listed, "issue[].severity", severity);
}

/// Kinds of keys, and which ones (RFC 7517 §4).
fn key_set(facts: &mut Facts, keys: &[Value]) {
    let text = |key: &Value, name: &str| Some(key.get(name)?.as_str()?.to_owned());
    let kind = |key: &Value| {
        // Of the modulus all bits count; a key is as long as that.
        let bits = text(key, "n").map(|n| (n.len() * 6 / 64 * 64).to_string());
        let said = ["kty", "crv", "use", "alg"].into_iter().filter_map(|name| text(key, name));
        said.chain(bits).collect::<Vec<_>>().join(" ")
    };
    facts.list(Aspect::Listed, "keys", keys.iter().map(kind));
    facts.list(Aspect::Key, "kid", keys.iter().filter_map(|key| text(key, "kid")));
    let extra = keys.iter().filter_map(Value::as_object).flat_map(Map::keys).cloned();
    facts.list(Aspect::Listed, "keys[]", extra);
}
