//! Searches all that a run left behind for secrets, in any spelling, and for whatever has the shape
//! of one.

mod pdf;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use flate2::read::GzDecoder;
use regex::Regex;
use serde_json::Value;

use crate::stage::{Ended, Stage, files};

/// Everything a run left: both streams, reports, pictures, snapshots; what is found, and where.
pub fn search(stage: &Stage, ended: &Ended, secrets: &[String]) -> BTreeSet<String> {
    let mut texts = vec![
        ("output stream".to_owned(), ended.stdout.clone()),
        ("error stream".to_owned(), ended.stderr.clone()),
    ];
    for folder in ["out", "reports", "snapshots"] {
        for file in files(&stage.project().join(folder)) {
            let bytes = fs::read(&file).unwrap();
            if file.extension().is_some_and(|it| it == "pdf") {
                let shown = pdf::text(&bytes);
                assert!(shown.contains("Declared against observed"), "{}", file.display());
                texts.push((format!("{}, without line ends", file.display()), joined(&shown)));
                texts.push((format!("{}, as it is read", file.display()), shown));
            }
            texts.push((file.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    for file in files(&stage.temporary()) {
        texts.push((file.display().to_string(), "a temporary file was left".to_owned()));
    }
    search_texts(&texts, secrets)
}

/// What is found in texts, each with its place, and in what is packed in them.
pub fn search_texts(texts: &[(String, String)], secrets: &[String]) -> BTreeSet<String> {
    let spellings: Vec<String> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
    let findings = texts.iter().flat_map(|(place, text)| {
        let packed = unpacked(text).flat_map(|it| findings_in(&it, &spellings));
        let found = findings_in(text, &spellings).into_iter().chain(packed);
        found.map(move |found| format!("{place}: {found}")).collect::<Vec<_>>()
    });
    findings.collect()
}

/// A text in which no word is broken at the end of a line.
fn joined(text: &str) -> String {
    text.replace('\n', "")
}

/// What a page holds in packed elements.
pub fn unpacked(page: &str) -> impl Iterator<Item = String> + '_ {
    let elements = page.split(r#"<script type="text/plain""#).skip(1);
    elements.filter_map(|rest| {
        let (_, packed) = rest.split_once('>')?;
        let packed = STANDARD.decode(packed.split('<').next()?).ok()?;
        let mut json = String::new();
        // What is packed in no way is a picture.
        GzDecoder::new(&*packed).read_to_string(&mut json).ok()?;
        Some(json)
    })
}

/// What of a text is a secret, or looks like one.
fn findings_in(text: &str, spellings: &[String]) -> BTreeSet<String> {
    let known = spellings.iter().filter(|spelling| text.contains(spelling.as_str()));
    let mut found: BTreeSet<String> = known.cloned().collect();
    for shape in shapes() {
        for one in shape.captures_iter(text) {
            let value = one.name("value").map_or("", |value| value.as_str());
            // Where a feature file names a value, nothing is told of it.
            let taken_out = value.starts_with(['[', '{'])
                || value.starts_with("%5Bredacted")
                || value.contains(":[redacted:");
            // Sentences speak of "Basic authorization"; credentials have digits.
            let word =
                one.name("scheme").is_some() && !value.contains(|c: char| c.is_ascii_digit());
            // A search for observations has a `code` too, and feature files are shown as they are.
            let named = value.starts_with("http:") || NAMED.contains(&value);
            if !value.is_empty() && !taken_out && !word && !named {
                found.insert(one[0].to_owned());
            }
        }
    }
    found
}

/// The ways in which a secret can be written; one inside of base64 is found by its middle.
fn spellings(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let quoted = Value::from(secret).to_string();
    let escaped = secret.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let each = |one: fn(u8) -> String| secret.bytes().map(one).collect::<String>();
    let mut spellings = vec![
        secret.to_owned(),
        encoded.clone(),
        encoded.replace('+', "%20"),
        quoted.trim_matches('"').to_owned(),
        escaped,
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("%25{byte:02X}")),
        each(|byte| format!("\\u00{byte:02x}")),
        each(|byte| format!("\\u00{byte:02X}")),
        each(|byte| format!("&#{byte};")),
    ];
    for plain in [secret, encoded.as_str()] {
        for shift in 0..3 {
            let whole =
                STANDARD_NO_PAD.encode([vec![0; shift], plain.as_bytes().to_vec()].concat());
            let middle = &whole[[0, 2, 3][shift]..whole.len() - 1];
            spellings.push(middle.to_owned());
            spellings.push(middle.replace('+', "-").replace('/', "_"));
        }
    }
    spellings
}

/// What a secret looks like, whatever its value.
fn shapes() -> &'static [Regex] {
    static SHAPES: OnceLock<Vec<Regex>> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let quote = r#"(?:\\*"|&quot;|&#34;|&#x22;)"#;
        let members = "access_token|refresh_token|id_token|client_secret|client_assertion|\
                       code_verifier|password|session";
        let parameters = "access_token|refresh_token|id_token|id_token_hint|client_secret|\
                          client_assertion|code_verifier|code|password|ticket";
        [
            r"(?P<value>\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)".to_owned(),
            format!(r#"{quote}(?:{members}){quote}\s*:\s*{quote}(?P<value>[^"&\\]*)"#),
            format!(r#"\b(?:{parameters})(?:=|%3D)(?P<value>[^&\s"'<>#\\]*)"#),
            r"://(?P<value>[^/\s@?#\\<]+)@".to_owned(),
            r"(?i)\b(?P<scheme>basic|bearer)\s+(?P<value>[A-Za-z0-9+/=._~-]{12,})".to_owned(),
        ]
        .iter()
        .map(|source| Regex::new(source).unwrap())
        .collect()
    })
}

pub fn shown(findings: &BTreeSet<String>) -> String {
    findings.iter().cloned().collect::<Vec<_>>().join("\n")
}

/// What feature files name by themselves: a heart rate's code, and a token that RFC 6749 §4.1.4 shows.
const NAMED: [&str; 2] = ["8867-4", "2YotnFZFEjr1zCsicMWpAA"];

#[test]
fn the_search_finds_a_secret_in_every_spelling() {
    let secret = "c4nary +/&=\"s3cret";
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    for text in [
        format!("x{secret}y"),
        format!("x={encoded}&"),
        STANDARD_NO_PAD.encode(format!("id:{secret}")),
        STANDARD_NO_PAD.encode(format!("id2:{secret} and more")),
        secret.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        secret.bytes().map(|byte| format!("\\u00{byte:02X}")).collect(),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        "https://jake:abcdef@api.example/".to_owned(),
        serde_json::to_string(&format!("\"{secret}\"")).unwrap(),
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl".to_owned(),
        r#"{\"client_secret\":\"abcdef\"}"#.to_owned(),
        "&quot;refresh_token&quot;: &quot;abcdef&quot;".to_owned(),
        "https://app.example/cb?code=abcdef&state=x".to_owned(),
        "code%3Dabcdef%26state".to_owned(),
        "authorization: Basic YWJjZGVmZ2hpamts".to_owned(),
        "Bearer abcdefghijk1".to_owned(),
    ] {
        let found = findings_in(&text, &spellings(secret));
        assert!(!found.is_empty(), "nothing was found in {text}");
    }
    for text in [
        r#"{"client_secret":"[redacted:client_secret]","password":""}"#,
        "grant_type=authorization_code&code=[redacted:code]",
        r#"Bearer realm="api", error_code=x"#,
        "Basic [redacted:credentials]",
        "Basic authorization",
        "/Observation?code=8867-4&code=http://loinc.org%7C85354-9",
    ] {
        assert_eq!(findings_in(text, &spellings(secret)), BTreeSet::new(), "{text}");
    }
}
