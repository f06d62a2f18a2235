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
    let (stage, program, browser) = under_way();
    signal(program.id(), Signal::KILL);
    assert_eq!(wait(program).code, None);
    soon("the browser ends with the program", || members(browser).is_empty().then_some(()));
    assert!(!profiles(&stage).is_empty(), "nobody could remove the folder");

    stage.ends(0, &["run", "--name", "^Login 1$"]);
    assert_eq!((profiles(&stage), first_process(&stage)), (Vec::new(), None));
}

#[test]
fn the_browsers_death_is_nobodys_failure_and_the_run_ends() {
    let (stage, program, browser) = under_way();
    signal(browser, Signal::KILL);
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
    assert_nothing_left(&stage, browser);
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
    let (stage, program, browser) = under_way();
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
    assert_nothing_left(&stage, browser);
}

/// A run that has just begun to work in its browser, and the id of that browser's first process.
fn under_way() -> (Stage, Child, u32) {
    let stage = Stage::with_features(&[("authorize/logins.feature", FEATURE)]);
    let mut program = stage.command(&["run", "--jobs", "2"]).spawn().unwrap();
    let browser = soon("a page is open in the browser", || {
        assert_eq!(program.try_wait().unwrap(), None, "the run ended before it was disturbed");
        let shows_a_page = |id: &u32| words(*id).iter().any(|word| word == "--type=renderer");
        first_process(&stage).filter(|first| members(*first).iter().any(shows_a_page))
    });
    (stage, program, browser)
}

fn assert_nothing_left(stage: &Stage, browser: u32) {
    assert_eq!((members(browser), first_process(stage)), (Vec::new(), None));
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

/// The browser's process that was told of a folder among the program's temporary files, which all
/// others come from.
fn first_process(stage: &Stage) -> Option<u32> {
    let folder = format!("--user-data-dir={}/checkride-chrome-", stage.temporary().display());
    processes().find(|id| {
        let words = words(*id);
        words.iter().any(|word| word.starts_with(&folder))
            && words.iter().any(|word| word == "--remote-debugging-pipe")
            && !words.iter().any(|word| word.starts_with("--type="))
    })
}

/// The processes of a browser that runs or has run: its first one leads their group.
fn members(browser: u32) -> Vec<u32> {
    let group = |id: u32| {
        let stat = fs::read_to_string(of(id, "stat")).ok()?;
        // The fields after the name, which may hold anything: state, parent, group.
        let (state, group) = {
            let mut fields = stat.rsplit(')').next()?.split_whitespace();
            (fields.next()?.to_owned(), fields.nth(1)?.parse::<u32>().ok()?)
        };
        (state != "Z").then_some(group)
    };
    processes().filter(|id| group(*id) == Some(browser)).collect()
}

fn processes() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
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
