//! What scenarios prove of a platform, and the sentences they are written with.

use serde_json::{Value, json};

use crate::stage::Stage;

const FEATURE: &str = r#"Feature: Client secrets

  @req:TSEC-WRONG-SECRET
  Scenario: A wrong secret is refused
    Given a 2-legged app with a client secret
    When the app asks for a token with these changes:
      | part          | value     |
      | client secret | (changed) |
    Then the request is refused with 401 "invalid_client"

  @req:JWT-22
  Scenario: Of another platform
    Given a 2-legged app with a client secret

  Scenario: Of nothing
    Given a 2-legged app with a client secret
"#;

#[test]
fn coverage_names_what_is_not_proven_and_what_proves_nothing() {
    let stage = Stage::with_features(&[("token/secret.feature", FEATURE)]);
    let ended = stage.ends(1, &["coverage"]);
    for part in [
        "Nothing was run yet",
        "without a scenario\n",
        "  TSEC-UNKNOWN-CLIENT (MUST)",
        "1 scenario without a requirement\n  features/token/secret.feature:15",
        "1 cited requirement that only other platforms have",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {ended}");
    }
    let one_sided =
        "1 requirement shown from one side only\n  TSEC-WRONG-SECRET (MUST): no positive one";
    assert!(ended.stdout.contains(one_sided), "{ended}");
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{ended}");

    stage.ends(0, &["run", "--tags", "@req:TSEC-WRONG-SECRET"]);
    let ended = stage.ends(1, &["coverage", "--format", "json"]);
    let coverage: Value = serde_json::from_str(&ended.stdout).unwrap();
    let all = coverage["requirements"].as_array().unwrap();
    let of = |id: &str| all.iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(of("TSEC-WRONG-SECRET")["verdict"], "pass");
    assert_eq!(of("TSEC-WRONG-SECRET")["scenarios"][0], "features/token/secret.feature:4");
    let sides = ["positive", "negative", "lacks"].map(|key| &of("TSEC-WRONG-SECRET")[key]);
    assert_eq!(sides, [&json!(0), &json!(1), &json!("positive")]);
    let each = stage.ends(1, &["coverage", "--each"]).stdout;
    let line = each.lines().find(|line| line.starts_with("TSEC-WRONG-SECRET ")).unwrap();
    assert_eq!(line.split_whitespace().skip(1).collect::<Vec<_>>(), ["MUST", "0", "1", "pass"]);
    assert_eq!(of("TSEC-UNKNOWN-CLIENT")["standing"], "missing");
    assert_eq!(coverage["tags_without_requirement"], json!(["JWT-22"]));
    assert_eq!(of("TSEC-SIMPLEST")["standing"], "document");
    assert!(coverage["run"].is_string());
}

#[test]
fn a_requirement_is_not_proven_by_what_the_target_leaves_out() {
    let stage = Stage::with_features(&[("token/secret.feature", FEATURE)]);
    stage.write(
        "checkride.yaml",
        "targets:\n  mock: { platform: embedded, dialect: smart }\nfeatures: features\n",
    );
    let each = stage.ends(1, &["coverage", "--each"]).stdout;
    let line = each.lines().find(|line| line.starts_with("SEC-03 ")).unwrap();
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    assert_eq!(words, ["MUST", "0", "0", "left", "out"], "{each}");
    assert!(each.contains("with scenarios that the target lacks something for"), "{each}");
}

#[test]
fn a_record_that_is_none_is_a_mistake() {
    let stage = Stage::with_features(&[("token/secret.feature", FEATURE)]);
    stage.write("mine.json", "{}");
    let ended = stage.ends(2, &["coverage", "--record", "mine.json"]);
    assert!(ended.stderr.contains("cannot read the record"), "{ended}");
}

#[test]
fn every_sentence_is_used_by_a_scenario() {
    let ended = Stage::of_this_repository().ends(0, &["steps"]);
    assert!(!ended.stdout.contains("used nowhere"), "{ended}");
    let words = Stage::of_this_repository().ends(0, &["steps", "unsigned"]);
    assert!(words.stdout.contains("asks for a token with an assertion …"), "{words}");
}

#[test]
fn sentences_are_listed_with_an_example() {
    let stage = Stage::with_features(&[("token/secret.feature", FEATURE)]);
    let ended = stage.ends(0, &["steps", "refused", "with"]);
    for part in [
        "src/steps/then/refusal.rs\n  Then the request is refused with … \"…\"",
        "the request is refused with 401 \"invalid_client\"",
        "features/token/secret.feature:9, once",
        " sentences, ",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {ended}");
    }
    assert!(!ended.stdout.contains("asks for a token"), "{ended}");
    stage.ends(4, &["steps", "no such words"]);
}

#[test]
fn each_requirement_of_the_embedded_platforms_is_judged_by_a_scenario() {
    for target in ["mock", "smart", "1uphealth"] {
        Stage::of_this_repository().ends(0, &["coverage", "--target", target]);
    }
}
