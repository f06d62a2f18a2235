//! `history`: where runs are kept, and how long.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::SecretRef;

/// Where runs are kept, and how long.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeptRuns {
    /// Whether runs are kept.
    pub enabled: bool,
    /// The PostgreSQL database that they are kept in, or where its URL is kept; without one they are kept in
    /// `history.sqlite`, in the folder of the reports.
    pub url: Option<DatabaseUrl>,
    /// How long they are kept.
    pub keep: Retention,
}

impl Default for KeptRuns {
    fn default() -> Self {
        Self { enabled: true, url: None, keep: Retention::default() }
    }
}

/// How long runs are kept: what is older goes, and what is more. The last run in which nothing was wrong
/// stays.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days.
    #[schemars(range(min = 1))]
    pub days: u32,
    /// Runs of each target, and of each app that is examined on it.
    #[schemars(range(min = 1))]
    pub runs: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: DAYS, runs: RUNS }
    }
}

/// The URL of a database: written out without a password, or kept like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// Written in the file.
    Written(Url),
    /// Kept elsewhere, since there is a password in it.
    Kept(SecretRef),
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;
        impl<'de> Visitor<'de> for Given {
            type Value = DatabaseUrl;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a URL, `{ env: NAME }`, `{ file: path }` or `{ keyring: … }`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DatabaseUrl, E> {
                // What is wrong is told without the text: a password may be in it.
                let url =
                    Url::parse(text).map_err(|error| E::custom(format!("no URL: {error}")))?;
                let has_password = url.password().is_some()
                    || url.query_pairs().any(|(name, _)| name.to_lowercase().contains("password"));
                match url.scheme() {
                    _ if has_password => Err(E::custom(PASSWORD)),
                    "postgres" | "postgresql" => Ok(DatabaseUrl::Written(url)),
                    other => Err(E::custom(format!(
                        "a history is kept on a server of PostgreSQL, `postgres://…`, and not by `{other}:`"
                    ))),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DatabaseUrl, A::Error> {
                SecretRef::deserialize(MapAccessDeserializer::new(map)).map(DatabaseUrl::Kept)
            }
        }
        deserializer.deserialize_any(Given)
    }
}

impl JsonSchema for DatabaseUrl {
    fn schema_name() -> Cow<'static, str> {
        "DatabaseUrl".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kept = generator.subschema_for::<SecretRef>();
        json_schema!({
            "description": "The URL of a PostgreSQL database without a password, or where one with a \
                            password is kept.",
            "oneOf": [{ "type": "string", "pattern": "^postgres(ql)?://" }, kept]
        })
    }
}

/// What is wrong with a URL that has a password in it.
pub(super) const PASSWORD: &str = "a password is written out in this URL";
/// A year of nights, and something to compare it with.
const DAYS: u32 = 400;
const RUNS: u32 = 500;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::project::from_yaml;

    fn read(text: &str) -> Result<KeptRuns, String> {
        from_yaml(Path::new("x"), text).map_err(|mistake| mistake.message)
    }

    #[test]
    fn runs_are_kept_for_more_than_a_year_where_nobody_says_otherwise() {
        let kept = read("{}").unwrap();
        assert!(kept.enabled && kept.url.is_none());
        assert_eq!((kept.keep.days, kept.keep.runs), (400, 500));
        assert_eq!(read("keep: { days: 30 }").unwrap().keep.runs, 500);
    }

    #[test]
    fn a_url_is_written_out_only_without_a_password() {
        let kept = |url: &str| read(&format!("url: {url}")).map(|kept| kept.url.unwrap());
        assert!(matches!(kept("postgres://ci@db.example/runs"), Ok(DatabaseUrl::Written(_))));
        assert!(matches!(kept("{ env: RUNS }"), Ok(DatabaseUrl::Kept(SecretRef::Env(_)))));
        for literal in
            ["postgres://ci:canary@db.example/r", "postgres://db.example/r?password=canary"]
        {
            let said = kept(literal).unwrap_err();
            assert!(said.ends_with(PASSWORD) && !said.contains("canary"), "{said}");
        }
        let said = kept("mysql://db.example/runs").unwrap_err();
        assert!(said.contains("not by `mysql:`"), "{said}");
        assert!(kept("db.example").unwrap_err().contains("no URL"));
    }
}
