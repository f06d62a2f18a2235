//! Takes out of an answer what differs in every run, and every secret.

use std::sync::OnceLock;

use regex::{Captures, Regex};
use serde_json::Value;

use crate::secret::Redactor;

/// What has to go before two answers can be compared.
///
/// Without being told it takes out secrets (also members that the protocols' names give away),
/// addresses of this machine, UUIDs, points in time and long random words.
#[derive(Clone, Debug)]
pub struct Normaliser {
    redactor: Redactor,
    addresses: Vec<(String, String)>,
    volatile: Vec<String>,
}

impl Normaliser {
    /// A normaliser that knows the secrets of `redactor`.
    pub fn new(redactor: &Redactor) -> Self {
        Self { redactor: redactor.clone(), addresses: Vec::new(), volatile: Vec::new() }
    }

    /// Shows addresses that begin with `base` as `[word]`, e.g. `[platform]/token`.
    pub fn address(mut self, base: &str, word: &str) -> Self {
        let base = base.trim_end_matches('/');
        if !base.is_empty() {
            self.addresses.push((base.to_owned(), format!("[{word}]")));
            // Longest first: one base may lie inside another.
            self.addresses.sort_by_key(|(base, _)| std::cmp::Reverse(base.len()));
        }
        self
    }

    /// Shows values as `[name: type]`: of members with this name anywhere (`exp`), or at a path
    /// in insta's selector syntax (`.body.exp`, `.**.id`, `.items[].id`).
    pub fn volatile(mut self, selectors: &[&str]) -> Self {
        self.volatile.extend(selectors.iter().map(|one| (*one).to_owned()));
        self
    }

    pub(super) fn selectors(&self) -> &[String] {
        &self.volatile
    }

    /// The value without secrets and without what differs in every run.
    pub(super) fn apply(&self, value: &Value) -> Value {
        self.member(None, value)
    }

    /// The text without secrets, for all that is not the answer itself.
    pub(super) fn redact(&self, text: &str) -> String {
        self.redactor.redact(text)
    }

    /// The text without secrets that were told by value; for a text that is normalised already.
    pub(super) fn redact_left_over(&self, text: String) -> String {
        if self.redactor.finds_in(&text) { self.redactor.redact(&text) } else { text }
    }

    fn member(&self, name: Option<&str>, value: &Value) -> Value {
        match value {
            Value::String(text) => match name {
                Some(name) if self.is_secret(name, text) => shape(name, "string").into(),
                _ => self.text(text).into(),
            },
            Value::Number(number) => match (name, number.as_i64()) {
                (Some(name), Some(number)) if is_time(name, number) => "[timestamp]".into(),
                _ => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.member(name, item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| {
                    let name = self.text(name);
                    let value = self.member(Some(&name), value);
                    (name, value)
                })
                .collect(),
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    /// Whether the redactor takes the member's name for a secret's, whatever its value.
    fn is_secret(&self, name: &str, value: &str) -> bool {
        // A key's members have short names; only a value like a number's base64url counts there.
        let encoded = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let stand_in = if encoded { "x".repeat(value.len()) } else { "x".to_owned() };
        let member = format!(r#""{name}":"{stand_in}""#);
        self.redactor.redact(&member) != member
    }

    fn text(&self, text: &str) -> String {
        let mut text = self.redactor.redact(text);
        for (base, word) in &self.addresses {
            text = text.replace(base, word);
        }
        for (pattern, word) in patterns() {
            text = pattern.replace_all(&text, *word).into_owned();
        }
        let Some(word) = word_pattern() else { return text };
        word.replace_all(&text, |found: &Captures<'_>| {
            if is_random(&found[0]) { "[token]".to_owned() } else { found[0].to_owned() }
        })
        .into_owned()
    }
}

/// `[name: type]`
pub(super) fn shape(name: &str, kind: &str) -> String {
    format!("[{name}: {kind}]")
}

/// A `NumericDate` (RFC 7519 §2) of this century, under a name that says so.
fn is_time(name: &str, number: i64) -> bool {
    names_time(name) && (946_684_800..4_102_444_800).contains(&number)
}

/// Whether a number under this name is a moment.
pub(super) fn names_time(name: &str) -> bool {
    TIMES.contains(&name) || name.ends_with("_at")
}

/// Long, of letters and digits that take turns as no word of a language lets them.
fn is_random(word: &str) -> bool {
    // Separators take no turn: `us-core-6-1-0-patient` is two words and one number.
    let kinds: Vec<u8> = word
        .chars()
        .filter_map(|c| match c {
            '0'..='9' => Some(0),
            'a'..='z' => Some(1),
            'A'..='Z' => Some(2),
            _ => None,
        })
        .collect();
    let turns =
        |differ: fn(u8, u8) -> bool| kinds.windows(2).filter(|w| differ(w[0], w[1])).count();
    let digits = turns(|a, b| (a == 0) != (b == 0));
    let any = turns(|a, b| a != b);
    kinds.contains(&0) && (digits >= (word.len() / 10).max(3) || any * 2 >= word.len())
}

fn patterns() -> &'static [(Regex, &'static str)] {
    static PATTERNS: OnceLock<Vec<(Regex, &'static str)>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let sources = [
            (r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?\b", "[platform]"),
            (r"\b(?:127\.0\.0\.1|localhost):\d+\b", "[platform]"),
            (r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[uuid]"),
            (
                r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?",
                "[timestamp]",
            ),
            (
                r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b",
                "[timestamp]",
            ),
        ];
        // A pattern that does not compile is caught by the tests below.
        sources
            .into_iter()
            .filter_map(|(source, word)| Some((Regex::new(source).ok()?, word)))
            .collect()
    })
}

fn word_pattern() -> Option<&'static Regex> {
    static WORD: OnceLock<Option<Regex>> = OnceLock::new();
    WORD.get_or_init(|| Regex::new(r"[A-Za-z0-9_-]{20,}").ok()).as_ref()
}

const TIMES: [&str; 6] = ["auth_time", "exp", "iat", "nbf", "server_time", "timestamp"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::Secret;

    fn plain() -> Normaliser {
        Normaliser::new(&Redactor::new())
    }

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(patterns().len(), 5);
        assert!(word_pattern().is_some());
    }

    #[test]
    fn what_differs_in_every_run_becomes_a_word() {
        let value = json!({
            "issuer": "http://127.0.0.1:41873/fhir/r4",
            "token_endpoint": "https://auth.example/v1/token",
            "trace": "id 5f6c2a34-1f7f-4a53-9c3e-2d2b7e1f0a55, at 2026-11-21T22:15:00.5Z",
            "date": "Sat, 21 Nov 2026 22:15:00 GMT",
            "launch": "q83vEjRWeJCrze8SNFZ4kKvN7xI0Vnh3",
            "iat": 1_795_300_500,
            "created_at": 1_795_300_500,
            "n": 1_795_300_500,
            "expires_in": 3600,
        });
        let seen = plain().address("https://auth.example/v1/", "platform").apply(&value);
        assert_eq!(
            seen,
            json!({
                "issuer": "[platform]/fhir/r4",
                "token_endpoint": "[platform]/token",
                "trace": "id [uuid], at [timestamp]",
                "date": "[timestamp]",
                "launch": "[token]",
                "iat": "[timestamp]",
                "created_at": "[timestamp]",
                "n": 1_795_300_500,
                "expires_in": 3600,
            })
        );
    }

    #[test]
    fn words_of_the_standards_stay() {
        for word in [
            "client-confidential-asymmetric",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "http://hl7.org/fhir/us/core/StructureDefinition/us-core-6-1-0-patient-profile",
            "token_endpoint_auth_signing_alg_values_supported",
            "MedicationAdministrationPerformerFunction2",
            "1990-01-01",
            "a-195900.E-12345",
        ] {
            assert_eq!(plain().apply(&json!(word)), json!(word));
        }
    }

    #[test]
    fn secrets_go_by_value_and_by_name() {
        let redactor = Redactor::new();
        redactor.learn("client_secret", &Secret::new("canary value"));
        let value = json!({
            "access_token": "opaque \" canary",
            "d": "canarycanarycanarycanary",
            "note": "you sent canary value",
            "canary value": ["canary value"],
            "id_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
            "jws": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
        });
        let seen = Normaliser::new(&redactor).apply(&value);
        assert_eq!(
            seen,
            json!({
                "access_token": "[access_token: string]",
                "d": "[d: string]",
                "note": "you sent [redacted:client_secret]",
                "[redacted:client_secret]": ["[redacted:client_secret]"],
                "id_token": "[id_token: string]",
                "jws": "[redacted:jwt]",
            })
        );
    }
}
