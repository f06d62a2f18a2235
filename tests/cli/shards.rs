//! A plan that is divided among machines which do not speak to each other.

use std::collections::BTreeMap;

use checkride::record::{Run, Verdict};

use crate::stage::{Stage, record, verdicts, wait};

#[test]
fn every_scenario_is_in_exactly_one_shard() {
    let stage = stage();
    stage.ends(1, &["run"]);
    let whole = stage.record();
    let mut found = BTreeMap::new();
    let mut plans = Vec::new();
    for index in 0..3 {
        let folder = format!("shard-{index}");
        let mut program = stage.command(&["run", "--shard", "auto", "--out", &folder]);
        program.env("JOB_COMPLETION_INDEX", index.to_string()).env("CHECKRIDE_SHARDS", "3");
        let ended = wait(program.spawn().unwrap());
        let number = index + 1;
        assert!(
            ended.stdout.contains(&format!("This is shard {number} of 3, without ")),
            "{ended}"
        );
        let run = record(&stage.project().join(&folder));
        assert_eq!(run.scenarios.len() + run.elsewhere.len(), whole.scenarios.len());
        let extent = run.extent.clone().unwrap();
        plans.push((extent.plan, extent.shard.unwrap().division));
        for one in verdicts(&run) {
            assert_eq!(found.insert(one.0.clone(), one.1), None, "{} is in two", one.0);
        }
    }
    assert_eq!(found, verdicts(&whole));
    assert!(plans.iter().all(|plan| *plan == plans[0]), "{plans:?}");
}

#[test]
fn a_shard_that_has_nothing_to_do_is_no_trouble() {
    let stage = stage();
    let ended = stage.ends(0, &["run", ONE, "--shard", "2/2"]);
    assert!(ended.stderr.contains("running 0 scenarios on `mock`, shard 2 of 2"), "{ended}");
    assert_eq!(stage.record().scenarios.len(), 0);
}

#[test]
fn shards_never_have_more_of_a_token_budget_than_there_is() {
    let stage = stage();
    let config = stage.read("checkride.yaml").replacen(
        "targets:\n",
        "targets:\n  far:\n    platform: https://fhir.invalid/r4\n    dialect: athenahealth\n    \
         limits: { tokens_per_minute: 3 }\n",
        1,
    );
    stage.write("checkride.yaml", &config);
    let ended = stage.ends(2, &["run", "--target", "far", "--shard", "1/4"]);
    let expected = "4 shards cannot share 3 token requests a minute on `far`: each needs one";
    assert!(
        ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(expected),
        "{ended}"
    );
}

#[test]
fn a_shard_is_gone_on_from_as_the_same_shard_only() {
    let stage = stage();
    stage.ends(1, &["run", "--shard", "1/1"]);
    let refused = stage.ends(2, &["run", "--rerun", "failed"]);
    assert!(
        refused.stderr.contains("it is of shard 1 of 1, and not of the"),
        "{refused}"
    );
    stage.ends(1, &["run", "--rerun", "failed", "--shard", "1/1"]);
    assert!(of(&stage.record(), Verdict::Fail).all(|one| one.is_some()));
}

#[test]
fn an_environment_that_does_not_tell_is_a_mistake() {
    let stage = stage();
    let ended = stage.ends(2, &["run", "--shard", "auto"]);
    assert!(ended.stderr.contains("does not say which shard this is"), "{ended}");
    let ended = stage.ends(2, &["run", "--shard", "1/2", "--durations", "none.json"]);
    assert!(ended.stderr.contains("cannot read the durations"), "{ended}");
}

/// What the scenarios of a verdict had been before they ran again.
fn of(run: &Run, verdict: Verdict) -> impl Iterator<Item = Option<Verdict>> {
    run.scenarios.iter().filter(move |one| one.verdict == verdict).map(|one| one.before)
}

/// Scenarios that pass, fail and are left out.
fn stage() -> Stage {
    Stage::with_features(&[("token/a.feature", TOKENS), ("api/b.feature", READS)])
}

const ONE: &str = "features/token/a.feature:3";

const TOKENS: &str = r#"Feature: Tokens

  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  Scenario Outline: The grant type <value> is not offered
    Given a 2-legged app with a client secret
    When the app asks for a token with the "grant_type" "<value>"
    Then the request is refused with 400 "unsupported_grant_type"

    Examples:
      | value    |
      | password |
      | implicit |
      | a        |
      | b        |
      | c        |
      | d        |
"#;

const READS: &str = r#"Feature: Reads

  Scenario: Nothing is read without a token
    When the app reads "Patient/1" without a token
    Then the call is refused with 401 and no data

  Scenario: A demand that is not met
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 400 "invalid_grant"

  @needs:public
  Scenario: Something else
    When the app reads "Patient/1" without a token
    Then the call is refused with 401 and no data
"#;
