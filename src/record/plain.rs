//! Words of others as plain text: on a line of a terminal, or in Markdown.

/// A text in which nothing is Markdown or HTML, names a member of a forge, or refers to one of its tickets.
pub fn prose(text: &str) -> String {
    let mut escaped = String::new();
    for letter in line(text).chars() {
        if letter.is_ascii_punctuation() && !PLAIN.contains(&letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
        if matches!(letter, '@' | '#') {
            // A forge looks for names and numbers behind these in what is left of the Markdown.
            escaped.push('\u{200b}');
        }
    }
    escaped
}

/// A text as code, whatever is in it.
pub fn code(text: &str) -> String {
    let text = line(text);
    if text.is_empty() {
        return "(nothing)".to_owned();
    }
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // A span loses one space on each side again.
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A text on one line, not too long, without what moves a cursor or turns the writing round.
pub fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    let mut shown: String =
        words.chars().filter(|letter| !is_hidden(*letter)).take(LONGEST).collect();
    if words.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a letter is not seen itself, but moves a cursor, begins a line or turns the writing round.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Letters of one text.
const LONGEST: usize = 500;
/// Punctuation that means nothing in the middle of a line.
const PLAIN: [char; 6] = [',', ';', '\'', '"', '(', ')'];

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser};

    fn events(text: &str) -> Vec<Event<'_>> {
        Parser::new_ext(text, Options::ENABLE_TABLES).collect()
    }

    #[test]
    fn nobody_is_called_by_what_a_platform_says() {
        let text = prose("ask @someone of #12, or a@b.example");
        let text: String = events(&text)
            .into_iter()
            .filter_map(|event| match event {
                Event::Text(text) => Some(text.into_string()),
                _ => None,
            })
            .collect();
        assert_eq!(text, "ask @\u{200b}someone of #\u{200b}12, or a@\u{200b}b.example");
    }

    #[test]
    fn what_is_code_reads_as_it_was() {
        for words in ["a`b", "``", "` `", "\\", "a|b", "<x>", "&amp;"] {
            let text = code(words);
            let found: Vec<String> = events(&text)
                .into_iter()
                .filter_map(|event| match event {
                    Event::Code(code) => Some(code.into_string()),
                    _ => None,
                })
                .collect();
            assert_eq!(found, [words], "{text}");
        }
        assert_eq!(code(""), "(nothing)");
    }
}
