//! Reads YAML; the only file that knows which crate does.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::{Mistake, nearest};

/// Reads a typed value out of YAML text.
///
/// # Errors
/// A [`Mistake`] that names the place in the text, where the reader knows it.
pub fn from_yaml<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Mistake> {
    serde_yaml::from_str(text).map_err(|error| {
        let (message, places) = without_places(&error.to_string());
        // What is missing from the whole file is told as being at its beginning.
        let told = error.location().filter(|it| it.index() > 0 || message.contains("unknown"));
        // The last place is where that began which is not right: an open quotation mark.
        let place = told.map(|told| places.last().copied().unwrap_or((told.line(), told.column())));
        let mistake = Mistake::in_file(path, text, place, in_users_words(&message));
        let tab = place.is_some_and(|(line, _)| indented_by_tab(text, line));
        match meant(&message) {
            Some(near) => mistake.with_hint(format!("did you mean `{near}`?")),
            None if tab => mistake.with_hint("YAML is indented by spaces; here is a tab"),
            None => mistake,
        }
    })
}

fn indented_by_tab(text: &str, line: usize) -> bool {
    let line = text.lines().nth(line - 1).unwrap_or_default();
    line[..line.len() - line.trim_start().len()].contains('\t')
}

/// The message without the places in it, and these: the place is shown apart.
fn without_places(message: &str) -> (String, Vec<(usize, usize)>) {
    let mut parts = message.split(" at line ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut places = Vec::new();
    for part in parts {
        let mut digits = part.split(|letter: char| !letter.is_ascii_digit());
        let line = digits.next().unwrap_or_default();
        let rest = part.strip_prefix(line).and_then(|rest| rest.strip_prefix(" column "));
        let column = rest.map(|rest| rest.trim_start_matches(|it: char| it.is_ascii_digit()));
        let (Some(rest), Some(after)) = (rest, column) else {
            text.push_str(" at line ");
            text.push_str(part);
            continue;
        };
        let column = &rest[..rest.len() - after.len()];
        places.extend(line.parse().ok().zip(column.parse().ok()));
        text.push_str(after);
    }
    (text, places)
}

/// The reader speaks of fields and variants; whoever writes a file knows keys and values.
fn in_users_words(message: &str) -> String {
    message
        .replace("unknown field", "unknown key")
        .replace("missing field", "missing key")
        .replace("duplicate field", "duplicate key")
        .replace("unknown variant", "unknown value")
}

/// What was meant by the unknown word of a message, "unknown field `x`, expected `a` or `b`".
fn meant(message: &str) -> Option<&str> {
    let (_, unknown) = message.split_once("unknown ")?;
    let mut words = unknown.split('`').skip(1).step_by(2);
    let wrong = words.next()?;
    nearest(wrong, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Two {
        #[expect(dead_code, reason = "only its name is read")]
        client_id: String,
        #[expect(dead_code, reason = "only its name is read")]
        scopes: String,
    }

    fn mistake(text: &str) -> Mistake {
        from_yaml::<Two>(Path::new("x.yaml"), text).unwrap_err()
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest() {
        let mistake = mistake("client_idd: x\n");
        assert!(mistake.message.starts_with("unknown key `client_idd`, expected"), "{mistake}");
        assert_eq!(mistake.hint.unwrap(), "did you mean `client_id`?");
        assert_eq!(mistake.place.unwrap().position, Some((1, 1)));
    }

    #[test]
    fn what_is_not_closed_is_shown_where_it_was_opened() {
        let mistake = mistake("client_id: x\nscopes: \"y\n\n");
        assert!(!mistake.message.contains("at line"), "{}", mistake.message);
        assert_eq!(mistake.place.unwrap().position, Some((2, 9)));
    }

    #[test]
    fn a_word_that_is_like_nothing_gets_no_hint() {
        assert_eq!(mistake("colour: red\n").hint, None);
    }
}
