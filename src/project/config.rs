//! The project file, `checkride.yaml`: targets, and where features, snapshots and reports are.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::built_in::DIALECTS;
use super::conceal::conceal;
use super::{Limits, Mistake, from_yaml};
use crate::secret::Secret;

/// A folder with a project file.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder; paths in the file are relative to it.
    pub root: PathBuf,
    /// What the file says.
    pub config: Config,
    /// Path of the file, to name it in messages.
    pub file: PathBuf,
}

/// What `checkride.yaml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The target of a run that names none.
    #[serde(default = "mock")]
    pub default_target: String,
    /// Folder of the feature files.
    #[serde(default = "features")]
    pub features: PathBuf,
    /// Folder of the accepted snapshots.
    #[serde(default = "snapshots")]
    pub snapshots: PathBuf,
    /// Folder that runs are written to.
    #[serde(default = "reports")]
    pub reports: PathBuf,
    /// Platforms that can be judged, by name.
    pub targets: BTreeMap<String, Target>,
}

/// A platform that can be judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Where it is.
    pub platform: Platform,
    /// Name of the dialect it speaks.
    #[serde(deserialize_with = "known_dialect")]
    pub dialect: String,
    /// Endpoints that its discovery does not name, or not to everybody, by their names there.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Url>,
    /// Ids there that scenarios call by a word in curly brackets: `chart`, `record`.
    #[serde(default)]
    pub examples: BTreeMap<String, String>,
    /// How much may be asked of it.
    #[serde(default)]
    pub limits: Limits,
    /// Apps that are registered there, by name.
    #[serde(default)]
    pub apps: BTreeMap<String, RegisteredApp>,
    /// Hosts on which passwords of these people may be typed, beside those of the dialect.
    #[serde(default)]
    pub login_hosts: Vec<String>,
    /// People who can sign in there, by the word that scenarios use (`patient`, `provider`).
    #[serde(default)]
    pub users: BTreeMap<String, Login>,
}

/// Where a platform is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Platform {
    /// `embedded`: the mock in this program.
    Embedded,
    /// Somewhere else, at this FHIR base.
    At(Url),
}

/// An app that was registered with a platform beforehand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredApp {
    /// Who uses it.
    pub category: Category,
    /// How it authenticates at the token endpoint.
    pub method: Method,
    /// Its client id.
    pub client_id: String,
    /// Its client secret, for the method of that name.
    #[serde(default)]
    pub client_secret: Option<SecretRef>,
    /// Scopes it was approved for.
    pub scopes: Vec<String>,
    /// Its post-login address; the first is used.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
}

/// Who uses a registered app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Category {
    /// A system, without a user.
    #[serde(rename = "2-legged")]
    TwoLegged,
    /// A patient.
    #[serde(rename = "patient")]
    Patient,
    /// A provider.
    #[serde(rename = "provider")]
    Provider,
}

/// How a registered app authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Method {
    /// With a secret.
    #[serde(rename = "client secret")]
    Secret,
    /// Not at all: a public client.
    #[serde(rename = "PKCE")]
    Pkce,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// What is typed as user name.
    pub username: String,
    /// What is typed as password.
    pub password: SecretRef,
}

/// Where a secret is kept: never in the project file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// In an environment variable of this name.
    Env(String),
    /// In a file, relative to the project; a final line break is not part of the secret.
    File(PathBuf),
}

impl Project {
    /// Reads the project file of `folder`, or of the nearest folder above it that has one.
    ///
    /// # Errors
    /// A [`Mistake`] if there is no such file, or where it is wrong.
    pub fn find(folder: &Path) -> Result<Self, Mistake> {
        let Some(root) = folder.ancestors().find(|above| above.join(FILE_NAME).is_file()) else {
            return Err(Mistake::new(format!(
                "cannot find `{FILE_NAME}` in this folder or above it"
            ))
            .with_hint(format!(
                "run inside a Checkride project, or name its file with `--project path/{FILE_NAME}`"
            )));
        };
        Self::read(&root.join(FILE_NAME))
    }

    /// Reads a project file.
    ///
    /// # Errors
    /// A [`Mistake`] where it is wrong.
    pub fn read(file: &Path) -> Result<Self, Mistake> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Mistake::new(format!("cannot read `{}`: {error}", file.display()))
                .with_hint(format!("`--project` takes the path of a `{FILE_NAME}`"))
        })?;
        let config: Config = from_yaml(file, &text).map_err(concealed)?;
        let text = conceal(&text);
        if !config.targets.contains_key(&config.default_target) {
            let known: Vec<_> = config.targets.keys().map(String::as_str).collect();
            return Err(Mistake::in_file(
                file,
                &text,
                position_of(&text, "default_target"),
                format!("unknown target `{}` as `default_target`", config.default_target),
            )
            .with_hint(format!("known targets: {}", known.join(", "))));
        }
        for (target, name, app) in config.apps() {
            if let Some((message, hint)) = app.lacks() {
                return Err(Mistake::in_file(
                    file,
                    &text,
                    position_of(&text, name),
                    format!("the app `{name}` of the target `{target}` {message}"),
                )
                .with_hint(hint));
            }
        }
        let root = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { root, config, file: file.to_owned() })
    }

    /// The target of that name, or the default one.
    ///
    /// # Errors
    /// A [`Mistake`] that names the known targets.
    pub fn target(&self, name: Option<&str>) -> Result<(&str, &Target), Mistake> {
        let name = name.unwrap_or(&self.config.default_target);
        self.config
            .targets
            .get_key_value(name)
            .map(|(name, target)| (name.as_str(), target))
            .ok_or_else(|| {
                let known: Vec<_> = self.config.targets.keys().map(String::as_str).collect();
                let hint = match super::nearest(name, known.iter().copied()) {
                    Some(near) => {
                        format!("did you mean `{near}`? known targets: {}", known.join(", "))
                    }
                    None => {
                        format!("known targets in `{}`: {}", self.file.display(), known.join(", "))
                    }
                };
                Mistake::new(format!("cannot find target `{name}`")).with_hint(hint)
            })
    }

    /// Reads a secret from where it is kept.
    ///
    /// # Errors
    /// A [`Mistake`] that names the variable or file that is missing or empty, and who needs it.
    pub fn secret(
        &self,
        whose: &str,
        reference: &SecretRef,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Secret, Mistake> {
        let missing = |word: &str, message: String| {
            let text = conceal(&std::fs::read_to_string(&self.file).unwrap_or_default());
            Mistake::in_file(&self.file, &text, position_of(&text, word), message)
        };
        let value = match reference {
            SecretRef::Env(name) => {
                environment(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                    let message =
                        format!("environment variable `{name}` is not set; it holds {whose}");
                    missing(name, message).with_hint(format!(
                        "set it for this shell only: `read -rs {name} && export {name}`"
                    ))
                })?
            }
            SecretRef::File(path) => {
                std::fs::read_to_string(self.root.join(path)).map_err(|error| {
                    let shown = path.display().to_string();
                    missing(&shown, format!("cannot read `{shown}`, which holds {whose}: {error}"))
                        .with_hint("the path is relative to the folder of the project file")
                })?
            }
        };
        Ok(Secret::new(value.trim_end_matches(['\r', '\n'])))
    }
}

/// Line and column (from 1) of the first place where `word` stands in the text, not as a part of
/// a longer one.
pub(super) fn position_of(text: &str, word: &str) -> Option<(usize, usize)> {
    let part = |letter: Option<char>| {
        letter.is_some_and(|it| it.is_alphanumeric() || it == '-' || it == '_')
    };
    text.lines().enumerate().find_map(|(index, line)| {
        let (start, _) = line.match_indices(word).find(|(start, _)| {
            !part(line[..*start].chars().next_back())
                && !part(line[start + word.len()..].chars().next())
        })?;
        Some((index + 1, line[..start].chars().count() + 1))
    })
}

/// Takes what must not be shown out of a mistake in the project file.
fn concealed(mut mistake: Mistake) -> Mistake {
    if let Some(place) = &mut mistake.place {
        place.text = conceal(&place.text);
    }
    if mistake.message.contains(LITERAL) {
        return mistake.with_hint("write where it is kept: `{ env: NAME }` or `{ file: path }`");
    }
    mistake
}

impl Config {
    /// All registered apps, each with its target's name and its own.
    fn apps(&self) -> impl Iterator<Item = (&str, &str, &RegisteredApp)> {
        self.targets.iter().flat_map(|(target, of)| {
            of.apps.iter().map(move |(name, app)| (target.as_str(), name.as_str(), app))
        })
    }
}

impl RegisteredApp {
    /// What it cannot do without and does not have, and what to write.
    fn lacks(&self) -> Option<(&'static str, &'static str)> {
        if self.method == Method::Secret && self.client_secret.is_none() {
            return Some((
                "authenticates with a client secret, but has none",
                "write where it is kept: `client_secret: { env: NAME }`",
            ));
        }
        let usable = |uri: &String| Url::parse(uri).is_ok();
        if self.category != Category::TwoLegged && !self.redirect_uris.first().is_some_and(usable) {
            return Some((
                "has users, but no address that they come back to",
                "write the one that was registered: `redirect_uris: [https://app.example/callback]`",
            ));
        }
        None
    }
}

impl Category {
    /// The word for it in the project file.
    pub fn word(self) -> &'static str {
        match self {
            Self::TwoLegged => "2-legged",
            Self::Patient => "patient",
            Self::Provider => "provider",
        }
    }
}

impl Method {
    /// The word for it in the project file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Secret => "client secret",
            Self::Pkce => "PKCE",
        }
    }
}

impl Platform {
    fn read(text: &str) -> Result<Self, String> {
        if text == "embedded" {
            return Ok(Self::Embedded);
        }
        let url = Url::parse(text)
            .ok()
            .filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
            .ok_or("a platform is `embedded`, or its FHIR base: `https://host/path`")?;
        match (url.username(), url.password()) {
            ("", None) => Ok(Self::At(url)),
            _ => Err("a FHIR base has no user name and no password in it".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(Self::read))
    }
}

fn known_dialect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_str(Text(|name| {
        let known = DIALECTS.iter().find(|known| **known == name);
        known.map(|known| (*known).to_owned()).ok_or_else(|| {
            format!("unknown dialect `{name}`, known are: `{}`", DIALECTS.join("`, `"))
        })
    }))
}

/// Reads a text; what is wrong with it keeps its place in the file.
struct Text<T>(fn(&str) -> Result<T, String>);

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reference;
        impl<'de> Visitor<'de> for Reference {
            type Value = SecretRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`{ env: NAME }` or `{ file: path }`")
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
                    Some(other) => return Err(de::Error::unknown_field(other, &["env", "file"])),
                    None => return Err(de::Error::invalid_length(0, &self)),
                };
                match map.next_key::<String>()? {
                    None => Ok(reference),
                    Some(_) => {
                        Err(de::Error::custom("a secret is kept in one place: `env` or `file`"))
                    }
                }
            }
        }
        deserializer.deserialize_any(Reference)
    }
}

fn mock() -> String {
    "mock".into()
}

fn features() -> PathBuf {
    "features".into()
}

fn snapshots() -> PathBuf {
    "snapshots".into()
}

fn reports() -> PathBuf {
    "reports".into()
}

/// Name of the project file.
pub const FILE_NAME: &str = "checkride.yaml";
const LITERAL: &str = "a secret is written out here";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Project, Mistake> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, text).unwrap();
        Project::read(&file)
    }

    const REMOTE: &str = "targets:
  mock: { platform: embedded, dialect: athenahealth }
  preview:
    platform: https://api.example/fhir/r4
    dialect: athenahealth
    users:
      patient: { username: jake, password: SECRET }
";

    #[test]
    fn a_short_file_is_enough() {
        let project =
            read("targets:\n  mock: { platform: embedded, dialect: athenahealth }\n").unwrap();
        assert_eq!(project.config.features, PathBuf::from("features"));
        assert_eq!(project.target(None).unwrap().0, "mock");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        let mistake = read("targets: {}\nfeaturs: x\n").unwrap_err();
        assert!(mistake.message.contains("unknown key `featurs`"), "{mistake}");
        assert_eq!(mistake.place.unwrap().position, Some((2, 1)));
    }

    #[test]
    fn a_literal_secret_is_refused_and_not_shown() {
        let mistake = read(&REMOTE.replace("SECRET", "hunter2-canary")).unwrap_err();
        assert!(mistake.message.contains(LITERAL), "{mistake}");
        assert!(!format!("{mistake:?}").contains("hunter2-canary"));
        assert!(mistake.hint.unwrap().contains("env: NAME"));
    }

    #[test]
    fn a_missing_variable_is_named_with_its_owner_and_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, REMOTE.replace("SECRET", "{ env: PATIENT_PASSWORD }")).unwrap();
        let project = Project::read(&file).unwrap();
        let (_, target) = project.target(Some("preview")).unwrap();
        let reference = &target.users["patient"].password;
        let mistake =
            project.secret("the password of `patient`", reference, &|_| None).unwrap_err();
        assert!(mistake.message.contains("`PATIENT_PASSWORD` is not set"), "{mistake}");
        assert_eq!(mistake.place.unwrap().position.unwrap().0, 7);
        let found = project.secret("x", reference, &|_| Some("s3cret\n".into())).unwrap();
        assert_eq!(found.expose(), "s3cret");
    }

    #[test]
    fn an_address_that_nothing_can_be_sent_to_is_refused() {
        for address in ["embeded", "api.example/fhir", "localhost:8600/fhir", "ftp://api.example"] {
            let mistake =
                read(&REMOTE.replace("https://api.example/fhir/r4", address)).unwrap_err();
            assert!(mistake.message.contains("a platform is `embedded`"), "{mistake}");
            assert_eq!(mistake.place.unwrap().position.unwrap().0, 4, "{address}");
        }
    }

    #[test]
    fn an_app_that_could_not_be_used_is_refused() {
        let app = |rest: &str| {
            let text = REMOTE.replace("SECRET", "{ env: X }");
            let app = format!("{{ client_id: x, scopes: [], {rest} }}");
            read(&format!("{text}    apps:\n      mine: {app}\n")).map_err(|it| it.message)
        };
        let redirect = "redirect_uris: ['https://app.example/cb']";
        assert!(
            app("category: 2-legged, method: client secret, client_secret: { env: X }").is_ok()
        );
        assert!(app(&format!("category: patient, method: PKCE, {redirect}")).is_ok());
        let said = app("category: 2-legged, method: client secret").unwrap_err();
        assert!(said.ends_with("but has none"), "{said}");
        let said = app("category: patient, method: PKCE").unwrap_err();
        assert!(said.contains("no address"), "{said}");
        let said = app("category: 2-leged, method: PKCE").unwrap_err();
        assert!(said.contains("unknown value `2-leged`, expected one of `2-legged`"), "{said}");
    }

    #[test]
    fn a_word_is_not_found_inside_a_longer_one() {
        assert_eq!(position_of("@req:AB-C\n @req:AB x", "@req:AB"), Some((2, 2)));
        assert_eq!(position_of("MY_SECRET", "SECRET"), None);
    }

    #[test]
    fn an_unknown_target_is_answered_with_the_nearest() {
        let project = read(&REMOTE.replace("SECRET", "{ env: X }")).unwrap();
        let mistake = project.target(Some("previw")).unwrap_err();
        assert!(mistake.hint.unwrap().contains("did you mean `preview`"));
    }
}
