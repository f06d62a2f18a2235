//! The app is registered, handed what it needs, and started.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::{Examination, Examinee};
use crate::http::{Body, Call, Client};
use crate::program::{Command, Program};
use crate::project::{self, AppUnderTest, Category};
use crate::protocol::{Algorithm, random};
use crate::record::{Recorder, Sender};
use crate::secret::Secret;
use crate::world::app::{Client as RunsOn, Kind, Need};
use crate::world::{Halt, Scene, lawful_registration};

impl Scene {
    /// Registers the app under test at the scenario's platform, and starts it.
    ///
    /// # Errors
    /// [`Halt`] if the portal refuses it, or it does not start.
    pub async fn begin(&mut self) -> Result<(), Halt> {
        let examination = self.context.examination.clone();
        let examination = examination.ok_or_else(|| Halt::error(NO_APP))?;
        if let Some(why) = examination.given_up() {
            return Err(Halt::Inconclusive(format!("{why}; it was not tried again")));
        }
        let redactor = self.recorder.redactor().clone();
        let port = free_port().await?;
        let client_id = examination.app.client_id.clone();
        let client_id = client_id.unwrap_or_else(|| random::alphanumeric(ID_LENGTH));
        let client_secret = match examination.app.method {
            project::Method::Secret => {
                let given = examination.client_secret.clone();
                Some(given.unwrap_or_else(|| Secret::new(random::alphanumeric(SECRET_LENGTH))))
            }
            _ => None,
        };
        let mut words = BTreeMap::from([
            ("port", Secret::new(port.to_string())),
            ("client_id", Secret::new(client_id.as_str())),
            ("scope", Secret::new(examination.app.scopes.join(" "))),
            ("checkride", Secret::new(examination.checkride.display().to_string())),
            ("fhir_base", Secret::new(self.fhir_base.as_str().trim_end_matches('/'))),
        ]);
        if let Some(server) = &self.mock {
            words.insert("issuer", Secret::new(server.platform.issuer()));
            words.insert("host", Secret::new(server.base.as_str()));
            let endpoint = |name: &str| Secret::new(server.platform.oauth(name));
            words.insert("authorization_endpoint", endpoint("authorize"));
            words.insert("token_endpoint", endpoint("token"));
        }
        if let Some(secret) = &client_secret {
            redactor.learn("client_secret", secret);
            words.insert("client_secret", secret.clone());
        }
        if let Some((_, file)) = &examination.authority {
            let path = file.path().display().to_string();
            words.insert("certificate_authority", Secret::new(path));
        }
        let (keys, private_key) = self.keys(&examination).await?;
        if let Some((key_id, file)) = &private_key {
            let path = file.path().display().to_string();
            words.insert("private_key_file", Secret::new(path));
            words.insert("key_id", Secret::new(key_id.as_str()));
        }
        let described = filled(&examination.app, &words)?;
        self.register_examinee(&described, &client_id, client_secret.as_ref(), keys.clone())
            .await?;
        let program = match &described.start {
            None => None,
            Some(start) if start.command.is_empty() => None,
            Some(start) => {
                let started = self.start(&examination, &described, start, &words).await;
                examination.started(match &started {
                    Ok(_) => Ok(()),
                    Err(Halt::Inconclusive(why)) => Err(why.as_str()),
                    Err(_) => Ok(()),
                });
                Some(started?)
            }
        };
        self.examinee = Some(Examinee {
            described,
            client_id,
            client_secret,
            words,
            program,
            public_keys: keys,
            _private_key: private_key.map(|(_, file)| file),
            since: 0,
            earlier_tab: None,
            work: None,
            is_tempted: false,
            reached: BTreeSet::new(),
        });
        Ok(())
    }

    /// The public keys to register, and id and file of the private one if the app is handed one.
    async fn keys(
        &self,
        examination: &Examination,
    ) -> Result<(Option<Value>, Option<(String, tempfile::NamedTempFile)>), Halt> {
        let app = &examination.app;
        if !app.method.signs() {
            return Ok((None, None));
        }
        if examination.public_keys.is_some() {
            return Ok((examination.public_keys.clone(), None));
        }
        let key = self.context.keys.lend(Algorithm::Rs384, 1).await?;
        let failed = |error: &dyn std::fmt::Display| {
            Halt::error(format!("failed to write the app's private key: {error}"))
        };
        let pem = key.private_pem().map_err(|error| failed(&error))?;
        self.recorder.redactor().learn("private_key", &pem);
        let mut file = tempfile::Builder::new()
            .prefix("checkride-key-")
            .suffix(".pem")
            .tempfile_in(&examination.temporary)
            .map_err(|error| failed(&error))?;
        file.write_all(pem.expose().as_bytes()).map_err(|error| failed(&error))?;
        let handed = (key.kid().to_owned(), file);
        Ok((Some(json!({ "keys": [key.public_jwk()] })), Some(handed)))
    }

    /// Registers the app at the portal, as the platform's staff does with one that has an id already.
    async fn register_examinee(
        &self,
        app: &AppUnderTest,
        client_id: &str,
        client_secret: Option<&Secret>,
        keys: Option<Value>,
    ) -> Result<(), Halt> {
        let portal = self.portal()?;
        let need = need(app);
        let mut body = lawful_registration(&need, &self.context.dialect.registration);
        let mut say = |name: &str, value: Value| body.insert(name.to_owned(), value);
        say("name", json!("The app under test"));
        say("scopes", json!(app.scopes));
        if app.category != Category::TwoLegged {
            say("redirect_uris", json!(app.redirect_uris));
            say("post_logout_redirect_uris", json!(app.post_logout_redirect_uris));
        }
        if let Some(launch_url) = &app.launch_url {
            say("launch_url", json!(launch_url));
            say("embedded", json!(app.embedded));
        }
        if let Some(secret) = client_secret {
            say("client_secret", json!(secret.expose()));
        }
        match (&app.jwks_url, keys) {
            (Some(url), _) if app.method == project::Method::HostedKeys => {
                say("jwks_uri", json!(url));
            }
            (_, Some(keys)) => {
                say("jwks", keys);
            }
            _ => {}
        }
        let path = format!("/control/apps/{client_id}");
        let answer = portal.send_to_staff("PUT", &path, Value::Object(body)).await?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        let why = answer.json().map(|body| described(&body)).unwrap_or_default();
        Err(Halt::error(format!(
            "the platform does not register the app as `apps` in the project file describes it \
             (status {}): {why}",
            answer.status
        )))
    }

    /// Starts the app, and waits until it is ready.
    async fn start(
        &self,
        examination: &Examination,
        app: &AppUnderTest,
        start: &project::StartCommand,
        words: &BTreeMap<&'static str, Secret>,
    ) -> Result<Program, Halt> {
        let command = command(examination, start, &start.command, words)?;
        let failed = |why: String| Halt::Inconclusive(format!("the app did not start: {why}"));
        let started = Program::start(&command);
        let mut program = started.map_err(|error| failed(format!("failed to {error}")))?;
        let Some(ready) = &start.ready else { return Ok(program) };
        let ready = address(ready)?;
        let patience = Duration::from_secs_f64(start.within);
        let begun = Instant::now();
        let client = self.client_beside();
        loop {
            let answer = client.send_once(&Call::get(ready.clone())).await;
            if answer.is_ok_and(|answer| answer.status < 500) {
                return Ok(program);
            }
            let ended = program.ends_within(PAUSE).await;
            let redactor = self.recorder.redactor();
            let output = program.output().clone();
            let said = || output.closing(redactor);
            if let Some(status) = ended {
                let why = format!("`{}` ended at once, with {status}{}", program.name(), said());
                self.end_program(program, app.start.as_ref(), words).await;
                return Err(failed(why));
            }
            if begun.elapsed() > patience {
                let why = format!(
                    "{ready} does not answer after {} s{} (`within` and `ready` of the app `{}` say \
                     what is waited for)",
                    app.start.as_ref().map_or(0.0, |start| start.within),
                    said(),
                    examination.name,
                );
                self.end_program(program, app.start.as_ref(), words).await;
                return Err(failed(why));
            }
        }
    }
}

impl Scene {
    /// Who sends what is no part of the scenario, and is not noted.
    fn client_beside(&self) -> Client {
        let notes = Recorder::new(self.recorder.redactor().clone());
        Client::new(&self.transport, &notes, Sender::Developer)
    }

    /// The request that a trigger's line says, and who sends it.
    pub(super) fn trigger(
        &self,
        line: &str,
        words: &BTreeMap<&'static str, Secret>,
    ) -> Result<(Client, Call), Halt> {
        let line = fill(line, words)?;
        let (method, url) = line.split_once(' ').unwrap_or(("GET", &line));
        Ok((self.client_beside(), Call::new(method, address(url)?, Body::Empty)))
    }
}

/// A command of the app, in its folder and with its environment; the reference app is told its flaw.
pub(super) fn command(
    examination: &Examination,
    start: &project::StartCommand,
    line: &[String],
    words: &BTreeMap<&'static str, Secret>,
) -> Result<Command, Halt> {
    let folder = start.folder.clone().unwrap_or_default();
    let line: Result<Vec<String>, Halt> = line.iter().map(|word| fill(word, words)).collect();
    let environment = start
        .environment
        .iter()
        .map(|(name, value)| Ok((name.as_str().into(), fill(value, words)?.into())));
    let mut environment = environment.collect::<Result<BTreeMap<_, _>, Halt>>()?;
    if let Some(flaw) = &examination.flaw {
        environment.insert("FLAW".into(), flaw.into());
    }
    if examination.rehearses {
        environment.insert("REHEARSE".into(), "true".into());
    }
    Ok(Command { words: line?, folder: examination.root.join(folder), environment })
}

/// The description with its placeholders filled in, but for commands, which may hold secrets.
fn filled(
    app: &AppUnderTest,
    words: &BTreeMap<&'static str, Secret>,
) -> Result<AppUnderTest, Halt> {
    let mut app = app.clone();
    let lists = [&mut app.redirect_uris, &mut app.post_logout_redirect_uris];
    let texts = lists.into_iter().flatten();
    let pages = [&mut app.start_url, &mut app.launch_url, &mut app.jwks_url];
    for text in texts.chain(pages.into_iter().flatten()) {
        *text = fill(text, words)?;
    }
    if let Some(ready) = app.start.as_mut().and_then(|start| start.ready.as_mut()) {
        *ready = fill(ready, words)?;
    }
    Ok(app)
}

/// A text with its placeholders filled in; two brackets become one.
pub(super) fn fill(text: &str, words: &BTreeMap<&'static str, Secret>) -> Result<String, Halt> {
    let mut whole = Vec::new();
    for part in text.split("{{") {
        let between: Result<Vec<String>, Halt> =
            part.split("}}").map(|part| filled_part(part, words)).collect();
        whole.push(between?.join("}"));
    }
    Ok(whole.join("{"))
}

fn filled_part(text: &str, words: &BTreeMap<&'static str, Secret>) -> Result<String, Halt> {
    let mut filled = text.to_owned();
    for (name, _) in AppUnderTest::PLACEHOLDERS {
        let placeholder = format!("{{{name}}}");
        if !filled.contains(&placeholder) {
            continue;
        }
        let word = words.get(name).ok_or_else(|| {
            Halt::error(format!("the app's `{text}` says `{placeholder}`, and it has none"))
        })?;
        filled = filled.replace(&placeholder, word.expose());
    }
    Ok(filled)
}

/// What the app is, in the words of scenarios.
fn need(app: &AppUnderTest) -> Need {
    let runs_on = match app.method {
        project::Method::Pkce => RunsOn::Browser,
        _ => RunsOn::Web,
    };
    let kind = match app.category {
        Category::TwoLegged => Kind::TwoLegged,
        Category::Patient => Kind::Patient(runs_on),
        Category::Provider => Kind::Provider(runs_on),
    };
    Need {
        scopes: Some(app.scopes.clone()),
        embedded: app.embedded,
        ..Need::new(kind, app.method.into())
    }
}

/// What the portal says is wrong.
fn described(body: &Value) -> String {
    let members = body.as_object().map(Map::values).into_iter().flatten();
    let texts =
        members.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    texts.collect::<Vec<_>>().join("; ")
}

pub(super) fn address(text: &str) -> Result<Url, Halt> {
    Url::parse(text).map_err(|error| Halt::error(format!("`{text}` is no address: {error}")))
}

/// A port that is free now, and stays so until the app listens at it: none of those that the system
/// picks for others, which begin at 32768 or above, and another one each time.
async fn free_port() -> Result<u16, Halt> {
    let mut why = String::new();
    for _ in 0..PORTS {
        let turn = NEXT_PORT.fetch_add(1, Ordering::Relaxed);
        let turn = std::process::id().wrapping_mul(PORTS_APART).wrapping_add(turn) % PORTS;
        let port = FIRST_PORT + u16::try_from(turn).unwrap_or_default();
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(_) => return Ok(port),
            Err(error) => why = error.to_string(),
        }
    }
    Err(Halt::Inconclusive(format!("no port is free: {why}")))
}

const NO_APP: &str = "the run examines no app: `--subject app` is missing";
static NEXT_PORT: AtomicU32 = AtomicU32::new(0);
const FIRST_PORT: u16 = 20_000;
const PORTS: u32 = 12_000;
/// So that runs at the same time begin apart from each other.
const PORTS_APART: u32 = 307;
const ID_LENGTH: usize = 20;
const SECRET_LENGTH: usize = 40;
/// The pause between two looks whether the app is ready.
const PAUSE: Duration = Duration::from_millis(25);
