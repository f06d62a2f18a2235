//! How a run with a browser ends when it is disturbed: by a signal, by force, by the browser's
//! death. Nothing of it may live on, and what was judged stays.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Child;

use checkride::record::{Completion, Verdict};
use rustix::process::Signal;

use crate::stage::{Stage, record, signal, soon, wait};

#[test]
fn a_signal_to_terminate_leaves_a_record_and_no_browser() {
    stopped_by(Signal::TERM);
}

#[test]
fn an_interrupt_leaves_a_record_and_no_browser() {
    stopped_by(Signal::INT);
}

#[test]
fn after_a_kill_no_browser_lives_on_and_the_next_run_sweeps() {
    let (stage, program) = under_way();
    signal(program.id(), Signal::KILL);
    assert_eq!(wait(program).code, None);
    soon("the browser ends with the program", || browsers(&stage).is_empty().then_some(()));
    assert!(!profiles(&stage).is_empty(), "nobody could remove the folder");

    stage.ends(0, &["run", "--name", "^Login 1$"]);
    assert_eq!(profiles(&stage), Vec::<PathBuf>::new());
    assert_eq!(browsers(&stage), Vec::<u32>::new());
}

#[test]
fn the_browsers_death_is_nobodys_failure_and_the_run_ends() {
    let (stage, program) = under_way();
    let main = browsers(&stage).into_iter().find(|id| is_main(*id));
    signal(main.expect("the browser's first process"), Signal::KILL);
    let ended = wait(program);
    let run = stage.record();
    assert_eq!(run.completion, Completion::Complete);
    assert_eq!(run.scenarios.len(), LOGINS);
    for one in &run.scenarios {
        let fine = matches!(one.verdict, Verdict::Pass | Verdict::Inconclusive);
        assert!(fine, "{} is {}: {:?}", one.name, one.verdict, one.reason);
    }
    let passed = run.tally().of(Verdict::Pass);
    assert!(passed > 0, "later scenarios get a new browser: {ended}");
    let code = if passed == LOGINS { 0 } else { 3 };
    assert_eq!(ended.code, Some(code), "{ended}");
    assert_nothing_left(&stage);
}

#[test]
fn the_mock_by_itself_ends_when_it_is_told_to() {
    let stage = Stage::empty();
    let mut program = stage.command(&["mock", "--port", "0"]).spawn().unwrap();
    let mut words = BufReader::new(program.stdout.take().unwrap());
    let mut line = String::new();
    words.read_line(&mut line).unwrap();
    assert!(line.contains("ready"), "{line}");
    signal(program.id(), Signal::INT);
    assert_eq!(wait(program).code, Some(0));
}

fn stopped_by(stop: Signal) {
    let (stage, program) = under_way();
    signal(program.id(), stop);
    let ended = wait(program);
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stdout.contains("The run was stopped"), "{ended}");
    let run = record(&stage.project().join("reports/latest"));
    assert_eq!(run.completion, Completion::Interrupted);
    assert_eq!(run.scenarios.len(), LOGINS);
    for one in &run.scenarios {
        let fine = matches!(one.verdict, Verdict::Pass | Verdict::Inconclusive);
        assert!(fine, "{} is {}: {:?}", one.name, one.verdict, one.reason);
    }
    assert!(run.tally().of(Verdict::Inconclusive) > 0, "it was stopped in the middle");
    assert!(stage.read("reports/latest/junit.xml").contains("the run was stopped"));
    assert_nothing_left(&stage);
}

/// A run that has just begun to work in its browser.
fn under_way() -> (Stage, Child) {
    let stage = Stage::with_features(&[("authorize/logins.feature", FEATURE)]);
    let mut program = stage.command(&["run", "--jobs", "2"]).spawn().unwrap();
    soon("a page is open in the browser", || {
        assert_eq!(program.try_wait().unwrap(), None, "the run ended before it was disturbed");
        (!profiles(&stage).is_empty() && browsers(&stage).iter().any(|id| shows_a_page(*id)))
            .then_some(())
    });
    (stage, program)
}

fn assert_nothing_left(stage: &Stage) {
    assert_eq!(browsers(stage), Vec::<u32>::new());
    assert_eq!(profiles(stage), Vec::<PathBuf>::new());
}

/// The browsers' folders among the program's temporary files.
fn profiles(stage: &Stage) -> Vec<PathBuf> {
    let entries = fs::read_dir(stage.temporary()).unwrap().map(|entry| entry.unwrap().path());
    let ours = |path: &PathBuf| {
        path.file_name().unwrap().to_string_lossy().starts_with("checkride-chrome-")
    };
    entries.filter(ours).collect()
}

/// Ids of the processes that were told of a folder among the program's temporary files, by their
/// command line or their surroundings; the program itself is not one of them.
fn browsers(stage: &Stage) -> Vec<u32> {
    let folder = format!("{}/checkride-chrome-", stage.temporary().display());
    let told = |file: PathBuf| {
        fs::read(file).is_ok_and(|text| String::from_utf8_lossy(&text).contains(&folder))
    };
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
        (told(of(id, "cmdline")) || told(of(id, "environ"))).then_some(id)
    });
    processes.collect()
}

/// Whether a process of the browser is its first one, which all others come from.
fn is_main(id: u32) -> bool {
    let words = words(id);
    words.iter().any(|word| word.starts_with("--user-data-dir="))
        && !words.iter().any(|word| word.starts_with("--type="))
        && words.iter().any(|word| word == "--remote-debugging-pipe")
}

fn shows_a_page(id: u32) -> bool {
    words(id).iter().any(|word| word == "--type=renderer")
}

fn words(id: u32) -> Vec<String> {
    let line = fs::read(of(id, "cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).into_owned();
    // Processes that Chromium forks have one line of words with spaces between them.
    line.split(['\0', ' ']).map(str::to_owned).collect()
}

fn of(id: u32, file: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{id}/{file}"))
}

const LOGINS: usize = 6;
const FEATURE: &str = "@browser
Feature: Logins
  Scenario Outline: Login <number>
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token

    Examples:
      | number |
      | 1      |
      | 2      |
      | 3      |
      | 4      |
      | 5      |
      | 6      |
";
