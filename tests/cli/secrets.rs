//! No secret of the embedded mock, or of a platform that does what it should, reaches an artifact.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use checkride::project::built_in;
use checkride::record::Verdict;
use serde_json::{Value, json};

use crate::hostile::Asked;
use crate::search::{search, shown};
use crate::stage::{Ended, Stage, wait};
use crate::standalone::StandaloneMock;

#[test]
fn the_passwords_of_the_mock_are_in_no_artifact() {
    let (stage, ended) = whole_run();
    let passwords =
        built_in::sandbox("athenahealth").unwrap().users.into_iter().map(|user| user.password);
    let findings = search(stage, ended, &passwords.collect::<Vec<_>>());
    assert!(findings.is_empty(), "{}", shown(&findings));
}

#[test]
fn the_artifacts_are_those_of_a_run_with_passes_failures_and_pictures() {
    let (stage, ended) = whole_run();
    let run = crate::stage::record(&stage.project().join("out"));
    for one in &run.scenarios {
        let meant_to_fail = one.feature.ends_with("canary.feature");
        let verdict = if meant_to_fail { Verdict::Fail } else { Verdict::Pass };
        // What only other platforms demand is left out.
        let is_left_out = !meant_to_fail && one.verdict == Verdict::Skipped;
        assert!(one.verdict == verdict || is_left_out, "{} {:?}: {ended}", one.id, one.reason);
    }
    let files = stage.files("out");
    let pictures = files.iter().filter(|file| file.ends_with(".png")).count();
    assert!(pictures >= 2, "{files:?}");
    let waiting = stage.files("snapshots").iter().filter(|it| it.ends_with(".snap.new")).count();
    assert!(waiting >= 5, "{waiting} snapshots wait");
    let text = stage.read("out/record.json");
    for word in ["password", "client_secret", "access_token", "code", "code_verifier"] {
        assert!(text.contains(&format!("[redacted:{word}]")), "no {word} was ever redacted");
    }
}

#[test]
fn a_registered_apps_secret_and_a_users_password_stay_outside_a_platform() {
    let platform = RunningMock::start();
    let secret = platform.system_app["client_secret"].as_str().unwrap().to_owned();
    let other = platform.patient_app["client_secret"].as_str().unwrap().to_owned();
    let password = platform.password.clone();
    let stage = platform.project();
    // Passwords are typed on hosts that the dialect names, and this one is not among them.
    let mut command = stage.command(&["run", "--tags", "not @browser", "--out", "out"]);
    command.env("SYSTEM", &secret).env("PATIENT", &other).env("PASSWORD", &password);
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(5), "all holds, and new answers wait: {ended}");
    let findings = search(&stage, &ended, &[secret, other, password]);
    assert!(findings.is_empty(), "{}", shown(&findings));
}

#[test]
fn a_wrong_secret_and_a_wrong_password_stay_outside_a_platform_too() {
    let platform = RunningMock::start();
    let stage = platform.project();
    let canaries = ["c4nary-of a+system/&=\"", "c4nary-of;a patient%", "c4nary'pass<word>\\"];
    let mut command = stage.command(&["run", "--out", "out"]);
    command.env("SYSTEM", canaries[0]).env("PATIENT", canaries[1]).env("PASSWORD", canaries[2]);
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(1), "the platform refuses it: {ended}");
    assert!(ended.stdout.contains("nothing was typed"), "{ended}");
    let findings = search(&stage, &ended, &canaries.map(str::to_owned));
    assert!(findings.is_empty(), "{}", shown(&findings));
}

#[test]
fn a_platform_that_repeats_what_it_was_sent_gives_no_secret_away() {
    let echo = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = echo.local_addr().unwrap();
    thread::spawn(move || echo.incoming().flatten().for_each(repeat));
    let base = format!("http://{address}/fhir/r4");
    let stage = Stage::with_features(&[("token/canary.feature", SYSTEM)]);
    stage.write("checkride.yaml", &project_file(&base, "robot", "diary"));
    let canaries = ["c4nary-of a+system/&=\"", "c4nary-patient", "c4nary-password"];
    let mut command = stage.command(&["run", "--out", "out"]);
    command.env("SYSTEM", canaries[0]).env("PATIENT", canaries[1]).env("PASSWORD", canaries[2]);
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(1), "{ended}");
    let text = stage.read("out/record.json");
    assert!(text.contains("you sent"), "the answer is in the record");
    let findings = search(&stage, &ended, &canaries.map(str::to_owned));
    assert!(findings.is_empty(), "{}", shown(&findings));
}

/// One run of this repository's scenarios, a few of them with a browser and a few that fail, with
/// no snapshot accepted.
fn whole_run() -> &'static (Stage, Ended) {
    static RUN: OnceLock<(Stage, Ended)> = OnceLock::new();
    RUN.get_or_init(|| {
        let stage = Stage::of_this_repository();
        fs::remove_dir_all(stage.project().join("snapshots")).unwrap();
        stage.write("features/launch/canary.feature", FAILURES);
        let tags = "not @browser or @smoke or @canary";
        let ended = stage.ends(1, &["run", "--tags", tags, "--out", "out"]);
        (stage, ended)
    })
}

/// `checkride mock` with two registered apps.
struct RunningMock {
    mock: StandaloneMock,
    system_app: Value,
    patient_app: Value,
    password: String,
}

impl RunningMock {
    fn start() -> Self {
        let mock = StandaloneMock::start(&[]);
        let system_app = mock.register(&json!({}));
        let patient_app = mock.register(&json!({
            "name": "Diary", "category": "three_legged_phr", "end_users": "patients",
            "client_type": "web", "redirect_uris": ["https://app.example/callback"],
            "scopes": PATIENT_SCOPES,
        }));
        let patient = built_in::sandbox("athenahealth").unwrap().users.into_iter();
        let password = patient.clone().find(|user| user.name == "patient").unwrap().password;
        Self { mock, system_app, patient_app, password }
    }

    /// A project that has this platform as its target, with a few scenarios.
    fn project(&self) -> Stage {
        let stage = Stage::with_features(&[
            ("token/system.feature", SYSTEM),
            ("launch/patient.feature", PATIENT),
        ]);
        let id = |app: &Value| app["client_id"].as_str().unwrap().to_owned();
        let file =
            project_file(&self.mock.fhir_base, &id(&self.system_app), &id(&self.patient_app));
        stage.write("checkride.yaml", &file);
        stage
    }
}

fn project_file(fhir_base: &str, system: &str, patient: &str) -> String {
    format!(
        "default_target: preview
targets:
  preview:
    platform: {fhir_base}
    dialect: athenahealth
    users:
      patient: {{ username: jake.medlock@example.com, password: {{ env: PASSWORD }} }}
    apps:
      robot:
        category: 2-legged
        method: client secret
        client_id: {system}
        client_secret: {{ env: SYSTEM }}
        scopes: [system/Patient.read]
      diary:
        category: patient
        method: client secret
        client_id: {patient}
        client_secret: {{ env: PATIENT }}
        scopes: [{}]
        redirect_uris: [https://app.example/callback]
",
        PATIENT_SCOPES.replace(' ', ", ")
    )
}

/// A platform that answers every token request with all that it holds.
fn repeat(mut stream: TcpStream) {
    let Some(asked) = Asked::read(&mut stream) else { return };
    let host = stream.local_addr().unwrap();
    let (status, body) = if asked.line.starts_with("GET") {
        let endpoint = format!("http://{host}/token");
        ("200 OK", json!({"token_endpoint": endpoint, "authorization_endpoint": endpoint}))
    } else {
        let credentials = asked.header("authorization").unwrap_or_default();
        let credentials = credentials.trim_start_matches("Basic ");
        let pair = STANDARD_NO_PAD.decode(credentials.trim_end_matches('=')).unwrap_or_default();
        let pair = String::from_utf8_lossy(&pair).into_owned();
        let plain = url::form_urlencoded::parse(pair.as_bytes()).next();
        let plain = plain.map(|(name, _)| name.into_owned()).unwrap_or_default();
        let told = format!("you sent {credentials}, which is {pair}, which is {plain}");
        (
            "401 Unauthorized",
            json!({"error": "invalid_client", "detailedmessage": told,
            "request": asked.whole, "pair": {"secret": plain}}),
        )
    };
    let body = body.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         x-request: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
        asked.whole.lines().last().unwrap_or_default(),
    );
}

const PATIENT_SCOPES: &str = "openid fhirUser offline_access launch/patient patient/Patient.read";

const SYSTEM: &str = r#"Feature: Tokens for a client secret
  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
    And the answer looks like the accepted "token answer"

  Scenario: A wrong secret is refused
    Given a 2-legged app with a client secret
    When the app asks for a token with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"
    And the answer looks like the accepted "refusal"

  Scenario: Id and secret in the body are not accepted
    Given a 2-legged app with a client secret
    When the app asks for a token with these changes:
      | part or parameter | value           |
      | client secret     | (none)          |
      | client_id         | {client id}     |
      | client_secret     | {client secret} |
    Then the request is refused with 401 "invalid_client"
"#;

const PATIENT: &str = r#"@browser
Feature: A patient opens the app
  Scenario: The patient signs in
    Given a patient web app with a client secret
    When the patient signs in and allows access
    Then a picture of the last page is kept
    When the app redeems the code
    Then the app gets an access token
    And the answer looks like the accepted "token answer"
    When the app refreshes its tokens
    Then the app gets an access token
"#;

const FAILURES: &str = r#"@browser @canary
Feature: What a failure keeps
  Scenario: The picture of a page with a password
    Given a patient web app with a client secret
    When the patient signs in with a wrong password
    Then the user comes back with a code

  Scenario: The evidence of tokens
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    Then a picture of the last page is kept
    When the app redeems the code
    And the app refreshes its tokens
    Then the request is refused with 400 "invalid_grant"
"#;
