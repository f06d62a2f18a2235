//! Times the comparison of two whole runs: `cargo bench --bench difference`.
//!
//! The records are as large as those of all scenarios of this repository: what they hold is made up, and
//! differs in everything but its shape.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark talks, and stops where it cannot measure"
)]

use std::time::Instant;

use checkride::difference::{Class, Format, Rules, compare, written};
use checkride::record::Run;
use serde_json::{Value, json};

fn main() {
    let records = [record(1), record(2)];
    let size = records[0].len() as f64 / 1e6;
    println!(
        "two records of {SCENARIOS} scenarios, {size:.1} MB each; {RUNS} times: fastest, median"
    );
    let mut times: Vec<[f64; 3]> = (0..RUNS).map(|_| once(&records)).collect();
    for (index, what) in ["read both", "compare", "all, with the page"].iter().enumerate() {
        times.sort_by(|one, other| one[index].total_cmp(&other[index]));
        let (fastest, median) = (times[0][index], times[RUNS / 2][index]);
        println!("{:>9.3} s, {median:>6.3} s  {what}", fastest);
    }
}

/// Seconds to read both records, to compare them, and for all with the page.
fn once(records: &[String; 2]) -> [f64; 3] {
    let begun = Instant::now();
    let read = |text: &str| -> Run { serde_json::from_str(text).expect("it is a record") };
    let (before, after) = (read(&records[0]), read(&records[1]));
    let were_read = begun.elapsed().as_secs_f64();
    let rules = Rules::built_in().expect("the rules can be read");
    let found = compare(&before, &after, &rules, &[]);
    let compared = begun.elapsed().as_secs_f64() - were_read;
    assert!(found.is_empty(), "the runs have the same shape");
    written(&found, Format::Html, &Class::ALL, false).expect("the page is written");
    [were_read, compared, begun.elapsed().as_secs_f64()]
}

/// A record in which every value depends on the day.
fn record(day: usize) -> String {
    let scenarios: Vec<Value> = (0..SCENARIOS).map(|line| scenario(day, line)).collect();
    json!({
        "schema": "checkride.record/1", "id": format!("run-{day}"),
        "started": "2026-11-22T08:00:00Z", "duration_ms": 0, "completion": "complete",
        "requirements": {}, "tool": { "version": "x", "platform": "x", "jobs": 1 },
        "target": { "name": "preview", "dialect": "athenahealth", "fhir_base": base(day) },
        "scenarios": scenarios,
    })
    .to_string()
}

fn base(day: usize) -> String {
    format!("http://127.0.0.1:{}/fhir/r4", 40_000 + day)
}

fn scenario(day: usize, line: usize) -> Value {
    let step = |text: &str| {
        json!({ "line": line, "keyword": "When", "text": text, "outcome": "passed",
                "duration_ms": day, "checks": [] })
    };
    let host = format!("http://127.0.0.1:{}", 40_000 + day);
    let discovery = format!("{}/.well-known/smart-configuration", base(day));
    let patient = format!("{}/Patient/a-1.E-{line}{day}", base(day));
    let exchanges = [
        exchange(day, "GET", &discovery, "application/json", &document(&host)),
        exchange(day, "POST", &format!("{host}/oauth2/v1/token"), "application/json", &token(day)),
        exchange(day, "GET", &format!("{host}/login"), "text/html", &page(day)),
        exchange(day, "GET", &patient, "application/fhir+json", &resource(day)),
        exchange(
            day,
            "GET",
            &format!("{}/Patient", base(day)),
            "application/fhir+json",
            &bundle(day),
        ),
    ];
    json!({
        "id": format!("a.feature:{line}"), "feature": "a.feature", "feature_name": "A",
        "line": line, "name": format!("scenario {line}"), "tags": [],
        "requirements": [format!("A-{}", line % 200)], "verdict": "pass", "started_ms": day,
        "duration_ms": day, "steps": [step("the app asks"), step("it is answered")],
        "exchanges": exchanges, "pictures": [], "snapshots": [],
    })
}

fn exchange(day: usize, method: &str, url: &str, media_type: &str, body: &str) -> Value {
    json!({
        "number": 1, "sender": "app", "started_ms": day, "duration_ms": 1, "step": 0,
        "request": { "method": method, "url": url, "headers": [["accept", media_type]] },
        "response": {
            "status": 200, "body": body,
            "headers": [
                ["content-type", media_type], ["cache-control", "no-store"],
                ["date", format!("Sun, 22 Nov 2026 08:00:0{day} GMT")],
                ["x-request-id", format!("request-{day}")],
            ],
        },
    })
}

fn document(host: &str) -> String {
    let scopes: Vec<String> = (0..60).map(|one| format!("patient/Resource{one}.read")).collect();
    json!({
        "issuer": host, "token_endpoint": format!("{host}/oauth2/v1/token"),
        "capabilities": ["launch-ehr", "launch-standalone"], "scopes_supported": scopes,
    })
    .to_string()
}

fn token(day: usize) -> String {
    json!({ "access_token": format!("t{day}"), "token_type": "Bearer", "expires_in": 3600 - day })
        .to_string()
}

fn page(day: usize) -> String {
    let style = "p { margin: 0 } ".repeat(400);
    format!(
        "<!doctype html><style>{style}</style><form method=post action=/login><input name=username \
         required><input type=hidden name=ticket value=t{day}><button>Sign in</button></form>"
    )
}

fn resource(day: usize) -> String {
    let name = |one: usize| json!({ "family": format!("n{one}{day}"), "given": ["a", "b"] });
    let names: Vec<Value> = (0..10).map(name).collect();
    json!({ "resourceType": "Patient", "id": format!("p{day}"), "name": names }).to_string()
}

fn bundle(day: usize) -> String {
    let resource: Value = serde_json::from_str(&resource(day)).expect("it is JSON");
    let entries: Vec<Value> = (0..10).map(|_| json!({ "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "total": day, "entry": entries }).to_string()
}

/// As many as this repository has.
const SCENARIOS: usize = 766;
const RUNS: usize = 5;
