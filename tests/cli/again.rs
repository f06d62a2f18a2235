//! A run that goes on from an earlier one: with what this had not judged, or with what had not passed.

use std::io::{BufRead as _, BufReader};

use checkride::record::{Completion, How, Run, Scenario, Verdict, read};
use rustix::process::Signal;

use crate::stage::{Stage, signal};

#[test]
fn a_killed_run_is_resumed_where_it_was() {
    let rows: String = (1..=40).map(|row| format!("      | {row} |\n")).collect();
    let stage = Stage::with_features(&[("token/refused.feature", &format!("{FAILS}{rows}"))]);
    let folder = stage.project().join("reports/latest");
    let mut program = stage.command(&["run", "--jobs", "2"]).spawn().unwrap();
    let words = BufReader::new(program.stderr.take().unwrap()).lines();
    assert_eq!(words.take(6).filter(|line| line.is_ok()).count(), 6);
    signal(program.id(), Signal::KILL);
    program.wait().unwrap();
    let killed = read(&folder).unwrap();
    let left = killed.scenarios.iter().filter(|one| one.unfinished).count();
    assert!((1..=35).contains(&left), "{left} scenarios had not come to their end");

    let refused = stage.ends(2, &["run", "--resume", "--name", "Refused 1"]);
    assert!(refused.stderr.contains("it is of another plan"), "{refused}");
    let ended = stage.ends(1, &["run", "--resume"]);
    let said = format!("with {left} scenarios that had not been judged");
    assert!(ended.stdout.contains(&said), "{ended}");
    assert!(stage.read("reports/latest/index.html").contains(&said));
    let run = stage.record();
    assert_eq!((run.completion, run.started), (Completion::Complete, killed.started));
    let hows: Vec<&How> = run.parts.iter().map(|part| &part.how).collect();
    assert_eq!(hows, [&How::First, &How::Resumed]);
    for (before, now) in killed.scenarios.iter().zip(&run.scenarios) {
        assert_eq!((now.verdict, now.unfinished), (Verdict::Fail, false), "{}", now.id);
        let stands = text(before) == text(now);
        assert_eq!(stands, !before.unfinished, "{}", now.id);
    }

    let again = stage.ends(2, &["run", "--resume"]);
    assert!(again.stderr.contains("came to its end"), "{again}");
}

#[test]
fn what_had_not_passed_is_run_again_and_the_record_says_so() {
    let stage = Stage::with_features(&[
        ("token/refused.feature", &format!("{FAILS}      | 1 |\n")),
        ("token/accepted.feature", PASSES),
        ("authorize/login.feature", LOGIN),
    ]);
    let none = stage.ends(2, &["run", "--rerun", "failed"]);
    assert!(none.stderr.contains("there is no run in `"), "{none}");

    let mut blind = stage.command(&["run"]);
    let blind = blind.env("CHECKRIDE_BROWSER", "/nowhere/chromium").spawn().unwrap();
    assert_eq!(crate::stage::wait(blind).code, Some(1));
    let first = stage.record();
    assert_eq!(verdicts(&first), [Verdict::Inconclusive, Verdict::Pass, Verdict::Fail]);

    let ended = stage.ends(1, &["run", "--rerun", "failed"]);
    assert!(ended.stderr.contains("running 2 scenarios"), "{ended}");
    assert!(ended.stdout.contains("2 scenarios that had not passed ran again"), "{ended}");
    assert!(ended.stdout.contains("What ran again is now: 1 pass, 1 fail."), "{ended}");
    let second = stage.record();
    assert_eq!(verdicts(&second), [Verdict::Pass, Verdict::Pass, Verdict::Fail]);
    let before: Vec<_> = second.scenarios.iter().map(|one| one.before).collect();
    assert_eq!(before, [Some(Verdict::Inconclusive), None, Some(Verdict::Fail)]);
    assert_eq!(text(&first.scenarios[1]), text(&second.scenarios[1]));
    assert!(stage.read("reports/latest/index.html").contains("What ran again is now"));
    for picture in second.scenarios.iter().flat_map(|one| &one.pictures) {
        assert!(stage.project().join("reports/latest").join(&picture.file).exists());
    }
}

#[test]
fn a_rerun_that_is_killed_keeps_what_was_found_before_and_is_resumed() {
    let rows: String = (1..=40).map(|row| format!("      | {row} |\n")).collect();
    let stage = Stage::with_features(&[("token/refused.feature", &format!("{FAILS}{rows}"))]);
    stage.ends(1, &["run"]);
    let rerun = ["run", "--rerun", "failed", "--jobs", "2"];
    let mut program = stage.command(&rerun).spawn().unwrap();
    let words = BufReader::new(program.stderr.take().unwrap()).lines();
    assert_eq!(words.take(6).filter(|line| line.is_ok()).count(), 6);
    signal(program.id(), Signal::KILL);
    program.wait().unwrap();
    let killed = read(&stage.project().join("reports/latest")).unwrap();
    let fails = (Verdict::Fail, Some(Verdict::Fail));
    assert!(killed.scenarios.iter().all(|one| (one.verdict, one.before) == fails));
    let left = killed.scenarios.iter().filter(|one| one.unfinished).count();
    assert!((1..=35).contains(&left), "{left} scenarios had not come to their end");

    let ended = stage.ends(1, &["run", "--resume"]);
    assert!(ended.stderr.contains(&format!("running {left} scenario")), "{ended}");
    let whole = stage.record();
    assert_eq!(whole.completion, Completion::Complete);
    assert!(whole.scenarios.iter().all(|one| !one.unfinished && one.before.is_some()));
    assert!(ended.stdout.contains("40 scenarios that had not passed ran again"), "{ended}");
}

#[test]
fn where_all_has_passed_nothing_is_run_again() {
    let stage = Stage::with_features(&[("token/accepted.feature", PASSES)]);
    stage.ends(0, &["run"]);
    let before = stage.read("reports/latest/record.json");
    let ended = stage.ends(0, &["run", "--rerun", "failed"]);
    assert!(ended.stderr.contains("nothing is run again"), "{ended}");
    assert_eq!(stage.read("reports/latest/record.json"), before);
}

fn verdicts(run: &Run) -> Vec<Verdict> {
    run.scenarios.iter().map(|one| one.verdict).collect()
}

fn text(scenario: &Scenario) -> String {
    serde_json::to_string(scenario).unwrap()
}

/// Rows are to be added.
const FAILS: &str = r#"Feature: Refused
  Scenario Outline: Refused <number>
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 400 "invalid_grant"

    Examples:
      | number |
"#;

const PASSES: &str = r#"Feature: Accepted
  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
"#;

const LOGIN: &str = r#"@browser
Feature: Login
  Scenario: A patient signs in
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token
"#;
