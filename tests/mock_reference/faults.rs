//! The kinds of faults, from their schema, with an example of each in `faults.yaml`.

use std::collections::BTreeSet;
use std::fs;

use checkride::mock::{Fault, FaultKind as Kind, Place};
use serde_json::Value;

use crate::Example;
use crate::example::ATHENAHEALTH;
use crate::settings::{kind_in_words, resolved};

/// A kind of fault.
pub struct Shown {
    pub name: String,
    pub meaning: String,
    pub parameters: Vec<Parameter>,
    pub example: Example,
}

/// A member of an object.
pub struct Parameter {
    pub name: String,
    pub kind: String,
    pub needed: bool,
    pub meaning: String,
}

/// The kinds in the order of the sources.
pub fn all() -> Vec<Shown> {
    let schema = serde_json::to_value(schemars::schema_for!(Kind)).unwrap();
    let examples = written();
    variants(&schema)
        .map(|variant| {
            let name = name(variant);
            let body = examples.iter().find(|body| body["fault"]["kind"] == name.as_str());
            Shown {
                meaning: text(variant),
                parameters: members(&schema, variant),
                example: example(&name, body.unwrap_or(&Value::Null)),
                name,
            }
        })
        .collect()
}

/// What every fault has, and what its place has.
pub fn frame() -> (Vec<Parameter>, Vec<Parameter>) {
    let fault = serde_json::to_value(schemars::schema_for!(Fault)).unwrap();
    let place = serde_json::to_value(schemars::schema_for!(Place)).unwrap();
    (members(&fault, &fault), members(&place, &place))
}

pub fn examples() -> Vec<Example> {
    all().into_iter().map(|shown| shown.example).collect()
}

/// The names of the kinds that there are.
pub fn known() -> BTreeSet<String> {
    let schema = serde_json::to_value(schemars::schema_for!(Kind)).unwrap();
    variants(&schema).map(name).collect()
}

/// The names of the kinds that have an example.
pub fn shown() -> BTreeSet<String> {
    let names = |body: &Value| body["fault"]["kind"].as_str().unwrap().to_owned();
    written().iter().map(names).collect()
}

fn example(name: &str, body: &Value) -> Example {
    let text = format!(
        "curl -s $BASE/control/faults -H 'Content-Type: application/json' \\\n  -d '{}'",
        body.to_string().replace('\'', r"'\''")
    );
    Example {
        dialect: ATHENAHEALTH.to_owned(),
        of: name.to_owned(),
        text,
        status: 201,
        part: format!(r#""kind":"{name}""#),
    }
}

fn written() -> Vec<Value> {
    let path = crate::root().join("tests/mock_reference/faults.yaml");
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn variants(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["oneOf"].as_array().into_iter().flatten()
}

fn name(variant: &Value) -> String {
    variant["properties"]["kind"]["const"].as_str().unwrap().to_owned()
}

fn members(root: &Value, schema: &Value) -> Vec<Parameter> {
    let needed = schema["required"].as_array().cloned().unwrap_or_default();
    let members = schema["properties"].as_object().into_iter().flatten();
    let members = members.filter(|(_, member)| member["const"].is_null());
    members
        .map(|(name, member)| Parameter {
            name: name.clone(),
            kind: kind_in_words(root, member),
            needed: needed.iter().any(|needed| needed == name.as_str()),
            meaning: match text(member) {
                text if text.is_empty() => self::text(resolved(root, member)),
                text => text,
            },
        })
        .collect()
}

fn text(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ")
}
