//! Values that are texts in the file: read with a rule, or kept in the environment.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A value that differs from person to person: written out, or in an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Written in the file.
    Written(String),
    /// In an environment variable of this name.
    Env(String),
}

impl Value {
    /// The value, as the environment has it.
    ///
    /// # Errors
    /// The name of the variable that is not set, or empty.
    pub fn read(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        match self {
            Self::Written(value) => Ok(value.clone()),
            Self::Env(name) => {
                environment(name).filter(|value| !value.is_empty()).ok_or_else(|| name.clone())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;
        impl<'de> Visitor<'de> for Given {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or `{ env: NAME }`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Written(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let value = match map.next_key::<String>()?.as_deref() {
                    Some("env") => Value::Env(map.next_value()?),
                    Some(other) => return Err(de::Error::unknown_field(other, &["env"])),
                    None => return Err(de::Error::invalid_length(0, &self)),
                };
                match map.next_key::<String>()? {
                    None => Ok(value),
                    Some(other) => Err(de::Error::unknown_field(&other, &["env"])),
                }
            }
        }
        deserializer.deserialize_any(Given)
    }
}

impl JsonSchema for Value {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text, or the environment variable that holds it.",
            "oneOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": { "env": { "type": "string" } },
                    "required": ["env"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// Reads a text by a rule; what is wrong with it keeps its place in the file.
pub(super) struct Rule<T>(pub(super) fn(&str) -> Result<T, String>);

impl<T> Visitor<'_> for Rule<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}
