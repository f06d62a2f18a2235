//! The mock compared with a platform somewhere else: what either has that the other lacks.

use checkride::record::{Fidelity, Run};
use serde_json::{Value, json};

use crate::stage::{Ended, Stage, wait};
use crate::standalone::StandaloneMock;

#[test]
fn a_platform_that_answers_as_the_mock_does_differs_in_nothing() {
    let other = Other::start(&[]);
    let (run, ended) = other.run(true);
    let found = fidelities(&run);
    assert_eq!(found.len(), 2, "{ended}");
    assert!(found.iter().all(|one| one.is_empty()), "{found:?}");
    let page = other.stage.read("reports/latest/index.html");
    assert!(page.contains("0 of 2 answers differ in shape from those of <code>mock</code>"));
}

#[test]
fn what_another_platform_has_and_lacks_stands_in_record_and_report() {
    let other = Other::start(&[
        json!({ "kind": "member_set", "pointer": "/trace_id", "value": 17 }),
        json!({ "kind": "member_missing", "pointer": "/scope" }),
        json!({ "kind": "member_set", "pointer": "/expires_in", "value": "3600" }),
        json!({ "kind": "header_set", "name": "Pragma", "value": "none" }),
    ]);
    let (run, ended) = other.run(true);
    let found = fidelities(&run);
    let changed = found.iter().find(|one| one.file.contains("gets-an-access-token")).unwrap();
    let expected = Fidelity {
        file: "snapshots/mock/token/the-right-secret-gets-an-access-token__token-answer.snap"
            .into(),
        only_platform: vec!["body.trace_id: number".into()],
        only_mock: vec!["body.scope: string".into()],
        different: vec![
            "body.expires_in: string on the platform, number on the mock".into(),
            "headers.pragma: none on the platform, no-cache on the mock".into(),
        ],
    };
    assert_eq!(**changed, expected, "{ended}");
    let page = other.stage.read("reports/latest/index.html");
    let (_, section) = page.split_once("id=\"fidelity\"").unwrap();
    for line in expected.only_platform.iter().chain(&expected.only_mock).chain(&expected.different)
    {
        assert!(section.contains(&format!("<code>{line}</code>")), "{line}");
    }
}

#[test]
fn where_nothing_was_accepted_of_the_mock_the_report_says_so() {
    let other = Other::start(&[]);
    let (run, ended) = other.run(false);
    assert!(fidelities(&run).is_empty(), "{ended}");
    let page = other.stage.read("reports/latest/index.html");
    assert!(page.contains("none of these 2 answers was accepted of <code>mock</code>"));
}

/// A platform that plays these faults at its token endpoint, and a project that has it and the
/// embedded mock as targets.
struct Other {
    _platform: StandaloneMock,
    app: Value,
    stage: Stage,
}

impl Other {
    fn start(faults: &[Value]) -> Self {
        let platform = StandaloneMock::start(&[]);
        let app = platform.register(&json!({}));
        for fault in faults {
            let at = json!({ "endpoint": "token", "answer_status": 200 });
            platform.control("faults", &json!({ "at": at, "fault": fault }));
        }
        let stage = Stage::with_features(&[("token/compared.feature", FEATURE)]);
        stage.write("checkride.yaml", &project(&platform.fhir_base, &app));
        Self { _platform: platform, app, stage }
    }

    /// A run against the platform; the mock's answers were accepted before, or were not.
    fn run(&self, accepted: bool) -> (Run, Ended) {
        std::fs::remove_dir_all(self.stage.project().join("snapshots")).unwrap();
        if accepted {
            self.stage.ends(0, &["run", "--target", "mock", "--update-snapshots"]);
            assert!(!self.stage.read("reports/latest/index.html").contains("Mock fidelity"));
        }
        let mut command = self.stage.command(&["run"]);
        command.env("SECRET", self.app["client_secret"].as_str().unwrap());
        let ended = wait(command.spawn().unwrap());
        (self.stage.record(), ended)
    }
}

fn fidelities(run: &Run) -> Vec<&Fidelity> {
    let snapshots = run.scenarios.iter().flat_map(|one| &one.snapshots);
    snapshots.filter_map(|one| one.fidelity.as_ref()).collect()
}

fn project(fhir_base: &str, app: &Value) -> String {
    format!(
        "default_target: other
targets:
  mock: {{ platform: embedded, dialect: athenahealth }}
  other:
    platform: {fhir_base}
    dialect: athenahealth
    limits: {{ tokens_per_minute: 0 }}
    apps:
      robot:
        category: 2-legged
        method: client secret
        client_id: {}
        client_secret: {{ env: SECRET }}
        scopes: [system/Patient.read]
",
        app["client_id"].as_str().unwrap()
    )
}

const FEATURE: &str = "Feature: Compared answers
  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the answer looks like the accepted \"token answer\"

  Scenario: A wrong secret is refused
    Given a 2-legged app with a client secret
    When the app asks for a token with the \"client secret\" \"(changed)\"
    Then the answer looks like the accepted \"refusal\"
";
