//! A run with one of everything, for the tests of this room.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::*;

/// Paths of the run's features, in order.
pub(super) const FEATURES: [&str; 4] = [
    "features/onboarding/discovery.feature",
    "features/token/secret.feature",
    "features/launch/standalone.feature",
    "features/api/patient.feature",
];

/// The run's one picture.
pub(super) const PICTURE: &str = "pictures/0007-1.png";

/// What a platform answers that would like to run in the reader's browser.
pub(super) const HOSTILE: &str = "</script><script>document.title='owned'</script><!--<img src=x onerror=document.title='owned'>";

/// The beginning of a PNG.
pub(super) fn png() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n".to_vec()
}

pub(super) fn run() -> Run {
    let mut run = Run {
        schema: SCHEMA.into(),
        id: "20261121T221500Z-4711".into(),
        started: "2026-11-21T22:15:00Z".parse().unwrap(),
        duration_ms: 48_320,
        completion: Completion::Complete,
        extent: None,
        parts: Vec::new(),
        baseline: None,
        past: Vec::new(),
        since: None,
        connections: connections(),
        releases: releases(),
        target: Target {
            name: "preview".into(),
            dialect: "athenahealth".into(),
            fhir_base: "https://api.preview.platform.athenahealth.com/fhir/r4".into(),
            mock: Some("mock".into()),
            app: None,
            release: None,
            is_as_released: false,
            defect: None,
        },
        registration: None,
        tool: Tool {
            version: "0.1.0".into(),
            platform: "linux x86_64".into(),
            browser: Some("Chromium 156.0".into()),
            jobs: 2,
        },
        requirements: requirements(),
        uncited: Requirements::new(),
        strict: strict(),
        waivers: Vec::new(),
        scenarios: vec![
            discovery(),
            wrong_secret(),
            second_try(),
            no_store(),
            rate_limited(),
            hostile(),
            consent(),
            known_deviation(),
            left_out(),
            our_fault(),
        ],
        elsewhere: Vec::new(),
    };
    for scenario in &mut run.scenarios {
        let verdict = scenario.verdict;
        scenario.findings = scenario.requirements.iter().map(|id| (id.clone(), verdict)).collect();
    }
    let secret = &mut run.scenarios[1];
    secret.likely = vec![Likely {
        cause: "any secret is good".into(),
        breaks: secret.requirements.iter().cloned().collect(),
        compare: Some("checkride run --defect 'any secret is good'".into()),
    }];
    run
}

fn releases() -> Vec<Release> {
    let release = |id: &str, title: &str, test_by: &str| Release {
        id: id.into(),
        title: title.into(),
        source: "the release notes".into(),
        effective: None,
        test_by: test_by.parse().ok(),
        changes: vec![Change {
            title: "Secrets travel in the header alone".into(),
            documented: None,
            requirements: Vec::new(),
        }],
        subjects: Vec::new(),
    };
    vec![
        release("summer-2026", "Summer 2026", "2026-06-01"),
        release("winter-2026", "Winter 2026", "2026-11-24"),
    ]
}

fn connections() -> Vec<Connection> {
    let at = "2026-11-21T22:16:00Z".parse().unwrap();
    let certificate = Certificate {
        subject: "*.platform.athenahealth.com".into(),
        issuer: "An authority".into(),
        by_itself: false,
        not_before: "2026-02-04T00:00:00Z".parse().unwrap(),
        not_after: "2027-03-07T23:59:59Z".parse().unwrap(),
        hosts: vec!["*.platform.athenahealth.com".into()],
        key: "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=".into(),
        key_kind: "RSA 2048".into(),
        signature: "sha256WithRSAEncryption".into(),
    };
    let versions = |versions: [&str; 2]| versions.map(str::to_owned).to_vec();
    let tls = Tls {
        version: "TLS 1.3".into(),
        speaks: versions(["TLS 1.2", "TLS 1.3"]),
        refuses: versions(["TLS 1.0", "TLS 1.1"]),
        chain: vec![certificate],
        distrust: None,
    };
    let host = "api.preview.platform.athenahealth.com:443".to_owned();
    let unseen = "failed to connect to identity.athenahealth.com:443 in time".to_owned();
    vec![
        Connection { host, at, tls: Some(tls), unseen: None },
        Connection {
            host: "identity.athenahealth.com:443".into(),
            at,
            tls: None,
            unseen: Some(unseen),
        },
    ]
}

fn requirements() -> Requirements {
    [
        (
            "DISC-HTTPS",
            "Every endpoint in the discovery document is an https address.",
            "SMART 2.2 §5",
            "MUST",
            "server",
        ),
        (
            "TSEC-WRONG-SECRET",
            "A wrong client secret is answered with 401 and the error `invalid_client`.",
            "RFC 6749 §5.2",
            "MUST",
            "server",
        ),
        ("TSEC-NO-STORE", "A token answer is not cached.", "RFC 6749 §5.1", "SHOULD", "server"),
        (
            "LNCH-CONTEXT",
            "A launch with `launch/patient` gives the patient with the token.",
            "SMART 2.2 §3.4",
            "MUST",
            "server",
        ),
        (
            "API-PATIENT",
            "A patient is read with the scope `patient/Patient.rs`.",
            "SMART 2.2 §4",
            "MUST",
            "server",
        ),
    ]
    .into_iter()
    .map(|(id, statement, source, level, actor)| {
        let requirement = Requirement {
            id: id.into(),
            statement: statement.into(),
            source: source.into(),
            level: level.into(),
            actor: actor.into(),
            area: "token".into(),
            testable_against: "both".into(),
            reason: None,
            proven_by: Vec::new(),
            other_side: Vec::new(),
            one_sided: None,
        };
        (id.to_owned(), requirement)
    })
    .collect::<BTreeMap<_, _>>()
}

fn strict() -> Requirements {
    let (_, like) = requirements().pop_last().unwrap();
    let statement = "An assertion without jti is refused.".into();
    let source = "SMART App Launch 2.2.0".into();
    let demand = Requirement { id: "JWT-27".into(), statement, source, ..like };
    [(demand.id.clone(), demand)].into()
}

fn discovery() -> Scenario {
    let document = r#"{"issuer":"https://api.preview.platform.athenahealth.com","token_endpoint":"https://api.preview.platform.athenahealth.com/oauth2/v1/token","capabilities":["launch-ehr","launch-standalone"],"code_challenge_methods_supported":["S256"],"jwks":null,"ttl":3600,"open":true}"#;
    let mut scenario = scenario(0, 9, "The platform says where its endpoints are", Verdict::Pass);
    scenario.requirements = vec!["DISC-HTTPS".into()];
    scenario.exchanges = vec![exchange(
        1,
        Some(1),
        "GET",
        "/fhir/r4/.well-known/smart-configuration",
        "",
        200,
        document,
    )];
    scenario.snapshots = vec![Snapshot {
        step: Some(2),
        name: "the-platform-says-where-its-endpoints-are__the-document".into(),
        file: "snapshots/preview/onboarding/the-platform-says-where-its-endpoints-are__the-document.snap".into(),
        state: SnapshotState::Matched,
        diff: String::new(),
        drift: Drift::default(),
        fidelity: Some(Fidelity {
            file: "snapshots/mock/onboarding/the-platform-says-where-its-endpoints-are__the-document.snap".into(),
            ..Fidelity::default()
        }),
    }];
    scenario.steps = vec![
        step(10, "Given", "the platform of the target", StepOutcome::Passed),
        step(11, "When", "the app asks for the SMART configuration", StepOutcome::Passed),
        Step {
            checks: vec![check(
                "every endpoint is an https address",
                Verdict::Pass,
                "https://…",
                "https://… (4 of 4)",
            )],
            ..step(12, "Then", "every endpoint is an https address", StepOutcome::Passed)
        },
    ];
    scenario
}

fn wrong_secret() -> Scenario {
    let mut scenario = scenario(1, 14, "A wrong secret is refused", Verdict::Fail);
    scenario.requirements = vec!["TSEC-WRONG-SECRET".into(), "TSEC-NO-STORE".into()];
    scenario.reason = Some("the error is `server_error`, not `invalid_client`".into());
    scenario.exchanges = vec![exchange(
        1,
        Some(2),
        "POST",
        "/oauth2/v1/token",
        "grant_type=client_credentials&client_id=scheduler&client_secret=[redacted:client_secret]&scope=system%2FPatient.rs",
        500,
        r#"{"error":"server_error","error_description":"please try again later","trace":12}"#,
    )];
    scenario.steps = vec![
        step(15, "Given", "the app \"scheduler\" with the client authentication \"client_secret_post\"", StepOutcome::Passed),
        Step {
            table: vec![
                vec!["parameter".into(), "value".into()],
                vec!["grant_type".into(), "client_credentials".into()],
                vec!["scope".into(), "system/Patient.rs".into()],
            ],
            ..step(16, "And", "a token request with", StepOutcome::Passed)
        },
        step(20, "When", "the app sends it with a wrong secret", StepOutcome::Passed),
        Step {
            checks: vec![
                check("the answer is an error", Verdict::Pass, "4xx or 5xx", "500"),
                Check {
                    clause: Some("RFC 6749 §5.2".into()),
                    requirement: None,
                    hint: Some("The platform treats an unknown secret as its own fault. Ask the vendor whether the client is active in Preview; the same request with the right secret shows whether only the refusal is wrong.".into()),
                    ..check("the error is `invalid_client`", Verdict::Fail, "invalid_client", "server_error")
                },
                Check {
                    clause: Some("RFC 6749 §5.2".into()),
                    requirement: None,
                    ..check("the status is 401", Verdict::Fail, "401", "500 Internal Server Error")
                },
            ],
            ..step(21, "Then", "the token endpoint refuses with \"invalid_client\"", StepOutcome::Failed)
        },
        step(22, "And", "the answer is the one we accepted", StepOutcome::NotRun),
    ];
    scenario.snapshots = vec![Snapshot {
        step: Some(4),
        name: "a-wrong-secret-is-refused__the-answer".into(),
        file: "snapshots/preview/token/a-wrong-secret-is-refused__the-answer.snap".into(),
        state: SnapshotState::Changed,
        diff: "--- accepted\n+++ seen\n@@ -1,7 +1,7 @@\n {\n   \"body\": {\n-    \"error\": \"invalid_client\"\n+    \"error\": \"server_error\",\n+    \"trace\": 12\n   },\n-  \"status\": 401\n+  \"status\": 500\n }\n".into(),
        drift: Drift {
            broken: vec![
                "body.error was \"invalid_client\", is \"server_error\"".into(),
                "status was 401, is 500".into(),
            ],
            added: vec!["body.trace is new".into()],
        },
        fidelity: Some(Fidelity {
            file: "snapshots/mock/token/a-wrong-secret-is-refused__the-answer.snap".into(),
            only_platform: vec!["body.trace: number".into()],
            only_mock: vec!["body.detailedmessage: string".into(), "headers.pragma: no-cache".into()],
            different: vec!["status: 500 on the platform, 401 on the mock".into()],
        }),
    }];
    scenario
}

fn second_try() -> Scenario {
    let mut scenario = scenario(1, 31, "A right secret gives a token", Verdict::Flaky);
    scenario.reason = Some("passed when it was tried again; at first: connection reset".into());
    scenario.steps = vec![step(32, "When", "the app asks for a token", StepOutcome::Passed)];
    scenario
}

fn no_store() -> Scenario {
    let mut scenario = scenario(1, 40, "A token answer is not cached", Verdict::Warn);
    scenario.requirements = vec!["TSEC-NO-STORE".into()];
    scenario.reason = Some("the header `Pragma: no-cache` is missing".into());
    scenario.steps = vec![Step {
        checks: vec![Check {
            clause: Some("RFC 6749 §5.1".into()),
            requirement: None,
            ..check(
                "the answer has `Pragma: no-cache`",
                Verdict::Warn,
                "no-cache",
                "(no such header)",
            )
        }],
        ..step(41, "Then", "the answer is not cached", StepOutcome::Passed)
    }];
    scenario
}

fn rate_limited() -> Scenario {
    let mut scenario =
        scenario(2, 7, "A standalone launch asks for consent", Verdict::Inconclusive);
    scenario.requirements = vec!["LNCH-CONTEXT".into()];
    scenario.reason = Some("the token endpoint answered 429 for two minutes".into());
    scenario.exchanges = vec![
        exchange(1, Some(0), "POST", "/oauth2/v1/token", "", 429, ""),
        Exchange {
            response: None,
            error: Some("connect: connection refused".into()),
            ..exchange(2, None, "GET", "/oauth2/v1/authorize", "", 0, "")
        },
    ];
    scenario.steps = vec![Step {
        message: Some("429 Too Many Requests".into()),
        ..step(8, "When", "the app is launched", StepOutcome::Failed)
    }];
    scenario
}

fn hostile() -> Scenario {
    let mut scenario = scenario(2, 15, HOSTILE, Verdict::Fail);
    scenario.reason = Some(HOSTILE.into());
    scenario.tags = vec![HOSTILE.into()];
    scenario.exchanges = vec![exchange(1, Some(0), "GET", HOSTILE, HOSTILE, 200, HOSTILE)];
    scenario.steps = vec![Step {
        docstring: Some(HOSTILE.into()),
        table: vec![vec![HOSTILE.into()]],
        message: Some(HOSTILE.into()),
        checks: vec![Check {
            clause: Some(HOSTILE.into()),
            requirement: None,
            hint: Some(HOSTILE.into()),
            ..check(HOSTILE, Verdict::Fail, HOSTILE, HOSTILE)
        }],
        ..step(16, "Then", HOSTILE, StepOutcome::Failed)
    }];
    scenario
}

fn consent() -> Scenario {
    let mut scenario = scenario(2, 22, "The user sees what the app asks for", Verdict::Pass);
    scenario.requirements = vec!["LNCH-CONTEXT".into()];
    scenario.pictures =
        vec![Picture { step: Some(0), file: PICTURE.into(), caption: "The consent page".into() }];
    scenario.steps = vec![Step {
        docstring: Some("launch/patient\npatient/Patient.rs\noffline_access".into()),
        ..step(23, "Then", "the consent page lists", StepOutcome::Passed)
    }];
    scenario
}

fn known_deviation() -> Scenario {
    let mut scenario = scenario(3, 5, "A patient is read by id", Verdict::Waived);
    scenario.requirements = vec!["API-PATIENT".into()];
    scenario.reason = Some("vendor case 4711: `Patient.rs` needs `.read`, until 2027-02-01".into());
    scenario.steps = vec![step(6, "When", "the app reads the patient", StepOutcome::Failed)];
    scenario
}

fn left_out() -> Scenario {
    let mut scenario = scenario(3, 12, "A token expires after an hour", Verdict::Skipped);
    scenario.reason = Some("needs a platform whose clock can be moved".into());
    scenario.strict = Some(Strict {
        verdict: Verdict::Fail,
        reason: Some("the status is 401".into()),
        demands: [("JWT-27".into(), vec!["API-PATIENT".into()])].into(),
    });
    scenario.steps = vec![step(13, "When", "an hour passes", StepOutcome::NotRun)];
    scenario.duration_ms = 0;
    scenario
}

fn our_fault() -> Scenario {
    let mut scenario = scenario(3, 20, "A patient is found by name", Verdict::Error);
    scenario.reason = Some("`checkride.yaml` names no patient for the target `preview`".into());
    scenario.steps = vec![step(21, "Given", "a patient of the target", StepOutcome::Failed)];
    scenario
}

fn scenario(feature: usize, line: usize, name: &str, verdict: Verdict) -> Scenario {
    let titles = ["Discovery", "Client secrets", "Standalone launch", "Patients"];
    Scenario {
        id: format!("{}:{line}", FEATURES[feature]),
        feature: FEATURES[feature].into(),
        feature_name: titles[feature].into(),
        line,
        name: name.into(),
        tags: Vec::new(),
        requirements: Vec::new(),
        sides: BTreeSet::new(),
        verdict,
        findings: BTreeMap::new(),
        reason: None,
        strict: None,
        before: None,
        standing: None,
        likely: Vec::new(),
        unfinished: false,
        started_ms: 0,
        duration_ms: 420 + 37 * line as u64,
        steps: Vec::new(),
        exchanges: Vec::new(),
        pictures: Vec::new(),
        snapshots: Vec::new(),
        output: String::new(),
    }
}

fn step(line: usize, keyword: &str, text: &str, outcome: StepOutcome) -> Step {
    Step {
        line,
        keyword: keyword.into(),
        text: text.into(),
        table: Vec::new(),
        docstring: None,
        outcome,
        duration_ms: line as u64 * 7,
        message: None,
        checks: Vec::new(),
    }
}

fn check(statement: &str, verdict: Verdict, expected: &str, actual: &str) -> Check {
    Check {
        statement: statement.into(),
        verdict,
        expected: expected.into(),
        actual: actual.into(),
        clause: None,
        requirement: None,
        hint: None,
    }
}

fn exchange(
    number: usize,
    step: Option<usize>,
    method: &str,
    path: &str,
    body: &str,
    status: u16,
    answer: &str,
) -> Exchange {
    let kind = if answer.starts_with('{') { "application/json" } else { "text/html" };
    let form = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    Exchange {
        number,
        step,
        sender: Sender::App,
        started_ms: 120,
        duration_ms: 182,
        request: Request {
            method: method.into(),
            url: format!("https://api.preview.platform.athenahealth.com{path}"),
            headers: if body.is_empty() { Vec::new() } else { vec![form] },
            body: body.into(),
        },
        response: Some(Response {
            status,
            headers: vec![
                ("content-type".into(), kind.into()),
                ("cache-control".into(), "no-store".into()),
            ],
            body: answer.into(),
        }),
        error: None,
        jwts: Vec::new(),
    }
}
