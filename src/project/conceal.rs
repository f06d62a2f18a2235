//! Takes out of a project file's text what looks like a secret that is written out, so that no
//! message can show it.

use std::sync::OnceLock;

use regex::Regex;

/// The text with dots in place of written-out secrets; lines and columns before them stay.
///
/// A value under a key such as `client_secret` or `password` is taken for one, unless it says where
/// the secret is kept.
pub(super) fn conceal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // How far the key is indented whose value goes on in the next lines.
    let mut inside = None;
    for line in text.split_inclusive('\n') {
        let (content, ending) = line.split_at(line.trim_end().len());
        let indent = content.len() - content.trim_start().len();
        inside = inside.filter(|of| content.is_empty() || indent > *of);
        match (inside, value_of_secret(content)) {
            (Some(_), _) if says_where(content) => shown.push_str(content),
            (Some(_), _) if !content.is_empty() => {
                shown.push_str(&content[..indent]);
                shown.push('…');
            }
            (None, Some(at)) if goes_on(&content[at..]) => {
                inside = Some(indent);
                shown.push_str(content);
            }
            (None, Some(at)) if !says_where(&content[at..]) => {
                shown.push_str(&content[..at]);
                shown.push('…');
            }
            _ => shown.push_str(content),
        }
        shown.push_str(ending);
    }
    match pattern(&CREDENTIALS, "://[^/@\\s]+@") {
        Some(credentials) => credentials.replace_all(&shown, "://…@").into_owned(),
        None => shown,
    }
}

/// Where the value of a key begins that names a secret.
fn value_of_secret(line: &str) -> Option<usize> {
    let found = pattern(&KEY, SECRET_KEY)?
        .find_iter(line)
        .find(|found| !HARMLESS.iter().any(|known| found.as_str().contains(known)))?;
    Some(found.end())
}

/// A pattern, made once; one that does not compile is caught by the tests below.
fn pattern(made: &'static OnceLock<Option<Regex>>, source: &str) -> Option<&'static Regex> {
    made.get_or_init(|| Regex::new(source).ok()).as_ref()
}

fn says_where(value: &str) -> bool {
    let value = value.trim_start_matches(|letter: char| letter == '{' || letter.is_whitespace());
    ["env", "file", "keyring"]
        .iter()
        .any(|word| value.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with(':')))
}

/// Whether the value stands in the lines below, whole or in part.
fn goes_on(value: &str) -> bool {
    matches!(value.chars().next(), None | Some('|' | '>' | '#'))
}

static KEY: OnceLock<Option<Regex>> = OnceLock::new();
static CREDENTIALS: OnceLock<Option<Regex>> = OnceLock::new();
const SECRET_KEY: &str = r#"(?i)[\w-]*(?:secr|pass?w|pwd|token|private_?key)[\w-]*["']?\s*:\s*"#;

/// Keys that are named like a secret's, and hold none.
const HARMLESS: [&str; 2] = ["tokens_per_minute", "token_endpoint"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_out_secret_is_concealed_wherever_it_stands() {
        for text in [
            "client_secret: hunter2",
            "client_secrt: \"hunter2",
            "  p: { username: jake, password: hunter2 }\n",
            "client_secret: { value: hunter2 }",
            "client_secret: [hunter2]",
            "password:\n  hunter2\nnext: 1",
            "password: |\n  hunter2\n\n  hunter2\n",
            "\"password\" : hunter2",
            "private_key: hunter2",
            "endpoints: { token_endpoint: x }, password: hunter2",
            "platform: https://jake:hunter2@api.example/fhir",
        ] {
            let shown = conceal(text);
            assert!(!shown.contains("hunter2") && shown.contains('…'), "{shown}");
            assert_eq!(shown.lines().count(), text.lines().count());
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "client_secret: { env: ROBOT }\r\nclient_id: x\n",
            "password:\n  env: ROBOT\nmethod: client secret\n",
            "client_secret: {file: a/b}",
            "private_key: { keyring: { service: checkride, user: robot } }",
            "limits: { tokens_per_minute: 3 }",
            "endpoints: { token_endpoint: 'https://auth.example/token' }",
            "targets:\n  mock: {}\n\n",
        ] {
            assert_eq!(conceal(text), text);
        }
    }
}
