//! The kinds of report, and their files.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;

/// A kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One page for people, with all evidence in it.
    Html,
    /// For build servers.
    Junit,
    /// A short summary for programs.
    Json,
    /// A summary for the page of a build.
    Markdown,
    /// Cucumber's own JSON.
    Cucumber,
    /// The Test Anything Protocol.
    Tap,
    /// The Common Test Report Format.
    Ctrf,
    /// The exchanges as an HTTP Archive.
    Har,
    /// A document to bring to a vendor's validation call, as a page and as PDF.
    Dossier,
}

/// A word that is no kind of report.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("make a report of the kind `{0}`: there are {known}", known = words())]
pub struct UnknownFormat(String);

impl Format {
    /// All kinds.
    pub const ALL: [Format; 9] = [
        Format::Html,
        Format::Junit,
        Format::Json,
        Format::Markdown,
        Format::Cucumber,
        Format::Tap,
        Format::Ctrf,
        Format::Har,
        Format::Dossier,
    ];

    /// The kinds that are written where nobody asks for others.
    pub const USUAL: [Format; 3] = [Format::Html, Format::Junit, Format::Json];

    /// The dossier as PDF, beside its page.
    pub const DOSSIER_PDF: &str = "dossier.pdf";

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Junit => "junit",
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Cucumber => "cucumber",
            Format::Tap => "tap",
            Format::Ctrf => "ctrf",
            Format::Har => "har",
            Format::Dossier => "dossier",
        }
    }

    /// Its file, in the folder of the run.
    pub fn file(self) -> &'static str {
        match self {
            Format::Html => "index.html",
            Format::Junit => "junit.xml",
            Format::Json => "results.json",
            Format::Markdown => "summary.md",
            Format::Cucumber => "cucumber.json",
            Format::Tap => "results.tap",
            Format::Ctrf => "ctrf.json",
            Format::Har => "exchanges.har",
            Format::Dossier => "dossier.html",
        }
    }
}

fn words() -> String {
    Format::ALL.map(|format| format!("`{}`", format.word())).join(", ")
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let found = Format::ALL.into_iter().find(|format| format.word() == word);
        found.ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_word() {
        for format in Format::ALL {
            assert_eq!(format.word().parse(), Ok(format));
        }
        let error = "pdf".parse::<Format>().unwrap_err().to_string();
        assert!(error.contains("pdf") && error.contains("junit"), "{error}");
    }
}
