//! Takes out quoted values that stand behind a secret's name.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::giveaway::{Tell, replace};
use super::names::{alternation, is_secret_member, mark};

/// The text without the values of JSON members (also of JSON inside JSON, a script or an
/// attribute), attributes and variables that are named as secrets.
pub(super) fn redact(text: String, tell: Tell<'_>) -> String {
    let Some((member, described)) = &*PATTERNS else { return mark("text") };
    let text = replace(text, member, tell, |text, found| {
        let name = &found["name"];
        let (value, instead) = match found.name("number") {
            // A mark is no number: it gets the name's own quotation marks.
            Some(number) => {
                let quote = found.name("tail")?.as_str();
                (number.range(), format!("{quote}{}{quote}", mark(name)))
            }
            None => (quoted(text, found)?, mark(name)),
        };
        let shown = &text[value.clone()];
        (is_secret_member(name, shown) && belongs(found, shown)).then_some((value, instead))
    });
    replace(text, described, tell, |text, found| {
        let (name, value) = (&found["name"], quoted(text, found)?);
        is_secret_member(name, &text[value.clone()]).then(|| (value, mark(name)))
    })
}

/// Whether the quoted value belongs to the name: a quotation mark after `…password:` may as well
/// be the end of a sentence.
fn belongs(found: &Captures<'_>, value: &str) -> bool {
    let name_is_quoted = found.name("tail").is_some();
    let assigned = found.name("lead").is_none() && &found["sign"] == "=";
    let looks_issued = || {
        value.len() >= SHORTEST_BARE
            && value.bytes().all(|c| c.is_ascii_alphanumeric() || br"._~+/=%\-".contains(&c))
    };
    name_is_quoted || assigned || value.starts_with("[redacted:") || looks_issued()
}

/// The place of the value behind the opening quotation mark; to the text's end if it is not closed.
fn quoted(text: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let open = found.name("quote")?;
    let start = open.end();
    let rest = &text[start..];
    let mark = open.as_str();
    let sign = mark.as_bytes().last().copied()?;
    if sign != b'"' && sign != b'\'' {
        return Some(start..start + rest.find(mark).unwrap_or(rest.len()));
    }
    // Each level of quoting doubles the backslashes and adds one: a mark with `depth` of them
    // closes where the run before it is `depth` more than a multiple of twice as many and two.
    let depth = mark.len() - 1;
    let mut run = 0;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'\\' => run += 1,
            _ if byte == sign && (run < depth || run % (2 * (depth + 1)) == depth) => {
                return Some(start..start + at - run.min(depth));
            }
            _ => run = 0,
        }
    }
    Some(start..text.len())
}

fn patterns() -> Result<(Regex, Regex), regex::Error> {
    let names = alternation();
    let quote = r#"\\*["']|&(?:amp;)*quot;|&#0*3[49];|\\+u002[27]|\\+x2[27]|%22"#;
    let member = format!(
        r"(?i-u)(?P<lead>{quote})?(?P<name>[\w.-]*{names})(?P<tail>{quote})?\s*(?P<sign>[:=]|%3A)\s*(?:(?P<quote>{quote})|(?P<number>\d{{4,}}))"
    );
    // A field that is described by an object: `{"name":"stateHandle","value":"…"}`.
    let described = format!(
        r#"(?i-u)"name\\*"\s*:\s*\\*"(?P<name>[\w.-]*{names})\\*"(?u:[^{{}}]{{0,200}}?)"value\\*"\s*:\s*(?P<quote>\\*")"#
    );
    Ok((Regex::new(&member)?, Regex::new(&described)?))
}

/// `None` if one does not compile; then no text is shown at all.
static PATTERNS: LazyLock<Option<(Regex, Regex)>> = LazyLock::new(|| patterns().ok());
/// Characters.
const SHORTEST_BARE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_give_their_secrets_away() {
        for (text, expected) in [
            (
                r#"{"access_token":"tok","scope":"openid"}"#,
                r#"{"access_token":"[redacted:access_token]","scope":"openid"}"#,
            ),
            (
                r#"{"stateToken" : "00a","status":"X"}"#,
                r#"{"stateToken" : "[redacted:stateToken]","status":"X"}"#,
            ),
            (r#"{"password":"a\"b\\","x":1}"#, r#"{"password":"[redacted:password]","x":1}"#),
            (
                r#"{"passCode":123456,"n":123456}"#,
                r#"{"passCode":"[redacted:passCode]","n":123456}"#,
            ),
            (r#"{"code":"4QbUH0zNqzPbTeO_2y6Vw1x"}"#, r#"{"code":"[redacted:code]"}"#),
            (
                r#"{"code":"8867-4","system":"http://loinc.org"}"#,
                r#"{"code":"8867-4","system":"http://loinc.org"}"#,
            ),
            (
                r#"{"issue":[{"code":"login"}],"error":"invalid_token"}"#,
                r#"{"issue":[{"code":"login"}],"error":"invalid_token"}"#,
            ),
            (
                r#"{"token_type":"Bearer","expires_in":3600,"state":"s","nonce":"n"}"#,
                r#"{"token_type":"Bearer","expires_in":3600,"state":"s","nonce":"n"}"#,
            ),
            (r#"{"token_endpoint":"https://a/token"}"#, r#"{"token_endpoint":"https://a/token"}"#),
            (
                r#"{"b":"{\"access_token\":\"a\\\"b\",\"s\":1}"}"#,
                r#"{"b":"{\"access_token\":\"[redacted:access_token]\",\"s\":1}"}"#,
            ),
            (
                r#"\\\"id_token\\\": \\\"a\\\", \\\"s\\\": 1"#,
                r#"\\\"id_token\\\": \\\"[redacted:id_token]\\\", \\\"s\\\": 1"#,
            ),
            (
                "data-x='{&quot;id_token&quot;:&quot;a b&quot;}'",
                "data-x='{&quot;id_token&quot;:&quot;[redacted:id_token]&quot;}'",
            ),
            (
                r"{\x22stateToken\x22:\x22a\x2Db\x22}",
                r"{\x22stateToken\x22:\x22[redacted:stateToken]\x22}",
            ),
            ("%22ticket%22%3A%22a%22", "%22ticket%22%3A%22[redacted:ticket]%22"),
            ("var stateToken = 'a b';", "var stateToken = '[redacted:stateToken]';"),
            ("{stateToken: 'abcdefgh1'}", "{stateToken: '[redacted:stateToken]'}"),
            (r#"{"label":"Your password:","x":"y"}"#, r#"{"label":"Your password:","x":"y"}"#),
            (
                r#"{"name":"stateHandle","required":true,"value":"02.id"}"#,
                r#"{"name":"stateHandle","required":true,"value":"[redacted:stateHandle]"}"#,
            ),
            (r#"{"password":"not closed"#, r#"{"password":"[redacted:password]"#),
            (r#"{"password":"","secret":null}"#, r#"{"password":"","secret":null}"#),
        ] {
            let shown = redact(text.to_owned(), &mut |_, _| {});
            assert_eq!(shown, expected);
            assert_eq!(redact(shown.clone(), &mut |_, _| {}), shown);
        }
    }
}
