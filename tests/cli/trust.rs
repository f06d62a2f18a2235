//! Platforms whose certificates come from an authority that no machine knows.

use std::fs;
use std::path::{Path, PathBuf};

use checkride::dialect::User;
use checkride::project::built_in;
use checkride::record::{Run, Verdict};
use serde_json::{Value, json};

use crate::search::{search, shown};
use crate::stage::{Ended, Stage, record, wait};
use crate::standalone::StandaloneMock;

#[test]
fn the_browser_trusts_the_authority_that_the_target_names() {
    let platform = Platform::start();
    let (run, ended) = platform.signed_in("certificate_authority: ca.pem");
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(run.tally().of(Verdict::Pass), 1, "{ended}");
}

#[test]
fn a_run_that_passes_over_tls_gives_no_secret_away() {
    let platform = Platform::start();
    let (stage, ended) = platform.run("certificate_authority: ca.pem");
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(stage.read("out/record.json").contains("[redacted:password]"), "{ended}");
    let secrets = [platform.secret().to_owned(), patient().password];
    let findings = search(&stage, &ended, &secrets);
    assert!(findings.is_empty(), "{}", shown(&findings));
}

#[test]
fn without_a_word_of_the_target_nothing_is_judged() {
    let platform = Platform::start();
    let (run, ended) = platform.signed_in("");
    assert_eq!(ended.code, Some(3), "{ended}");
    let reason = run.scenarios[0].reason.as_deref().unwrap();
    assert!(reason.contains("invalid peer certificate: UnknownIssuer"), "{reason}");
}

#[test]
fn the_browser_refuses_a_host_that_another_authority_vouches_for() {
    let (platform, other) = (Platform::start(), Platform::start());
    let host = other.mock.fhir_base.trim_end_matches("/fhir/r4");
    let (run, ended) = platform.signed_in(&format!(
        "certificate_authority: ca.pem
    endpoints: {{ authorization_endpoint: {host}/oauth2/v1/authorize }}"
    ));
    assert_eq!(ended.code, Some(3), "{ended}");
    let reason = run.scenarios[0].reason.as_deref().unwrap();
    assert!(reason.contains("net::ERR_CERT_AUTHORITY_INVALID"), "{reason}");
    assert!(reason.contains("`certificate_authority` of the target names"), "{reason}");
}

/// A mock over TLS with an authority of its own, and an app there.
struct Platform {
    mock: StandaloneMock,
    app: Value,
    authority: PathBuf,
    _folder: Stage,
}

impl Platform {
    fn start() -> Self {
        let folder = Stage::empty();
        let kept = folder.project().join("ca");
        let mock = StandaloneMock::start(&["--tls", "--tls-ca", kept.to_str().unwrap()]);
        let app = mock.register(&json!({
            "category": "three_legged_phr", "end_users": "patients", "client_type": "web",
            "redirect_uris": ["https://app.example/callback"], "scopes": SCOPES,
        }));
        let mut files = fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().path());
        let authority = files.find(|path| is_certificate(path)).unwrap();
        Self { mock, app, authority, _folder: folder }
    }

    fn secret(&self) -> &str {
        self.app["client_secret"].as_str().unwrap()
    }

    fn signed_in(&self, lines: &str) -> (Run, Ended) {
        let (stage, ended) = self.run(lines);
        (record(&stage.project().join("out")), ended)
    }

    /// A run in which a user signs in, on a target with these lines.
    fn run(&self, lines: &str) -> (Stage, Ended) {
        let stage = Stage::with_features(&[("authorize/signs_in.feature", FEATURE)]);
        stage.write("ca.pem", &fs::read_to_string(&self.authority).unwrap());
        stage.write("checkride.yaml", &self.project(lines));
        let patient = patient();
        let mut command = stage.command(&["run", "--out", "out"]);
        command.env("SECRET", self.secret());
        command.env("USERNAME", patient.username).env("PASSWORD", patient.password);
        let ended = wait(command.spawn().unwrap());
        (stage, ended)
    }

    fn project(&self, lines: &str) -> String {
        let base = &self.mock.fhir_base;
        let host = base.trim_start_matches("https://").split('/').next().unwrap();
        format!(
            "default_target: preview
targets:
  preview:
    platform: {base}
    dialect: athenahealth
    {lines}
    login: {{ hosts: [\"{host}\"] }}
    users:
      patient: {{ username: {{ env: USERNAME }}, password: {{ env: PASSWORD }} }}
    apps:
      diary:
        category: patient
        method: client secret
        client_id: {}
        client_secret: {{ env: SECRET }}
        scopes: [{}]
        redirect_uris: [\"https://app.example/callback\"]
",
            self.app["client_id"].as_str().unwrap(),
            SCOPES.replace(' ', ", ")
        )
    }
}

fn patient() -> User {
    let mut users = built_in::sandbox("athenahealth").unwrap().users.into_iter();
    users.find(|user| user.name == "patient").unwrap()
}

fn is_certificate(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains("BEGIN CERTIFICATE"))
}

const SCOPES: &str = "openid fhirUser offline_access launch/patient patient/Patient.read";
const FEATURE: &str = "@browser
Feature: Signing in
  Scenario: With a code
    Given a patient web app with a client secret
    When the patient signs in and allows access
    Then the user comes back with a code
    When the app redeems the code
    Then the app gets an access token
";
