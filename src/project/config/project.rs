//! The project file as a whole: how it is found, read, and asked for its parts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::history::PASSWORD;
use super::secret_ref::LITERAL;
use super::{
    AppUnderTest, BankPlace, KeptRuns, Notify, Pictures, Profile, RegisteredApp, SecretRef, Target,
    proof,
};
use crate::project::conceal::conceal;
use crate::project::{Mistake, from_yaml, nearest};
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "checkride.yaml")]
pub struct Config {
    /// The target of a run that names none; never a Production.
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
    /// Of what pictures of the users' pages are kept.
    #[serde(default)]
    pub pictures: Pictures,
    /// Where runs are kept, and how long.
    #[serde(default)]
    pub history: KeptRuns,
    /// Platforms that can be judged, by name.
    pub targets: BTreeMap<String, Target>,
    /// Apps that can be examined, by name: `run --subject app --app NAME`.
    #[serde(default)]
    pub apps: BTreeMap<String, AppUnderTest>,
    /// Where refresh tokens lie encrypted for days, so that it is seen how long a platform lets them
    /// live.
    #[serde(default)]
    pub bank: Option<BankPlace>,
    /// Who is told when a run has ended.
    #[serde(default)]
    pub notify: Option<Notify>,
    /// Ways to run that have a name: `run --profile NAME`.
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
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
        if let Some(mistake) = proof::first_mistake(&config, file, &text) {
            return Err(mistake);
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
        let known = self.config.targets.get_key_value(name);
        known.map(|(name, target)| (name.as_str(), target)).ok_or_else(|| {
            let known = self.config.targets.keys().map(String::as_str);
            self.unknown("target", name, known.collect())
        })
    }

    /// The profile of that name.
    ///
    /// # Errors
    /// A [`Mistake`] that names the known profiles.
    pub fn profile(&self, name: &str) -> Result<&Profile, Mistake> {
        self.config.profiles.get(name).ok_or_else(|| {
            let known = self.config.profiles.keys().map(String::as_str);
            self.unknown("profile", name, known.collect())
        })
    }

    /// The app to examine of that name; without a name, the only one.
    ///
    /// # Errors
    /// A [`Mistake`] that names the known apps.
    pub fn app(&self, name: Option<&str>) -> Result<(&str, &AppUnderTest), Mistake> {
        let apps = &self.config.apps;
        let known: Vec<&str> = apps.keys().map(String::as_str).collect();
        match name {
            Some(name) => {
                let found = apps.get_key_value(name).map(|(name, app)| (name.as_str(), app));
                found.ok_or_else(|| self.unknown("app", name, known))
            }
            None => match apps.iter().next() {
                Some((name, app)) if apps.len() == 1 => Ok((name, app)),
                Some(_) => Err(Mistake::new("it is not said which app is to be examined")
                    .with_hint(format!("name it with `--app`; known apps: {}", known.join(", ")))),
                None => Err(Mistake::new(format!(
                    "no app to examine is described in `{}`",
                    self.file.display()
                ))
                .with_hint("`docs/guides/examine-your-app.md` shows how to describe yours")),
            },
        }
    }

    fn unknown(&self, what: &str, name: &str, known: Vec<&str>) -> Mistake {
        let all = match known.is_empty() {
            true => "none".to_owned(),
            false => known.join(", "),
        };
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`? known {what}s: {all}"),
            None => format!("known {what}s in `{}`: {all}", self.file.display()),
        };
        Mistake::new(format!("cannot find {what} `{name}`")).with_hint(hint)
    }

    /// Reads a secret from where it is kept.
    ///
    /// # Errors
    /// A [`Mistake`] that names the variable, file or entry that is missing or empty, and who needs
    /// it.
    pub fn secret(
        &self,
        whose: &str,
        reference: &SecretRef,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Secret, Mistake> {
        reference
            .read(&self.root, whose, environment)
            .map_err(|unread| self.mistake_at(&unread.word, unread.message).with_hint(unread.hint))
    }

    /// A mistake at the first place in the file where a word stands.
    pub fn mistake_at(&self, word: &str, message: impl Into<String>) -> Mistake {
        let text = conceal(&std::fs::read_to_string(&self.file).unwrap_or_default());
        Mistake::in_file(&self.file, &text, position_of(&text, word), message)
    }
}

/// Line and column (from 1) of the first place where `word` stands in the text, not as a part of
/// a longer one.
pub(in crate::project) fn position_of(text: &str, word: &str) -> Option<(usize, usize)> {
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
    if mistake.message.contains(PASSWORD) {
        return mistake.with_hint(
            "take it out, or keep the whole URL elsewhere: `{ env: NAME }`, `{ file: path }` or \
             `{ keyring: { service: …, user: … } }`",
        );
    }
    if mistake.message.contains(LITERAL) {
        return mistake.with_hint(
            "write where it is kept: `{ env: NAME }`, `{ file: path }` or \
             `{ keyring: { service: …, user: … } }`",
        );
    }
    mistake
}

impl Config {
    /// All registered apps, each with its target's name and its own.
    pub(super) fn registered_apps(&self) -> impl Iterator<Item = (&str, &str, &RegisteredApp)> {
        self.targets.iter().flat_map(|(target, of)| {
            of.apps.iter().map(move |(name, app)| (target.as_str(), name.as_str(), app))
        })
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
    fn an_app_that_signs_names_its_key() {
        let app = |rest: &str| {
            let text = REMOTE.replace("SECRET", "{ env: X }");
            let app = format!("{{ category: 2-legged, client_id: x, scopes: [], {rest} }}");
            read(&format!("{text}    apps:\n      mine: {app}\n")).map_err(|it| it.message)
        };
        let key = "private_key: { file: key.pem }";
        assert!(app(&format!("method: imported key set, {key}, kid: k, alg: ES384")).is_ok());
        assert!(app(&format!("method: hosted key set, {key}, jwks_url: 'https://a.org/'")).is_ok());
        let said = app("method: hosted key set").unwrap_err();
        assert!(said.ends_with("has no private key to sign with"), "{said}");
        let said = app(&format!("method: imported key set, {key}, alg: HS256")).unwrap_err();
        assert!(said.contains("unknown algorithm `HS256`"), "{said}");
        let said = app("method: client secret, client_secret: { env: X }, credentials_in: body");
        assert!(said.unwrap_err().contains("does not take it"));
    }

    #[test]
    fn a_production_is_refused_until_the_file_says_that_it_is_meant() {
        let production = REMOTE
            .replace("SECRET", "{ env: X }")
            .replace("api.example", "api.platform.athenahealth.com");
        let strict =
            production.replace("dialect: athenahealth\n    users", "dialect: smart\n    users");
        let elsewhere = REMOTE.replace("SECRET", "{ env: X }").replace(
            "    users",
            "    endpoints: { token_endpoint: 'https://API.platform.athenahealth.com./t' }\n    users",
        );
        for text in [&production, &strict, &elsewhere] {
            let mistake = read(text).unwrap_err();
            assert!(mistake.message.contains("`preview` is a Production"), "{mistake}");
            assert!(mistake.hint.unwrap().contains("production: true"));
        }
        let meant = production.replace("    users", "    production: true\n    users");
        assert!(read(&meant).is_ok());
        let mistake = read(&format!("default_target: preview\n{meant}")).unwrap_err();
        assert!(mistake.hint.unwrap().contains("--target preview"));
        let profile = format!("{meant}profiles:\n  nightly: {{ target: preview }}\n");
        assert!(read(&profile).unwrap_err().message.contains("chooses the Production"));
    }

    #[test]
    fn a_profile_is_proven_before_it_is_used() {
        let text = REMOTE.replace("SECRET", "{ env: X }");
        let profile = |of: &str| read(&format!("{text}profiles:\n  nightly: {{ {of} }}\n"));
        let project = profile("target: preview, tags: '@smoke', reports: [junit]");
        let project = project.unwrap();
        assert_eq!(project.profile("nightly").unwrap().tags.as_deref(), Some("@smoke"));
        let hint = project.profile("nightyl").unwrap_err().hint.unwrap();
        assert!(hint.contains("did you mean `nightly`"), "{hint}");
        let said = profile("target: previw").unwrap_err();
        assert!(said.hint.unwrap().contains("did you mean `preview`"));
        assert!(profile("tags: '@smoke and'").unwrap_err().message.contains("of the profile"));
        assert!(profile("reports: [pdf]").unwrap_err().message.contains("unknown value `pdf`"));
    }

    #[test]
    fn the_address_of_a_discovery_document_stands_for_the_platform_it_describes() {
        let text = REMOTE.replace("SECRET", "{ env: X }");
        let address = "https://api.example/fhir/r4/.well-known/smart-configuration";
        let project = read(&text.replace("https://api.example/fhir/r4", address)).unwrap();
        let (_, target) = project.target(Some("preview")).unwrap();
        let base = url::Url::parse("https://api.example/fhir/r4").unwrap();
        assert_eq!(target.platform, super::super::Platform::At(base));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_keeps_no_secret() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, REMOTE.replace("SECRET", "{ file: password }")).unwrap();
        let project = Project::read(&file).unwrap();
        let kept = folder.path().join("password");
        std::fs::write(&kept, "s3cret\n").unwrap();
        let reference = &project.target(Some("preview")).unwrap().1.users["patient"].password;
        let read = |mode: u32| {
            std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(mode)).unwrap();
            project.secret("the password of `patient`", reference, &|_| None)
        };
        for open in [0o644, 0o640, 0o604] {
            let mistake = read(open).unwrap_err();
            assert!(mistake.message.contains("can be read by other people"), "{mistake}");
            assert!(mistake.hint.unwrap().contains("chmod 600 password"));
            assert_eq!(mistake.place.unwrap().position.unwrap().0, 7);
        }
        assert_eq!(read(0o600).unwrap().expose(), "s3cret");
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
