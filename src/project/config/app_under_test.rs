//! Apps that can be examined: what they are, how they are started, and how it is seen what they do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Category, Method, SecretRef};

/// An app that can be examined: `run --subject app --app NAME`.
///
/// For each scenario a fresh mock platform is started and the app is registered there. Words in
/// curly brackets in its texts stand for what is so in that scenario: see
/// [`PLACEHOLDERS`](Self::PLACEHOLDERS).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppUnderTest {
    /// Who uses it.
    pub category: Category,
    /// How it authenticates at the token endpoint.
    pub method: Method,
    /// Its client id; a new one for each scenario if it is left out.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Its client secret; a new one for each scenario if it is left out.
    #[serde(default)]
    pub client_secret: Option<SecretRef>,
    /// File with its public keys (a JSON Web Key Set), relative to the project, for an imported key
    /// set. If it is left out, the app is handed a private key: `{private_key_file}`.
    #[serde(default)]
    pub public_keys: Option<PathBuf>,
    /// Address at which it publishes its key set, for a hosted one.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// Scopes that it declares in its Tech Spec, and is approved for.
    pub scopes: Vec<String>,
    /// API endpoints that it declares in its Tech Spec: `GET /fhir/r4/Patient/*`, a `*` for any one
    /// segment. If they are left out, what it calls is listed and not judged.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Hosts besides its own and the platform's that its pages may speak to: `host` or `*.domain`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Its post-login addresses.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where users come back to from signing out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where its users begin by themselves (standalone launch).
    #[serde(default)]
    pub start_url: Option<String>,
    /// Where the EHR opens it (EHR launch).
    #[serde(default)]
    pub launch_url: Option<String>,
    /// Whether the EHR shows it inside its own pages.
    #[serde(default)]
    pub embedded: bool,
    /// Whether it trusts the authority of the mock platform, which it is handed as
    /// `{certificate_authority}`: then scenarios about certificates speak to it over TLS, and the
    /// platform's addresses begin with `https` in them.
    #[serde(default)]
    pub tls: bool,
    /// How it is started anew for each scenario. If it is left out, it has to be running, with
    /// `platform_address`, and the scenarios come one after the other.
    #[serde(default)]
    pub start: Option<StartCommand>,
    /// How an app without users is made to work.
    #[serde(default)]
    pub trigger: Option<Trigger>,
    /// Host and port at which the mock platform is, for an app that cannot be told another address at
    /// its start: `127.0.0.1:4010`.
    #[serde(default)]
    pub platform_address: Option<String>,
    /// The control by which its users begin to sign in: a CSS selector, or the words on it. If it is
    /// left out, its start page leads to the platform by itself.
    #[serde(default)]
    pub log_in: Option<Sign>,
    /// The control by which its users make it read again what it shows; if it is left out, the page
    /// is loaded again.
    #[serde(default)]
    pub use_again: Option<Sign>,
    /// The control by which its users sign out.
    #[serde(default)]
    pub log_out: Option<Sign>,
    /// What is seen when it shows data.
    #[serde(default)]
    pub shows_data: Option<Sign>,
    /// What is seen when it tells an error.
    #[serde(default)]
    pub shows_error: Option<Sign>,
    /// How many seconds are waited for what the app has to do.
    #[serde(default = "ten")]
    pub patience: f64,
    /// How many seconds it is watched for what it must not do.
    #[serde(default = "one")]
    pub watch: f64,
}

/// How an app is started.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartCommand {
    /// The program and its arguments; no shell reads them. Nothing runs by itself if it is left out:
    /// the trigger's program gets folder and environment.
    #[serde(default)]
    pub command: Vec<String>,
    /// The folder that it runs in, relative to the project.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Environment variables that it gets besides those of this program.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// An address that answers once it is ready; any answer below status 500 counts. If it is left
    /// out, the app is ready at once.
    #[serde(default)]
    pub ready: Option<String>,
    /// How many seconds it may take to be ready.
    #[serde(default = "thirty")]
    pub within: f64,
    /// The program and its arguments that end it, such as `[docker, stop, my-app]`: it runs in the
    /// same folder and environment, for ten seconds at most. What is left of the app then is ended.
    #[serde(default)]
    pub stop: Vec<String>,
}

/// How an app without users is made to work.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected `{ request: POST http://… }` or `{ command: [program, argument] }`"
)]
pub enum Trigger {
    /// By an HTTP request.
    Request {
        /// Its method and address, `POST http://127.0.0.1:{port}/work`; a status below 400 says that
        /// the work was done.
        request: String,
    },
    /// By a program, which runs until the work is done.
    Command {
        /// The program and its arguments; exit code 0 says that the work was done. It gets the
        /// environment of `start`, which may have no command then.
        command: Vec<String>,
    },
}

/// By what something on a page is recognised.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected `{ selector: \"#data\" }` or `{ text: \"Welcome\" }`"
)]
pub enum Sign {
    /// By words.
    Text {
        /// Words that are visible.
        text: String,
    },
    /// By an element.
    Selector {
        /// A CSS selector of a visible element.
        selector: String,
    },
}

impl Trigger {
    /// Whether it is an HTTP request.
    pub fn is_request(&self) -> bool {
        matches!(self, Self::Request { .. })
    }
}

impl AppUnderTest {
    /// What its texts may say in curly brackets, and what that stands for; two brackets stand for one.
    pub const PLACEHOLDERS: [(&str, &str); 13] = [
        ("port", "a free port of this machine, for the app to listen at"),
        ("fhir_base", "the FHIR base of the mock platform"),
        ("issuer", "the issuer of the mock platform"),
        ("host", "scheme, host and port of the mock platform"),
        ("authorization_endpoint", "where the mock platform's users sign in"),
        ("token_endpoint", "where the mock platform issues tokens"),
        ("client_id", "the app's client id"),
        ("client_secret", "the app's client secret"),
        ("private_key_file", "a file with the app's private key, as PEM"),
        ("key_id", "the id (`kid`) that this key is registered with"),
        (
            "certificate_authority",
            "a file with the authority of the mock platform's certificates (PEM)",
        ),
        ("scope", "the app's scopes, separated by blanks"),
        ("checkride", "this program"),
    ];

    /// All its texts that may hold placeholders, to prove them.
    pub(super) fn texts(&self) -> impl Iterator<Item = &String> {
        let start = self.start.iter().flat_map(|start| {
            let lines = start.command.iter().chain(&start.stop);
            lines.chain(start.environment.values()).chain(&start.ready)
        });
        let trigger: Vec<&String> = match &self.trigger {
            Some(Trigger::Request { request }) => vec![request],
            Some(Trigger::Command { command }) => command.iter().collect(),
            None => Vec::new(),
        };
        let addresses = self.redirect_uris.iter().chain(&self.post_logout_redirect_uris);
        let pages = self.start_url.iter().chain(&self.launch_url).chain(&self.jwks_url);
        start.chain(trigger).chain(addresses).chain(pages)
    }

    /// What it cannot do without and does not have, and what to write.
    pub(super) fn lacks(&self) -> Option<(String, &'static str)> {
        let has_users = self.category != Category::TwoLegged;
        let lacks = |what: &str, hint| Some((what.to_owned(), hint));
        if let Some(unknown) = self.texts().find_map(|text| unknown_placeholder(text)) {
            let what = format!("says `{{{unknown}}}`, which stands for nothing");
            return Some((what, KNOWN_PLACEHOLDERS));
        }
        let gets_authority = self.texts().any(|text| text.contains("{certificate_authority}"));
        if self.tls != gets_authority {
            return match self.tls {
                true => lacks("is to trust the mock's authority, and is not handed it", AUTHORITY),
                false => lacks("is handed the mock's authority, and is not said to trust it", TLS),
            };
        }
        if self.method == Method::HostedKeys && self.jwks_url.is_none() {
            return lacks("hosts its key set, but nobody knows where", JWKS_URL);
        }
        if has_users && self.redirect_uris.is_empty() {
            return lacks("has users, but no address that they come back to", REDIRECT_URIS);
        }
        if has_users && self.start_url.is_none() && self.launch_url.is_none() {
            return lacks("has users, but no address at which they begin", BEGINNING);
        }
        if !has_users && self.trigger.is_none() {
            return lacks("has no users, and nothing that makes it work", TRIGGER);
        }
        if self.start.is_none() && self.platform_address.is_none() {
            return lacks("is not started here, and has no platform to speak to", PLATFORM);
        }
        let runs_jobs = matches!(self.trigger, Some(Trigger::Command { .. }));
        if !runs_jobs && self.start.as_ref().is_some_and(|start| start.command.is_empty()) {
            return lacks("is started by an empty command", COMMAND);
        }
        let is_started = |start: &StartCommand| !start.command.is_empty();
        if self.start.as_ref().is_some_and(|it| !it.stop.is_empty() && !is_started(it)) {
            return lacks("is ended by a command, but started by none", COMMAND);
        }
        let lasts = [self.patience, self.watch, self.start.as_ref().map_or(1.0, |it| it.within)];
        if lasts.iter().any(|seconds| !(0.0..=MOST_SECONDS).contains(seconds)) {
            return lacks("waits for a time that is none", SECONDS);
        }
        None
    }
}

/// The first word in curly brackets that stands for nothing. Other uses of brackets are the app's, and
/// so is what stands in two of them.
fn unknown_placeholder(text: &str) -> Option<&str> {
    let own = text.split("{{").flat_map(|part| part.split("}}"));
    let parts =
        own.flat_map(|part| part.split('{').skip(1)).filter_map(|part| part.split_once('}'));
    let words = parts.map(|(word, _)| word);
    let mut words = words.filter(|word| {
        !word.is_empty() && word.chars().all(|it| it.is_ascii_lowercase() || it == '_')
    });
    words.find(|word| !AppUnderTest::PLACEHOLDERS.iter().any(|(known, _)| known == word))
}

fn one() -> f64 {
    1.0
}

fn ten() -> f64 {
    10.0
}

fn thirty() -> f64 {
    30.0
}

const MOST_SECONDS: f64 = 600.0;
const KNOWN_PLACEHOLDERS: &str = "known are `{port}`, `{fhir_base}`, `{issuer}`, `{host}`, \
                                  `{authorization_endpoint}`, `{token_endpoint}`, `{client_id}`, \
                                  `{client_secret}`, `{private_key_file}`, `{key_id}`, \
                                  `{certificate_authority}`, `{scope}` and `{checkride}`; a word in brackets of the app's own has two \
                                  of them: `{{patient}}`";
const AUTHORITY: &str = "hand it over in the app's environment: `CERTIFICATE_AUTHORITY: \
                         \"{certificate_authority}\"`, or by the name that the app reads";
const TLS: &str = "write `tls: true`: then it is also judged by what it does about certificates";
const JWKS_URL: &str = "write its address: `jwks_url: http://127.0.0.1:{port}/jwks.json`";
const REDIRECT_URIS: &str = "write them: `redirect_uris: [http://127.0.0.1:{port}/callback]`";
const BEGINNING: &str =
    "write `start_url:` (users begin there) or `launch_url:` (the EHR opens it)";
const TRIGGER: &str = "write `trigger: { request: POST http://127.0.0.1:{port}/work }` or \
                       `trigger: { command: [node, job.js] }`";
const PLATFORM: &str = "write how it is started (`start:`), or the address that it looks for the \
                        platform at: `platform_address: 127.0.0.1:4010`";
const COMMAND: &str = "write the program and its arguments: `command: [node, server.js]`";
const SECONDS: &str = "write seconds from 0 to 600";
