//! Why a history cannot be used.

use std::time::Duration;

use thiserror::Error;

use super::Place;
use crate::record::Unreadable;

/// Why a history cannot be used; what it says fits after "cannot".
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The machine or the network: it cannot be opened.
    #[error("open the history `{place}`: {why}")]
    Unreachable {
        /// The history.
        place: String,
        /// Why not, without a secret.
        why: String,
    },
    /// The database refuses.
    #[error("use the history `{place}`: {why}")]
    Refused {
        /// The history.
        place: String,
        /// Why, without a secret.
        why: String,
    },
    /// A newer version of this program has changed the tables.
    #[error("use the history `{0}`: a newer version of Checkride has changed its tables")]
    Newer(String),
    /// Somebody else's run has the same name.
    #[error("keep the run {0}: another run of that name is in the history")]
    Taken(String),
    /// No run is what was asked for.
    #[error("find {wanted} in the history{scope}")]
    NoRun {
        /// What was asked for.
        wanted: String,
        /// Among which runs.
        scope: String,
    },
    /// Several runs begin with the name that was asked for.
    #[error("tell which run `{wanted}` is: {}", .ids.join(", "))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// Some of the runs.
        ids: Vec<String>,
    },
    /// A record that was kept cannot be read.
    #[error("read the record of the run {id} in the history: {why}")]
    Garbled {
        /// The run.
        id: String,
        /// Why not.
        why: Unreadable,
    },
    /// Our bug: a record cannot be compressed.
    #[error("compress a record: {0}")]
    Compress(std::io::Error),
}

impl HistoryError {
    /// What to try.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => {
                "look whether it can be reached and written to; `history:` in `checkride.yaml` says where \
                 it is"
            }
            Self::Refused { .. } => {
                "look whether the database is whole and yours; a file that is not can be moved away: the \
                 next run begins another one"
            }
            Self::Newer(_) => "use that version, or newer, for this history too",
            Self::Taken(_) => {
                "rename one of them: change the `id` in its `record.json`, and import it"
            }
            Self::NoRun { .. } => {
                "`checkride history` lists the runs; name one by `last`, `last-green`, the beginning of \
                 its name, or a day such as `2026-11-21`"
            }
            Self::Ambiguous { .. } => "write more of its name",
            Self::Garbled { .. } => "a version of Checkride that knows its shape can read it",
            Self::Compress(_) => "import the run's `record.json` later",
        }
    }

    /// Whether the history could not be had, and nobody asked for anything wrong.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Refused { .. } | Self::Compress(_))
    }

    pub(super) fn unreachable(place: &Place, why: &str) -> Self {
        Self::Unreachable { place: place.shown(), why: place.redacted(why) }
    }

    pub(super) fn silent(place: &Place, waited: Duration) -> Self {
        Self::unreachable(place, &format!("no answer within {waited:?}"))
    }

    pub(super) fn refused(place: &Place, error: &sqlx::Error) -> Self {
        let why = match error {
            sqlx::Error::Database(said) => said.message().to_owned(),
            other => other.to_string(),
        };
        Self::Refused { place: place.shown(), why: place.redacted(&why) }
    }
}
