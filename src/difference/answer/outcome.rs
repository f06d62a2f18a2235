//! Whether an answer accepts its request, and how it refuses it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::place::Places;
use crate::record::Response;

/// What an answer says to its request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    #[default]
    Accepted,
    /// No.
    Refused {
        /// The code of the error, if there is one.
        error: Option<String>,
        /// What is said about it.
        text: Option<String>,
    },
    /// Neither: too many requests, or out of order.
    Unavailable,
}

impl Outcome {
    /// The parameter that a refusal demands, if it names one that was missing.
    pub fn demanded(&self) -> Option<&str> {
        let Self::Refused { text: Some(text), .. } = self else { return None };
        let [missing, quoted, follows, leads] = PATTERNS.as_ref()?;
        missing.find(text)?;
        let named = [quoted, follows, leads].into_iter().flat_map(|it| it.captures_iter(text));
        let mut names = named.filter_map(|found| Some(found.get(1)?.as_str()));
        names.find(|name| !COMMON.contains(&name.to_ascii_lowercase().as_str()))
    }
}

pub fn of(response: &Response, body: Option<&Value>, places: &Places) -> Outcome {
    let header = |wanted: &str| {
        let mut found = response.headers.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| value.as_str())
    };
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| body?.get(name)?.as_str());
        found.map(str::to_owned)
    };
    match response.status {
        429 | 500.. => Outcome::Unavailable,
        400.. => {
            let issue = body.and_then(|body| body.get("issue")?.get(0));
            let error = text(&["error", "errorCode", "fault"])
                .or_else(|| Some(issue?.get("code")?.as_str()?.to_owned()))
                .or_else(|| header("www-authenticate").and_then(in_challenge));
            let said = text(&TEXTS)
                .or_else(|| Some(issue?.get("details")?.get("text")?.as_str()?.to_owned()))
                .or_else(|| Some(issue?.get("diagnostics")?.as_str()?.to_owned()));
            Outcome::Refused { error, text: said }
        }
        300..400 => {
            let location = header("location").and_then(|it| places.location(it));
            let error = location.as_ref().and_then(|it| it.parameter("error"));
            let said = location.as_ref().and_then(|it| it.parameter("error_description"));
            match error {
                Some(error) => {
                    let text = said.map(str::to_owned);
                    Outcome::Refused { error: Some(error.to_owned()), text }
                }
                None => Outcome::Accepted,
            }
        }
        // Some say it with status 200.
        _ => match text(&["error"]) {
            Some(error) => Outcome::Refused { error: Some(error), text: text(&TEXTS) },
            None => Outcome::Accepted,
        },
    }
}

/// `Bearer realm="fhir", error="insufficient_scope"` gives `insufficient_scope` (RFC 6750 §3).
fn in_challenge(challenge: &str) -> Option<String> {
    let (_, rest) = challenge.split_once("error=")?;
    let value = rest.trim_start_matches('"').split(['"', ',', ' ']).next()?;
    Some(value.to_owned())
}

fn patterns() -> Result<[Regex; 4], regex::Error> {
    Ok([
        Regex::new(
            r"(?i)\b(?:missing|required|mandatory|absent|must be (?:present|given|included|sent|specified|provided)|must (?:include|contain|have)|add the)\b",
        )?,
        Regex::new(r#"[`'"]([A-Za-z_][\w.-]*)[`'"]"#)?,
        Regex::new(r"(?i)\b(?:parameter|field|header)s?\s*[:=]\s*([a-z_][\w.-]*)")?,
        Regex::new(
            r"(?i)\b([a-z_][\w.-]*)\s+(?:parameter|field|header|is (?:required|missing|mandatory)|must )",
        )?,
    ])
}

static PATTERNS: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| patterns().ok());
/// Members that say something about an error.
const TEXTS: [&str; 6] =
    ["error_description", "detailedmessage", "errorSummary", "message", "description", "detail"];
/// Words that stand where a parameter's name does in other sentences.
const COMMON: [&str; 14] = [
    "a", "the", "is", "in", "of", "this", "that", "one", "required", "missing", "request", "was",
    "and", "or",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        patterns().unwrap();
    }

    #[test]
    fn a_refusal_may_name_the_parameter_that_it_demands() {
        for (text, expected) in [
            ("The required parameter `resource` is missing.", Some("resource")),
            ("Missing required parameter: aud", Some("aud")),
            ("code_challenge is required", Some("code_challenge")),
            ("The request must include the parameter \"nonce\"", Some("nonce")),
            ("Add the `ah-practice` search parameter to your request.", Some("ah-practice")),
            ("The client_id parameter is missing", Some("client_id")),
            ("Invalid value for 'client_id' parameter.", None),
        ] {
            let outcome = Outcome::Refused { error: None, text: Some(text.to_owned()) };
            assert_eq!(outcome.demanded(), expected, "{text}");
        }
        assert_eq!(Outcome::Accepted.demanded(), None);
    }

    #[test]
    fn a_challenge_may_name_its_error() {
        let challenge = r#"Bearer realm="fhir", error="insufficient_scope", scope="x""#;
        assert_eq!(in_challenge(challenge).unwrap(), "insufficient_scope");
        assert_eq!(in_challenge("Bearer"), None);
    }
}
