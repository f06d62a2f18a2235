//! Finds a value in a text, however protocols and pages spell it.

use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::{Regex, RegexBuilder};

use super::names::MARK;

/// A value in all its spellings, also mixed ones.
///
/// Plain, percent-encoded (once or more often), as a form has it, escaped in JSON, JavaScript or
/// HTML, and in base64.
pub(super) struct Spelling {
    wanted: Wanted,
    /// Counts only as a word of its own: a short value is also a part of other words.
    short: bool,
}

enum Wanted {
    /// What no encoding changes, as tokens are made of: these texts and no others.
    Texts(Vec<String>),
    /// Signs that may be encoded each in its own way.
    Pattern(Regex),
}

impl Spelling {
    /// The spellings of a value; `None` if it is too long to be looked for.
    pub(super) fn new(value: &str) -> Option<Self> {
        let short = value.chars().count() < SHORTEST_PART;
        if value.bytes().all(is_unreserved) {
            let form = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            let standard = STANDARD_NO_PAD.encode(value);
            let mut texts =
                vec![value.to_owned(), URL_SAFE_NO_PAD.encode(value), form(&standard), standard];
            texts.dedup();
            return Some(Self { wanted: Wanted::Texts(texts), short });
        }
        let mut spellings = vec![tolerant(value)];
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = tolerant(&alphabet.encode(value)) + "(?:=|%(?:25)*3[dD]){0,2}";
            if !spellings.contains(&encoded) {
                spellings.push(encoded);
            }
        }
        let pattern = RegexBuilder::new(&spellings.join("|"))
            .size_limit(LARGEST_PATTERN)
            .build()
            .or_else(|_| Regex::new(&regex::escape(value)))
            .ok()?;
        Some(Self { wanted: Wanted::Pattern(pattern), short })
    }

    /// The first place at or after `from` where the value stands.
    pub(super) fn find(&self, text: &str, mut from: usize) -> Option<Range<usize>> {
        while let Some(found) = self.next(text, from) {
            let whole = !self.short || is_word(text, &found);
            if whole && !is_in_mark(text, &found) {
                return Some(found);
            }
            from = found.start + text[found.start..].chars().next()?.len_utf8();
        }
        None
    }

    fn next(&self, text: &str, from: usize) -> Option<Range<usize>> {
        match &self.wanted {
            Wanted::Pattern(pattern) => pattern.find_at(text, from).map(|found| found.range()),
            Wanted::Texts(texts) => texts
                .iter()
                .filter_map(|wanted| {
                    let start = from + text.get(from..)?.find(wanted.as_str())?;
                    Some(start..start + wanted.len())
                })
                .min_by_key(|found| found.start),
        }
    }
}

/// A sign that no encoding of the web has to change (RFC 3986 §2.3).
fn is_unreserved(sign: u8) -> bool {
    sign.is_ascii_alphanumeric() || b"-._~".contains(&sign)
}

/// The pattern of a value whose signs may each be encoded in their own way.
fn tolerant(value: &str) -> String {
    value.chars().fold(String::new(), |mut pattern, sign| {
        if sign.is_ascii_alphanumeric() {
            pattern.push(sign);
        } else {
            spellings_of(sign, &mut pattern);
        }
        pattern
    })
}

fn spellings_of(sign: char, pattern: &mut String) {
    let mut bytes = [0; 4];
    let percent: String =
        sign.encode_utf8(&mut bytes).bytes().fold(String::new(), |mut all, one| {
            let _ = write!(all, "%(?:25)*(?i-u:{one:02x})");
            all
        });
    let mut units = [0; 2];
    let escaped: String =
        sign.encode_utf16(&mut units).iter().fold(String::new(), |mut all, one| {
            let _ = write!(all, r"\\+u(?i-u:{one:04x})");
            all
        });
    let code = u32::from(sign);
    let plain = regex::escape(&sign.to_string());
    let _ = write!(
        pattern,
        r"(?:{plain}|{percent}|{escaped}|&(?:amp;)*#(?:0*{code}|[xX]0*(?i-u:{code:x}));"
    );
    if code < 0x100 {
        let _ = write!(pattern, r"|\\+x(?i-u:{code:02x})");
    }
    pattern.push_str(match sign {
        ' ' => r"|\+",
        '&' => "|&(?:amp;)+",
        '<' => "|&(?:amp;)*lt;",
        '>' => "|&(?:amp;)*gt;",
        '"' => r#"|&(?:amp;)*quot;|\\+""#,
        '\'' => r"|&(?:amp;)*apos;|\\+'",
        '/' => r"|\\+/",
        '\\' => r"|\\+",
        '\n' => r"|\\+n",
        '\r' => r"|\\+r",
        '\t' => r"|\\+t",
        _ => "",
    });
    pattern.push(')');
}

fn is_word(text: &str, at: &Range<usize>) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let before = &text[..at.start];
    let open = !before.ends_with(in_word) || ends_in_escape(before.as_bytes());
    open && !text[at.end..].starts_with(in_word)
}

/// Whether the last letters belong to an escape: `%20`, `\n`, `\u0020`.
fn ends_in_escape(text: &[u8]) -> bool {
    let hex_after = |start: &[u8], digits: usize| {
        text.len().checked_sub(start.len() + digits).is_some_and(|at| {
            let tail = text[at..].strip_prefix(start);
            tail.is_some_and(|tail| tail.iter().all(u8::is_ascii_hexdigit))
        })
    };
    let letter = matches!(text, [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f']);
    letter || hex_after(b"%", 2) || hex_after(br"\x", 2) || hex_after(br"\u", 4)
}

/// Whether the place lies in a `[redacted:word]`.
fn is_in_mark(text: &str, at: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let from = at.start.saturating_sub(LONGEST_MARK);
    let before = &bytes[from..at.start];
    let after = &bytes[at.end..bytes.len().min(at.end + LONGEST_MARK)];
    let in_name = |c: &u8| c.is_ascii_alphanumeric() || b"_.-".contains(c);
    let opened = before
        .windows(MARK.len())
        .rposition(|part| part == MARK.as_bytes())
        .is_some_and(|start| before[start + MARK.len()..].iter().all(in_name));
    // A value may also be a part of the mark's first word.
    let inside_first = before.iter().rposition(|c| *c == b'[').is_some_and(|start| {
        bytes[from + start..].starts_with(MARK.as_bytes()) && at.end <= from + start + MARK.len()
    });
    inside_first || (opened && after.iter().find(|c| !in_name(c)) == Some(&b']'))
}

/// Characters from which a value is looked for inside other words too.
const SHORTEST_PART: usize = 8;
/// Bytes.
const LONGEST_MARK: usize = 100;
/// Bytes of a compiled pattern; a token of some kilobytes needs one or two million.
const LARGEST_PATTERN: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn places(value: &str, text: &str) -> Vec<Range<usize>> {
        let spelling = Spelling::new(value).unwrap();
        let mut places: Vec<Range<usize>> = Vec::new();
        while let Some(place) = spelling.find(text, places.last().map_or(0, |last| last.end)) {
            places.push(place);
        }
        places
    }

    #[test]
    fn a_value_is_found_in_every_spelling() {
        let value = "p@ss w+r\"d/&='\u{e4}!";
        for spelling in [
            value.to_owned(),
            url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
            "p%40ss%20w%2Br%22d%2F%26%3D'%C3%A4!".into(),
            "p%40ss%20w%2br%22d%2f%26%3d%27%c3%a4%21".into(),
            "p%2540ss%2520w%252Br%2522d%252F%2526%253D%2527%25C3%25A4%2521".into(),
            serde_json::Value::from(value).to_string().trim_matches('"').into(),
            r#"p\u0040ss w+r\"d\/\u0026\u003D\u0027\u00E4!"#.into(),
            r#"p\\u0040ss w+r\\\"d\\\/&='\\u00e4!"#.into(),
            r"p\x40ss w+r\x22d/\x26='\xE4!".into(),
            "p@ss w+r&quot;d/&amp;=&#39;&#228;!".into(),
            "p&#x40;ss w+r&#34;d&#x2F;&amp;=&#x27;&#xE4;!".into(),
            "p@ss w+r&amp;quot;d/&amp;amp;=&amp;#039;\u{e4}!".into(),
            STANDARD.encode(value),
            STANDARD.encode(value).replace('=', "%3D").replace('+', "%2b").replace('/', "%2F"),
            STANDARD_NO_PAD.encode(value),
            URL_SAFE_NO_PAD.encode(value),
        ] {
            let found = places(value, &format!("x:{spelling};"));
            assert_eq!(found.len(), 1, "{spelling}");
            assert_eq!(found[0], 2..2 + spelling.len(), "{spelling}");
        }
    }

    #[test]
    fn a_short_value_counts_only_as_a_word() {
        for (text, expected) in [
            ("secret", 1),
            (r#"{"a":"secret"}"#, 1),
            ("q=my%20secret%20", 1),
            (r"line\nsecret\n", 1),
            ("client_secret", 0),
            ("secrets", 0),
            ("[redacted:secret]", 0),
            ("c2VjcmV0", 1),
        ] {
            assert_eq!(places("secret", text).len(), expected, "{text}");
        }
        assert_eq!(places("longsecret", "xlongsecretx").len(), 1);
    }
}
