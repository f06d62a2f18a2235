//! A target that is not ours: which apps scenarios get there, and what is left alone.

use std::path::Path;

use checkride::record::{Run, Verdict};
use serde_json::{Value, json};

use crate::stage::{Ended, Stage, wait};
use crate::standalone::{Key, StandaloneMock};

#[test]
fn an_app_with_an_imported_key_set_signs_with_its_own_key() {
    let mock = StandaloneMock::start(&[]);
    let key = Key::new();
    let app = mock.register(&json!({
        "token_auth_method": "jwks", "jwks": { "keys": [key.public] }
    }));
    let stage = Stage::with_features(&[("token/signed.feature", SIGNED)]);
    stage.write("secrets/key.pem", &key.pem);
    let signed = "private_key: { file: secrets/key.pem }\n        kid: mine";
    stage.write("checkride.yaml", &project(&mock.fhir_base, &app, "imported key set", signed));
    let run = ends(&stage, 0).1;
    assert_eq!(verdict(&run, "imported"), (Verdict::Pass, None));
    let lack = "the target has no 2-legged app with a hosted key set";
    assert_eq!(verdict(&run, "hosted"), (Verdict::Skipped, Some(lack)));
    let lack = "the target's 2-legged app with an imported key set has one key only";
    assert_eq!(verdict(&run, "two keys"), (Verdict::Skipped, Some(lack)));
    let lack = "no 2-legged app of the target signs by RS512";
    assert_eq!(verdict(&run, "another algorithm"), (Verdict::Skipped, Some(lack)));
    let shown = stage.read("reports/latest/record.json");
    assert!(!shown.contains(key.pem.lines().nth(1).unwrap()), "the key is in the record");
}

#[test]
fn a_hosted_key_set_is_used_only_where_the_platform_can_fetch_it() {
    let mock = StandaloneMock::start(&[]);
    let key = Key::new();
    let host = Host::serving(&json!({ "keys": [key.public] }));
    let app = mock.register(&json!({ "token_auth_method": "jwks_uri", "jwks_uri": host.0 }));
    let stage = Stage::with_features(&[("token/signed.feature", SIGNED)]);
    stage.write("secrets/key.pem", &key.pem);
    for (jwks_url, expected) in [
        (format!("\n        jwks_url: {}", host.0), Verdict::Pass),
        (String::new(), Verdict::Skipped),
    ] {
        let signed =
            format!("private_key: {{ file: secrets/key.pem }}\n        kid: mine{jwks_url}");
        stage.write("checkride.yaml", &project(&mock.fhir_base, &app, "hosted key set", &signed));
        let code = if expected == Verdict::Pass { 0 } else { 4 };
        let run = ends(&stage, code).1;
        let (verdict, reason) = verdict(&run, "hosted");
        assert_eq!(verdict, expected, "{reason:?}");
        if expected == Verdict::Skipped {
            assert!(reason.unwrap().ends_with("`jwks_url` that the platform can reach"));
        }
    }
}

#[test]
fn what_spoils_something_is_left_alone_unless_the_target_allows_it() {
    let mock = StandaloneMock::start(&[]);
    let app = mock.register(&json!({}));
    let stage = Stage::with_features(&[("token/revoked.feature", SPOILING)]);
    let secret = "client_secret: { env: SECRET }";
    let file = project(&mock.fhir_base, &app, "client secret", secret);
    let environment = [("SECRET", app["client_secret"].as_str().unwrap())];
    stage.write("checkride.yaml", &file);
    let run = ends_with(&stage, 4, &environment).1;
    let (skipped, reason) = verdict(&run, "given back");
    assert_eq!(skipped, Verdict::Skipped);
    assert!(reason.unwrap().contains("`allows: [revoke]`"), "{reason:?}");

    stage.write("checkride.yaml", &file.replace("    apps:", "    allows: [revoke]\n    apps:"));
    let run = ends_with(&stage, 0, &environment).1;
    assert_eq!(verdict(&run, "given back").0, Verdict::Pass);
}

#[test]
fn an_app_whose_variable_is_not_set_is_left_out_by_name() {
    let mock = StandaloneMock::start(&[]);
    let stage = Stage::with_features(&[("token/revoked.feature", SPOILING)]);
    let app = json!({ "client_id": "{ env: ROBOT_ID }" });
    let file = project(&mock.fhir_base, &app, "client secret", "client_secret: { env: SECRET }");
    stage.write("checkride.yaml", &file);
    let run = ends(&stage, 4).1;
    let lack =
        "the target's 2-legged app with a client secret is not set up: `ROBOT_ID` is not set";
    assert_eq!(verdict(&run, "given back"), (Verdict::Skipped, Some(lack)));
}

#[test]
fn a_platform_behind_an_authority_of_its_own_is_reached_once_the_project_names_it() {
    let folder = Stage::empty();
    let ca = folder.project().join("ca");
    let mock = StandaloneMock::start(&["--tls-ca", ca.to_str().unwrap()]);
    let app = mock.register(&json!({}));
    let stage = Stage::with_features(&[("token/asked.feature", ASKED)]);
    let secret = "client_secret: { env: SECRET }";
    let file = project(&mock.fhir_base, &app, "client secret", secret);
    let environment = [("SECRET", app["client_secret"].as_str().unwrap())];
    stage.write("checkride.yaml", &file);
    let run = ends_with(&stage, 3, &environment).1;
    assert!(verdict(&run, "asked").1.unwrap().contains("certificate"), "{:?}", run.scenarios);

    let mut files = std::fs::read_dir(&ca).unwrap().map(|entry| entry.unwrap().path());
    let pem = files.find(|path| is_certificate(path)).expect("the authority's certificate");
    stage.write("ca.pem", &std::fs::read_to_string(pem).unwrap());
    let authority = "    certificate_authority: ca.pem\n    apps:";
    stage.write("checkride.yaml", &file.replace("    apps:", authority));
    let run = ends_with(&stage, 0, &environment).1;
    assert_eq!(verdict(&run, "asked").0, Verdict::Pass);
}

fn is_certificate(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.contains("BEGIN CERTIFICATE"))
}

fn ends(stage: &Stage, code: i32) -> (Ended, Run) {
    ends_with(stage, code, &[])
}

fn ends_with(stage: &Stage, code: i32, environment: &[(&str, &str)]) -> (Ended, Run) {
    let mut command = stage.command(&["run"]);
    command.envs(environment.iter().copied());
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(code), "{ended}");
    (ended, stage.record())
}

/// Verdict and reason of the scenario of that name.
fn verdict<'a>(run: &'a Run, name: &str) -> (Verdict, Option<&'a str>) {
    let found = run.scenarios.iter().find(|one| one.name == name).unwrap();
    (found.verdict, found.reason.as_deref())
}

/// A project with this platform as its target, and one app there.
fn project(fhir_base: &str, app: &Value, method: &str, authentication: &str) -> String {
    format!(
        "default_target: preview
targets:
  preview:
    platform: {fhir_base}
    dialect: athenahealth
    apps:
      robot:
        category: 2-legged
        method: {method}
        client_id: {}
        {authentication}
        scopes: [system/Patient.read]
",
        app["client_id"].as_str().unwrap()
    )
}

/// A host that answers everybody with one document.
struct Host(String);

impl Host {
    fn serving(document: &Value) -> Self {
        use std::io::{Read as _, Write as _};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let body = document.to_string();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Self(format!("http://{address}/jwks.json"))
    }
}

const SIGNED: &str = "Feature: Signed assertions
  Scenario: imported
    Given a 2-legged app with an imported key set
    When the app asks for a token
    Then the app gets an access token

  Scenario: hosted
    Given a 2-legged app with a hosted key set
    When the app asks for a token
    Then the app gets an access token

  Scenario: two keys
    Given a 2-legged app with an imported key set of 2 ES384 keys
    When the app asks for a token
    Then the app gets an access token

  Scenario: another algorithm
    Given a 2-legged app with an imported key set of 1 RS512 key
    When the app asks for a token
    Then the app gets an access token
";

const SPOILING: &str = "Feature: Tokens that are given back
  Scenario: given back
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app revokes its access token
    Then the platform answers with status 200
";

const ASKED: &str = "Feature: Tokens
  Scenario: asked
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
";
