//! What a run is of, and what it leaves where: paths, lines, tags, titles, jobs, reports.

use checkride::record::Verdict;

use crate::stage::{Stage, record, verdicts, wait};

#[test]
fn one_scenario_at_a_time_and_sixteen_give_the_same_verdicts() {
    let stage = Stage::of_this_repository();
    let run = |jobs: &str| {
        stage.ends(0, &["run", "--tags", "not @browser", "--jobs", jobs, "--out", jobs]);
        verdicts(&record(&stage.project().join(jobs)))
    };
    let (one, sixteen) = (run("1"), run("16"));
    assert_eq!(one, sixteen);
    assert!(one.len() >= 70, "there are {} scenarios without a browser", one.len());
    let passed = one.values().filter(|verdict| **verdict == Verdict::Pass).count();
    assert!(passed >= 400, "{one:?}");
    let is_fine = |verdict: &&Verdict| matches!(verdict, Verdict::Pass | Verdict::Skipped);
    assert!(one.values().all(|verdict| is_fine(&verdict)), "{one:?}");
}

#[test]
fn a_line_a_file_and_a_folder_select() {
    assert_eq!(selected(&["features/token/a.feature:5"]), [TOKEN]);
    assert_eq!(selected(&["features/token/a.feature"]), [TOKEN, PASSWORD, IMPLICIT]);
    assert_eq!(selected(&["features/token/a.feature:9"]), [PASSWORD, IMPLICIT], "an outline");
    assert_eq!(selected(&["features/token/a.feature:17"]), [IMPLICIT], "a row of it");
    assert_eq!(selected(&["features/api"]), [PATIENT]);
    assert_eq!(selected(&["features"]), [PATIENT, TOKEN, PASSWORD, IMPLICIT]);
    let twice = ["features/token/a.feature:5", "features/api", "features/token/a.feature:7"];
    assert_eq!(selected(&twice), [PATIENT, TOKEN], "each once, in the order of the files");
}

#[test]
fn tags_and_titles_select() {
    assert_eq!(selected(&["--tags", "@smoke"]), [PATIENT, TOKEN]);
    assert_eq!(selected(&["--tags", "@smoke and not @api"]), [TOKEN]);
    assert_eq!(selected(&["--name", "^The grant type (pass|x)"]), [PASSWORD]);
    assert_eq!(selected(&["features/api", "--tags", "@smoke", "--name", "patient"]), [PATIENT]);
}

#[test]
fn a_path_is_meant_from_the_folder_that_one_stands_in() {
    let stage = small();
    let mut command = stage.command(&["run", "a.feature:5", "--out", "../../out"]);
    command.current_dir(stage.project().join("features/token"));
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(record(&stage.project().join("out")).scenarios[0].id, TOKEN);
}

#[test]
fn only_the_reports_that_were_asked_for_are_written() {
    let stage = small();
    let reports = |formats: &str, folder: &str| {
        let ended = stage.ends(0, &["run", TOKEN, "--report", formats, "--out", folder]);
        assert!(ended.stdout.contains(&format!("Report: {folder}/")), "{ended}");
        stage.files(folder)
    };
    assert_eq!(reports("junit", "a"), ["evidence.sha256", "junit.xml", "record.json"]);
    let both = ["evidence.sha256", "index.html", "record.json", "results.json"];
    assert_eq!(reports("json,html", "b"), both);
    // Another run of other reports leaves none of the first one behind.
    assert_eq!(reports("json", "b"), ["evidence.sha256", "record.json", "results.json"]);
}

#[test]
fn without_an_option_everything_runs_and_all_reports_are_in_the_projects_folder() {
    let stage = small();
    stage.ends(0, &["run"]);
    let files = ["evidence.sha256", "index.html", "junit.xml", "record.json", "results.json"];
    assert_eq!(stage.files("reports/latest"), files);
    assert_eq!(stage.record().scenarios.len(), 4);
}

/// Ids of the scenarios that a run of these arguments judges.
fn selected(arguments: &[&str]) -> Vec<String> {
    let stage = small();
    stage.ends(0, &[&["run", "--report", "json"], arguments].concat());
    stage.record().scenarios.into_iter().map(|one| one.id).collect()
}

fn small() -> Stage {
    Stage::with_features(&[("token/a.feature", TOKENS), ("api/b.feature", READS)])
}

const TOKEN: &str = "features/token/a.feature:4";
const PASSWORD: &str = "features/token/a.feature:16";
const IMPLICIT: &str = "features/token/a.feature:17";
const PATIENT: &str = "features/api/b.feature:5";

const TOKENS: &str = r#"Feature: Tokens

  @smoke
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
"#;

const READS: &str = r#"@api
Feature: Reading

  @smoke
  Scenario: A system reads a patient
    Given a 2-legged app with a client secret
    When the app asks for a token
    And the app reads "Patient/a-195900.E-60178"
    Then the answer is the Patient "a-195900.E-60178"
"#;
