//! Takes out what gives itself away: by a name before it, or by its own shape.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::names::{alternation, is_mark, is_secret_name, mark};
use super::{members, tags};

/// The text without the secrets that need not be known to be seen.
pub(super) fn redact(text: String) -> String {
    let text = members::redact(tags::redact(text));
    let Some(patterns) = &*PATTERNS else { return mark("text") };
    patterns.iter().fold(text, |text, (pattern, word)| {
        replace(text, pattern, |text, found| {
            let value = found.name("value")?.range();
            let name = found.name("name").map(|name| name.as_str());
            let word = match *word {
                PARAMETER => name.filter(|name| is_secret_name(name))?,
                CREDENTIALS if is_challenge(text, &value) => return None,
                MEMBER => name?,
                word => word,
            };
            Some((value, mark(word)))
        })
    })
}

/// Replaces each find of a pattern as `what` says: the place, and what stands there instead.
///
/// What is redacted already, or empty, stays as it is.
pub(super) fn replace(
    text: String,
    pattern: &Regex,
    mut what: impl FnMut(&str, &Captures<'_>) -> Option<(Range<usize>, String)>,
) -> String {
    let mut shown = String::new();
    let mut end = 0;
    let mut from = 0;
    while let Some(found) = pattern.captures_at(&text, from) {
        from = found.get_match().end();
        let Some((place, instead)) = what(&text, &found) else { continue };
        from = from.max(place.end);
        if place.is_empty() || is_mark(&text[place.clone()]) {
            continue;
        }
        shown.push_str(&text[end..place.start]);
        shown.push_str(&instead);
        end = place.end;
    }
    if end == 0 {
        return text;
    }
    shown + &text[end..]
}

/// Whether what follows `Bearer` is a parameter of a challenge (`error="…"`, RFC 6750 §3).
fn is_challenge(text: &str, value: &Range<usize>) -> bool {
    text[value.clone()].ends_with('=')
        && text[value.end..].starts_with(|c: char| c == '"' || c == '\\' || c.is_alphanumeric())
}

fn patterns() -> Result<Vec<(Regex, &'static str)>, regex::Error> {
    let names = alternation();
    let nested = r"%(?:25)*";
    // An escaped `&` or quotation mark ends a value that stands in JSON or a script.
    let escape = r#"\\+(?:[^u"'\\&\s<>#]|u00(?:2[013-57-9a-f]|[0134-9a-f][0-9a-f]))"#;
    let sources = [
        // Form and query parameters, `user[password]` too.
        (
            format!(
                r#"(?i-u){ESCAPES}(?P<name>[\w.-]*{names})(?:\]|%5D)?=(?u:(?P<value>(?:[^&\s"'<>#\\=]|{escape})(?:[^&\s"'<>#\\]|{escape})*))"#
            ),
            PARAMETER,
        ),
        // The same in an address that is itself a parameter.
        (
            format!(
                r"(?i-u)(?:{nested}(?:3F|26|23))(?P<name>[\w.-]*{names}){nested}3D(?P<value>(?:[\w.~+/*!'()-]|{nested}(?:2[0-57-9a-f]|[013-9a-f][0-9a-f]))+)"
            ),
            PARAMETER,
        ),
        // Credentials with their scheme (RFC 7617, RFC 6750).
        (
            r"(?i-u)\b(?:Basic|Bearer)\s+(?P<value>[a-z0-9+/._~-]{8,}=*)".to_owned(),
            CREDENTIALS,
        ),
        // Any JWS or JWE in compact form.
        (
            r"(?-u:\b)(?P<value>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3})"
                .to_owned(),
            "jwt",
        ),
        // Private members of a JWK (RFC 7518 §6).
        (
            r#"\\*"(?P<name>dp|dq|qi|d|p|q|k)\\*"\s*:\s*\\*"(?P<value>[A-Za-z0-9_-]{16,})"#.to_owned(),
            MEMBER,
        ),
        (r#""(?P<name>oth)\\*"\s*:\s*(?P<value>\[[^\]]*\])"#.to_owned(), MEMBER),
        // Private keys as PEM (RFC 7468 §10); one without an end goes to the text's end.
        (
            r"(?s)(?P<value>-----BEGIN[A-Z0-9 +%]{0,40}PRIVATE(?: |\+|%20)KEY-----.*?(?:-----END[A-Z0-9 +%]{0,40}PRIVATE(?: |\+|%20)KEY-----|\z))".to_owned(),
            "private_key",
        ),
    ];
    sources.into_iter().map(|(source, word)| Ok((Regex::new(&source)?, word))).collect()
}

/// Escapes right before a name, whose last letters are not the name's.
pub(super) const ESCAPES: &str =
    r"(?:%(?:25)*[0-9a-fA-F]{2}|\\+(?:[nrt]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}))*";
/// `None` if one does not compile; then no text is shown at all.
static PATTERNS: LazyLock<Option<Vec<(Regex, &'static str)>>> = LazyLock::new(|| patterns().ok());
/// The word is the parameter's name, if that is a secret's.
const PARAMETER: &str = "parameter";
/// The word is the member's name.
const MEMBER: &str = "member";
const CREDENTIALS: &str = "credentials";

#[cfg(test)]
mod tests {
    use super::*;

    /// Redacts, and makes sure that doing it again changes nothing.
    fn shown(text: &str) -> String {
        let once = redact(text.to_owned());
        assert_eq!(redact(once.clone()), once, "again: {text}");
        once
    }

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(patterns().unwrap().len(), 7);
    }

    #[test]
    fn parameters_give_their_secrets_away() {
        for (text, expected) in [
            ("GET /cb?code=abc&state=xyz", "GET /cb?code=[redacted:code]&state=xyz"),
            ("a=1&Code=abc", "a=1&Code=[redacted:Code]"),
            ("/cb#id_token=x.y&expires_in=5", "/cb#id_token=[redacted:id_token]&expires_in=5"),
            ("sessionToken=s", "sessionToken=[redacted:sessionToken]"),
            (
                "SAMLResponse=PHNhbWw%2B&RelayState=r",
                "SAMLResponse=[redacted:SAMLResponse]&RelayState=r",
            ),
            ("user[password]=p&x=1", "user[password]=[redacted:password]&x=1"),
            ("user%5Bpassword%5D=p", "user%5Bpassword%5D=[redacted:password]"),
            ("?a=1&amp;code=abc&amp;state=s", "?a=1&amp;code=[redacted:code]&amp;state=s"),
            (r"cb?code=abc\u0026state=s", r"cb?code=[redacted:code]\u0026state=s"),
            (r"cb?state=s\u0026code=abc", r"cb?state=s\u0026code=[redacted:code]"),
            (r"one\ncode=abc", r"one\ncode=[redacted:code]"),
            ("x%20code=abc", "x%20code=[redacted:code]"),
            (r"code=a\u0040b\/c&state=s", "code=[redacted:code]&state=s"),
            (r#"{"to":"{\"u\":\"?code=ab\"}"}"#, r#"{"to":"{\"u\":\"?code=[redacted:code]\"}"}"#),
            (
                "next=%2Fauthorize%3Fa%3D1%26code%3Da%2Fb%26state%3Ds&x=1",
                "next=%2Fauthorize%3Fa%3D1%26code%3D[redacted:code]%26state%3Ds&x=1",
            ),
            ("n=%253Fcode%253Dab%2526state%253Ds", "n=%253Fcode%253D[redacted:code]"),
            ("token_type=bearer&scope=s&nonce=n", "token_type=bearer&scope=s&nonce=n"),
            (
                "code_challenge=c&error=e&response_type=code",
                "code_challenge=c&error=e&response_type=code",
            ),
            ("password=&x=1", "password=&x=1"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn shapes_give_secrets_away() {
        for (text, expected) in [
            (
                "Authorization: Basic YWJjZGVmZ2g=, x",
                "Authorization: Basic [redacted:credentials], x",
            ),
            ("bearer abcdefghij", "bearer [redacted:credentials]"),
            (r#"Bearer error_description="no token""#, r#"Bearer error_description="no token""#),
            ("x eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ. y", "x [redacted:jwt] y"),
            ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.a.b.c", "[redacted:jwt]"),
            (r#"{"kty":"RSA","d":"0123456789abcdefg"}"#, r#"{"kty":"RSA","d":"[redacted:d]"}"#),
            (r#"{\"d\":\"0123456789abcdefg\"}"#, r#"{\"d\":\"[redacted:d]\"}"#),
            (
                r#"{"oth":[{"r":"r","d":"d","t":"t"}],"e":"AQAB"}"#,
                r#"{"oth":[redacted:oth],"e":"AQAB"}"#,
            ),
            (
                "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb",
                "a\n[redacted:private_key]\nb",
            ),
            (r"-----BEGIN PRIVATE KEY-----\nMII", "[redacted:private_key]"),
            ("k=-----BEGIN+EC+PRIVATE+KEY-----%0AMI%2B", "k=[redacted:private_key]"),
            ("-----BEGIN PUBLIC KEY-----\nMII", "-----BEGIN PUBLIC KEY-----\nMII"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
