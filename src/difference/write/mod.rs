//! A [`Difference`] for its readers: text for a terminal, Markdown for the page of a build, a page for
//! people, JSON for programs.
//!
//! What a platform has said is only text in all of them.

mod html;
mod json;
mod markdown;
mod text;
mod told;

use thiserror::Error;

pub(super) use told::headline;

use super::{Class, Difference};

/// A way to write a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For the page of a build, or a ticket.
    Markdown,
    /// One page that needs nothing else.
    Html,
    /// For programs.
    Json,
}

impl Format {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Text, Self::Markdown, Self::Html, Self::Json];

    /// Its word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// Why a difference cannot be written, which is our bug.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The page cannot be put together.
    #[error("put the page together: {0:#}")]
    Page(#[from] minijinja::Error),
    /// The document cannot be put together.
    #[error("put the document together: {0}")]
    Json(#[from] serde_json::Error),
}

/// The difference, with the changes of these classes; text has colours if they are wanted.
///
/// # Errors
/// [`WriteError`], which is our bug.
pub fn written(
    difference: &Difference,
    format: Format,
    classes: &[Class],
    colours: bool,
) -> Result<String, WriteError> {
    let mut shown = difference.clone();
    shown.changes.retain(|change| classes.contains(&change.class));
    Ok(match format {
        Format::Text => text::render(&shown, colours),
        Format::Markdown => markdown::render(&shown),
        Format::Html => html::render(&shown)?,
        Format::Json => json::render(&shown)?,
    })
}

#[cfg(test)]
mod tests;
