//! Undoes escapes that no encoding demands: a server may write `%63ode` for `code`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The text with plain signs where they were escaped without need; `None` if nothing was.
///
/// Percent-encoding (once or more often), the escapes of JSON and JavaScript, and HTML's references
/// are undone for the signs that tokens, passwords and base64 are made of. All others stay, so that
/// what the text is written in can still be read.
pub(super) fn undone(text: &str) -> Option<String> {
    let escape = ESCAPE.as_ref()?;
    let plain = escape.replace_all(text, |found: &Captures<'_>| plain(found));
    matches!(plain, Cow::Owned(_)).then(|| plain.into_owned()).filter(|plain| plain != text)
}

fn plain(found: &Captures<'_>) -> String {
    let part = |name: &str, radix: u32| {
        let digits = found.name(name)?.as_str();
        u8::from_str_radix(digits, radix).ok().map(char::from)
    };
    let sign = match &found[0] {
        slash if slash.ends_with('/') => Some('/'),
        _ => part("hex", 16).or_else(|| part("entity", 16)).or_else(|| part("decimal", 10)),
    };
    let needless = |sign: &char| sign.is_ascii_alphanumeric() || "-._~+/=".contains(*sign);
    sign.filter(needless).map_or_else(|| found[0].to_owned(), String::from)
}

/// `None` if it does not compile, which a test sees.
static ESCAPE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PATTERN).ok());
const PATTERN: &str = r"(?x)
    (?:%(?:25)*|\\+u00|\\+x)(?P<hex>[2-7][0-9a-fA-F])
    | &(?:amp;)*\#(?:[xX]0*(?P<entity>[2-7][0-9a-fA-F])|0*(?P<decimal>[0-9]{2,3}));
    | \\+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needless_escapes_are_undone() {
        for (text, plain) in [
            ("%63anary", "canary"),
            ("%2563anary%252Fx", "canary/x"),
            (r"c\u0061nary\/x", "canary/x"),
            (r"c\\u0061nary", "canary"),
            (r"c\x61nary", "canary"),
            ("c&#97;n&#x61;ry&amp;#0050;", "canary2"),
            ("YWJj%2bYWJj%3D", "YWJj+YWJj="),
        ] {
            assert_eq!(undone(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["plain", "a%20b%26c%22", r#"a\u0022b\"c\n"#, "&#34;&quot;&amp;", "100%"] {
            assert_eq!(undone(text), None, "{text}");
        }
    }
}
