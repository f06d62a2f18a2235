//! Whole runs: which scenario is which, what is told of them, and what depends on a change.

use serde_json::{Value, json};

use crate::difference::{DeclaredApp, Difference, Rules, compare, settle};
use crate::record::{Run, Standing};

fn scenario(line: usize, name: &str, steps: &[&str], verdict: &str) -> Value {
    let steps: Vec<Value> = steps
        .iter()
        .map(|text| {
            json!({ "line": 1, "keyword": "When", "text": text, "outcome": "passed",
                    "duration_ms": 0, "checks": [] })
        })
        .collect();
    json!({
        "id": format!("a.feature:{line}"), "feature": "a.feature", "feature_name": "A",
        "line": line, "name": name, "tags": [], "requirements": ["A-1"], "verdict": verdict,
        "findings": { "A-1": verdict }, "started_ms": 0, "duration_ms": 0, "steps": steps,
        "exchanges": [], "pictures": [], "snapshots": [],
    })
}

fn run(scenarios: Vec<Value>) -> Run {
    serde_json::from_value(json!({
        "schema": "checkride.record/1", "id": "x", "started": "2026-11-22T08:00:00Z",
        "duration_ms": 0, "completion": "complete", "requirements": {},
        "target": { "name": "preview", "dialect": "athenahealth",
                    "fhir_base": "https://ehr.example/fhir/r4" },
        "tool": { "version": "x", "platform": "x", "jobs": 1 },
        "scenarios": scenarios,
    }))
    .unwrap()
}

fn difference(before: &Run, after: &Run, apps: &[DeclaredApp]) -> Difference {
    compare(before, after, &Rules::built_in().unwrap(), apps)
}

fn told(before: Vec<Value>, after: Vec<Value>) -> Vec<(Standing, String)> {
    let found = difference(&run(before), &run(after), &[]);
    found.scenarios.into_iter().map(|one| (one.standing, one.id)).collect()
}

fn answered(mut scenario: Value, method: &str, url: &str, body: &Value) -> Value {
    let exchange = json!({
        "number": 1, "sender": "app", "started_ms": 0, "duration_ms": 0, "step": 0,
        "request": { "method": method, "url": url, "headers": [] },
        "response": { "status": 200, "headers": [], "body": body.to_string() },
    });
    scenario["exchanges"].as_array_mut().unwrap().push(exchange);
    scenario
}

#[test]
fn a_scenario_is_known_wherever_its_lines_went() {
    let before = vec![
        scenario(4, "a code is spent once", &["redeem"], "pass"),
        scenario(9, "each row", &["send 1"], "fail"),
        scenario(10, "each row", &["send 2"], "pass"),
        scenario(14, "a title", &["something of its own"], "fail"),
    ];
    let after = vec![
        scenario(6, "each row", &["send 0"], "pass"),
        scenario(7, "each row", &["send 1"], "fail"),
        scenario(8, "each row", &["send 2"], "pass"),
        scenario(14, "another title", &["something of its own"], "pass"),
        scenario(20, "a code is spent once", &["redeem", "redeem again"], "fail"),
    ];
    assert_eq!(
        told(before, after),
        [
            (Standing::NewlyFailing, "a.feature:20".to_owned()),
            (Standing::StillFailing, "a.feature:7".to_owned()),
            (Standing::Fixed, "a.feature:14".to_owned()),
            (Standing::New, "a.feature:6".to_owned()),
        ]
    );
}

#[test]
fn a_scenario_is_known_in_another_file() {
    let before = scenario(4, "a", &["x"], "pass");
    let mut after = scenario(9, "a", &["x"], "fail");
    after["id"] = "b.feature:9".into();
    after["feature"] = "b.feature".into();
    after["feature_name"] = "B".into();
    let found = difference(&run(vec![before]), &run(vec![after]), &[]);
    let [one] = found.scenarios.as_slice() else { panic!("{found:?}") };
    assert_eq!(one.standing, Standing::NewlyFailing);
    assert_eq!(one.moved_from.as_deref(), Some("a.feature:4"));
}

#[test]
fn what_is_gone_is_told_with_its_old_place() {
    let before = vec![scenario(4, "a", &["x"], "pass"), scenario(5, "b", &["y"], "pass")];
    let after = vec![scenario(4, "b", &["y"], "pass")];
    assert_eq!(told(before, after), [(Standing::Gone, "a.feature:4".to_owned())]);
}

#[test]
fn who_fails_for_another_reason_fails_anew() {
    let before = scenario(4, "a", &["x"], "fail");
    let mut after = before.clone();
    after["findings"] = json!({ "A-1": "pass", "A-2": "fail" });
    let found = difference(&run(vec![before.clone()]), &run(vec![after]), &[]);
    let [one] = found.scenarios.as_slice() else { panic!("{found:?}") };
    assert_eq!(one.standing, Standing::NewlyFailing);
    assert_eq!((one.newly_broken.as_slice(), one.still_broken.len()), (&["A-2".to_owned()][..], 0));
    let standings: Vec<_> =
        found.requirements.iter().map(|one| (one.id.as_str(), one.standing)).collect();
    assert_eq!(standings, [("A-2", Standing::NewlyFailing), ("A-1", Standing::Fixed)]);
}

#[test]
fn a_run_keeps_what_became_of_its_scenarios() {
    let earlier = run(vec![scenario(4, "a", &["x"], "fail"), scenario(8, "b", &["y"], "pass")]);
    let mut later = run(vec![
        scenario(5, "a", &["x"], "fail"),
        scenario(9, "b", &["y"], "fail"),
        scenario(11, "c", &["z"], "pass"),
    ]);
    settle(&mut later, &earlier);
    let standings: Vec<_> = later.scenarios.iter().map(|one| one.standing).collect();
    let expected = [Standing::StillFailing, Standing::NewlyFailing, Standing::New];
    assert_eq!(standings, expected.map(Some));
}

#[test]
fn a_change_is_told_once_with_all_that_depends_on_it() {
    let ask = |line: usize, body: &Value| {
        let one = scenario(line, &format!("s{line}"), &["x"], "pass");
        answered(one, "GET", "https://ehr.example/fhir/r4/Patient/a-1.E-2", body)
    };
    let whole = json!({ "resourceType": "Patient", "id": "x", "telecom": [] });
    let less = json!({ "resourceType": "Patient", "id": "y" });
    let discovery = json!({ "capabilities": [] });
    let found = |body: &Value| {
        let one = answered(
            scenario(1, "s1", &["x"], "pass"),
            "GET",
            "https://ehr.example/fhir/r4/.well-known/smart-configuration",
            &discovery,
        );
        run(vec![one, ask(2, body), ask(3, body), scenario(4, "s4", &["x"], "pass")])
    };
    let apps = [
        DeclaredApp {
            name: "scheduler".into(),
            endpoints: vec!["GET /fhir/r4/Patient/*".into()],
            scopes: Vec::new(),
        },
        DeclaredApp {
            name: "billing".into(),
            endpoints: vec!["GET /fhir/r4/Coverage/*".into()],
            scopes: Vec::new(),
        },
    ];
    let found = difference(&found(&whole), &found(&less), &apps);
    let [change] = found.changes.as_slice() else { panic!("{:?}", found.changes) };
    assert_eq!((change.rule.as_str(), change.name.as_str()), ("member-removed", "Patient.telecom"));
    assert_eq!((change.answers, change.of), (2, 2));
    assert_eq!(change.scenarios, ["a.feature:2", "a.feature:3"]);
    assert_eq!(change.endpoint, "GET Patient/{id}");
    assert_eq!(change.apps, ["scheduler"]);
    assert_eq!(change.requirements, ["A-1"], "half of its scenarios");
}

#[test]
fn the_answers_that_an_app_met_on_the_mock_are_not_compared() {
    let of = |body: Value| {
        let url = "https://ehr.example/fhir/r4/Patient/a-1.E-2";
        let mut run = run(vec![answered(scenario(1, "a", &["x"], "pass"), "GET", url, &body)]);
        run.target.app = Some("scheduler".to_owned());
        run
    };
    assert!(difference(&of(json!({ "a": 1 })), &of(json!({})), &[]).is_empty());
}
