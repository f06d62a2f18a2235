//! What differs from day to day in paths and sentences, taken out of them.

use std::sync::LazyLock;

use regex::Regex;

/// A path in which ids are `{id}`: `/fhir/r4/Patient/{id}`.
pub fn path(path: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let after_type = shown.last().is_some_and(|before| is_type(before));
        let is_deed = segment.starts_with(['_', '$']) || is_type(segment);
        shown.push(if is_id(segment) || after_type && !is_deed && !segment.is_empty() {
            "{id}"
        } else {
            segment
        });
    }
    shown.join("/")
}

/// A sentence without its numbers, moments, addresses and random words.
pub fn sentence(text: &str) -> String {
    let Some([address, date, redacted, number]) = PATTERNS.as_ref() else { return String::new() };
    let text = address.replace_all(text, "[address]");
    let text = date.replace_all(&text, "[date]");
    let text = redacted.replace_all(&text, "[secret]");
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| {
            let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
            match is_id(bare) {
                true => word.replacen(bare, "[id]", 1),
                false => number.replace_all(word, "#").into_owned(),
            }
        })
        .collect();
    words.join(" ")
}

/// Whether a word was issued or counted, and no author has chosen it.
pub fn is_id(word: &str) -> bool {
    if word.contains("[redacted:") {
        return true;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits >= 3 && digits == word.len();
    is_number || digits >= 4 || is_random(word)
}

/// Long, of letters and digits that take turns as no word of a language lets them.
fn is_random(word: &str) -> bool {
    let kind = |letter: char| match letter {
        '0'..='9' => Some(0),
        'a'..='z' => Some(1),
        'A'..='Z' => Some(2),
        _ => None,
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if word.len() < SHORTEST_RANDOM || !word.chars().all(plain) {
        return false;
    }
    let kinds: Vec<u8> = word.chars().filter_map(kind).collect();
    let turns = kinds.windows(2).filter(|pair| pair[0] != pair[1]).count();
    turns * 3 >= word.len()
}

/// A FHIR resource type, or what is written like one.
fn is_type(segment: &str) -> bool {
    let mut letters = segment.chars();
    letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && segment.len() > 2
        && letters.all(|letter| letter.is_ascii_alphabetic())
        && !is_random(segment)
}

fn patterns() -> Result<[Regex; 4], regex::Error> {
    Ok([
        Regex::new(r#"https?://[^\s"'<>]+"#)?,
        Regex::new(
            r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)",
        )?,
        Regex::new(r"\[redacted:[^\]]*\]")?,
        Regex::new(r"\d+")?,
    ])
}

static PATTERNS: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| patterns().ok());
/// Shorter words may be anybody's.
const SHORTEST_RANDOM: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        patterns().unwrap();
    }

    #[test]
    fn a_path_keeps_what_its_author_has_chosen() {
        for (text, expected) in [
            ("/oauth2/v1/token", "/oauth2/v1/token"),
            ("/fhir/r4/Patient/a-80000.E-14545", "/fhir/r4/Patient/{id}"),
            ("/fhir/r4/Patient/abc", "/fhir/r4/Patient/{id}"),
            ("/fhir/r4/Patient/_search", "/fhir/r4/Patient/_search"),
            ("/fhir/r4/Patient/$everything", "/fhir/r4/Patient/$everything"),
            ("/fhir/r4/Patient", "/fhir/r4/Patient"),
            ("/fhir/r4/Patient/", "/fhir/r4/Patient/"),
            ("/v1/195900/patients/60178", "/v1/{id}/patients/{id}"),
            ("/portal/api/apps/cnZkYqPzLmWxTbVr", "/portal/api/apps/{id}"),
            ("/control/apps/XSrsPymPajTpTNqWeRtY/onboarding", "/control/apps/{id}/onboarding"),
            ("/oauth2/aus2hfei6ookPyyCA297/v1", "/oauth2/{id}/v1"),
            ("/a/5f6c2a34-1f7f-4a53-9c3e-2d2b7e1f0a55", "/a/{id}"),
            ("/cb/[redacted:code]", "/cb/{id}"),
            ("/.well-known/smart-configuration", "/.well-known/smart-configuration"),
            ("/static/smart_stylesheet_v1.json", "/static/smart_stylesheet_v1.json"),
        ] {
            assert_eq!(path(text), expected);
        }
    }

    #[test]
    fn a_sentence_keeps_its_words() {
        for (text, expected) in [
            ("The 'redirect_uri' is wrong.", "The 'redirect_uri' is wrong."),
            ("try again in 42 seconds", "try again in # seconds"),
            ("no app at http://127.0.0.1:4010/x was found", "no app at [address] was found"),
            ("expired at 2026-11-22T08:00:00Z", "expired at [date]"),
            ("the code [redacted:code] was used", "the code [secret] was used"),
            ("client '6bgqHrkEuQPCXoVNtwkB' is unknown", "client '[id]' is unknown"),
        ] {
            assert_eq!(sentence(text), expected);
        }
    }
}
