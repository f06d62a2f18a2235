//! Takes out what gives itself away: by a name before it, or by its own shape.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::{Captures, Regex};

use super::names::{alternation, is_mark, is_secret_name, mark, word_of};
use super::{members, tags};

/// Hears of each secret that was seen: its name, and its value as it is written.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&str, &str);

/// The text without the secrets that need not be known to be seen.
pub(super) fn redact(text: String) -> String {
    redact_telling(text, &mut |_, _| {})
}

/// The same, and somebody is told of them.
pub(super) fn redact_telling(text: String, tell: Tell<'_>) -> String {
    let text = members::redact(tags::redact(text), tell);
    let Some(patterns) = &*PATTERNS else { return mark("text") };
    patterns.iter().fold(text, |text, (pattern, word)| {
        replace(text, pattern, tell, |text, found| {
            let value = found.name("value")?.range();
            let name = found.name("name").map(|name| name.as_str());
            let word = match *word {
                PARAMETER => name.filter(|name| is_secret_name(name))?,
                CREDENTIALS if is_challenge(text, &value) => return None,
                MEMBER => name?,
                OBJECT if !holds_secret(&text[value.clone()]) => return None,
                word => word,
            };
            Some((value, mark(word)))
        })
    })
}

/// Whether a JSON object in base64 gives a secret away.
fn holds_secret(encoded: &str) -> bool {
    let unified = encoded.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let bytes = STANDARD_NO_PAD.decode(unified).unwrap_or_default();
    let object = String::from_utf8(bytes).unwrap_or_default();
    redact(object.clone()) != object
}

/// Replaces each find of a pattern as `what` says: the place, and what stands there instead.
///
/// What is redacted already, or empty, stays as it is.
pub(super) fn replace(
    text: String,
    pattern: &Regex,
    tell: Tell<'_>,
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
        if let Some(word) = word_of(&instead) {
            tell(word, &text[place.clone()]);
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
        // Credentials in an address (RFC 3986 §3.2.1), also in one that is itself a parameter.
        (
            r#"(?i-u)\b[a-z][a-z0-9+.-]*:(?:\\*/){2}(?P<value>(?u:[^\s/@"'<>?#\\\[\]])+)@"#.to_owned(),
            CREDENTIALS_OF_HOST,
        ),
        (
            format!(
                r"(?i-u){nested}3A(?:{nested}2F){{2}}(?P<value>(?:[\w.~+!*'()-]|{nested}(?:2[0-24-9a-e]|3[0-9a-e]|[57][0-9a-f]|4[1-9a-f]))+){nested}40"
            ),
            CREDENTIALS_OF_HOST,
        ),
        // A JSON object in base64.
        (r"\b(?P<value>eyJ[A-Za-z0-9_+/-]{9,}={0,2})".to_owned(), OBJECT),
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
const CREDENTIALS_OF_HOST: &str = "userinfo";
/// It counts only if there is a secret in it.
const OBJECT: &str = "object";

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
        assert_eq!(patterns().unwrap().len(), 10);
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
            ("https://jake:p@api.example/x", "https://[redacted:userinfo]@api.example/x"),
            (r"wss:\/\/token@grid:443\/", r"wss:\/\/[redacted:userinfo]@grid:443\/"),
            (
                "next=https%3A%2F%2Fjake%3Ap%25@api.example%2F&x=https%3a%2f%2fjake%3Ap%40api",
                "next=https%3A%2F%2Fjake%3Ap%25@api.example%2F&x=https%3a%2f%2f[redacted:userinfo]%40api",
            ),
            ("https://api.example/@jake?to=a@b.c", "https://api.example/@jake?to=a@b.c"),
            ("at https://api.example, jake@b.c", "at https://api.example, jake@b.c"),
            // {"access_token":"canary"} and {"sub":"jake"}
            ("x=eyJhY2Nlc3NfdG9rZW4iOiJjYW5hcnkifQ==;", "x=[redacted:object];"),
            ("x=eyJzdWIiOiJqYWtlIn0;", "x=eyJzdWIiOiJqYWtlIn0;"),
            ("-----BEGIN PUBLIC KEY-----\nMII", "-----BEGIN PUBLIC KEY-----\nMII"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
