//! What holds for any two runs.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::difference::{Change, Difference, Rules, ScenarioChange, compare};
use crate::record::{Run, Standing};

/// Any JSON of few words, so that two of them often meet.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..5000_u32).prop_map(Value::from),
        select(vec!["Bearer", "openid fhirUser", "https://ehr.example/a", "a-1.E-12345", ""])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = select(vec![
            "access_token",
            "token_type",
            "expires_in",
            "scope",
            "error",
            "error_description",
            "resourceType",
            "keys",
            "kty",
            "issue",
            "code",
            "capabilities",
            "token_endpoint",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..5).prop_map(|members| {
                let own = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(own.collect::<Map<_, _>>())
            }),
        ]
    })
}

fn any_header() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(vec![
        ("content-type", "application/json"),
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("cache-control", "max-age=60, private"),
        ("location", "https://app.example/cb?code=1&state=2"),
        ("location", "/login?ticket=1"),
        ("location", "https://app.example/cb?error=access_denied"),
        ("www-authenticate", r#"Bearer realm="x", error="invalid_token""#),
        ("www-authenticate", "Basic"),
        ("set-cookie", "sid=1; Max-Age=60; Secure"),
        ("set-cookie", "sid=2; SameSite=None"),
        ("x-ratelimit-limit", "5"),
        ("x-ratelimit-limit", "50"),
        ("access-control-allow-origin", "*"),
        ("sunset", "Wed, 04 Feb 2026 00:00:00 GMT"),
        ("date", "Wed, 04 Feb 2026 00:00:00 GMT"),
    ])
}

fn any_body() -> impl Strategy<Value = String> {
    let form = select(vec![
        "<form action=/a><input name=u required><button>Go</button></form>",
        "<form action=/b method=post><input name=u><input type=hidden name=t><select name=s><option value=1></select></form>",
        "<form><label for=x>A</label><input id=x name=u><button name=d value=y>Yes</button>",
        "<form",
        "plain words",
        "",
    ]);
    prop_oneof![3 => any_json().prop_map(|it| it.to_string()), 1 => form.prop_map(str::to_owned)]
}

fn any_exchange() -> impl Strategy<Value = Value> {
    let url = select(vec![
        "https://ehr.example/oauth2/v1/token",
        "https://ehr.example/oauth2/v1/authorize?redirect_uri=https%3A%2F%2Fapp.example%2Fcb",
        "https://ehr.example/fhir/r4/.well-known/smart-configuration",
        "https://ehr.example/fhir/r4/metadata",
        "https://ehr.example/fhir/r4/Patient/a-1.E-2",
        "https://ehr.example/login",
    ]);
    let status = select(vec![200_u16, 201, 302, 400, 401, 404, 429, 503]);
    let headers = prop::collection::vec(any_header(), 0..4);
    (url, status, headers, any_body(), select(vec!["app", "browser"])).prop_map(
        |(url, status, headers, body, sender)| {
            json!({
                "number": 1, "sender": sender, "started_ms": 0, "duration_ms": 0, "step": 0,
                "request": { "method": "GET", "url": url, "headers": [] },
                "response": { "status": status, "headers": headers, "body": body },
            })
        },
    )
}

fn any_scenario() -> impl Strategy<Value = Value> {
    let verdict = || {
        select(vec!["pass", "warn", "flaky", "skipped", "waived", "inconclusive", "error", "fail"])
    };
    let findings = prop::collection::btree_map(select(vec!["A-1", "A-2", "B-1"]), verdict(), 0..3);
    let exchanges = prop::collection::vec(any_exchange(), 0..4);
    (1..4_usize, verdict(), findings, exchanges, any::<bool>()).prop_map(
        |(title, verdict, findings, exchanges, strict)| {
            let strict =
                strict.then(|| json!({ "verdict": verdict, "demands": { "S-1": ["A-1"] } }));
            json!({
                "id": "", "feature": "a.feature", "feature_name": "A", "line": 1,
                "name": format!("scenario {title}"), "tags": [], "requirements": ["A-1"],
                "verdict": verdict, "findings": findings, "strict": strict, "started_ms": 0,
                "duration_ms": 0, "exchanges": exchanges, "pictures": [], "snapshots": [],
                "steps": [{ "line": 2, "keyword": "When", "text": "x", "outcome": "passed",
                            "duration_ms": 0, "checks": [] }],
            })
        },
    )
}

prop_compose! {
    fn any_run()(scenarios in prop::collection::vec(any_scenario(), 0..5)) -> Run {
        let mut scenarios = scenarios;
        for (line, scenario) in scenarios.iter_mut().enumerate() {
            scenario["id"] = format!("a.feature:{line}").into();
            scenario["line"] = line.into();
        }
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
}

fn difference(before: &Run, after: &Run) -> Difference {
    compare(before, after, &Rules::built_in().unwrap(), &[])
}

/// What two changes have in common if they are the same change.
fn plain(change: &Change) -> String {
    let Change { rule, endpoint, name, before, after, how, answers, of, .. } = change;
    format!("{rule} {how:?} {endpoint} {name} {before:?} {after:?} {answers}/{of}")
}

fn mirrored(change: &Change, rules: &Rules) -> String {
    let rule = rules.all().iter().find(|rule| rule.id == change.rule).unwrap();
    let (before, after) = (change.after.clone(), change.before.clone());
    let how = change.how.mirrored();
    plain(&Change { rule: rule.mirror.clone(), how, before, after, ..change.clone() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_does_not_differ_from_itself(run in any_run()) {
        let found = difference(&run, &run);
        prop_assert!(found.is_empty(), "{found:?}");
        prop_assert!(found.unanswered.is_empty());
        let is_old = |standing: Standing| standing.is_old();
        prop_assert!(found.requirements.iter().all(|one| is_old(one.standing)));
        prop_assert!(found.strict.iter().all(|one| is_old(one.standing)));
    }

    #[test]
    fn what_is_seen_from_the_other_side_is_the_mirror(before in any_run(), after in any_run()) {
        let rules = Rules::built_in().unwrap();
        let (there, back) = (difference(&before, &after), difference(&after, &before));
        let mut expected: Vec<String> =
            there.changes.iter().map(|change| mirrored(change, &rules)).collect();
        let mut seen: Vec<String> = back.changes.iter().map(plain).collect();
        expected.sort();
        seen.sort();
        prop_assert_eq!(expected, seen);
        prop_assert_eq!(&there.unanswered, &back.unanswered);

        // Where a title has changed, each side has its own.
        let exchanged = |one: &ScenarioChange| (one.after, one.before);
        let plain = |one: &ScenarioChange| (one.before, one.after);
        let mut expected: Vec<_> = there.scenarios.iter().map(exchanged).collect();
        let mut seen: Vec<_> = back.scenarios.iter().map(plain).collect();
        expected.sort();
        seen.sort();
        prop_assert_eq!(expected, seen);
        let verdicts = |of: &Difference| -> Vec<_> {
            let all = of.requirements.iter().chain(&of.strict);
            all.map(|one| (one.id.clone(), one.before, one.after)).collect()
        };
        let mut expected: Vec<_> =
            verdicts(&there).into_iter().map(|(id, before, after)| (id, after, before)).collect();
        let mut seen = verdicts(&back);
        expected.sort();
        seen.sort();
        prop_assert_eq!(expected, seen);
    }
}
