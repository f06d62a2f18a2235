//! What several sentences read in the same way: changes, tables, alternatives, challenges.

use std::str::FromStr;

use gherkin::Step;

use crate::http::Answer;
use crate::world::{Halt, Scene};

/// What is different from a conforming request: `the "code" "(none)"`, or `these changes:` with a
/// table.
#[derive(Clone, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "changes", regex = r#"these changes:|the "[^"]*" "[^"]*"|the "[^"]*" '[^']*'"#)]
pub enum Changes {
    /// One change, in the sentence: name and value.
    One(String, String),
    /// Those of the table under the sentence.
    Table,
}

impl Changes {
    /// The changes, with the scene's words filled in.
    ///
    /// # Errors
    /// [`Halt::Error`] if the table is missing, or a word stands for nothing.
    pub fn read(&self, scene: &Scene, step: &Step) -> Result<Vec<(String, String)>, Halt> {
        match self {
            Self::One(name, value) => Ok(vec![(name.clone(), scene.say(value)?)]),
            Self::Table => changes(scene, step),
        }
    }
}

impl FromStr for Changes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(rest) = text.strip_prefix("the \"") else { return Ok(Self::Table) };
        let quoted = rest.split_once("\" ");
        let (name, value) = quoted.ok_or_else(|| format!("`{text}` names no value"))?;
        let value = &value[1..value.len() - 1];
        Ok(Self::One(name.to_owned(), value.to_owned()))
    }
}

/// The words of a list such as scopes, in an order of their own.
pub fn sorted(words: &str) -> String {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.sort_unstable();
    words.join(" ")
}

/// The rows under the heading, as name and value, with the scene's words filled in.
///
/// # Errors
/// [`Halt::Error`] if there is no table of two columns.
pub fn changes(scene: &Scene, step: &Step) -> Result<Vec<(String, String)>, Halt> {
    let rows = step.table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
    if rows.len() < 2 {
        return Err(Halt::error(format!("`{}` needs a table with a heading and rows", step.value)));
    }
    rows[1..]
        .iter()
        .map(|row| match row.as_slice() {
            [name, value] => Ok((name.clone(), scene.say(value)?)),
            _ => Err(Halt::error(format!("the table under `{}` needs two columns", step.value))),
        })
        .collect()
}

/// The quoted texts of `"a" or "b" or "c"`.
pub fn alternatives(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

/// All `WWW-Authenticate` lines of an answer (RFC 9110 §11.6.1), `absent` if there is none.
pub fn challenges(answer: &Answer) -> String {
    let lines = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
    let lines: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
    if lines.is_empty() { "absent".to_owned() } else { lines.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_stands_in_the_sentence_or_in_a_table() {
        let one = |value: &str| Ok(Changes::One("code".to_owned(), value.to_owned()));
        assert_eq!("the \"code\" \"(none)\"".parse(), one("(none)"));
        assert_eq!("the \"code\" '[\"a\"]'".parse(), one("[\"a\"]"));
        assert_eq!("these changes:".parse(), Ok(Changes::Table));
    }

    #[test]
    fn alternatives_are_the_quoted_texts() {
        assert_eq!(alternatives("\"a\" or \"b\""), ["a", "b"]);
        assert_eq!(alternatives("\"a\""), ["a"]);
    }
}
