//! Tables of changes: how a scenario says what is different in a request.
//!
//! A row names a parameter and its value. Words in round brackets change the value that is there:
//! `(none)`, `(empty)`, `(twice)`, `(changed)`. Words in curly brackets stand for values that only
//! the run knows, `{client id}`; see [`Scene::say`](super::Scene::say).

use super::Halt;

/// Parameters of a request, in order; a name may stand twice.
pub type Parameters = Vec<(String, String)>;

/// Applies one row of a table.
///
/// # Errors
/// [`Halt::Error`] for a word in brackets that is not known, or that has nothing to change.
pub fn amend(parameters: &mut Parameters, name: &str, value: &str) -> Result<(), Halt> {
    let at = parameters.iter().position(|(known, _)| known == name);
    let present = || {
        at.ok_or_else(|| Halt::error(format!("the request has no `{name}` that could be {value}")))
    };
    match value {
        "(none)" => parameters.retain(|(known, _)| known != name),
        "(twice)" => {
            let again = parameters[present()?].clone();
            parameters.push(again);
        }
        "(changed)" => {
            let at = present()?;
            parameters[at].1 = changed(&parameters[at].1);
        }
        _ => {
            let value = match value {
                "(empty)" => "",
                other if other.starts_with('(') && other.ends_with(')') => {
                    return Err(Halt::error(format!(
                        "the table says `{other}`; known words are (none), (empty), (twice), (changed)"
                    )));
                }
                other => other,
            };
            match at {
                Some(at) => value.clone_into(&mut parameters[at].1),
                None => parameters.push((name.to_owned(), value.to_owned())),
            }
        }
    }
    Ok(())
}

/// The text with one letter or digit in its middle changed to another.
pub fn changed(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let middle = letters.len() / 2;
    let near = (middle..letters.len()).chain(0..middle);
    for at in near {
        if letters[at].is_ascii_alphanumeric() {
            letters[at] = if letters[at] == 'a' { 'b' } else { 'a' };
            break;
        }
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amended(name: &str, value: &str) -> Result<String, Halt> {
        let mut parameters = vec![("grant_type".to_owned(), "refresh_token".to_owned())];
        amend(&mut parameters, name, value)?;
        let shown = parameters.into_iter().map(|(name, value)| format!("{name}={value}"));
        Ok(shown.collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn a_row_changes_adds_or_takes_away() {
        for (name, value, expected) in [
            ("grant_type", "password", "grant_type=password"),
            ("grant_type", "(none)", ""),
            ("grant_type", "(empty)", "grant_type="),
            ("grant_type", "(twice)", "grant_type=refresh_token&grant_type=refresh_token"),
            ("grant_type", "(changed)", "grant_type=refresaatoken"),
            ("scope", "openid", "grant_type=refresh_token&scope=openid"),
        ] {
            if value == "(changed)" {
                let shown = amended(name, value).unwrap();
                assert_ne!(shown, "grant_type=refresh_token");
                assert_eq!(shown.len(), "grant_type=refresh_token".len());
            } else {
                assert_eq!(amended(name, value).unwrap(), expected);
            }
        }
    }

    #[test]
    fn an_unknown_word_is_our_error() {
        assert!(matches!(amended("scope", "(gone)"), Err(Halt::Error(_))));
        assert!(matches!(amended("scope", "(twice)"), Err(Halt::Error(_))));
    }
}
