//! Snapshots in the program that users have: no cargo on the machine, or a build server around it.

use crate::stage::{Ended, Stage};

#[test]
fn a_new_answer_waits_until_it_is_accepted() {
    let stage = with_one_snapshot();
    std::fs::remove_file(stage.project().join(ACCEPTED)).unwrap();

    let first = stage.ends(5, &["run"]);
    assert!(first.stdout.contains("1 snapshot waits for review"), "{first}");
    assert_eq!(waiting(&stage), [ACCEPTED.to_owned() + ".new"]);

    let shown = stage.ends(5, &["review"]);
    assert!(shown.stdout.contains("new mock/token/"), "{shown}");
    assert!(shown.stdout.contains("+  \"status\": 401"), "{shown}");
    let accepted = stage.ends(0, &["review", "--accept"]);
    assert!(accepted.stdout.starts_with("accepted mock/token/"), "{accepted}");
    assert_eq!(waiting(&stage), Vec::<String>::new());

    stage.ends(0, &["run"]);
    assert_eq!(stage.read(ACCEPTED), expected(), "what was accepted is what the repository has");
}

#[test]
fn a_changed_answer_is_shown_and_can_be_rejected() {
    let stage = with_one_snapshot();
    let old = stage.read(ACCEPTED).replace("invalid_client\",", "invalid_grant\",");
    let old = old.replace("\"error\": \"invalid_client\"", "\"error\": \"access_denied\"");
    assert_ne!(old, expected());
    stage.write(ACCEPTED, &old);

    let first = stage.ends(5, &["run"]);
    let shown = stage.ends(5, &["review"]);
    assert!(shown.stdout.starts_with("changed mock/token/"), "{shown}");
    let means = "  breaking: body.error was \"access_denied\", is \"invalid_client\"";
    assert!(first.stdout.contains(means) && shown.stdout.contains(means), "{first}{shown}");
    for line in ["-    \"error\": \"access_denied\"", "+    \"error\": \"invalid_client\""] {
        assert!(shown.stdout.contains(line), "{line} is not in {shown}");
    }
    let page = stage.read("reports/latest/index.html");
    assert!(page.contains("access_denied"), "the report shows the difference");

    stage.ends(0, &["review", "--reject"]);
    assert_eq!(waiting(&stage), Vec::<String>::new());
    assert_eq!(stage.read(ACCEPTED), old);
    stage.ends(5, &["run"]);
}

#[test]
fn what_breaks_clients_is_told_apart_from_what_only_came() {
    let feature = ("authorize/discovery.feature", DISCOVERY);
    let stage = Stage::with_features(&[feature]);
    let accepted = stage.read(SMART_CONFIGURATION);
    stage.ends(0, &["run"]);
    // What was accepted has a method more and a member less than what comes now.
    let then =
        accepted.replace("[\n      \"S256\"\n    ]", "[\n      \"S256\",\n      \"S512\"\n    ]");
    let then = then.replacen("    \"issuer\": ", "    \"issued_by\": ", 1);
    assert!(then.contains("S512") && then.contains("issued_by"), "{accepted}");
    stage.write(SMART_CONFIGURATION, &then);
    let changed = stage.ends(5, &["run"]);
    for line in [
        "breaking: body.code_challenge_methods_supported: \"S512\" is gone",
        "breaking: body.issued_by is gone",
        "additive: body.issuer is new",
    ] {
        assert!(changed.stdout.contains(line), "{line} is not in {changed}");
    }
    let page = stage.read("reports/latest/index.html");
    assert!(page.contains("breaking: body.issued_by is gone"), "the report tells it too");
}

#[test]
fn a_report_names_platform_environment_versions_and_date() {
    let stage = with_one_snapshot();
    stage.ends(0, &["run"]);
    let record: serde_json::Value =
        serde_json::from_str(&stage.read("reports/latest/record.json")).unwrap();
    let page = stage.read("reports/latest/index.html");
    let started = record["started"].as_str().unwrap();
    let date: jiff::Timestamp = started.parse().unwrap();
    for told in [
        record["target"]["name"].as_str().unwrap().to_owned(),
        record["target"]["dialect"].as_str().unwrap().to_owned(),
        record["tool"]["version"].as_str().unwrap().to_owned(),
        date.strftime("%-d %B %Y, %H:%M UTC").to_string(),
    ] {
        assert!(page.contains(&told), "{told} is not in the report");
    }
    assert_eq!(record["target"]["fhir_base"], "embedded");
    for member in ["started", "target", "tool", "scenarios"] {
        let mut without = record.clone();
        without.as_object_mut().unwrap().remove(member);
        assert!(serde_json::from_value::<checkride::record::Run>(without).is_err(), "{member}");
    }
}

#[test]
fn a_review_is_of_the_named_snapshots_only() {
    let stage = with_one_snapshot();
    std::fs::remove_file(stage.project().join(ACCEPTED)).unwrap();
    stage.ends(5, &["run"]);
    let other = stage.ends(0, &["review", "--accept", "another"]);
    assert!(other.stderr.contains("no snapshot whose name contains this"), "{other}");
    assert_eq!(waiting(&stage).len(), 1);
    stage.ends(0, &["review", "--accept", "wrong-secret"]);
    assert_eq!(waiting(&stage), Vec::<String>::new());
}

#[test]
fn an_update_accepts_at_once() {
    let stage = with_one_snapshot();
    stage.write(ACCEPTED, &stage.read(ACCEPTED).replace("401", "403"));
    stage.ends(0, &["run", "--update-snapshots"]);
    assert_eq!(stage.read(ACCEPTED), expected());
    assert_eq!(waiting(&stage), Vec::<String>::new());
}

#[test]
fn a_build_server_without_cargo_gets_the_same_files() {
    let stage = with_one_snapshot();
    std::fs::remove_file(stage.project().join(ACCEPTED)).unwrap();
    let bare = |arguments: &[&str]| -> Ended {
        let mut command = stage.command(arguments);
        command.env("CI", "true").env("PATH", "/nonexistent").env_remove("CARGO");
        crate::stage::wait(command.spawn().unwrap())
    };
    let first = bare(&["run"]);
    assert_eq!(first.code, Some(5), "{first}");
    assert_eq!(waiting(&stage), [ACCEPTED.to_owned() + ".new"]);
    assert_eq!(bare(&["review", "--accept"]).code, Some(0));
    assert_eq!(bare(&["run"]).code, Some(0));
    assert_eq!(stage.read(ACCEPTED), expected());

    stage.write(ACCEPTED, &expected().replace("401", "403"));
    assert_eq!(bare(&["run", "--update-snapshots"]).code, Some(0));
    assert_eq!(stage.read(ACCEPTED), expected());
}

fn with_one_snapshot() -> Stage {
    let stage = Stage::with_features(&[("token/secret.feature", FEATURE)]);
    assert_eq!(stage.read(ACCEPTED), expected());
    stage
}

fn expected() -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(ACCEPTED))
        .unwrap()
}

/// The files that wait for review.
fn waiting(stage: &Stage) -> Vec<String> {
    let files = stage.files("snapshots").into_iter().filter(|file| file.ends_with(".snap.new"));
    files.map(|file| format!("snapshots/{file}")).collect()
}

const ACCEPTED: &str = "snapshots/mock/token/a-wrong-secret-is-refused__refusal.snap";
const FEATURE: &str = r#"Feature: Tokens for a client secret

  Scenario: A wrong secret is refused
    Given a 2-legged app with a client secret
    When the app asks for a token with the "client secret" "(changed)"
    Then the request is refused with 401 "invalid_client"
    And the answer looks like the accepted "refusal"
"#;
const SMART_CONFIGURATION: &str =
    "snapshots/mock/authorize/the-platform-publishes-its-endpoints__smart-configuration.snap";
const DISCOVERY: &str = r#"Feature: Discovery

  Scenario: The platform publishes its endpoints
    When the app reads the platform's discovery document
    Then the answer looks like the accepted "smart-configuration"
"#;
