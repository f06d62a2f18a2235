//! An app under test, as its owner meets it: whatever the app does, there is a verdict, the next
//! scenario, and nothing of the app is left behind.

use checkride::record::{Run, Sender, Verdict};

use crate::stage::{Ended, Stage, wait};

#[test]
fn the_demo_apps_do_their_work_and_tell_where_they_cannot() {
    let stage = Stage::with_features(&[("app/outage.feature", OUTAGE)]);
    for app in ["demo backend", "demo patient app", "demo provider app"] {
        let ended = stage.ends(0, &["run", "--subject", "app", "--app", app]);
        assert!(ended.stdout.contains(&format!("of the app `{app}` on `mock`")), "{ended}");
        let record = stage.record();
        assert_eq!(record.target.app.as_deref(), Some(app));
        for scenario in &record.scenarios {
            assert_eq!(scenario.verdict, Verdict::Pass, "{app}: {}", scenario.name);
            let mut sent = scenario.exchanges.iter().filter(|it| it.sender == Sender::App);
            let is_token = |url: &str| url.ends_with("/token");
            assert!(sent.any(|it| is_token(&it.request.url)), "{app}: {}", scenario.name);
            assert!(scenario.output.contains("listening on"), "{app}: {}", scenario.output);
        }
    }
}

#[test]
fn an_app_that_does_not_start_is_tried_twice_and_not_judged() {
    let stage = Stage::with_features(&[("app/outage.feature", OUTAGE)]);
    let (ended, record) = with_flaw(&stage, "does not start", "demo backend", &["--jobs", "1"]);
    assert_eq!(ended.code, Some(3), "{ended}");
    assert_eq!(record.scenarios.len(), 4);
    for scenario in &record.scenarios {
        assert_eq!(scenario.verdict, Verdict::Inconclusive);
        let reason = scenario.reason.as_deref().unwrap();
        assert!(reason.starts_with("the app did not start: "), "{reason}");
        assert!(reason.contains("it said last: "), "{reason}");
    }
    let not_tried = |reason: &Option<String>| {
        reason.as_deref().is_some_and(|it| it.ends_with("it was not tried again"))
    };
    assert_eq!(record.scenarios.iter().filter(|it| not_tried(&it.reason)).count(), 2);
}

#[test]
fn an_app_that_never_gets_ready_is_given_up_in_time() {
    let stage = Stage::with_features(&[("app/outage.feature", ONE)]);
    let text = stage.read("checkride.yaml");
    let hasty = text.replace("/health\n    trigger", "/health\n      within: 1\n    trigger");
    assert_ne!(text, hasty);
    stage.write("checkride.yaml", &hasty);
    let (ended, record) = with_flaw(&stage, "hangs at start", "demo backend", &[]);
    assert_eq!(ended.code, Some(3), "{ended}");
    let reason = record.scenarios[0].reason.as_deref().unwrap();
    assert!(reason.contains("/health does not answer after 1 s"), "{reason}");
}

#[test]
fn an_app_that_crashes_fails_with_its_last_words() {
    let stage = Stage::with_features(&[("app/outage.feature", ONE)]);
    let (ended, record) = with_flaw(&stage, "crashes in the middle", "demo patient app", &[]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert_eq!(record.scenarios[0].verdict, Verdict::Fail);
    assert!(ended.stdout.contains("actual:   it ended by itself: "), "{ended}");
}

#[test]
fn what_an_app_does_to_the_browser_ends_in_a_verdict() {
    for (flaw, code) in [
        ("redirects for ever", 1),
        ("answers garbage", 3),
        ("sends a download", 3),
        ("opens a dialog", 0),
        ("opens a new tab", 0),
        ("has no button to log in", 3),
        ("writes without end", 0),
    ] {
        let stage = Stage::with_features(&[("app/outage.feature", ONE)]);
        let text = stage.read("checkride.yaml");
        let hasty = text.replace("shows_data:", "patience: 3\n    shows_data:");
        stage.write("checkride.yaml", &hasty);
        let (ended, record) = with_flaw(&stage, flaw, "demo patient app", &[]);
        assert_eq!(ended.code, Some(code), "{flaw}: {ended}");
        assert_eq!(record.scenarios.len(), 1, "{flaw}");
        if code != 0 {
            assert!(record.scenarios[0].reason.is_some(), "{flaw}");
        }
    }
}

/// The sign-in is followed into the window, and what is sent there is evidence like the rest.
#[test]
fn an_app_that_signs_in_in_a_window_of_its_own_is_judged_like_any_other() {
    let stage = Stage::with_features(&[("app/window.feature", WINDOW)]);
    let text = stage.read("checkride.yaml");
    let with_window =
        text.replace("METHOD: public", "METHOD: public\n        SIGN_IN_WINDOW: \"yes\"");
    assert_ne!(text, with_window);
    stage.write("checkride.yaml", &with_window);
    stage.ends(0, &["run", "--subject", "app", "--app", "demo patient app"]);
    let record = stage.record();
    assert_eq!(record.scenarios.len(), 3);
    for scenario in &record.scenarios {
        assert_eq!(scenario.verdict, Verdict::Pass, "{}", scenario.name);
        let mut of_browser = scenario.exchanges.iter().filter(|it| it.sender == Sender::Browser);
        let begins = of_browser.any(|it| it.request.url.ends_with("/log-in"));
        assert!(begins, "{}", scenario.name);
    }
    for flaw in ["accepts any state", "sends the same state every time"] {
        let (ended, record) = with_flaw(&stage, flaw, "demo patient app", &[]);
        assert_eq!(ended.code, Some(1), "{flaw}: {ended}");
        let failed = record.scenarios.iter().filter(|it| it.verdict == Verdict::Fail);
        assert_eq!(failed.count(), 1, "{flaw}: {ended}");
    }
}

#[test]
fn of_an_app_that_works_nowhere_nothing_is_said_but_where_nothing_errs() {
    let stage = Stage::with_features(&[("app/works.feature", WORKS_NOWHERE)]);
    let app = "targets:
  mock: { platform: embedded, dialect: athenahealth }
apps:
  job:
    category: 2-legged
    method: client secret
    scopes: [system/Patient.read]
    trigger: { command: [sh, -c, \"echo the disk is full; exit 1\"] }
    start: {}
";
    stage.write("checkride.yaml", app);
    let ended = stage.run(&["run", "--subject", "app"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    let record = stage.record();
    let verdicts: Vec<Verdict> = record.scenarios.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Fail, Verdict::Inconclusive, Verdict::Inconclusive], "{ended}");
    for tempted in &record.scenarios[1..] {
        let reason = tempted.reason.as_deref().unwrap();
        assert!(reason.contains("at a platform that errs in nothing either: "), "{reason}");
        assert!(reason.contains("it said last: the disk is full"), "{reason}");
    }
}

/// The app starts another process, which leaves its group and heeds no signal; all of them carry a
/// mark of this test in their environment.
#[cfg(target_os = "linux")]
#[test]
fn nothing_that_an_app_started_outlives_its_scenario() {
    let stage = Stage::with_features(&[("app/outage.feature", ONE)]);
    let mark = format!("mark-of-{}", stage.project().display());
    let mut command = examination(&stage, "demo backend", &[]);
    command.env("FLAW", "leaves a process behind").env("A_MARK", &mark);
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(0), "{ended}");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let marked = processes.filter(|entry| {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&mark)
    });
    assert_eq!(marked.count(), 0);
}

#[test]
fn what_an_app_says_is_kept_without_its_secret() {
    let stage = Stage::with_features(&[("app/outage.feature", ONE)]);
    stage.write("checkride.yaml", TELLS_ITS_SECRET);
    let ended = stage.run(&["run", "--subject", "app"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    let output = &stage.record().scenarios[0].output;
    assert!(output.contains("my secret is [redacted:client_secret]"), "{output}");
    let secret = ended.stdout.lines().chain(ended.stderr.lines());
    assert!(
        !secret
            .into_iter()
            .any(|line| line.contains("my secret is ") && !line.contains("[redacted"))
    );
}

/// The command gets the app's environment, and what it leaves is ended by force.
#[test]
fn an_app_is_ended_by_its_owners_command_and_then_in_any_case() {
    let stage = Stage::with_features(&[("app/outage.feature", ONE)]);
    let kept = stage.project().join("stopped");
    let stopping = |line: &str| {
        let start = "environment: { CLIENT_SECRET";
        let stop = format!("stop: [sh, -c, '{line}'], {start}");
        TELLS_ITS_SECRET.replace(start, &stop)
    };
    let writes = format!("test -n \"$CLIENT_SECRET\" && echo done > {}", kept.display());
    stage.write("checkride.yaml", &stopping(&writes));
    let ended = stage.run(&["run", "--subject", "app"]);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "done\n", "{ended}");
    assert!(!ended.stderr.contains("stop command"), "{ended}");
    stage.write("checkride.yaml", &stopping("echo no such container $CLIENT_SECRET; exit 3"));
    let ended = stage.run(&["run", "--subject", "app"]);
    let told = "the app's stop command failed in 1 scenario: it `sh` ended with exit status: 3; it \
                said last: no such container [redacted:client_secret]";
    assert!(ended.stderr.contains(told), "{ended}");
    let output = &stage.record().scenarios[0].output;
    assert!(output.contains("(the stop command `sh` ended with exit status: 3"), "{output}");
}

#[test]
fn a_wrong_description_is_told_before_anything_is_started() {
    let stage = Stage::with_features(&[("app/outage.feature", ONE)]);
    let ended = stage.ends(2, &["run", "--subject", "app"]);
    assert!(ended.stderr.contains("it is not said which app is to be examined"), "{ended}");
    let ended = stage.ends(2, &["run", "--subject", "app", "--app", "demo bakend"]);
    assert!(ended.stderr.contains("did you mean `demo backend`?"), "{ended}");
    let ended = stage.ends(2, &["run", "--app", "demo backend"]);
    assert!(ended.stderr.contains("add `--subject app`"), "{ended}");
    let preview = ["run", "--subject", "app", "--app", "demo backend", "--target", "preview"];
    let ended = stage.ends(2, &preview);
    assert!(ended.stderr.contains("an app is examined on the mock"), "{ended}");
    for (wrong, told) in [
        ("trigger: { request: \"POST http://127.0.0.1:{prot}/\" }", "says `{prot}`"),
        ("trigger: { press: button }", "expected `{ request: POST http://… }`"),
        ("watch: -1", "waits for a time that is none"),
        ("method: hosted key set", "hosts its key set, but nobody knows where"),
        ("category: patient", "no address that they come back to"),
        ("start: { folder: . }", "is started by an empty command"),
        ("start: { command: [a], stop: [\"{prot}\"] }", "says `{prot}`"),
    ] {
        let key = wrong.split(':').next().unwrap();
        let lines = TELLS_ITS_SECRET.lines().filter(|line| !line.trim().starts_with(key));
        let text: Vec<&str> = lines.collect();
        stage.write("checkride.yaml", &format!("{}\n    {wrong}\n", text.join("\n")));
        let ended = stage.ends(2, &["run", "--subject", "app"]);
        let said: String = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(told), "{wrong}: {ended}");
    }
}

fn with_flaw(stage: &Stage, flaw: &str, app: &str, more: &[&str]) -> (Ended, Run) {
    let mut command = examination(stage, app, more);
    let ended = wait(command.env("FLAW", flaw).spawn().unwrap());
    let record = stage.record();
    (ended, record)
}

fn examination(stage: &Stage, app: &str, more: &[&str]) -> std::process::Command {
    let arguments = ["run", "--subject", "app", "--app", app];
    stage.command(&[&arguments, more].concat())
}

const OUTAGE: &str = "@app
Feature: Work
  Background:
    Given the app under test

  Scenario: The app does its work
    When the app is put to work
    Then the app's work is done

  Scenario Outline: A token answer that is <what> is told as a failure
    Given a platform that errs:
      \"\"\"
      {\"at\": {\"endpoint\": \"token\"}, \"fault\": <fault>}
      \"\"\"
    When the app is put to work
    Then the app tells that it failed
    And the app calls no API

    Examples:
      | what          | fault |
      | an error      | {\"kind\": \"status\", \"status\": 200, \"error\": \"invalid_grant\"} |
      | a page        | {\"kind\": \"body\", \"body\": \"<html>\", \"content_type\": \"text/html\"} |
      | cut short     | {\"kind\": \"truncate\", \"bytes\": 20} |
";
const ONE: &str = "@app
Feature: Work
  Scenario: The app does its work
    Given the app under test
    When the app is put to work
    Then the app's work is done
";
const WINDOW: &str = "@app
Feature: A window
  Background:
    Given the app under test

  Scenario: The app does its work, and again
    When the app is put to work
    And the app is put to work
    Then the app's work is done
    And the browser's address holds no code

  Scenario: Each sign-in has a state of its own
    When the user signs in to the app
    And the user signs in to the app
    Then each authorization request has an unpredictable \"state\" of its own

  Scenario: Another state is refused
    When the user starts the app
    And the browser opens the app's callback with \"code=made-up&state=made-up\"
    Then the app asks for no token
";
const TELLS_ITS_SECRET: &str = "targets:
  mock: { platform: embedded, dialect: athenahealth }
apps:
  teller:
    category: 2-legged
    method: client secret
    scopes: [system/Patient.read]
    start: { command: [sh, -c, 'echo my secret is $CLIENT_SECRET; exec sleep 60'], environment: { CLIENT_SECRET: \"{client_secret}\" } }
    trigger: { request: \"POST http://127.0.0.1:{port}/work\" }
";

const WORKS_NOWHERE: &str = "@app
Feature: Work
  Background:
    Given the app under test

  Scenario: The app does its work
    When the app is put to work
    Then the app's work is done

  Scenario: A type in capital letters is understood
    Given a platform that errs:
      \"\"\"
      {\"at\": {\"endpoint\": \"token\"}, \"fault\": {\"kind\": \"member_set\", \"pointer\": \"/token_type\", \"value\": \"BEARER\"}}
      \"\"\"
    When the app is put to work
    Then the app's work is done

  Scenario: A lifetime that is a text is understood
    Given the platform's setting \"token.expires_in_as_string\" is \"true\"
    When the app is put to work
    Then the app's work is done
";
