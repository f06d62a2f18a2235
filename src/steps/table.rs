//! What several sentences read in the same way: tables, alternatives, challenges.

use gherkin::Step;

use crate::http::Answer;
use crate::world::{Halt, Scene};

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
    fn alternatives_are_the_quoted_texts() {
        assert_eq!(alternatives("\"a\" or \"b\""), ["a", "b"]);
        assert_eq!(alternatives("\"a\""), ["a"]);
    }
}
