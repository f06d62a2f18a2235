//! Finds a value inside of something that is encoded as a whole, where only a part of it can be
//! seen: `Basic` credentials, the claims of a JWT, a body that was logged as hexadecimal digits.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem::Finder;

/// What a value leaves in base64 and in hexadecimal digits, wherever it begins there.
pub(super) struct Inside(Vec<Finder<'static>>);

/// A text in which both alphabets of base64 are one; each sign stands where it stood.
pub(super) struct Unified(Vec<u8>);

impl Inside {
    /// The traces of a value, and of the same value as a form or JSON has it.
    pub(super) fn new(value: &str) -> Self {
        let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let json = serde_json::Value::from(value).to_string();
        let written = [value, &form, &form.replace('+', "%20"), json.trim_matches('"')];
        let written: BTreeSet<&str> = written.into_iter().collect();
        let traces = written.into_iter().flat_map(traces);
        Self(traces.map(|trace| Finder::new(&trace).into_owned()).collect())
    }

    /// The whole encoded word in which the value stands first.
    pub(super) fn find(&self, text: &Unified, from: usize) -> Option<Range<usize>> {
        let Unified(bytes) = text;
        let rest = bytes.get(from..)?;
        let found = self.0.iter().filter_map(|trace| trace.find(rest)).min()? + from;
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
        let before = bytes[from..found].iter().rev().take_while(|byte| word(byte)).count();
        let after = bytes[found..].iter().take_while(|byte| word(byte)).count();
        let end = found + after;
        let padding = bytes[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
        Some(found - before..end + padding)
    }
}

impl Unified {
    /// Reads a text.
    pub(super) fn new(text: &str) -> Self {
        let unify = |byte: u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        Self(text.bytes().map(unify).collect())
    }
}

fn traces(value: &str) -> Vec<String> {
    // The signs at the ends are made of their neighbours too.
    let base64 = (0..3).map(|shift| {
        let shifted = [vec![0; shift], value.as_bytes().to_vec()].concat();
        let whole = shifted.len() * 8 / 6;
        let encoded = STANDARD_NO_PAD.encode(&shifted);
        encoded[[0, 2, 3][shift]..whole].to_owned()
    });
    let hex = value.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    base64.chain([hex.to_ascii_uppercase(), hex]).collect()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    #[test]
    fn a_value_is_found_wherever_it_begins() {
        let value = "p?ss>w\u{fb}rd/&=!";
        let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let mut words = vec!["703f73733e77c3bb72642f263d21".to_owned()];
        for written in [value.to_owned(), form] {
            for before in ["", "i", "id", "id:"] {
                let whole = format!("{before}{written}\u{1}");
                words.extend([STANDARD.encode(&whole), URL_SAFE.encode(&whole)]);
            }
        }
        for word in words {
            let text = format!("x: {word};");
            let found = Inside::new(value).find(&Unified::new(&text), 0);
            assert_eq!(found, Some(3..3 + word.len()), "{text}");
        }
        let other = Unified::new(&STANDARD.encode("something else that is long"));
        assert_eq!(Inside::new(value).find(&other, 0), None);
    }
}
