//! Makes every text of a record one that wants to be more than a text.

use serde_json::{Map, Value};

/// Puts a payload behind every text that a platform, an app or a feature file may have written.
pub fn spoil(run: &mut Value) {
    let mut number = 0;
    let mut next = move || {
        number += 1;
        PAYLOADS[number % PAYLOADS.len()]
    };
    for scenario in run["scenarios"].as_array_mut().unwrap() {
        spoil_members(scenario, &mut next);
    }
    for requirement in run["requirements"].as_object_mut().unwrap().values_mut() {
        spoil_members(requirement, &mut next);
    }
    run["target"]["fhir_base"] = next().into();
    run["tool"]["browser"] = next().into();
}

fn spoil_members(value: &mut Value, next: &mut impl FnMut() -> &'static str) {
    match value {
        Value::String(text) => text.push_str(next()),
        Value::Array(items) => items.iter_mut().for_each(|item| spoil_members(item, next)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                // Words of the record's own shape, and what other parts are found by.
                if !OWN.contains(&name.as_str()) {
                    spoil_members(member, next);
                }
            }
            if members.contains_key("iss") {
                add_claims(members, next);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Claims whose names are as bad as their values.
fn add_claims(claims: &mut Map<String, Value>, next: &mut impl FnMut() -> &'static str) {
    for name in ["__proto__", "constructor", "<script>ran=1</script>"] {
        claims.insert(name.to_owned(), serde_json::json!({ "ran": next() }));
    }
}

/// Members whose values are words of the record itself, ids, or names of files.
const OWN: [&str; 20] = [
    "id",
    "feature",
    "verdict",
    "outcome",
    "sender",
    "state",
    "standing",
    "before",
    "sides",
    "file",
    "findings",
    "requirements",
    "strict",
    "keyword",
    "level",
    "actor",
    "as_in",
    "method",
    "covers",
    "since",
];

/// One that fits into a title.
pub const SCRIPT: &str = "<img src=x onerror=ran=1></script><script>ran=1</script>";

const PAYLOADS: [&str; 24] = [
    "<script>ran=1</script>",
    "</script><script>ran=1</script>",
    "\"><img src=x onerror=ran=1>",
    "'><svg onload=ran=1>",
    "</style><style>body{display:none}</style>",
    "<style>@import 'https://evil.example/a.css'</style>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<a href=javascript:ran=1>x</a>",
    "javascript:ran=1",
    "data:text/html,<script>ran=1</script>",
    "<form action=https://evil.example><input name=x></form>",
    "<object data=https://evil.example></object><embed src=https://evil.example>",
    "<!-- <script> --!><script>ran=1</script>",
    "{{ 7 * 7 }}{% raw %}${ran=1}",
    "<template><script>ran=1</script></template><math><mi//xlink:href='data:x,<script>ran=1</script>'>",
    "\u{2028}ran=1//\u{2029}",
    "\u{202e}evil\u{0}\u{7f}\u{feff}",
    "]]>--></textarea></title><script>ran=1</script>",
    "`<script>ran=1</script>` and ```",
    "&lt;script&gt;ran=1&lt;/script&gt;&#60;img src=x onerror=ran=1&#62;",
    "<img src=https://evil.example/x.png><video src=https://evil.example/x.mp4 autoplay>",
];
