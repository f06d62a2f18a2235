//! The settings, from the schema of a dialect and from athenahealth's own values.

use checkride::dialect::Dialect;
use checkride::project::built_in;
use serde_json::{Value, json};

use crate::Example;
use crate::example::ATHENAHEALTH;

/// One setting.
pub struct Setting {
    /// Its path, with dots.
    pub path: String,
    /// The type of its values.
    pub kind: String,
    /// What athenahealth's dialect has.
    pub default: Value,
    pub meaning: String,
    pub example: Example,
}

/// All settings, in the order of the dialect.
pub fn all() -> Vec<Setting> {
    let schema = serde_json::to_value(schemars::schema_for!(Dialect)).unwrap();
    let dialect = serde_json::to_value(built_in::dialect("athenahealth").unwrap()).unwrap();
    let mut found = Vec::new();
    collect(&schema, &schema, &dialect, &mut Vec::new(), &mut found);
    found
}

pub fn examples() -> Vec<Example> {
    all().into_iter().map(|setting| setting.example).collect()
}

fn collect(
    root: &Value,
    schema: &Value,
    value: &Value,
    path: &mut Vec<String>,
    found: &mut Vec<Setting>,
) {
    let resolved = resolved(root, schema);
    if let Some(members) = resolved["properties"].as_object() {
        for (name, member) in members {
            path.push(name.clone());
            collect(root, member, &value[name], path, found);
            path.pop();
        }
        return;
    }
    let meaning = [schema, resolved].iter().find_map(|it| it["description"].as_str());
    found.push(Setting {
        path: path.join("."),
        kind: kind(root, schema),
        default: value.clone(),
        meaning: meaning.unwrap_or_default().to_owned(),
        example: example(root, schema, value, path),
    });
}

/// The PATCH that gives the setting another value.
fn example(root: &Value, schema: &Value, value: &Value, path: &[String]) -> Example {
    let new = other(root, schema, value);
    let patch = path.iter().rev().fold(new.clone(), |patch, name| json!({name: patch}));
    let name = path.last().unwrap();
    // The routes are laid out once.
    let laid_out =
        path[0] == "paths" || ["ehr.path", "practice_api.path"].contains(&&*path.join("."));
    let (status, part) = if laid_out {
        (422, r#""error":"invalid_field""#.to_owned())
    } else {
        let shown = new.as_object().and_then(|it| it.iter().next());
        let (name, new) = shown.map_or((name, &new), |(name, new)| (name, new));
        // Of an object only what is needed was sent.
        let new = if new.is_object() { "{".to_owned() } else { new.to_string() };
        (200, format!("{}:{new}", Value::from(name.as_str())))
    };
    let text = format!(
        "curl -s -X PATCH $BASE/control/settings \\\n  -H 'Content-Type: application/json' \\\n  -d '{}'",
        patch.to_string().replace('\'', r"'\''")
    );
    Example { dialect: ATHENAHEALTH.to_owned(), of: path.join("."), text, status, part }
}

/// Another value of the same type.
fn other(root: &Value, schema: &Value, value: &Value) -> Value {
    let schema = resolved(root, schema);
    let choices = choices(schema);
    if let Some(choice) = choices.iter().find(|choice| *choice != value) {
        return choice.clone();
    }
    match (value, type_of(schema)) {
        (Value::Bool(value), _) => json!(!value),
        (Value::Number(number), _) => json!(number.as_i64().unwrap_or_default() + 1),
        (Value::String(text), _) if text.starts_with('#') => json!("#102030"),
        (Value::String(text), _) => json!(format!("{text}-2")),
        (Value::Array(items), _) => match items.as_slice() {
            [] => json!([other(root, &schema["items"], &Value::Null)]),
            [_] => json!([]),
            [.., _] => items[..items.len() - 1].into(),
        },
        (Value::Object(members), _) => match members.iter().next() {
            Some((name, value)) => {
                json!({name: other(root, &schema["additionalProperties"], value)})
            }
            None => json!({"new": other(root, &schema["additionalProperties"], &Value::Null)}),
        },
        (Value::Null, _) if schema["properties"].is_object() => {
            let needed = schema["required"].as_array().into_iter().flatten();
            let members = needed.filter_map(Value::as_str).map(|name| {
                (name.to_owned(), other(root, &schema["properties"][name], &Value::Null))
            });
            Value::Object(members.collect())
        }
        (Value::Null, "boolean") => json!(true),
        (Value::Null, "integer" | "number") => json!(1),
        (Value::Null, "array") => json!([]),
        (Value::Null, _) => json!("new"),
    }
}

/// A type in words.
fn kind(root: &Value, schema: &Value) -> String {
    let resolved = resolved(root, schema);
    let choices = choices(resolved);
    if !choices.is_empty() {
        let names: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        return names.join(" or ");
    }
    match type_of(resolved) {
        "boolean" => "true or false".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "array" => format!("list of {}", plural(&kind(root, &resolved["items"]))),
        "object" => match &resolved["additionalProperties"] {
            schema @ Value::Object(_) => {
                format!("{} by name", plural(&kind(root, schema)))
            }
            _ => "object".to_owned(),
        },
        _ if resolved["oneOf"].is_array() => "object".to_owned(),
        _ => "text".to_owned(),
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "text" | "number" | "object" => format!("{kind}s"),
        _ => kind.to_owned(),
    }
}

/// The values of an enumeration.
fn choices(schema: &Value) -> Vec<Value> {
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().filter(|value| !value.is_null()).cloned().collect();
    }
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    let values = variants.flat_map(|variant| match &variant["const"] {
        Value::Null => choices(variant),
        value => vec![value.clone()],
    });
    values.collect()
}

fn type_of(schema: &Value) -> &str {
    let kind = &schema["type"];
    let first = || kind.as_array()?.iter().find(|kind| *kind != "null")?.as_str();
    kind.as_str().or_else(first).unwrap_or_default()
}

/// The schema that a reference leads to, also one that may be null.
pub fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolved(root, root.pointer(reference.trim_start_matches('#')).unwrap());
    }
    let options = schema["anyOf"].as_array().into_iter().flatten();
    let mut options = options.filter(|option| option["type"] != "null");
    options.next().map_or(schema, |option| resolved(root, option))
}

/// A type in words, for the parameters of a fault.
pub fn kind_in_words(root: &Value, schema: &Value) -> String {
    if schema.is_boolean()
        || (schema["type"].is_null() && schema["$ref"].is_null() && schema["anyOf"].is_null())
    {
        return "any JSON".to_owned();
    }
    kind(root, schema)
}
