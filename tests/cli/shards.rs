//! A plan that is divided among machines which do not speak to each other.

use std::collections::{BTreeMap, BTreeSet};

use checkride::record::{Run, Verdict};

use crate::stage::{Ended, Stage, record, verdicts, wait};

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
fn the_shards_of_this_repository_merged_give_the_verdicts_of_one_run() {
    let stage = Stage::of_this_repository();
    let tags = ["--tags", "not @browser", "--report", "json"];
    stage.ends(0, &[&["run"], &tags[..]].concat());
    let whole = stage.record();
    let folders = shards(&stage, 4, &tags);
    let sizes = folders.iter().map(|folder| record(&stage.project().join(folder)).scenarios.len());
    let sizes: Vec<usize> = sizes.collect();
    assert!(sizes.iter().all(|size| *size > whole.scenarios.len() / 5), "{sizes:?}");
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let ended = stage.ends(0, &[&["merge"], &folders[..]].concat());
    assert!(ended.stdout.contains("The record is put together of 4 shards."), "{ended}");
    let merged = record(&stage.project().join("reports/merged"));
    let ids =
        |run: &Run| -> Vec<String> { run.scenarios.iter().map(|one| one.id.clone()).collect() };
    assert_eq!(ids(&merged), ids(&whole));
    assert_eq!(verdicts(&merged), verdicts(&whole));
    for (one, same) in merged.scenarios.iter().zip(&whole.scenarios) {
        assert_eq!(
            (&one.findings, one.steps.len()),
            (&same.findings, same.steps.len()),
            "{}",
            one.id
        );
        assert_eq!(one.exchanges.len(), same.exchanges.len(), "{}", one.id);
    }
    let keys = |run: &Run| -> Vec<String> { run.requirements.keys().cloned().collect() };
    assert_eq!(keys(&merged), keys(&whole));
    let extents = [&merged, &whole].map(|run| run.extent.clone().unwrap());
    assert_eq!(extents[0], extents[1]);

    let ended = stage.ends(3, &["merge", folders[0], folders[1], folders[3], "--out", "partly"]);
    assert!(ended.stdout.contains("Shard 3 of 4 is missing"), "{ended}");
    let partly = record(&stage.project().join("partly"));
    assert_eq!(ids(&partly), ids(&whole));
    let missed = record(&stage.project().join(folders[2]));
    let missed = missed.scenarios.iter().filter(|one| one.verdict != Verdict::Skipped).count();
    assert_eq!(partly.tally().of(Verdict::Inconclusive), missed);

    let twice = stage.ends(2, &["merge", folders[0], folders[1], folders[0]]);
    assert!(said(&twice).contains("shard 1 of 4 is there twice"), "{twice}");
    // What is missing can be run where the others are.
    let resumed = [&["run", "--resume", "--out", "partly"], &tags[..]].concat();
    stage.ends(0, &resumed);
    assert_eq!(verdicts(&record(&stage.project().join("partly"))), verdicts(&whole));
}

#[test]
fn what_a_shard_saw_comes_along_and_what_is_of_something_else_does_not() {
    let stage = stage();
    stage.write("features/authorize/login.feature", LOGIN);
    let folders = shards(&stage, 2, &[]);
    stage.ends(1, &["merge", &folders[1], &folders[0], "--out", "both"]);
    let merged = record(&stage.project().join("both"));
    let pictures = |run: &Run, folder: &str| -> Vec<Vec<u8>> {
        let all = run.scenarios.iter().flat_map(|one| &one.pictures);
        let path = |file: &str| stage.project().join(folder).join(file);
        all.map(|one| std::fs::read(path(&one.file)).unwrap()).collect()
    };
    let of_shards =
        folders.iter().flat_map(|folder| pictures(&record(&stage.project().join(folder)), folder));
    let of_shards: Vec<_> = of_shards.collect();
    assert!(!of_shards.is_empty(), "the browser was seen");
    assert_eq!(pictures(&merged, "both"), of_shards);
    let page = stage.read("both/index.html");
    let different: BTreeSet<_> = of_shards.iter().collect();
    assert_eq!(page.matches("data-kind=\"image/png\">").count(), different.len());

    stage.run(&["run", "--shard", "2/2", "--target", "smart", "--out", "smart"]);
    let mixed = stage.ends(2, &["merge", &folders[0], "smart"]);
    assert!(said(&mixed).contains("its target is `smart`, and not `mock`"), "{mixed}");
    stage.run(&["run", "--shard", "2/2", "--name", "is", "--out", "named"]);
    let mixed = stage.ends(2, &["merge", &folders[0], "named"]);
    assert!(said(&mixed).contains("it is of another plan"), "{mixed}");
    let parts = stage.run(&["run", "--shard", "2/3", "--out", "parts"]);
    let mixed = stage.ends(2, &["merge", &folders[0], "parts"]);
    assert!(said(&mixed).contains("it is one of 3 shards, and not of 2"), "{mixed} {parts}");
    let itself = stage.ends(2, &["merge", &folders[0], &folders[1], "--out", &folders[0]]);
    assert!(said(&itself).contains("into itself"), "{itself}");
    let none = stage.ends(2, &["merge", "nowhere"]);
    assert!(said(&none).contains("cannot read the record in `nowhere`"), "{none}");
}

#[test]
fn a_shard_that_has_nothing_to_do_is_no_trouble() {
    let stage = stage();
    let ended = stage.ends(0, &["run", ONE, "--shard", "2/2"]);
    assert!(said(&ended).contains("running 0 scenarios on `mock`, shard 2 of 2"), "{ended}");
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
    assert!(said(&ended).contains(expected), "{ended}");
}

#[test]
fn a_shard_is_gone_on_from_as_the_same_shard_only() {
    let stage = stage();
    stage.ends(1, &["run", "--shard", "1/1"]);
    let refused = stage.ends(2, &["run", "--rerun", "failed"]);
    assert!(said(&refused).contains("it is of shard 1 of 1, and not of the"), "{refused}");
    stage.ends(1, &["run", "--rerun", "failed", "--shard", "1/1"]);
    assert!(of(&stage.record(), Verdict::Fail).all(|one| one.is_some()));
}

#[test]
fn an_environment_that_does_not_tell_is_a_mistake() {
    let stage = stage();
    let ended = stage.ends(2, &["run", "--shard", "auto"]);
    assert!(said(&ended).contains("does not say which shard this is"), "{ended}");
    let ended = stage.ends(2, &["run", "--shard", "1/2", "--durations", "none.json"]);
    assert!(said(&ended).contains("cannot read the durations"), "{ended}");
}

/// What was said on the error stream, as if lines had no end.
fn said(ended: &Ended) -> String {
    ended.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs a plan in so many parts, and gives their folders.
fn shards(stage: &Stage, of: usize, arguments: &[&str]) -> Vec<String> {
    let run = |number| {
        let (part, folder) = (format!("{number}/{of}"), format!("shards/{number}"));
        let ended = stage.run(&[&["run", "--shard", &part, "--out", &folder], arguments].concat());
        assert!(matches!(ended.code, Some(0 | 1)), "{ended}");
        folder
    };
    (1..=of).map(run).collect()
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

const LOGIN: &str = r#"@browser
Feature: Login
  Scenario Outline: A wrong password is told, <number>
    Given a patient web app with a client secret
    When the patient signs in with a wrong password
    Then the user is told that the sign-in failed
    And a picture of the last page is kept

    Examples:
      | number |
      | 1      |
      | 2      |
"#;
