//! Shows a mistake with its place, its line, and what to try; and what went wrong in this program
//! itself, without a secret.

use std::any::Any;
use std::fmt;
use std::io::Write as _;
use std::panic::{self, Location};
use std::path::{MAIN_SEPARATOR, Path};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};
use textwrap::WordSeparator;

use super::Surroundings;
use crate::project::Mistake;
use crate::secret::Redactor;

/// Shows a mistake on the error stream.
pub(super) fn show(surroundings: &Surroundings, mistake: &Mistake) {
    let text = rendered(mistake, &surroundings.folder, surroundings.colours);
    surroundings.remark(text.trim_end());
}

/// Says on the error stream from now on what stops this program unexpectedly.
///
/// While scenarios run nothing is said: it becomes their verdict.
pub(super) fn hear_panics(redactor: &Redactor) {
    let redactor = redactor.clone();
    panic::set_hook(Box::new(move |panic| {
        let said = words(&redactor, panic.payload(), panic.location());
        // A closed stream is no reason to panic again.
        let _ = writeln!(std::io::stderr(), "{said}");
    }));
}

fn words(redactor: &Redactor, payload: &(dyn Any + Send), place: Option<&Location<'_>>) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    let text = redactor.redact(text.unwrap_or("without a word"));
    let place = place.map(|place| format!(" at {place}")).unwrap_or_default();
    format!("checkride has stopped unexpectedly{place}: {text}\nThis is a mistake in Checkride.")
}

fn rendered(mistake: &Mistake, folder: &Path, colours: bool) -> String {
    let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(80)
        .with_links(false)
        // An address or a path in a message can be copied: it is in one piece.
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_break_words(false);
    let mut text = String::new();
    let shown = Shown::of(mistake, folder);
    match handler.render_report(&mut text, &shown) {
        Ok(()) => text,
        Err(_) => format!("error: {mistake}"),
    }
}

/// A mistake in miette's terms.
#[derive(Debug)]
struct Shown<'a> {
    mistake: &'a Mistake,
    message: String,
    source: Option<NamedSource<String>>,
    label: Option<LabeledSpan>,
}

impl<'a> Shown<'a> {
    fn of(mistake: &'a Mistake, folder: &Path) -> Self {
        // Files are named as they are called from here.
        let here = format!("{}{MAIN_SEPARATOR}", folder.display());
        let called = |text: String| text.replace(&here, "");
        let place = mistake.place.as_deref();
        let position = place.and_then(|place| place.position);
        let with_line = place.zip(position);
        let where_at = match (place, position) {
            (Some(place), None) => format!(" ({})", place.path.display()),
            _ => String::new(),
        };
        Self {
            message: called(format!("{}{where_at}", mistake.message)),
            source: with_line.map(|(place, _)| {
                NamedSource::new(called(place.path.display().to_string()), place.text.clone())
            }),
            label: with_line.map(|(place, (line, column))| {
                let (offset, length) = span(&place.text, line, column);
                LabeledSpan::new(Some("here".to_owned()), offset, length)
            }),
            mistake,
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.mistake.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.label.clone().map(|label| Box::new(std::iter::once(label)) as Box<_>)
    }
}

/// Offset and length, in bytes, of what stands from line and column (from 1) to the line's end.
fn span(text: &str, line: usize, column: usize) -> (usize, usize) {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let before = content.char_indices().nth(column.saturating_sub(1));
            let offset = before.map_or(content.trim_end().len(), |(offset, _)| offset);
            return (start + offset, content.trim_end().len().saturating_sub(offset));
        }
        start += content.len();
    }
    (text.len(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_mistake_is_shown_with_its_line_and_hint() {
        let text = "targets:\n  mok: {}\n";
        let mistake =
            Mistake::in_file(Path::new("checkride.yaml"), text, Some((2, 3)), "unknown target")
                .with_hint("did you mean `mock`?");
        let shown = rendered(&mistake, Path::new("/p"), false);
        for part in ["unknown target", "checkride.yaml:2:3", "mok: {}", "did you mean `mock`?"] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
    }

    #[test]
    fn a_file_is_named_as_it_is_called_from_here() {
        let file = Path::new("/p/sub/checkride.yaml");
        let mistake = Mistake::in_file(file, "a: 1\n", Some((1, 1)), "cannot read `/p/sub/x`");
        let shown = rendered(&mistake, Path::new("/p"), false);
        assert!(shown.contains("[sub/checkride.yaml:1:1]"), "{shown}");
        assert!(shown.contains("cannot read `sub/x`"), "{shown}");
    }

    #[test]
    fn a_mistake_without_a_line_still_names_the_file() {
        let mistake = Mistake::in_file(Path::new("a.yaml"), "a: 1\n", None, "missing key `b`");
        let shown = rendered(&mistake, Path::new("/p"), false);
        assert!(shown.contains("missing key `b` (a.yaml)"), "{shown}");
    }

    #[test]
    fn a_panic_is_told_without_the_secrets_in_its_words() {
        let redactor = Redactor::new();
        redactor.learn("client_secret", &Secret::new("canary-secret"));
        let place = Location::caller();
        let raised: Box<dyn Any + Send> =
            Box::new("called `unwrap()` on \"canary-secret\" and password=canary".to_owned());
        let said = words(&redactor, &*raised, Some(place));
        assert!(!said.contains("canary"), "{said}");
        assert!(said.contains(&format!("at {place}: called `unwrap()`")), "{said}");
    }
}
