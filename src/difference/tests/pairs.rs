//! The table of pairs of answers, `tests/difference/pairs.yaml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::difference::{Change, Class, Rules, compare};
use crate::project::from_yaml;
use crate::record::Run;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    id: String,
    ask: String,
    #[serde(default)]
    ask_after: Option<String>,
    before: Answer,
    after: Answer,
    expect: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    json: Option<Value>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    tls: Option<Shown>,
}

/// What a host shows of its TLS, with what is the same everywhere left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    speaks: Vec<String>,
    issuer: String,
    root: String,
    hosts: Vec<String>,
    key: String,
    key_kind: String,
    until: String,
    #[serde(default)]
    distrust: Option<String>,
}

impl Shown {
    fn connection(&self, host: &str) -> Value {
        let certificate = |subject: &str, issuer: &str| {
            json!({
                "subject": subject, "issuer": issuer, "by_itself": false,
                "not_before": "2025-01-01T00:00:00Z", "not_after": self.until,
                "hosts": self.hosts, "key": self.key, "key_kind": self.key_kind,
                "signature": "sha256WithRSAEncryption",
            })
        };
        json!({
            "host": host, "at": "2026-11-22T08:00:00Z",
            "tls": {
                "version": "TLS 1.3", "speaks": self.speaks, "refuses": [],
                "distrust": self.distrust,
                "chain": [certificate(host, &self.issuer), certificate(&self.issuer, &self.root)],
            },
        })
    }
}

impl Answer {
    fn exchange(&self, ask: &str) -> Value {
        let (method, url) = ask.split_once(' ').unwrap();
        let values = |value: &Value| match value {
            Value::Array(values) => values.clone(),
            value => vec![value.clone()],
        };
        let headers = self.headers.iter();
        let headers: Vec<Value> = headers
            .flat_map(|(name, value)| values(value).into_iter().map(move |it| json!([name, it])))
            .collect();
        let body = self.json.as_ref().map_or_else(|| self.text.clone(), Value::to_string);
        json!({
            "number": 1, "sender": "app", "started_ms": 0, "duration_ms": 0, "step": 0,
            "request": { "method": method, "url": url, "headers": [] },
            "response": { "status": self.status, "headers": headers, "body": body },
        })
    }
}

pub fn pairs() -> Vec<Pair> {
    let text = include_str!("../../../tests/difference/pairs.yaml");
    from_yaml(Path::new("tests/difference/pairs.yaml"), text).unwrap()
}

/// A run in which this is asked and answered, after the discovery that names the endpoints.
fn run(answer: &Answer, ask: &str) -> Run {
    let connections: Vec<Value> =
        answer.tls.iter().map(|shown| shown.connection(ask.trim_start_matches("TLS "))).collect();
    let exchanges = if connections.is_empty() { vec![answer.exchange(ask)] } else { Vec::new() };
    let discovery = Answer {
        status: 200,
        headers: BTreeMap::new(),
        json: Some(json!({
            "token_endpoint": "https://ehr.example/oauth2/v1/token",
            "authorization_endpoint": "https://ehr.example/oauth2/v1/authorize",
            "introspection_endpoint": "https://ehr.example/oauth2/v1/introspect",
            "revocation_endpoint": "https://ehr.example/oauth2/v1/revoke",
            "jwks_uri": "https://ehr.example/oauth2/v1/keys",
        })),
        text: String::new(),
        tls: None,
    };
    let scenario = |line: usize, exchanges: Vec<Value>| {
        json!({
            "id": format!("a.feature:{line}"), "feature": "a.feature", "feature_name": "A",
            "line": line, "name": format!("scenario {line}"), "tags": [],
            "requirements": ["A-1"], "verdict": "pass", "started_ms": 0, "duration_ms": 0,
            "steps": [{ "line": 2, "keyword": "When", "text": "x", "outcome": "passed",
                        "duration_ms": 0, "checks": [] }],
            "exchanges": exchanges, "pictures": [], "snapshots": [],
        })
    };
    let found =
        discovery.exchange("GET https://ehr.example/fhir/r4/.well-known/smart-configuration");
    serde_json::from_value(json!({
        "schema": "checkride.record/1", "id": "x", "started": "2026-11-22T08:00:00Z",
        "duration_ms": 0, "completion": "complete", "requirements": {},
        "target": { "name": "preview", "dialect": "athenahealth",
                    "fhir_base": "https://ehr.example/fhir/r4" },
        "tool": { "version": "x", "platform": "x", "jobs": 1 },
        "connections": connections,
        "scenarios": [scenario(1, vec![found]), scenario(2, exchanges)],
    }))
    .unwrap()
}

fn told(changes: &[Change]) -> Vec<String> {
    let tell = |change: &Change| format!("{} {} {}", change.class.word(), change.rule, change.name);
    let mut told: Vec<String> = changes.iter().map(tell).collect();
    told.sort();
    told
}

impl Pair {
    fn runs(&self) -> (Run, Run) {
        let ask_after = self.ask_after.as_ref().unwrap_or(&self.ask);
        (run(&self.before, &self.ask), run(&self.after, ask_after))
    }
}

#[test]
fn each_pair_is_classed_as_the_table_says() {
    let (pairs, rules) = (pairs(), Rules::built_in().unwrap());
    assert!(pairs.len() >= 60, "{}", pairs.len());
    let mut wrong = Vec::new();
    for pair in &pairs {
        let (before, after) = pair.runs();
        let mut expected = pair.expect.clone();
        expected.sort();
        let seen = told(&compare(&before, &after, &rules, &[]).changes);
        if seen != expected {
            wrong.push(format!("{}:\n  seen     {seen:?}\n  expected {expected:?}", pair.id));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

#[test]
fn each_pair_read_the_other_way_round_gives_the_mirrors() {
    let rules = Rules::built_in().unwrap();
    for pair in &pairs() {
        let (before, after) = pair.runs();
        let mirrored = |change: &Change| {
            let rule = rules.all().iter().find(|rule| rule.id == change.rule).unwrap();
            (rule.mirror.clone(), change.name.clone(), change.after.clone(), change.before.clone())
        };
        let plain = |change: &Change| {
            (change.rule.clone(), change.name.clone(), change.before.clone(), change.after.clone())
        };
        let there = compare(&before, &after, &rules, &[]).changes;
        let back = compare(&after, &before, &rules, &[]).changes;
        let (mut there, mut back): (Vec<_>, Vec<_>) =
            (there.iter().map(mirrored).collect(), back.iter().map(plain).collect());
        there.sort();
        back.sort();
        assert_eq!(there, back, "{}", pair.id);
    }
}

#[test]
fn the_table_has_every_class_many_times() {
    let told: Vec<String> = pairs().into_iter().flat_map(|pair| pair.expect).collect();
    for class in Class::ALL {
        let count = told.iter().filter(|it| it.starts_with(class.word())).count();
        assert!(count >= 10, "{class:?}: {count}");
    }
}
