//! The selftest: a defect is noticed, noticed elsewhere too, or not noticed at all.

use serde_json::Value;

use crate::stage::{Ended, Stage};

#[test]
fn a_defect_is_killed_by_the_requirement_that_it_breaks_and_no_other() {
    let stage = stage(
        "- defect: any secret is good
  overlooks: [client_secret]
  red: [TSEC-WRONG-SECRET]
- defect: tokens may be kept
  faults:
    - at: { endpoint: token, answer_status: 200 }
      fault: { kind: header_missing, name: Cache-Control }
  red: [TRES-NO-STORE]
- defect: refusals are no JSON
  faults:
    - at: { endpoint: token, answer_status: 401 }
      fault: { kind: content_type, value: text/html }
  red: [TOKEN-ERROR-BODY]
- defect: nobody is let in
  faults:
    - at: { endpoint: token }
      fault: { kind: status, status: 401, error: invalid_client }
  red: [TSEC-BASIC-HEADER]
  collateral: [TSEC-WWW-AUTHENTICATE]
",
    );
    let ended = stage.ends(0, &["selftest", "--intact", "2", "--format", "json"]);
    let found = outcomes(&ended);
    assert_eq!(found, ["killed"; 4], "{ended}");
    let matrix: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(matrix["scenarios"], 2);
    assert_eq!(matrix["defects"][0]["scenarios"], 1, "only what breaks the rule is tried");
    assert_eq!(
        matrix["defects"][0]["red"]["TSEC-WRONG-SECRET"],
        "features/token/secret.feature:11"
    );
    assert!(stage.files("").iter().all(|file| !file.ends_with(".new")), "nothing is left behind");
}

#[test]
fn what_survives_spreads_or_is_unproven_is_named() {
    let stage = stage(
        "- defect: the token endpoint is slow to say who it is
  faults:
    - at: { endpoint: token }
      fault: { kind: header_set, name: Server, value: slow }
  red: [TSEC-WRONG-SECRET]
- defect: every request is granted
  overlooks: [client_secret]
  faults:
    - at: { endpoint: token, answer_status: 200 }
      fault: { kind: member_missing, pointer: /token_type }
  red: [TSEC-WRONG-SECRET]
",
    );
    let ended = stage.ends(1, &["selftest", "--format", "json"]);
    assert_eq!(outcomes(&ended), ["survived", "collateral"], "{ended}");
    let told = stage.ends(1, &["selftest"]);
    for part in [
        "survived    the token endpoint is slow to say who it is",
        "actual:   nothing",
        "tried on: 2 scenarios",
        "beside:   TRES-TOKEN-TYPE-BEARER at features/token/secret.feature:5",
        "no defect turns red: 1 requirement\n  TSEC-BASIC-HEADER",
        "1 survived, 1 collateral",
    ] {
        assert!(told.stdout.contains(part), "{part}: {told}");
    }
}

#[test]
fn what_the_selected_scenarios_cannot_notice_is_left_out() {
    let stage = stage(
        "- defect: any secret is good\n  overlooks: [client_secret]\n  red: [TSEC-WRONG-SECRET]\n",
    );
    let ended = stage.ends(0, &["selftest", "any secret is good", "--tags", "@basic"]);
    assert!(ended.stdout.contains("left out    any secret is good"), "{ended}");
}

#[test]
fn defects_of_a_mock_that_is_broken_anyway_are_not_tried() {
    let stage = stage(
        "- defect: any secret is good\n  overlooks: [client_secret]\n  red: [TSEC-WRONG-SECRET]\n",
    );
    stage.write("features/broken.feature", "Feature: Broken\n\n  Scenario: Broken\n    Given a 2-legged app with a client secret\n    When the app asks for a token\n    Then the request is refused with 400 \"invalid_request\"\n");
    let ended = stage.ends(1, &["selftest"]);
    assert!(ended.stdout.contains("fail features/broken.feature:3 Broken"), "{ended}");
    assert!(ended.stderr.contains("1 scenario did not pass on the intact mock"), "{ended}");
}

#[test]
fn a_run_shows_what_a_defect_looks_like() {
    let stage = stage(
        "- defect: any secret is good\n  overlooks: [client_secret]\n  red: [TSEC-WRONG-SECRET]\n",
    );
    let ended = stage.ends(1, &["run", "--defect", "any secret is good"]);
    let record = stage.record();
    let red: Vec<&str> = record
        .scenarios
        .iter()
        .flat_map(|one| &one.findings)
        .filter(|(_, verdict)| **verdict == checkride::record::Verdict::Fail)
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(red, ["TSEC-WRONG-SECRET"], "{ended}");
    assert!(ended.stdout.contains("on `mock` with the defect `any secret is good` in"), "{ended}");
    let likely = "  likely:   any secret is good (breaks TSEC-WRONG-SECRET)\n";
    assert!(ended.stdout.contains(likely), "it points back to what breaks just that: {ended}");
    let page = stage.read("reports/latest/index.html");
    assert!(page.contains("Likely: <b>any secret is good</b>"));
    assert_eq!(record.target.defect.as_deref(), Some("any secret is good"));
    stage.ends(2, &["run", "--defect", "any secret is god"]);
}

#[test]
fn a_mistake_in_a_defect_is_shown_with_its_place() {
    for (defects, told) in [
        ("- defect: x\n  overlooks: [client_secrt]\n  red: [TSEC-WRONG-SECRET]\n", "client_secrt"),
        (
            "- defect: x\n  overlooks: [client_secret]\n  red: [TSEC-WRONG-SECRE]\n",
            "did you mean `TSEC-WRONG-SECRET`?",
        ),
        (
            "- defect: x\n  settings: { token.pkce: 1 }\n  red: [TSEC-WRONG-SECRET]\n",
            "cannot find the setting `token.pkce`",
        ),
        ("- defect: x\n  red: [TSEC-WRONG-SECRET]\n", "nothing is wrong in the defect `x`"),
        ("- defect: x\n  overlooks: [client_secret]\n  red: []\n", "breaks no requirement"),
        (
            "- defect: x\n  faults: [{ fault: { kind: status, status: 99 } }]\n  red: [TSEC-WRONG-SECRET]\n",
            "Give a status from 200 to 599",
        ),
    ] {
        let ended = stage(defects).ends(2, &["selftest"]);
        assert!(ended.stderr.contains(told), "{told}: {ended}");
    }
    let ended = stage("[]").ends(2, &["selftest", "nothing of this name"]);
    assert!(ended.stderr.contains("unknown defect `nothing of this name`"), "{ended}");
}

fn outcomes(ended: &Ended) -> Vec<String> {
    let matrix: Value = serde_json::from_str(&ended.stdout).unwrap();
    let rows = matrix["defects"].as_array().unwrap().iter();
    rows.map(|row| row["outcome"].as_str().unwrap().to_owned()).collect()
}

fn stage(defects: &str) -> Stage {
    Stage::with_features(&[
        ("token/secret.feature", FEATURE),
        ("token/secret.defects.yaml", defects),
    ])
}

const FEATURE: &str = r#"Feature: Client secrets
  Two scenarios.

  @basic @req:TSEC-BASIC-HEADER
  Scenario: The right secret gets a token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  @req:TSEC-WRONG-SECRET
  Scenario: A wrong secret is refused
    Given a 2-legged app with a client secret
    When the app asks for a token with these changes:
      | part          | value     |
      | client secret | (changed) |
    Then the request is refused with 401 "invalid_client"
"#;
