//! `checkride history`, and what `run` and `merge` keep.

use checkride::record::{Standing, Verdict};
use serde_json::Value;

use crate::records::{name, record};
use crate::stage::{Ended, Stage};

#[test]
fn a_run_is_kept_when_it_ends_and_what_is_no_whole_one_is_not() {
    let stage = Stage::with_features(&[("token/a.feature", TOKENS)]);
    let ended = stage.ends(0, &["history"]);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", "no run is kept yet\n"));
    assert!(!stage.project().join("reports/history.sqlite").exists(), "asking begins nothing");

    stage.ends(1, &["run"]);
    stage.ends(1, &["run"]);
    let first = kept(&stage);
    assert_eq!(first.len(), 2);
    assert_eq!(first[0]["turned"], serde_json::json!({ "new": 0, "fixed": 0 }));
    assert_eq!(first[0]["run"], stage.record().id, "the newest is first");
    let record = stage.ends(0, &["history", "show", "--format", "json"]).stdout;
    assert_eq!(record.trim_end(), stage.read("reports/latest/record.json"), "to the letter");

    stage.ends(1, &["run", "--rerun", "failed"]);
    let again = kept(&stage);
    assert_eq!(again.len(), 2, "the record of both takes the place of the first");
    assert_eq!(again[0]["run"], stage.record().id);
    assert_eq!(again[1], first[1]);

    stage.ends(1, &["run", "--shard", "1/1", "--out", "shard"]);
    stage.run(&["run", "--defect", "any verifier is good", "--out", "defect"]);
    assert_eq!(kept(&stage).len(), 2);
    stage.ends(1, &["merge", "shard"]);
    stage.ends(1, &["merge", "shard"]);
    let merged = kept(&stage);
    assert_eq!(merged.len(), 3, "once, however often it is merged");
    assert!(merged[0]["run"].as_str().unwrap().ends_with("-merged"));
}

#[test]
fn a_run_tells_what_is_another_since_the_last_one_of_the_same() {
    let stage = Stage::with_features(&[("token/a.feature", TOKENS)]);
    let first = stage.ends(1, &["run"]);
    assert!(!first.stdout.contains("Since the run of"), "{first}");
    assert_eq!((stage.record().past.len(), stage.record().since), (0, None));

    let same = stage.ends(1, &["run"]);
    assert!(!same.stdout.contains("Since the run of"), "nothing is another: {same}");
    let record = stage.record();
    assert_eq!(record.past[0].tally, [(Verdict::Pass, 1), (Verdict::Fail, 1)].into());
    assert!(record.since.unwrap().is_empty());

    // A part of the scenarios is compared with what they were, and is no part of the trend.
    let mended = TOKENS.replace("refused with 400 \"invalid_grant\"", "good");
    let mended = mended.replace("the request is good", "the app gets an access token");
    stage.write("features/token/a.feature", &mended);
    let part = stage.ends(0, &["run", "features/token/a.feature:8", "--report", "json,markdown"]);
    assert!(part.stdout.contains("UTC: 1 fixed.\n"), "{part}");
    assert!(stage.read("reports/latest/summary.md").contains("UTC\\: 1 fixed"));
    let record = stage.record();
    assert_eq!(record.past, []);
    let changes = record.since.unwrap().changes;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].scenario, "features/token/a.feature:8");
    assert_eq!(changes[0].standing, Standing::Fixed);
    let results: Value = serde_json::from_str(&stage.read("reports/latest/results.json")).unwrap();
    assert_eq!(results["since"]["changes"][0]["standing"], "fixed");

    stage.write("features/token/a.feature", TOKENS);
    let whole = stage.ends(1, &["run"]);
    assert!(!whole.stdout.contains("Since the run of"), "as the whole ones before: {whole}");
    assert_eq!(stage.record().past.len(), 2);
    let measured = stage.ends(0, &["run", "--baseline", "last"]);
    assert!(!measured.stdout.contains("Since the run of"), "{measured}");
    assert!(measured.stdout.contains("Measured by the run"), "{measured}");
}

#[test]
fn a_run_of_the_history_is_reported_again() {
    let stage = Stage::with_features(&[("token/a.feature", TOKENS)]);
    stage.ends(0, &["run", PASSING, "--report", "json"]);
    let green = stage.record().id;
    stage.ends(1, &["run", "--report", "json"]);
    let latest = stage.ends(0, &["report", "last", "--format", "tap"]);
    assert_eq!(latest.stdout, "reports/latest/results.tap\n", "its evidence is there");
    let again = stage.ends(0, &["report", "last-green", "--format", "tap"]);
    assert_eq!(again.stdout, format!("reports/{green}/results.tap\n"));
    assert!(stage.read(&format!("reports/{green}/results.tap")).contains("1..1"));
    stage.ends(0, &["report", &green[..20], "--format", "json", "--out", "elsewhere"]);
    let results: Value = serde_json::from_str(&stage.read("elsewhere/results.json")).unwrap();
    assert_eq!(results["run"]["id"], green.as_str());
    let unknown = stage.ends(2, &["report", "yesterday"]);
    assert!(said(&unknown).contains("`yesterday`"), "{unknown}");
}

#[test]
fn a_history_that_is_switched_off_keeps_nothing() {
    let stage = Stage::with_features(&[("token/a.feature", TOKENS)]);
    let config = stage.read("checkride.yaml");
    stage.write("checkride.yaml", &format!("history: {{ enabled: false }}\n{config}"));
    stage.ends(0, &["run", PASSING]);
    assert!(!stage.project().join("reports/history.sqlite").exists());
    let asked = stage.ends(2, &["history"]);
    assert!(said(&asked).contains("no runs are kept: the project file says so"), "{asked}");
}

#[test]
fn the_verdict_stands_where_a_run_cannot_be_kept() {
    let stage = Stage::with_features(&[("token/a.feature", TOKENS)]);
    stage.write(
        "reports/history.sqlite",
        "this is no database, and long enough to be taken for one",
    );
    let ended = stage.ends(0, &["run", PASSING]);
    assert!(said(&ended).contains("file is not a database"), "{ended}");
    assert!(said(&ended).contains("`checkride history import reports/latest`"), "{ended}");
    assert!(ended.stdout.contains("1 pass"), "{ended}");
    let asked = stage.ends(3, &["history"]);
    assert!(said(&asked).contains("reports/history.sqlite`: file is not a database"), "{asked}");

    // Nobody listens at this port.
    let url = "postgres://ci:canary-password@127.0.0.1:1/runs?sslpassword=canary-too";
    stage.write("url", url);
    let config = stage.read("checkride.yaml");
    stage.write("checkride.yaml", &format!("history: {{ url: {{ file: url }} }}\n{config}"));
    for (code, arguments) in [(3, &["run", PASSING][..]), (1, &["run"]), (3, &["history"])] {
        let ended = stage.ends(code, arguments);
        assert!(
            said(&ended).contains("open the history `postgres://ci@127.0.0.1:1/runs`"),
            "{ended}"
        );
        assert!(!format!("{ended}").contains("canary"), "{ended}");
    }
}

#[test]
fn what_became_of_things_is_told_in_eighty_columns() {
    let stage = Stage::with_features(&[]);
    let nights = [
        ["pass", "pass", "pass", "pass"],
        ["fail", "pass", "pass", "fail"],
        ["pass", "pass", "pass", "fail"],
        ["pass", "fail", "skipped", "inconclusive"],
        ["pass", "fail", "skipped", "waived"],
    ];
    for (night, verdicts) in (0..).zip(nights) {
        let scenarios: Vec<(&str, &str)> = TITLES.into_iter().zip(verdicts).collect();
        let mut record = record(night * 24, &scenarios);
        record["scenarios"][1]["duration_ms"] = (if night == 4 { 2500 } else { 1200 }).into();
        stage.write(&format!("nights/{night}/record.json"), &record.to_string());
    }
    assert_eq!(stage.ends(0, &["history", "import", "nights"]).stdout, "5 runs kept\n");
    let mut told = String::new();
    for arguments in [
        &["history", "--last", "3"][..],
        &["history", "show", "2026-10-04"],
        &["history", "failing"],
        &["history", "requirements"],
        &["history", "requirements", "REQ-STEADY"],
        &["history", "flaky"],
        &["history", "slow"],
    ] {
        let ended = stage.ends(0, arguments);
        assert_eq!(ended.stderr, "", "{ended}");
        told.push_str(&format!("$ checkride {}\n{}\n", arguments.join(" "), ended.stdout));
        let json = stage.ends(0, &[arguments, &["--format", "json"]].concat()).stdout;
        assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/history.txt");
    if std::env::var("CHECKRIDE_GOLDEN").as_deref() == Ok("accept") {
        std::fs::write(file, &told).unwrap();
    }
    assert_eq!(told, std::fs::read_to_string(file).unwrap_or_default());
    let long: Vec<&str> = told.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(long, [""; 0]);
}

#[test]
fn runs_of_before_are_imported_once() {
    let stage = Stage::with_features(&[]);
    let one = |hour| record(hour, &[("a", "pass")]).to_string();
    stage.write("nights/a/record.json", &one(1));
    stage.write("nights/b/b.json", &one(2));
    stage.write("nights/b/results.json", "{\"schema\":\"checkride.results/1\"}");
    stage.write("nights/notes.txt", "checkride.record");
    let mut shard = record(3, &[("a", "pass")]);
    shard["extent"]["shard"] = serde_json::json!({ "number": 1, "of": 2, "division": "d" });
    stage.write("nights/c/record.json", &shard.to_string());
    let killed = format!("{}\n{{\"scenario\":", one(4));
    stage.write("nights/d/record.jsonl", &killed);

    let first = stage.ends(0, &["history", "import", "nights"]);
    assert_eq!(first.stdout, "3 runs kept, 1 left out\n", "{first}");
    let left_out = "`nights/c/record.json` is left out: it is shard 1 of 2";
    assert!(first.stderr.contains(left_out), "{first}");
    let again = stage.ends(0, &["history", "import", "nights", "nights/a/record.json"]);
    assert_eq!(again.stdout, "0 runs kept, 4 there already, 1 left out\n");
    assert_eq!(kept(&stage).len(), 3);

    stage.write("nights/e/record.json", "{\"schema\":\"checkride.record/9\"}");
    stage.write("nights/f/record.json", &one(6));
    let broken = stage.ends(2, &["history", "import", "nights"]);
    assert!(said(&broken).contains("cannot read the record `nights/e/record.json`"), "{broken}");
    assert!(broken.stdout.starts_with("1 run kept"), "{broken}");
    let none = stage.ends(2, &["history", "import", "features"]);
    assert!(said(&none).contains("cannot read `features`"), "{none}");
}

#[test]
fn what_is_asked_wrongly_is_one_mistake() {
    let stage = Stage::with_features(&[]);
    for hour in [1, 2] {
        stage.write("record.json", &record(hour, &[("a", "pass")]).to_string());
        stage.ends(0, &["history", "import", "record.json"]);
    }
    for (arguments, expected) in [
        (
            &["--target", "mok"][..],
            "no run of the target `mok` is in the history help: did you mean `mock`?",
        ),
        (&["failing", "--app", "mine"], "no run of the app `mine` is in the history"),
        (&["failing", "--since", "2030-01-01"], "no such run is in the history"),
        (
            &["requirements", "REQ-B"],
            "say nothing of a requirement `REQ-B` help: did you mean `REQ-A`?",
        ),
        (&["show", "2020-01-01"], "cannot find a run that had begun by 2020-01-01"),
        (&["show", "20261001"], "cannot tell which run `20261001` is"),
        (&["show", "nothing"], "cannot find a run whose name begins with `nothing`"),
        (&["prune", "--days", "0"], "invalid value '0'"),
        (&["import", "nowhere"], "cannot read `nowhere`"),
    ] {
        let ended = stage.ends(2, &[&["history"], arguments].concat());
        assert!(said(&ended).contains(expected), "{ended}");
    }
    assert_eq!(stage.ends(0, &["history", "prune"]).stdout, "no run is that old\n");
    assert_eq!(stage.ends(0, &["history", "prune", "--runs", "1"]).stdout, "1 run was let go\n");
    assert_eq!(kept(&stage)[0]["run"], name(2));
}

/// The runs that are kept, newest first.
fn kept(stage: &Stage) -> Vec<Value> {
    let listed = stage.ends(0, &["history", "--format", "json"]).stdout;
    serde_json::from_str(&listed).unwrap()
}

/// What was said on the error stream, as if lines had no end.
fn said(ended: &Ended) -> String {
    ended.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

const TITLES: [&str; 4] =
    ["once", "steady", "left out", "A title that is longer than most titles are"];
const PASSING: &str = "features/token/a.feature:3";

const TOKENS: &str = r#"Feature: Tokens

  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  Scenario: A demand that is not met
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 400 "invalid_grant"
"#;
