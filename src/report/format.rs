//! The kinds of report, and their files.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

use super::{ReportError, html, json, junit, markdown};
use crate::record::Run;

/// A kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One page for people, with all evidence in it.
    Html,
    /// For build servers.
    Junit,
    /// A short summary for programs.
    Json,
    /// A summary for the page of a build.
    Markdown,
}

/// A word that is no kind of report.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("make a report of the kind `{0}`: there are `html`, `junit`, `json` and `markdown`")]
pub struct UnknownFormat(String);

impl Format {
    /// All kinds.
    pub const ALL: [Format; 4] = [Format::Html, Format::Junit, Format::Json, Format::Markdown];

    /// The kinds that are written where nobody asks for others.
    pub const USUAL: [Format; 3] = [Format::Html, Format::Junit, Format::Json];

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Junit => "junit",
            Format::Json => "json",
            Format::Markdown => "markdown",
        }
    }

    /// Its file, in the folder of the run.
    pub fn file(self) -> &'static str {
        match self {
            Format::Html => "index.html",
            Format::Junit => "junit.xml",
            Format::Json => "results.json",
            Format::Markdown => "summary.md",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let found = Format::ALL.into_iter().find(|format| format.word() == word);
        found.ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

/// Writes a report into `folder`, where the run's pictures are, and says which file it is.
///
/// # Errors
/// When the file cannot be written, or the report cannot be put together.
pub fn write(run: &Run, format: Format, folder: &Path) -> Result<PathBuf, ReportError> {
    let text = match format {
        Format::Html => html::render(run, &|file| picture(folder, file))?,
        Format::Junit => junit::render(run)?,
        Format::Json => json::render(run),
        Format::Markdown => markdown::render(run),
    };
    let file = folder.join(format.file());
    fs::write(&file, text).map_err(|source| ReportError::Disk { file: file.clone(), source })?;
    Ok(file)
}

fn picture(folder: &Path, file: &str) -> Option<Vec<u8>> {
    // A record may come from elsewhere: it names no files outside its own folder.
    let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    if inside { fs::read(folder.join(file)).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_format_is_known_by_its_word() {
        for format in Format::ALL {
            assert_eq!(format.word().parse(), Ok(format));
        }
        let error = "pdf".parse::<Format>().unwrap_err().to_string();
        assert!(error.contains("pdf") && error.contains("junit"), "{error}");
    }

    #[test]
    fn every_format_becomes_a_file_beside_the_pictures() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pictures")).unwrap();
        fs::write(folder.path().join(sample::PICTURE), sample::png()).unwrap();
        for format in Format::ALL {
            let file = write(&sample::run(), format, folder.path()).unwrap();
            assert_eq!(file, folder.path().join(format.file()));
            let text = fs::read_to_string(file).unwrap();
            assert!(text.contains("features/token/secret.feature:14"));
            assert_eq!(text.contains("data:image/png;base64,iVBORw0KGgo"), format == Format::Html);
        }
    }

    #[test]
    fn no_picture_is_read_from_outside_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("run");
        fs::create_dir(&inner).unwrap();
        fs::write(folder.path().join("x.png"), "x").unwrap();
        assert_eq!(picture(&inner, "../x.png"), None);
        assert_eq!(picture(&inner, folder.path().join("x.png").to_str().unwrap()), None);
        assert_eq!(picture(folder.path(), "x.png"), Some(b"x".to_vec()));
    }
}
