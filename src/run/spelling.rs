//! How a sentence is spelled: its pattern as a person would write it.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, RepetitionKind, RepetitionOp};

/// The sentence of a pattern, with `…` for its values, `(a|b)` for a choice of words, and `(s)` for
/// what may be left out.
pub fn readable(pattern: &str) -> String {
    pieces(pattern).iter().map(Piece::shown).collect()
}

/// Each way to write the sentence of a pattern, with `…` for its values.
pub fn spellings(pattern: &str) -> Vec<String> {
    spelled(&pieces(pattern))
}

fn pieces(pattern: &str) -> Vec<Piece> {
    // Cucumber has compiled it already.
    Parser::new().parse(pattern).map(|ast| read(&ast)).unwrap_or_default()
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value,
    OneOf(Vec<Vec<Piece>>),
    Maybe(Vec<Piece>),
}

impl Piece {
    fn shown(&self) -> String {
        let all = |pieces: &[Self]| pieces.iter().map(Self::shown).collect::<String>();
        match self {
            Self::Text(text) => text.clone(),
            Self::Value => VALUE.to_owned(),
            Self::OneOf(choices) if choices.len() > SHOWN => VALUE.to_owned(),
            Self::OneOf(choices) => {
                let choices: Vec<String> = choices.iter().map(|choice| all(choice)).collect();
                format!("({})", choices.join("|"))
            }
            Self::Maybe(pieces) => format!("({})", all(pieces)),
        }
    }

    fn spelled(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::Value => vec![VALUE.to_owned()],
            Self::OneOf(choices) => choices.iter().flat_map(|choice| spelled(choice)).collect(),
            Self::Maybe(pieces) => [spelled(pieces), vec![String::new()]].concat(),
        }
    }
}

fn spelled(pieces: &[Piece]) -> Vec<String> {
    pieces.iter().fold(vec![String::new()], |begun, piece| {
        let ends = piece.spelled();
        begun.iter().flat_map(|begin| ends.iter().map(move |end| format!("{begin}{end}"))).collect()
    })
}

fn read(ast: &Ast) -> Vec<Piece> {
    match ast {
        Ast::Literal(literal) => vec![Piece::Text(literal.c.to_string())],
        Ast::Group(group) => read(&group.ast),
        Ast::Concat(concat) => concat.asts.iter().flat_map(read).collect(),
        Ast::Alternation(alternation) => choice(alternation.asts.iter().map(read).collect()),
        Ast::Repetition(repetition) => {
            let repeated = read(&repetition.ast);
            match (&repetition.op, repeated.as_slice()) {
                (RepetitionOp { kind: RepetitionKind::ZeroOrOne, .. }, _) => {
                    vec![Piece::Maybe(repeated)]
                }
                (_, [Piece::Value]) => vec![Piece::Value],
                // More of the value that stands before it.
                _ => Vec::new(),
            }
        }
        Ast::Dot(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) | Ast::ClassUnicode(_) => {
            vec![Piece::Value]
        }
        Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => Vec::new(),
    }
}

/// A choice of words, or one value if it is only a choice of how to write that.
fn choice(choices: Vec<Vec<Piece>>) -> Vec<Piece> {
    let mut distinct: Vec<Vec<Piece>> = Vec::new();
    for choice in choices {
        let choice = with_double_quotes(&choice);
        if !distinct.contains(&choice) {
            distinct.push(choice);
        }
    }
    let number = [Piece::Value];
    if distinct.iter().any(|choice| *choice == number) {
        return vec![Piece::Value];
    }
    if distinct.len() == 1 { distinct.concat() } else { vec![Piece::OneOf(distinct)] }
}

/// The same with `"…"` for each `'…'`.
fn with_double_quotes(pieces: &[Piece]) -> Vec<Piece> {
    let is_value = |at: usize| pieces.get(at) == Some(&Piece::Value);
    let quoted = |(at, piece): (usize, &Piece)| match piece {
        Piece::Text(text) if text == "'" && (is_value(at + 1) || (at > 0 && is_value(at - 1))) => {
            Piece::Text("\"".to_owned())
        }
        other => other.clone(),
    };
    pieces.iter().enumerate().map(quoted).collect()
}

const VALUE: &str = "…";
/// More choices than this are no help to a reader.
const SHOWN: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_shown_as_a_person_would_write_it() {
        for (pattern, shown) in [
            (
                r#"^the app reads (?:"(?P<__0_0>[^"\\]*(?:\\.[^"\\]*)*)"|'(?P<__0_1>[^'\\]*(?:\\.[^'\\]*)*)')$"#,
                "the app reads \"…\"",
            ),
            (
                r"^the search finds ((?:-?\d+)|(?:\d+)) match(?:es)?$",
                "the search finds … match(es)",
            ),
            (r"^the call is refused with (\d+(?: or \d+)*)$", "the call is refused with …"),
            (
                r"^the user was( not)? asked (to sign in|for consent)$",
                "the user was( not) asked (to sign in|for consent)",
            ),
            (
                r#"^it does (these changes:|the "[^"]*" "[^"]*"|the "[^"]*" '[^']*')$"#,
                "it does (these changes:|the \"…\" \"…\")",
            ),
            (r"^the (app's|key) (\w+)$", "the (app's|key) …"),
            (r"^a (a|b|c|d|e|f|g) app$", "a … app"),
        ] {
            assert_eq!(readable(pattern), shown);
        }
    }

    #[test]
    fn a_sentence_is_spelled_in_each_way() {
        let spelled = spellings(r"^(the app|the other app) redeems? (?:its|the) (\w+)$");
        assert_eq!(spelled.len(), 8);
        assert!(spelled.contains(&"the other app redeem the …".to_owned()));
    }
}
