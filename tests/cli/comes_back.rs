//! Users who come back to an app at an address on this machine.

use std::net::TcpListener;
use std::process::Command;

use checkride::project::built_in;
use checkride::record::{Exchange, Run, Verdict};
use serde_json::{Value, json};

use crate::stage::{Ended, Stage, wait};
use crate::standalone::StandaloneMock;

#[test]
fn an_app_receives_its_users_at_an_address_on_this_machine() {
    for host in ["localhost", "127.0.0.1"] {
        let (run, ended) = signed_in(&format!("http://{host}:{}/callback", free_port()));
        assert_eq!(run.tally().of(Verdict::Pass), 3, "{ended}");
        for back in back(&run) {
            let answer = back.response.as_ref().unwrap();
            assert_eq!(answer.status, 200, "{back:?}");
            assert!(answer.body.contains("You are back in the app."), "{back:?}");
        }
        assert_eq!(back(&run).len(), 3, "{ended}");
    }
}

#[test]
fn where_somebody_else_listens_users_are_caught_on_their_way_and_nothing_is_sent() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://localhost:{}/callback", other.local_addr().unwrap().port());
    let (run, ended) = signed_in(&address);
    assert_eq!(run.tally().of(Verdict::Pass), 3, "{ended}");
    assert!(ended.stderr.contains(&format!("cannot listen at `{address}`: Address")), "{ended}");
    for back in back(&run) {
        assert!(back.error.as_ref().unwrap().starts_with("caught"), "{back:?}");
    }
    other.set_nonblocking(true).unwrap();
    assert!(other.accept().is_err(), "somebody came");
}

#[test]
fn within_a_budget_one_sign_in_serves_all_who_only_use_its_token() {
    let (run, ended) = run_of("https://app.example/callback", SHARING, 3);
    assert_eq!(run.tally().of(Verdict::Pass), 5, "{ended}");
    let count = |end: &str| {
        let exchanges = run.scenarios.iter().flat_map(|one| &one.exchanges);
        exchanges.filter(|one| one.request.url.split('?').next().unwrap().ends_with(end)).count()
    };
    // One for the four that only read, and one for that which judges the answer.
    assert_eq!((count("/token"), count("/callback")), (2, 2), "{ended}");
}

/// A run in which three users sign in to an app with this redirect URI.
fn signed_in(redirect_uri: &str) -> (Run, Ended) {
    run_of(redirect_uri, FEATURE, 0)
}

/// A run of a feature by an app with this redirect URI, within so many token requests a minute.
fn run_of(redirect_uri: &str, feature: &str, budget: u32) -> (Run, Ended) {
    let mock = StandaloneMock::start(&[]);
    let app = mock.register(&json!({
        "category": "three_legged_phr", "end_users": "patients", "client_type": "web",
        "redirect_uris": [redirect_uri], "scopes": SCOPES,
    }));
    let stage = Stage::with_features(&[("authorize/back.feature", feature)]);
    let limits = format!("limits: {{ tokens_per_minute: {budget} }}");
    let file = project(&mock.fhir_base, redirect_uri, &app);
    stage.write("checkride.yaml", &file.replace("limits: { tokens_per_minute: 0 }", &limits));
    let patient = built_in::sandbox("athenahealth").unwrap().users.into_iter();
    let patient = patient.clone().find(|user| user.name == "patient").unwrap();
    let mut command: Command = stage.command(&["run"]);
    command.env("SECRET", app["client_secret"].as_str().unwrap());
    command.env("USERNAME", patient.username).env("PASSWORD", patient.password);
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(0), "{ended}");
    (stage.record(), ended)
}

/// The visits of the app's address.
fn back(run: &Run) -> Vec<&Exchange> {
    let exchanges = run.scenarios.iter().flat_map(|one| &one.exchanges);
    exchanges.filter(|one| one.request.url.contains("/callback?")).collect()
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A project with a diary for patients, registered on that platform.
pub fn project(fhir_base: &str, redirect_uri: &str, app: &Value) -> String {
    let host = fhir_base.trim_start_matches("http://").split('/').next().unwrap();
    format!(
        "default_target: preview
targets:
  preview:
    platform: {fhir_base}
    dialect: athenahealth
    limits: {{ tokens_per_minute: 0 }}
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
        redirect_uris: [\"{redirect_uri}\"]
",
        app["client_id"].as_str().unwrap(),
        SCOPES.replace(' ', ", ")
    )
}

pub const SCOPES: &str = "openid fhirUser offline_access launch/patient patient/Patient.read";
const FEATURE: &str = "@browser
Feature: Coming back
  Scenario Outline: With a code <number>
    Given a patient web app with a client secret
    When the patient signs in and allows access
    Then the user comes back with a code
    When the app redeems the code
    Then the app gets an access token

    Examples:
      | number |
      | 1      |
      | 2      |

  Scenario: With an error
    Given a patient web app with a client secret
    When the patient signs in and denies access
    Then the user comes back with the error \"access_denied\"
";
const SHARING: &str = "@browser
Feature: Sharing a sign-in
  Background:
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code

  Scenario Outline: The record is read <number>
    When the app reads \"Patient/a-80000.E-14545\"
    Then the answer is the Patient \"a-80000.E-14545\"

    Examples:
      | number |
      | 1      |
      | 2      |
      | 3      |

  Scenario: Another token opens nothing
    When the app reads \"Patient/a-80000.E-14545\" with an altered token
    Then the call is refused with 401 and no data

  Scenario: The answer is judged
    Then the app gets an access token
";
