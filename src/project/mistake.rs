//! A mistake in what the user wrote: where it is, what it is, and what to do about it.

use std::path::{Path, PathBuf};

/// One mistake in a file, an argument or the surroundings; found before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Mistake {
    /// What is wrong, as a sentence fragment in lower case.
    pub message: String,
    /// The file and the place in it, if it is in a file.
    pub place: Option<Box<Place>>,
    /// What to try.
    pub hint: Option<String>,
}

/// A place in a file that a user wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user would name it.
    pub path: PathBuf,
    /// The text of the file, to show the line.
    pub text: String,
    /// Line and column, counted from 1; `None` where only the file is known.
    pub position: Option<(usize, usize)>,
}

impl Mistake {
    /// A mistake that is in no file.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, hint: None }
    }

    /// A mistake in a file, at line and column counted from 1.
    pub fn in_file(
        path: &Path,
        text: &str,
        position: Option<(usize, usize)>,
        message: impl Into<String>,
    ) -> Self {
        let place = Place { path: path.to_owned(), text: text.to_owned(), position };
        Self { message: message.into(), place: Some(Box::new(place)), hint: None }
    }

    /// The same mistake with something to try.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The known word nearest to a misspelt one, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|other| (strsim::normalized_damerau_levenshtein(word, other), other))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, other)| other)
}

/// How alike two words are when one may be meant by the other (0 to 1).
const NEAR: f64 = 0.6;
