//! What changed between two runs, as a user asks for it.

use checkride::record::{Run, Standing, Verdict};
use serde_json::Value;

use crate::stage::{Ended, Stage, wait};

const FEATURE: &str = "Feature: Tokens
  Scenario: The right secret gets a token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
";

const REFUSED: &str = "the request is refused with 401 \"invalid_client\"";

/// A record in which something was changed, written beside the others.
fn altered(stage: &Stage, from: &str, to: &str, alter: impl FnOnce(&mut Value)) {
    let text = stage.read(&format!("{from}/record.json"));
    let mut record: Value = serde_json::from_str(&text).unwrap();
    alter(&mut record);
    stage.write(&format!("{to}/record.json"), &record.to_string());
}

/// The token answers of a record.
fn token_answers(record: &mut Value) -> impl Iterator<Item = &mut Value> {
    let scenarios = record["scenarios"].as_array_mut().unwrap();
    let exchanges = scenarios.iter_mut().flat_map(|one| one["exchanges"].as_array_mut().unwrap());
    exchanges.filter(|one| one["request"]["url"].as_str().unwrap().ends_with("/token"))
}

fn stage() -> Stage {
    let stage = Stage::with_features(&[("token/a.feature", FEATURE)]);
    stage.ends(0, &["run", "--out", "before", "--report", "json"]);
    stage
}

fn is_empty(ended: &Ended) -> bool {
    ended.stdout.starts_with("No difference\n")
}

#[test]
fn two_runs_on_the_same_platform_do_not_differ() {
    let stage = stage();
    stage.ends(0, &["run", "--report", "json"]);
    let ended = stage.ends(0, &["diff", "before", "reports/latest"]);
    assert!(is_empty(&ended), "{ended}");
    let last = stage.ends(0, &["diff", "before"]);
    assert_eq!(last.stdout, ended.stdout, "the last run is the later side");
    let file = stage.ends(0, &["diff", "before/record.json", "last"]);
    assert_eq!(file.stdout, ended.stdout);
    let kept = stage.ends(0, &["diff"]);
    assert_eq!(kept.stdout, ended.stdout, "the last green run before it is the earlier side");
}

#[test]
fn two_runs_of_all_that_needs_no_browser_do_not_differ() {
    let stage = Stage::of_this_repository();
    for out in ["before", "after"] {
        stage.ends(0, &["run", "--tags", "not @browser", "--out", out, "--report", "json"]);
    }
    let ended = stage.ends(0, &["diff", "before", "after"]);
    assert!(is_empty(&ended), "{ended}");
}

#[test]
fn what_an_answer_lost_is_breaking_and_what_it_gained_is_not() {
    let stage = stage();
    altered(&stage, "before", "after", |record| {
        for answer in token_answers(record) {
            let body = answer["response"]["body"].as_str().unwrap();
            let mut body: Value = serde_json::from_str(body).unwrap();
            body.as_object_mut().unwrap().remove("expires_in").unwrap();
            answer["response"]["body"] = body.to_string().into();
        }
    });
    let ended = stage.ends(1, &["diff", "before", "after"]);
    assert!(ended.stdout.starts_with("1 breaking change\n"), "{ended}");
    for expected in ["a member is gone: expires_in", "POST token endpoint", "rule member-removed"] {
        assert!(ended.stdout.contains(expected), "{expected} is not in {ended}");
    }
    let back = stage.ends(0, &["diff", "after", "before"]);
    assert!(back.stdout.starts_with("1 additive change\n"), "{back}");
    let only = stage.ends(1, &["diff", "before", "after", "--class", "cosmetic"]);
    assert!(is_empty(&only), "the exit code heeds all classes: {only}");

    let json = stage.ends(1, &["diff", "before", "after", "--format", "json"]);
    let read: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(read["changes"][0]["scenarios"][0], "features/token/a.feature:2");
    let out = ["diff", "before", "after", "--format", "html", "--out", "difference.html"];
    let written = stage.ends(1, &out);
    assert!(written.stdout.is_empty() && written.stderr.contains("difference.html"), "{written}");
    let page = stage.read("difference.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("expires_in"), "{page}");
    let markdown = stage.ends(1, &["diff", "before", "after", "--format", "markdown"]);
    assert!(markdown.stdout.starts_with("# 1 breaking change"), "{markdown}");
}

#[test]
fn a_side_that_is_not_complete_is_told_by_the_exit_code() {
    let stage = stage();
    altered(&stage, "before", "after", |record| record["completion"] = "interrupted".into());
    let ended = stage.ends(3, &["diff", "before", "after"]);
    assert!(ended.stdout.contains("(not complete)"), "{ended}");
}

#[test]
fn folders_of_accepted_answers_are_compared_with_each_other_only() {
    let stage = stage();
    let answer = |status: u16, member: &str| {
        format!(
            "---\nsource: x.feature\n---\n{{\n  \"body\": {{\n    \"{member}\": 1\n  }},\n  \"headers\": {{}},\n  \"status\": {status}\n}}\n"
        )
    };
    stage.write("old/token/a__answer.snap", &answer(200, "a"));
    stage.write("new/token/a__answer.snap", &answer(200, "b"));
    let ended = stage.ends(1, &["diff", "old", "new"]);
    assert!(ended.stdout.contains("token/a__answer"), "{ended}");
    assert!(ended.stdout.starts_with("1 breaking change, 1 additive change"), "{ended}");
    let same = stage.ends(0, &["diff", "snapshots/mock", "snapshots/mock"]);
    assert!(is_empty(&same), "{same}");
    let mixed = stage.ends(2, &["diff", "old", "before"]);
    assert!(mixed.stderr.contains("one side is a run"), "{mixed}");
}

#[test]
fn what_is_no_run_is_refused_with_what_can_be_given() {
    let stage = stage();
    let unknown = stage.ends(2, &["diff", "yesterday", "before"]);
    assert!(unknown.stderr.contains("`yesterday`"), "{unknown}");
    std::fs::create_dir(stage.project().join("nothing")).unwrap();
    let empty = stage.ends(2, &["diff", "nothing", "before"]);
    assert!(empty.stderr.contains("neither a record nor an accepted answer"), "{empty}");
    stage.write("broken/record.json", "{");
    let broken = stage.ends(2, &["diff", "broken", "before"]);
    assert!(broken.stderr.contains("cannot read the record of `broken`"), "{broken}");
    altered(&stage, "before", "app", |record| record["target"]["app"] = "scheduler".into());
    let app = stage.ends(2, &["diff", "before", "app"]);
    assert!(app.stderr.contains("one run judged an app"), "{app}");
}

#[test]
fn only_what_did_not_fail_in_the_run_before_is_red() {
    let fails = FEATURE.replace("the app gets an access token", REFUSED);
    let stage = Stage::with_features(&[("token/a.feature", &fails)]);
    stage.ends(1, &["run", "--out", "known", "--report", "json"]);
    let ended = stage.ends(0, &["run", "--baseline", "known", "--report", "html,json,markdown"]);
    assert!(ended.stdout.contains("1 still failing"), "{ended}");
    let run: Run = stage.record();
    assert_eq!(run.scenarios[0].standing, Some(Standing::StillFailing));
    assert_eq!(run.scenarios[0].verdict, Verdict::Fail, "a failure stays one");
    for report in ["index.html", "summary.md"] {
        assert!(
            stage.read(&format!("reports/latest/{report}")).contains("still failing"),
            "{report}"
        );
    }
    let results: Value = serde_json::from_str(&stage.read("reports/latest/results.json")).unwrap();
    assert_eq!(results["scenarios"][0]["standing"], "still_failing");

    altered(&stage, "known", "good", |record| {
        record["scenarios"][0]["verdict"] = "pass".into();
        record["scenarios"][0]["findings"] = serde_json::json!({});
    });
    let new = stage.ends(1, &["run", "--baseline", "good", "--report", "json"]);
    assert!(new.stdout.contains("1 newly failing"), "{new}");
    altered(&stage, "known", "other", |record| record["target"]["name"] = "preview".into());
    let other = stage.ends(2, &["run", "--baseline", "other"]);
    assert!(other.stderr.contains("cannot measure by the run"), "{other}");
}

#[test]
fn until_a_run_is_green_everything_counts_as_new() {
    let fails = FEATURE.replace("the app gets an access token", REFUSED);
    let stage = Stage::with_features(&[("token/a.feature", &fails)]);
    let night = ["run", "--baseline", "last-green", "--report", "json"];
    for _ in 0..2 {
        let ended = stage.ends(1, &night);
        assert!(ended.stderr.contains("no green run yet: everything counts as new"), "{ended}");
        assert_eq!(stage.record().baseline, None);
    }
    stage.write("features/token/a.feature", FEATURE);
    stage.ends(0, &night);
    stage.write("features/token/a.feature", &fails);
    let ended = stage.ends(1, &night);
    assert!(ended.stdout.contains("1 newly failing"), "{ended}");
    let config = stage.read("checkride.yaml");
    stage.write("checkride.yaml", &format!("history: {{ enabled: false }}\n{config}"));
    let never = stage.ends(2, &night);
    assert!(never.stderr.contains("there is no file, folder or run `last-green`"), "{never}");
}

#[test]
fn shards_that_are_merged_are_measured_as_one_run_is() {
    let fails = FEATURE.replace("the app gets an access token", REFUSED);
    let stage = Stage::with_features(&[("token/a.feature", &fails)]);
    stage.ends(1, &["run", "--out", "known", "--report", "json"]);
    for part in ["1/2", "2/2"] {
        let folder = part.replace('/', "-of-");
        let arguments = ["run", "--shard", part, "--out", &folder, "--report", "json"];
        wait(stage.command(&arguments).spawn().unwrap());
    }
    stage.ends(1, &["merge", "1-of-2", "2-of-2"]);
    let ended = stage.ends(0, &["merge", "1-of-2", "2-of-2", "--baseline", "known"]);
    assert!(ended.stdout.contains("1 still failing"), "{ended}");
}
