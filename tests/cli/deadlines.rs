//! Announced changes of a platform: a run that is about one, and what is left to be tested for it.

use checkride::record::{Readiness, Run, Subject, SubjectKind, Verdict};
use serde_json::{Value, json};

use crate::stage::{Ended, Stage, record};

#[test]
fn the_mock_is_as_the_platform_will_be_and_the_record_says_so() {
    let stage = stage();
    stage.ends(0, &["run"]);
    let today = stage.record();
    let left_out =
        "it shows what will change with `five-minutes`; `--release five-minutes` runs it";
    assert_eq!(verdicts(&today), [Verdict::Pass, Verdict::Skipped]);
    assert_eq!(today.scenarios[1].reason.as_deref(), Some(left_out));
    assert_eq!((today.target.release, today.target.is_as_released), (None, false));
    assert!(today.releases.iter().any(|it| it.id == "five-minutes"));

    let ended = stage.ends(1, &["run", "--release", "five-minutes"]);
    assert!(
        ended.stdout.contains("It is about the release `five-minutes`, Shorter tokens"),
        "{ended}"
    );
    let then = of_release(&stage, "five-minutes/mock");
    assert_eq!(verdicts(&then), [Verdict::Fail, Verdict::Pass]);
    assert_eq!(then.target.release.as_deref(), Some("five-minutes"));
    assert!(then.target.is_as_released);

    let refused = stage.ends(2, &["run", "--release", "five-minuts"]);
    assert!(
        refused.stderr.contains("unknown release `five-minuts` of `athenahealth`"),
        "{refused}"
    );
    assert!(refused.stderr.contains("did you mean `five-minutes`?"), "{refused}");
    let out = ["run", "--out", "reports/releases/five-minutes/mock", "--rerun", "failed"];
    let other = stage.ends(2, &out);
    assert!(other.stderr.contains("its release is `five-minutes`"), "{other}");
}

#[test]
fn what_can_only_be_read_about_is_not_called_tested() {
    let stage = stage();
    let ended = stage.ends(4, &["run", "--release", "spring-2026"]);
    assert!(ended.stderr.contains("nothing of `spring-2026` can be played on the mock"), "{ended}");
}

#[test]
fn an_app_rehearses_another_certificate_and_the_countdown_says_who_has_not() {
    let stage = Stage::of_this_repository();
    let release = "tls-2026-02-04";
    let before = deadlines(&stage, 3, &["--within", "5"]);
    assert_eq!(before["days_left"], 3);
    let states = |of: &Value| -> Vec<(String, String)> {
        let text = |one: &Value, member: &str| one[member].as_str().unwrap().to_owned();
        let subjects = of["subjects"].as_array().unwrap().iter();
        let apps = subjects.filter(|one| one["kind"] == "app");
        apps.map(|one| (text(one, "name"), text(one, "state"))).collect()
    };
    let app = |name: &str, state: &str| (name.to_owned(), state.to_owned());
    let untested = |name| app(name, "untested");
    let (patients, providers) = (untested("demo patient app"), untested("demo provider app"));
    assert_eq!(states(&before), [untested("demo backend"), patients.clone(), providers.clone()]);
    deadlines(&stage, 0, &["--within", "2"]);

    let run = ["run", "--subject", "app", "--app", "demo backend", "--release", release];
    stage.ends(0, &run);
    let rehearsed = of_release(&stage, "tls-2026-02-04/demo-backend");
    let ran: Vec<&str> = rehearsed.scenarios.iter().map(|one| one.name.as_str()).collect();
    assert!(ran.iter().all(|name| name.contains("certificate")), "{ran:?}");
    assert!(rehearsed.scenarios.iter().all(|one| one.verdict == Verdict::Pass), "{ran:?}");
    let tested = deadlines(&stage, 0, &[]);
    assert_eq!(states(&tested), [app("demo backend", "conforms"), patients, providers]);

    // To go on is recommended, and no demand; on the day it decides whether the app works.
    stage.ends(0, &[&run[..], &["--defect", "pins the certificate"]].concat());
    let failing = deadlines(&stage, 1, &["--within", "5"]);
    assert_eq!(states(&failing)[0], app("demo backend", "fails"));
    let backend = failing["subjects"].as_array().unwrap().iter().find(|it| it["state"] == "fails");
    assert_eq!(backend.unwrap()["failing"], json!(["ATLS-02"]));
}

#[test]
fn a_run_says_who_is_ready_for_what_is_to_come() {
    let stage = stage();
    stage.ends(0, &["run", "--report", "json,markdown"]);
    let record = stage.record();
    let of =
        |run: &Run, id: &str| run.releases.iter().find(|it| it.id == id).unwrap().subjects.clone();
    assert_eq!(of(&record, "spring-2026"), [], "that has passed");
    let subjects = of(&record, "five-minutes");
    let named = |name: &str| subjects.iter().find(|it| it.name == name).unwrap();
    let preview = named("preview");
    assert_eq!((preview.kind, preview.state), (SubjectKind::Target, Readiness::Untested));
    assert_eq!(preview.command, "checkride run --target preview --release five-minutes");
    let backend = named("demo backend");
    assert_eq!((backend.kind, backend.state), (SubjectKind::App, Readiness::Untested));
    assert_eq!(backend.command, "", "nothing would test it: {backend:?}");
    let summary = stage.read("reports/latest/summary.md");
    let told = "target `preview`: not tested, 1 scenario: `checkride run --target preview";
    assert!(summary.contains(told), "{summary}");
    let results: Value = serde_json::from_str(&stage.read("reports/latest/results.json")).unwrap();
    let told = results["releases"].as_array().unwrap().iter().find(|it| it["id"] == "five-minutes");
    assert!(
        told.unwrap()["subjects"].as_array().unwrap().iter().any(|it| it["state"] == "untested")
    );
}

#[test]
fn the_last_record_about_a_release_may_be_in_the_history_alone() {
    let stage = Stage::of_this_repository();
    let release = "tls-2026-02-04";
    let run = ["run", "--subject", "app", "--app", "demo backend", "--release", release];
    stage.ends(0, &run);
    let record = of_release(&stage, "tls-2026-02-04/demo-backend");
    let told = record.releases.iter().find(|it| it.id == release).unwrap();
    let backend = |of: &[Subject]| of.iter().find(|it| it.name == "demo backend").unwrap().clone();
    let own = backend(&told.subjects);
    assert_eq!(own.state, Readiness::Conforms, "the run counts itself: {own:?}");
    std::fs::remove_dir_all(stage.project().join("reports/releases")).unwrap();
    let kept = deadlines(&stage, 3, &["--within", "5"]);
    let of = kept["subjects"].as_array().unwrap().iter().find(|it| it["name"] == "demo backend");
    let of = of.unwrap();
    assert_eq!((&of["state"], &of["run"]), (&json!("conforms"), &json!(record.id)));
    assert_eq!(of["record"], Value::Null);

    stage.write("reports/history.sqlite", "this is no database, and long enough to be one");
    let silent = stage.ends(3, &["deadlines", "--within", "5"]);
    assert!(silent.stderr.contains("is not a database"), "{silent}");
}

#[test]
fn a_plan_for_a_release_is_of_the_platform_as_it_will_be() {
    let stage = stage();
    let batches = "Feature: Batches
  @needs:batch
  Scenario: A token lives for five minutes
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the token lives for 300 seconds
";
    stage.write("features/token/five.feature", batches);
    let played = RELEASES.replace(
        "lifetimes.system_access_token: 300 }",
        "lifetimes.system_access_token: 300, fhir.batches: true }",
    );
    stage.write("releases.yaml", &played);
    let left_out = |arguments: &[&str]| {
        let ended = stage.ends(0, &[&["plan", "--format", "json"], arguments].concat());
        let plan: Value = serde_json::from_str(&ended.stdout).unwrap();
        let scenarios = plan["targets"][0]["scenarios"].as_array().unwrap().clone();
        scenarios.iter().filter(|one| one["left_out"] != Value::Null).count()
    };
    assert_eq!(left_out(&[]), 1);
    assert_eq!(left_out(&["--release", "five-minutes"]), 0);
    stage.ends(1, &["run", "--release", "five-minutes"]);
    let then = of_release(&stage, "five-minutes/mock");
    assert_eq!(verdicts(&then), [Verdict::Fail, Verdict::Pass], "as was planned");
}

/// What is said of the certificate change, three days before.
fn deadlines(stage: &Stage, code: i32, arguments: &[&str]) -> Value {
    let all = ["deadlines", "--target", "mock", "--today", "2026-02-01", "--format", "json"];
    let ended: Ended = stage.run(&[&all[..], arguments].concat());
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    assert_eq!(ended.code, Some(code), "{ended}");
    let of_tls = |one: &&Value| one["release"]["id"] == "tls-2026-02-04";
    told["deadlines"].as_array().unwrap().iter().find(of_tls).unwrap().clone()
}

fn stage() -> Stage {
    let stage =
        Stage::with_features(&[("token/an_hour.feature", AN_HOUR), ("token/five.feature", FIVE)]);
    stage.write("releases.yaml", RELEASES);
    stage
}

fn of_release(stage: &Stage, folder: &str) -> Run {
    record(&stage.project().join("reports/releases").join(folder))
}

fn verdicts(run: &Run) -> Vec<Verdict> {
    run.scenarios.iter().map(|one| one.verdict).collect()
}

const RELEASES: &str = "- id: five-minutes
  dialect: athenahealth
  title: Shorter tokens
  source: https://notes.example/five-minutes
  effective: 2027-06-15
  test_by: 2027-06-01
  changes:
    - title: A system's token lives for five minutes
      settings: { lifetimes.system_access_token: 300 }
";
const AN_HOUR: &str = "Feature: Tokens of today
  @req:TRES-EXPIRES-IN-DEFAULT
  Scenario: A token lives for an hour
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the token lives for 3600 seconds
";
const FIVE: &str = "Feature: Tokens to come
  @release:five-minutes
  Scenario: A token lives for five minutes
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the token lives for 300 seconds
";
