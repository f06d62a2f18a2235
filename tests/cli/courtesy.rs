//! How a run treats somebody else's system: a mock in a process of its own, over TLS, with the quota
//! that athenahealth documents for Preview. Its journal tells what it was asked.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use checkride::record::{Run, Scenario, Verdict};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::stage::{Ended, Stage, signal, soon, wait};

#[test]
fn token_requests_stay_within_the_budget_and_tokens_are_shared() {
    let preview = Preview::start();
    let stage = preview.project(&[("token/a.feature", ASKING), ("api/b.feature", USING)]);
    let ended = preview.run(&stage, &[]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let run = stage.record();
    assert_eq!(run.tally().of(Verdict::Pass), 8, "{ended}");
    // Two that judge the answer, one for the six that only use a token; 429 to none.
    assert_eq!(preview.token_requests(), [200, 200, 200]);
}

#[test]
fn a_fourth_token_request_waits_until_a_minute_has_passed() {
    let preview = Preview::start();
    let four = ASKING.replace("| 2      |\n", "| 2      |\n      | 3      |\n      | 4      |\n");
    let stage = preview.project(&[("token/a.feature", &four)]);
    let mut program = preview.command(&stage, &["--jobs", "4"]).spawn().unwrap();
    let mut said = BufReader::new(program.stderr.take().unwrap()).lines();
    let waits = said.find(|line| line.as_ref().unwrap().starts_with("waiting ")).unwrap();
    assert!(waits.unwrap().ends_with("3 token requests a minute are spent"));
    soon("three scenarios have their answers", || {
        (preview.token_requests() == [200, 200, 200]).then_some(())
    });
    signal(program.id(), Signal::INT);
    let ended = wait(program);
    assert_eq!(ended.code, Some(3), "{ended}");
    let tally = stage.record().tally();
    assert_eq!((tally.of(Verdict::Pass), tally.of(Verdict::Inconclusive)), (3, 1), "{ended}");
    assert_eq!(preview.token_requests().len(), 3, "the fourth was never sent");
}

#[test]
fn a_budget_of_the_project_file_can_be_wider_and_a_429_is_then_no_failure() {
    let preview = Preview::start();
    let many = ASKING.replace("      | 2      |\n", &rows(2..=6));
    let stage = preview.project(&[("token/a.feature", &many)]);
    stage.write("checkride.yaml", &preview.yaml("limits: { tokens_per_minute: 0 }"));
    // The mock's minute is over before anybody would have to wait for it.
    preview.control(
        "faults",
        &json!({
            "at": { "endpoint": "token", "answer_status": 429 },
            "fault": { "kind": "header_set", "name": "Retry-After", "value": "3600" },
        }),
    );
    let ended = preview.run(&stage, &[]);
    assert_eq!(ended.code, Some(3), "{ended}");
    let run = stage.record();
    assert_eq!(run.tally().of(Verdict::Pass), 5, "{ended}");
    assert_eq!(run.tally().of(Verdict::Fail), 0, "{ended}");
    assert!(reasons(&run).contains("status 429, retry after 3600"), "{ended}");
}

#[test]
fn snapshots_of_a_shared_system_have_shapes_and_no_values() {
    let preview = Preview::start();
    let last = "    Then the answer is the Patient \"a-80000.E-14545\"\n";
    let compared = USING.replace(last, "    Then the answer looks like the accepted \"patient\"\n");
    let stage = preview.project(&[("api/b.feature", &compared)]);
    let ended = preview.run(&stage, &["--update-snapshots"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let files = stage.files("snapshots/preview");
    let snapshot = stage.read(&format!("snapshots/preview/{}", files[0]));
    assert!(snapshot.contains(r#""birthDate": "[string]""#), "{snapshot}");
    assert!(snapshot.contains(r#""content-type": "application/fhir+json"#), "{snapshot}");
    // One by one: nothing that the run does itself changes what is compared.
    let times = stage.record().scenarios;
    let begins = |one: &Scenario| (one.started_ms, one.started_ms + one.duration_ms);
    let mut times: Vec<(u64, u64)> = times.iter().map(begins).collect();
    times.sort_unstable();
    assert!(times.windows(2).all(|two| two[0].1 <= two[1].0), "{times:?}");

    stage.write(&format!("snapshots/preview/{}", files[0]), &snapshot.replace("[string]", "1969"));
    assert_eq!(preview.run(&stage, &[]).code, Some(5), "values are none of its business");
}

#[test]
fn a_burst_of_503_is_waited_out_and_one_that_does_not_end_is_no_failure() {
    let preview = Preview::start();
    let stage = preview.project(&[("api/b.feature", USING)]);
    let busy = |times: Value| {
        preview.control("faults", &json!({
            "at": { "endpoint": "fhir" }, "fault": { "kind": "status", "status": 503 }, "times": times,
        }));
    };
    busy(json!(2));
    let ended = preview.run(&stage, &["--jobs", "1"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stderr.contains("answered with status 503; asking again"), "{ended}");

    busy(json!(null));
    let ended = preview.run(&stage, &[]);
    assert_eq!(ended.code, Some(3), "{ended}");
    let run = stage.record();
    assert_eq!(run.tally().of(Verdict::Inconclusive), 6, "{ended}");
    assert!(reasons(&run).contains("status 503"), "{ended}");
    assert!(stage.read("reports/latest/junit.xml").contains("failures=\"0\""), "{ended}");
}

#[test]
fn a_scenario_that_passes_when_it_is_run_again_is_flaky() {
    let preview = Preview::start();
    let stage = preview.project(&[("api/b.feature", USING)]);
    preview.control(
        "faults",
        &json!({
            "at": { "endpoint": "fhir" },
            "fault": { "kind": "status", "status": 404 },
            "times": 1,
        }),
    );
    let ended = preview.run(&stage, &["--retries", "1"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let run = stage.record();
    assert_eq!((run.tally().of(Verdict::Flaky), run.tally().of(Verdict::Pass)), (1, 5), "{ended}");
    assert!(reasons(&run).contains("it held only when it was run again; before: fail"), "{ended}");
    assert!(ended.stdout.contains("1 flaky"), "{ended}");
}

#[test]
fn a_breakdown_is_a_finding_while_the_platform_is_well_and_an_outage_while_it_is_not() {
    let preview = Preview::start();
    let stage = preview.project(&[("token/a.feature", REFUSED)]);
    let breakdown = |sent: Value| {
        preview.control("faults", &json!({
            "at": { "endpoint": "token", "sent": sent }, "fault": { "kind": "status", "status": 500 },
        }));
    };
    stage.write("checkride.yaml", &preview.yaml("limits: { tokens_per_minute: 0 }"));
    breakdown(json!({ "grant_type": "password" }));
    let ended = preview.run(&stage, &["--jobs", "1"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert_eq!(preview.token_requests(), [200, 500, 500]);

    breakdown(json!({}));
    let ended = preview.run(&stage, &["--jobs", "1"]);
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(reasons(&stage.record()).contains("it seems to be out of order"), "{ended}");
}

#[test]
fn a_run_against_a_dead_host_ends_soon_with_its_reason() {
    let mut preview = Preview::start();
    let many = USING.replace("      | 6      |\n", &rows(6..=60));
    let stage = preview.project(&[("api/b.feature", &many)]);
    preview.program.end();
    let begun = Instant::now();
    let ended = preview.run(&stage, &["--report", "json"]);
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let run = stage.record();
    assert_eq!(run.tally().of(Verdict::Inconclusive), 60);
    assert!(reasons(&run).contains("it was given up, because it did not answer"), "{ended}");
    let sent: usize = run.scenarios.iter().map(|one| one.exchanges.len()).sum();
    assert!(sent < 12, "{sent} requests were sent to a host that is dead");
}

/// A mock that plays Preview, with an app that was registered there.
struct Preview {
    program: Running,
    base: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    /// Where it keeps its authority.
    folder: tempfile::TempDir,
    app: Value,
}

impl Preview {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_checkride"))
            .args([
                "mock",
                "--tls",
                "--port",
                "0",
                "--frozen",
                "--set",
                "token.requests_per_minute=5",
                "--tls-ca",
            ])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let mut bases = lines.map_while(Result::ok).filter_map(|line| {
            line.strip_prefix("base:").map(|base| base.trim().trim_end_matches('/').to_owned())
        });
        let base = bases.next().unwrap();
        let program = Running(program);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        // The run proves the certificate; this client only arranges things.
        let client =
            reqwest::Client::builder().danger_accept_invalid_certs(true).no_proxy().build();
        let client = client.unwrap();
        let mut preview = Self { program, base, client, runtime, folder, app: Value::Null };
        let me = json!({ "email": "me@example.com", "password": "a-password-of-mine" });
        preview.post("portal/api/accounts", &me, "");
        let session = preview.post("portal/api/sessions", &me, "");
        let session = session.as_object().unwrap().values().find_map(Value::as_str).unwrap();
        preview.app = preview.post(
            "portal/api/apps",
            &json!({
                "name": "Nightly", "category": "two_legged", "level": "certified",
                "environment": "preview", "token_auth_method": "secret", "terms_accepted": true,
                "scopes": ["system/Patient.read"],
            }),
            session,
        );
        preview
    }

    /// A project whose default target it is.
    fn project(&self, features: &[(&str, &str)]) -> Stage {
        let stage = Stage::with_features(features);
        stage.write("checkride.yaml", &self.yaml("limits: {}"));
        stage.write("secret.txt", self.app["client_secret"].as_str().unwrap());
        stage
    }

    fn yaml(&self, limits: &str) -> String {
        let (base, id) = (&self.base, self.app["client_id"].as_str().unwrap());
        format!(
            "default_target: preview
targets:
  preview:
    platform: {base}/fhir/r4
    dialect: athenahealth
    {limits}
    apps:
      nightly:
        category: 2-legged
        method: client secret
        client_id: {id}
        client_secret: {{ file: secret.txt }}
        scopes: [system/Patient.read]
"
        )
    }

    fn command(&self, stage: &Stage, arguments: &[&str]) -> Command {
        let arguments: Vec<&str> = ["run"].iter().chain(arguments).copied().collect();
        let mut command = stage.command(&arguments);
        let authority = std::fs::read_dir(self.folder.path()).unwrap();
        let certificate = authority
            .map(|entry| entry.unwrap().path())
            .find(|path| std::fs::read_to_string(path).is_ok_and(|it| it.contains("CERTIFICATE")));
        command
            .env("SSL_CERT_FILE", certificate.unwrap())
            .env("NO_PROXY", "*")
            .env("no_proxy", "*");
        command
    }

    fn run(&self, stage: &Stage, arguments: &[&str]) -> Ended {
        wait(self.command(stage, arguments).spawn().unwrap())
    }

    fn control(&self, path: &str, body: &Value) {
        self.post(&format!("control/{path}"), body, "");
    }

    /// The statuses of all token requests that came, in their order.
    fn token_requests(&self) -> Vec<u64> {
        let url = format!("{}/control/journal?endpoint=token", self.base);
        let journal: Value = self
            .runtime
            .block_on(async { self.client.get(url).send().await.unwrap().json().await.unwrap() });
        let entries = journal["entries"].as_array().unwrap();
        entries.iter().filter_map(|entry| entry["status"].as_u64()).collect()
    }

    fn post(&self, path: &str, body: &Value, session: &str) -> Value {
        let request = self.client.post(format!("{}/{path}", self.base)).json(body);
        self.runtime.block_on(async {
            let answer = request.bearer_auth(session).send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(status.is_success(), "{path}: {status} {text}");
            serde_json::from_str(&text).unwrap_or_default()
        })
    }
}

/// A program that ends with the test, however that ends.
struct Running(Child);

impl Running {
    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn reasons(run: &Run) -> String {
    run.scenarios.iter().filter_map(|one| one.reason.clone()).collect::<Vec<_>>().join("\n")
}

fn rows(numbers: std::ops::RangeInclusive<usize>) -> String {
    numbers.map(|number| format!("      | {number} |\n")).collect()
}

const ASKING: &str = "Feature: Asking for a token
  Scenario Outline: A token is given, time <number>
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

    Examples:
      | number |
      | 1      |
      | 2      |
";

const USING: &str = "Feature: Using a token
  Scenario Outline: A token reads a patient, time <number>
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads \"Patient/a-80000.E-14545\"
    Then the answer is the Patient \"a-80000.E-14545\"

    Examples:
      | number |
      | 1      |
      | 2      |
      | 3      |
      | 4      |
      | 5      |
      | 6      |
";

const REFUSED: &str = "Feature: Refusals
  Scenario: A token is given
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  Scenario: An unknown grant is refused
    Given a 2-legged app with a client secret
    When the app asks for a token with the \"grant_type\" \"password\"
    Then the request is refused with 400 \"unsupported_grant_type\" or \"unauthorized_client\"
";
