//! How the findings are written: for people in 80 columns, and for programs.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::finding::{Finding, Severity, Sheet};
use crate::cli::outcome::counted;
use crate::project::Place;

/// What the examination was of, and what it asked for.
pub(super) struct Subject<'a> {
    pub(super) target: &'a str,
    /// The app under test, if it was one.
    pub(super) app: Option<&'a str>,
    pub(super) platform: &'a str,
    /// The folder that files are named from.
    pub(super) folder: &'a Path,
    /// Requests that were sent, and how many of them were for a token.
    pub(super) requests: (usize, usize),
    pub(super) colours: bool,
}

/// The findings for people.
pub(super) fn text(subject: &Subject<'_>, sheet: &Sheet) -> String {
    let whom = subject.app.map(|app| format!("the app `{app}` on ")).unwrap_or_default();
    let mut text = format!("{whom}{} ({})\n\n", subject.target, subject.platform);
    for finding in in_order(sheet) {
        text.push_str(&paragraph(subject, finding));
        text.push('\n');
    }
    if !sheet.well.is_empty() {
        let _ = writeln!(text, "{}", paint(subject, "32", "well"));
        for (what, how) in &sheet.well {
            text.push_str(&filled(what, how));
        }
        text.push('\n');
    }
    text.push_str(&textwrap::fill(&last_words(subject, sheet), WIDTH));
    text
}

/// The findings for programs.
pub(super) fn json(subject: &Subject<'_>, sheet: &Sheet) -> Value {
    let findings = in_order(sheet).map(|finding| {
        json!({
            "severity": finding.severity.word(),
            "about": finding.about,
            "seen": finding.seen,
            "cause": finding.cause,
            "fix": finding.fix,
            "place": finding.place.as_ref().map(|place| json!({
                "file": file(subject, place),
                "line": place.position.map(|(line, _)| line),
                "column": place.position.map(|(_, column)| column),
            })),
        })
    });
    let findings: Vec<Value> = findings.collect();
    let well = sheet.well.iter().map(|(what, how)| json!({ "what": what, "how": how }));
    let well: Vec<Value> = well.collect();
    json!({
        "target": subject.target,
        "app": subject.app,
        "platform": subject.platform,
        "findings": findings,
        "well": well,
        "requests": { "all": subject.requests.0, "for_tokens": subject.requests.1 },
    })
}

/// The findings, worst first, and else as they were found.
fn in_order(sheet: &Sheet) -> impl Iterator<Item = &Finding> {
    let of = |severity| sheet.findings.iter().filter(move |one| one.severity == severity);
    Severity::ALL.into_iter().flat_map(of)
}

fn paragraph(subject: &Subject<'_>, finding: &Finding) -> String {
    let colour = match finding.severity {
        Severity::Wrong | Severity::Broken => "31",
        Severity::Warning | Severity::Untold => "33",
        Severity::Note => "36",
    };
    let word = format!("{:<9}", finding.severity.word());
    let mut text = format!("{}{}\n", paint(subject, colour, &word), finding.about);
    for (label, words) in
        [("seen", &finding.seen), ("cause", &finding.cause), ("fix", &finding.fix)]
    {
        text.push_str(&filled(label, words));
    }
    if let Some(place) = &finding.place {
        let position = place.position.map(|(line, column)| format!(":{line}:{column}"));
        let _ = writeln!(
            text,
            "  {:<7}{}",
            "where",
            paint(
                subject,
                "36",
                &format!("{}{}", file(subject, place), position.unwrap_or_default())
            )
        );
    }
    text
}

/// A label and its words, which go on below each other.
fn filled(label: &str, words: &str) -> String {
    let head = format!("  {label:<7}");
    let head = if label.len() > 6 { format!("  {label}: ") } else { head };
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(&head)
        .subsequent_indent("         ")
        // An address or a command can be copied: it is in one piece.
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    format!("{}\n", textwrap::fill(words, options))
}

fn last_words(subject: &Subject<'_>, sheet: &Sheet) -> String {
    let count = |severity| sheet.findings.iter().filter(|one| one.severity == severity).count();
    let counts = [
        (count(Severity::Wrong), "wrong", "wrong"),
        (count(Severity::Broken), "broken", "broken"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Untold), "cannot be told", "cannot be told"),
        (count(Severity::Note), "note", "notes"),
    ];
    let counts = counts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
    let counts: Vec<String> = counts.collect();
    let found = if counts.is_empty() { "Nothing was found".to_owned() } else { counts.join(", ") };
    let (all, tokens) = subject.requests;
    let verb = if all == 1 { "was" } else { "were" };
    format!("{found}. {} {verb} sent, {tokens} of them for a token.", counted(all, "request"))
}

/// The file as it is called from here.
fn file(subject: &Subject<'_>, place: &Place) -> String {
    let path = place.path.strip_prefix(subject.folder).unwrap_or(&place.path);
    path.display().to_string()
}

fn paint(subject: &Subject<'_>, colour: &str, text: &str) -> String {
    match subject.colours {
        true => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

const WIDTH: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_come_worst_first_and_stay_within_80_columns() {
        let mut sheet = Sheet::default();
        let long = "word ".repeat(40);
        for severity in [Severity::Note, Severity::Wrong] {
            sheet.find(Finding::new(severity, "the app `a`", long.trim(), "so", "mend it"));
        }
        sheet.well("api.example:443", long.trim());
        let folder = Path::new("/p");
        let mut subject = Subject {
            target: "t",
            app: None,
            platform: "p",
            folder,
            requests: (1, 0),
            colours: false,
        };
        let shown = text(&subject, &sheet);
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH), "{shown}");
        assert!(shown.find("wrong").unwrap() < shown.find("note ").unwrap(), "{shown}");
        let last = shown.lines().last().unwrap();
        assert_eq!(last, "1 wrong, 1 note. 1 request was sent, 0 of them for a token.");
        assert_eq!(json(&subject, &sheet)["findings"][0]["severity"], "wrong");
        subject.colours = true;
        assert!(text(&subject, &sheet).contains("\u{1b}[31mwrong"));
    }
}
