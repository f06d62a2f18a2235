//! Where an entry stands in a YAML file that is a list.

use std::path::Path;

use super::Mistake;
use super::config::position_of;

/// Where an entry of a list stands.
pub(super) struct EntryPlace<'a> {
    path: &'a Path,
    text: &'a str,
    /// Its first line, counted from 1.
    first: usize,
}

impl<'a> EntryPlace<'a> {
    /// The place of each entry of a list that begins at the first column.
    pub(super) fn all(path: &'a Path, text: &'a str) -> impl Iterator<Item = Self> {
        let numbered = text.lines().enumerate().filter(|(_, line)| line.starts_with(ITEM));
        let lines: Vec<usize> = numbered.map(|(index, _)| index + 1).collect();
        // A list that is written in brackets has no such lines.
        lines.into_iter().chain(std::iter::repeat(1)).map(move |first| Self { path, text, first })
    }

    /// A mistake at the beginning of the entry.
    pub(super) fn mistake_at_start(&self, message: String) -> Mistake {
        Mistake::in_file(self.path, self.text, Some((self.first, 1)), message)
    }

    /// A mistake at a word of the entry, or at its beginning.
    pub(super) fn mistake(&self, word: &str, message: String) -> Mistake {
        let before = self.first - 1;
        let from_here: Vec<&str> = self.text.lines().skip(before).collect();
        let at_word = position_of(&from_here.join("\n"), word);
        let within = at_word.filter(|(line, _)| *line <= length_of_first(&from_here));
        let place = within.map_or((self.first, 1), |(line, column)| (line + before, column));
        Mistake::in_file(self.path, self.text, Some(place), message)
    }
}

/// Lines from the beginning of an entry to that of the next one.
fn length_of_first(lines: &[&str]) -> usize {
    lines.iter().skip(1).position(|line| line.starts_with(ITEM)).map_or(lines.len(), |it| it + 1)
}

const ITEM: char = '-';
