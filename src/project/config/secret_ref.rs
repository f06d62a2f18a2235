//! Where a secret is kept: never in the project file itself.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::secret::Secret;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// In an environment variable of this name.
    Env(String),
    /// In a file, relative to the project, that its owner alone can read; a final line break is not
    /// part of the secret.
    File(PathBuf),
    /// In the keyring of the operating system.
    Keyring(KeyringEntry),
}

/// An entry of the operating system's keyring.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyringEntry {
    /// Its service.
    pub service: String,
    /// Its user.
    pub user: String,
}

/// Why a secret could not be had: what is wrong, the word in the file it is about, what to try.
pub(super) struct Unread {
    pub(super) message: String,
    pub(super) word: String,
    pub(super) hint: String,
}

impl SecretRef {
    /// The variable that it is kept in, where that is not set.
    pub fn unset_variable(&self, environment: &dyn Fn(&str) -> Option<String>) -> Option<&str> {
        match self {
            Self::Env(name) if environment(name).is_none_or(|value| value.is_empty()) => Some(name),
            _ => None,
        }
    }

    /// Reads the secret, which holds what `whose` says.
    pub(super) fn read(
        &self,
        root: &Path,
        whose: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Secret, Unread> {
        let value = match self {
            Self::Env(name) => {
                environment(name).filter(|value| !value.is_empty()).ok_or_else(|| Unread {
                    message: format!("environment variable `{name}` is not set; it holds {whose}"),
                    word: name.clone(),
                    hint: format!("set it for this shell only: `read -rs {name} && export {name}`"),
                })?
            }
            Self::File(path) => from_file(root, path, whose)?,
            Self::Keyring(entry) => entry.read(whose)?,
        };
        Ok(Secret::new(value.trim_end_matches(['\r', '\n'])))
    }
}

fn from_file(root: &Path, path: &Path, whose: &str) -> Result<String, Unread> {
    let shown = path.display().to_string();
    let file = root.join(path);
    let unread = |message: String, hint: String| Unread { message, word: shown.clone(), hint };
    if others_can_read(&file) {
        return Err(unread(
            format!("`{shown}`, which holds {whose}, can be read by other people of this machine"),
            format!("let its owner alone read it: `chmod 600 {shown}`"),
        ));
    }
    std::fs::read_to_string(&file).map_err(|error| {
        unread(
            format!("cannot read `{shown}`, which holds {whose}: {error}"),
            "the path is relative to the folder of the project file".to_owned(),
        )
    })
}

/// Whether group or others have any right to a file that is there.
#[cfg(unix)]
fn others_can_read(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}

impl KeyringEntry {
    fn read(&self, whose: &str) -> Result<String, Unread> {
        let Self { service, user } = self;
        let found = keyring::Entry::new(service, user).and_then(|entry| entry.get_password());
        found.map_err(|error| {
            let (message, hint) = match error {
                keyring::Error::NoEntry => (
                    format!("the keyring has no entry `{user}` of `{service}`; it holds {whose}"),
                    to_put_in(service, user),
                ),
                other => (
                    format!("cannot ask this machine's keyring for {whose}: {other}"),
                    "where there is no keyring, as on a build server, write `{ env: NAME }` or \
                     `{ file: path }`"
                        .to_owned(),
                ),
            };
            Unread { message, word: service.clone(), hint }
        })
    }
}

fn to_put_in(service: &str, user: &str) -> String {
    if cfg!(target_os = "macos") {
        format!("put it in: `security add-generic-password -s {service} -a {user} -w`")
    } else if cfg!(windows) {
        "put it in with the Credential Manager, as a generic credential".to_owned()
    } else {
        format!(
            "put it in: `secret-tool store --label={service} service {service} username {user}`"
        )
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reference)
    }
}

struct Reference;

impl<'de> Visitor<'de> for Reference {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`{ env: NAME }`, `{ file: path }` or `{ keyring: { service: …, user: … } }`")
    }

    fn visit_str<E: de::Error>(self, _value: &str) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_i64<E: de::Error>(self, _value: i64) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_u64<E: de::Error>(self, _value: u64) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<SecretRef, E> {
        Err(E::custom(LITERAL))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretRef, A::Error> {
        let reference = match map.next_key::<String>()?.as_deref() {
            Some("env") => SecretRef::Env(map.next_value()?),
            Some("file") => SecretRef::File(map.next_value()?),
            Some("keyring") => SecretRef::Keyring(map.next_value()?),
            Some(other) => return Err(de::Error::unknown_field(other, &PLACES)),
            None => return Err(de::Error::invalid_length(0, &self)),
        };
        match map.next_key::<String>()? {
            None => Ok(reference),
            Some(_) => {
                Err(de::Error::custom("a secret is kept in one place: `env`, `file` or `keyring`"))
            }
        }
    }
}

impl JsonSchema for SecretRef {
    fn schema_name() -> Cow<'static, str> {
        "SecretRef".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = |name: &str, of: Schema| {
            json_schema!({
                "type": "object",
                "properties": { name: of },
                "required": [name],
                "additionalProperties": false
            })
        };
        let entry = generator.subschema_for::<KeyringEntry>();
        json_schema!({
            "description": "Where a secret is kept: an environment variable, a file that its owner \
                            alone can read, or an entry of the system's keyring.",
            "oneOf": [
                one("env", json_schema!({ "type": "string" })),
                one("file", json_schema!({ "type": "string" })),
                one("keyring", entry),
            ]
        })
    }
}

const PLACES: [&str; 3] = ["env", "file", "keyring"];
pub(super) const LITERAL: &str = "a secret is written out here";
