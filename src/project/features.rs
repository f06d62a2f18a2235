//! The feature files: found, parsed, and with every outline written out row by row.

use std::path::{Path, PathBuf};

use cucumber::feature::Ext as _;
use gherkin::{GherkinEnv, LineCol};

use super::{Mistake, Project, nearest};

/// One feature file.
#[derive(Clone, Debug)]
pub struct FeatureFile {
    /// Its path, relative to the project.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What it says; outlines are expanded, so that each scenario stands for itself.
    pub feature: gherkin::Feature,
    /// Lines on which its scenarios begin, in order; the rows of an outline belong to one line.
    pub headings: Vec<usize>,
}

impl FeatureFile {
    /// The line on which the scenario begins that `line` is part of.
    pub fn heading_of(&self, line: usize) -> Option<usize> {
        self.headings.iter().copied().rfind(|heading| *heading <= line)
    }
}

/// Reads one feature file, or all below a folder, in the order of their paths.
///
/// # Errors
/// A [`Mistake`] for the first file that cannot be read or understood.
pub fn read_features(project: &Project, path: &Path) -> Result<Vec<FeatureFile>, Mistake> {
    files_below(path, ".feature")?.iter().map(|file| read_feature(project, file)).collect()
}

/// The file itself, or all files of a folder whose names end so, in the order of their paths.
pub(super) fn files_below(path: &Path, ending: &str) -> Result<Vec<PathBuf>, Mistake> {
    let mut files = Vec::new();
    collect(path, ending, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(path: &Path, ending: &str, files: &mut Vec<PathBuf>) -> Result<(), Mistake> {
    let unreadable =
        |error: std::io::Error| Mistake::new(format!("cannot read `{}`: {error}", path.display()));
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        if entry.is_dir() {
            collect(&entry, ending, files)?;
        } else if entry.to_string_lossy().ends_with(ending) {
            files.push(entry);
        }
    }
    Ok(())
}

fn read_feature(project: &Project, file: &Path) -> Result<FeatureFile, Mistake> {
    let path = file.strip_prefix(&project.root).unwrap_or(file).to_owned();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Mistake::new(format!("cannot read `{}`: {error}", path.display())))?;
    let mut feature = gherkin::Feature::parse(&text, GherkinEnv::default()).map_err(|error| {
        let (line, message) = understand(&error.to_string());
        let position = line.map(|line| start_of(&text, written_line(&text, line)));
        Mistake::in_file(&path, &text, position, message).with_hint(hint_for(&text, position))
    })?;
    feature.path = Some(path.clone());
    if let Some((position, message, hint)) = oddities(&feature, &text) {
        let place = Some((position.line, position.col));
        return Err(Mistake::in_file(&path, &text, place, message).with_hint(hint));
    }
    let mut headings: Vec<usize> = feature
        .scenarios
        .iter()
        .chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
        .map(|scenario| scenario.position.line)
        .collect();
    headings.sort_unstable();
    let columns = columns(&feature);
    let feature = feature.expand_examples().map_err(|error| {
        let place = Some((error.pos.line, error.pos.col));
        let message = format!("the `Examples` have no column `{}`", error.name);
        let mistake = Mistake::in_file(&path, &text, place, message);
        match nearest(&error.name, columns.iter().map(String::as_str)) {
            Some(near) => mistake.with_hint(format!("did you mean `<{near}>`?")),
            None => mistake.with_hint("their first row names the columns"),
        }
    })?;
    Ok(FeatureFile { path, text, feature, headings })
}

/// What the parser lets pass although its author meant something else.
fn oddities(feature: &gherkin::Feature, text: &str) -> Option<(LineCol, String, String)> {
    if let Some((line, width, cells)) = ragged_table(text) {
        let message = format!("the table has {width} columns, this row has {cells}");
        let hint = "a `|` inside a cell is written `\\|`".to_owned();
        let (line, col) = start_of(text, line);
        return Some((LineCol { line, col }, message, hint));
    }
    let scenarios =
        feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios));
    for scenario in scenarios {
        let lines = scenario.description.iter().flat_map(|text| text.lines());
        for word in lines.filter_map(|line| line.split_whitespace().next()) {
            if let Some(keyword) = nearest(word, KEYWORDS) {
                let message = format!("`{word}` is no keyword of Gherkin");
                let hint = format!("did you mean `{keyword}`? as it stands, the line is a comment");
                let line = begins_with(text, scenario.position.line, word);
                let (line, col) = start_of(text, line);
                return Some((LineCol { line, col }, message, hint));
            }
        }
    }
    None
}

/// The first row with more or fewer cells than the table's first one: its line, the table's width
/// and the row's.
fn ragged_table(text: &str) -> Option<(usize, usize, usize)> {
    let mut in_docstring = false;
    let mut width = None;
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.starts_with("\"\"\"") || line.starts_with("```") {
            in_docstring = !in_docstring;
        }
        if in_docstring || !line.starts_with('|') {
            width = None;
            continue;
        }
        let cells = line.replace("\\\\", "").replace("\\|", "").matches('|').count() - 1;
        if *width.get_or_insert(cells) != cells {
            return Some((index + 1, width.unwrap_or(cells), cells));
        }
    }
    None
}

/// The names of the columns of all outlines.
fn columns(feature: &gherkin::Feature) -> Vec<String> {
    let scenarios =
        feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios));
    scenarios
        .flat_map(|scenario| &scenario.examples)
        .filter_map(|examples| examples.table.as_ref()?.rows.first())
        .flatten()
        .cloned()
        .collect()
}

/// Reads the line out of the parser's message, `Error at 6:5: {"a", "b"}`.
///
/// What it expected there are names of its own rules, which say nothing to the reader.
fn understand(message: &str) -> (Option<usize>, String) {
    let line = message
        .strip_prefix("Error at ")
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(line, _)| line.parse().ok());
    match line {
        Some(line) => (Some(line), "this is not Gherkin".to_owned()),
        None => (None, message.to_owned()),
    }
}

/// What to write instead of a line that begins with no keyword.
fn hint_for(text: &str, position: Option<(usize, usize)>) -> String {
    let line = position.and_then(|(line, _)| text.lines().nth(line - 1)).unwrap_or_default();
    let begins = |line: &str| line.trim_start().starts_with("Feature:");
    if !text.lines().any(begins) {
        return "a feature file begins with `Feature:` and its name".to_owned();
    }
    let word = line.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
    match nearest(word, KEYWORDS.into_iter().chain(HEADINGS)) {
        Some(near) if HEADINGS.contains(&near) => format!("did you mean `{near}:`?"),
        Some(near) => format!("did you mean `{near}`?"),
        None => "a step begins with `Given`, `When`, `Then`, `And` or `But`".to_owned(),
    }
}

/// The parser may stop behind the line that it does not understand; the reader wants that line.
fn written_line(text: &str, line: usize) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let written = |line: &usize| lines.get(line - 1).is_some_and(|text| !text.trim().is_empty());
    (1..=line).rev().find(written).unwrap_or(line)
}

/// The first line from `line` on that begins with this word.
fn begins_with(text: &str, line: usize, word: &str) -> usize {
    let mut lines = text.lines().enumerate().skip(line - 1);
    let found = lines.find(|(_, text)| text.split_whitespace().next() == Some(word));
    found.map_or(line, |(index, _)| index + 1)
}

/// The place where a line's text begins.
fn start_of(text: &str, line: usize) -> (usize, usize) {
    let content = text.lines().nth(line - 1).unwrap_or_default();
    (line, content.chars().take_while(|letter| letter.is_whitespace()).count() + 1)
}

const KEYWORDS: [&str; 5] = ["Given", "When", "Then", "And", "But"];
const HEADINGS: [&str; 6] =
    ["Feature", "Background", "Rule", "Scenario", "Scenario Outline", "Examples"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parsers_message_gives_the_line() {
        let (line, message) = understand(r#"Error at 6:5: {"tag", "keyword"}"#);
        assert_eq!(line, Some(6));
        assert_eq!(message, "this is not Gherkin");
    }

    #[test]
    fn what_to_write_depends_on_what_stands_there() {
        let feature = "Feature: x\n  Scenari: y\n  Whan z\n  nonsense\n";
        assert_eq!(hint_for(feature, Some((2, 3))), "did you mean `Scenario:`?");
        assert_eq!(hint_for(feature, Some((3, 3))), "did you mean `When`?");
        assert!(hint_for(feature, Some((4, 3))).starts_with("a step begins with"));
        assert!(hint_for("Features: x\n", Some((1, 1))).contains("begins with `Feature:`"));
    }

    #[test]
    fn a_place_is_the_line_that_is_meant() {
        let text = "Feature: x\n\n  Scenario: y\n    Givn z\n\n";
        assert_eq!(written_line(text, 5), 4);
        assert_eq!(start_of(text, begins_with(text, 3, "Givn")), (4, 5));
    }
}
