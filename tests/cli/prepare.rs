//! What is done before a run: a project is begun, and a profile says what is run.

use crate::stage::Stage;

#[test]
fn a_project_that_init_began_runs_at_once() {
    let stage = Stage::empty();
    stage.ends(0, &["init", "--target", "preview"]);
    stage.ends(0, &["run"]);
    assert_eq!(stage.record().scenarios.len(), 2);
    let ended = stage.ends(0, &["plan", "--target", "preview"]);
    assert!(ended.stdout.contains("`PREVIEW_BACKEND_ID`"), "{ended}");
}

#[test]
fn init_overwrites_nothing() {
    let stage = Stage::empty();
    stage.write(".gitignore", "mine\n");
    stage.write("features/token/first.feature", "Feature: mine\n");
    let ended = stage.ends(0, &["init"]);
    assert!(ended.stdout.contains("left .gitignore as it is"), "{ended}");
    assert_eq!(stage.read(".gitignore"), "mine\n");
    assert_eq!(stage.read("features/token/first.feature"), "Feature: mine\n");
    let before = stage.read("checkride.yaml");
    stage.ends(2, &["init", "--target", "preview"]);
    assert_eq!(stage.read("checkride.yaml"), before);
}

#[test]
fn a_profile_says_what_the_command_line_leaves_open() {
    let stage = Stage::empty();
    stage.ends(0, &["init"]);
    let file = stage.read("checkride.yaml");
    let profile = "profiles:\n  quick:\n    tags: \"@smoke\"\n    reports: [junit]\n";
    stage.write("checkride.yaml", &format!("{file}{profile}"));
    stage.ends(0, &["run", "--profile", "quick", "--out", "out"]);
    assert_eq!(crate::stage::record(&stage.project().join("out")).scenarios.len(), 1);
    let files = stage.files("out");
    assert!(files.contains(&"junit.xml".to_owned()), "{files:?}");
    assert!(!files.contains(&"index.html".to_owned()), "{files:?}");
    stage.ends(0, &["run", "--profile", "quick", "--tags", "not @smoke", "--report", "json"]);
    assert_eq!(stage.record().scenarios[0].name, "An app with a wrong secret gets none");
}

#[test]
fn what_would_examine_an_app_is_told_and_nothing_is_started() {
    let features = "@app\nFeature: A\n  @needs:user\n  Scenario: Of users\n    Given the app under test\n\n  \
                    Scenario: Of all\n    Given the app under test\n    When the app is put to work\n    \
                    Then the app's work is done\n";
    let stage = Stage::with_features(&[("app/a.feature", features)]);
    stage.write(
        "checkride.yaml",
        "targets:
  mock: { platform: embedded, dialect: athenahealth }
apps:
  job:
    category: 2-legged
    method: client secret
    client_secret: { env: JOB_SECRET }
    scopes: [system/Patient.read]
    trigger: { command: [touch, started] }
    start: { command: [touch, started] }
",
    );
    let ended = stage.ends(0, &["plan", "--subject", "app", "--app", "job"]);
    let told = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.starts_with("the app `job` on mock (embedded)"), "{ended}");
    assert!(told.contains("features/app/a.feature 1 1"), "{ended}");
    assert!(told.contains("1 the app has no users"), "{ended}");
    assert!(told.contains("Not there yet: `JOB_SECRET`."), "{ended}");
    assert!(!stage.files(".").contains(&"started".to_owned()), "{ended}");
    let ended = stage.ends(2, &["plan", "--app", "job"]);
    assert!(ended.stderr.contains("add `--subject app`"), "{ended}");
}
