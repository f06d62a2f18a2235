//! `checkride mock` as a platform somewhere else, with apps that somebody registered there.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout};

use checkride::protocol::private_key;
use checkride::secret::Secret;
use rcgen::KeyPair;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::stage::{Stage, signal};

/// A mock that serves by itself until it is dropped.
pub struct StandaloneMock {
    program: Child,
    /// Its FHIR base.
    pub fhir_base: String,
    portal: String,
    session: String,
    _stage: Stage,
}

impl StandaloneMock {
    /// Starts it with these arguments, and signs a developer in.
    pub fn start(arguments: &[&str]) -> Self {
        let stage = Stage::empty();
        let arguments = [&["mock", "--port", "0"], arguments].concat();
        let mut program = stage.command(&arguments).spawn().unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let fhir_base = address(&mut lines, "FHIR base:");
        let portal = address(&mut lines, "portal API:");
        let mut mock = Self { program, fhir_base, portal, session: String::new(), _stage: stage };
        let account = json!({"email": "dev@example.com", "password": "c4nary-developer"});
        mock.post("accounts", account.clone());
        mock.session = mock.post("sessions", account)["session"].as_str().unwrap().to_owned();
        mock
    }

    /// Registers an app; these members go before those of a lawful 2-legged one.
    pub fn register(&self, members: &Value) -> Value {
        let mut app = json!({
            "name": "Robot", "level": "certified", "category": "two_legged",
            "environment": "preview", "token_auth_method": "secret", "terms_accepted": true,
            "scopes": "system/Patient.read athena/service/Athenanet.MDP.*",
        });
        for (name, value) in members.as_object().unwrap() {
            app[name] = value.clone();
        }
        self.post("apps", app)
    }

    /// Changes it by its control API, e.g. `tls`, `faults` or `clock/advance`.
    pub fn control(&self, path: &str, body: &Value) {
        let base = url::Url::parse(&self.fhir_base).unwrap();
        let address = base.join(&format!("/control/{path}")).unwrap();
        self.ask(address.as_str(), body);
    }

    fn post(&self, path: &str, body: Value) -> Value {
        self.ask(&format!("{}/{path}", self.portal), &body)
    }

    fn ask(&self, address: &str, body: &Value) -> Value {
        let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build();
        let request = client.unwrap().post(address);
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let answer = request.bearer_auth(&self.session).json(body).send().await.unwrap();
            assert!(answer.status().is_success(), "{address}: {}", answer.status());
            answer.json().await.unwrap()
        })
    }
}

impl Drop for StandaloneMock {
    fn drop(&mut self) {
        signal(self.program.id(), Signal::TERM);
        let _ = self.program.wait();
    }
}

fn address(lines: &mut Lines<BufReader<ChildStdout>>, label: &str) -> String {
    loop {
        let line = lines.next().expect("the mock tells its addresses").unwrap();
        if let Some(address) = line.strip_prefix(label) {
            return address.trim().to_owned();
        }
    }
}

/// A key on P-384, known as `mine`.
pub struct Key {
    /// The private half.
    pub pem: String,
    /// The public half, as a registration takes it.
    pub public: Value,
}

impl Key {
    /// Makes one.
    pub fn new() -> Self {
        let pem = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap().serialize_pem();
        let key = private_key::read(&Secret::new(pem.as_str()), Some("mine"), None).unwrap();
        Self { public: key.public_jwk(), pem }
    }
}
