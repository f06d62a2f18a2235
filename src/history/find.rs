//! Finds the run that somebody means.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::ask::Question;
use super::cells::rows;
use super::{History, HistoryError, Scope};
use crate::record::{self, Run};

/// Which run is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The one that began last.
    Last,
    /// The last one in which everything was judged and nothing was wrong.
    LastGreen,
    /// The one whose name begins so.
    Name(String),
    /// The last one that had begun by then.
    At(Timestamp),
}

impl FromStr for Selector {
    type Err = std::convert::Infallible;

    /// Reads `last`, `last-green`, a day or a moment of UTC, or else the beginning of a name. A day stands
    /// for its end.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "last" => Self::Last,
            "last-green" => Self::LastGreen,
            text => moment(text).map_or_else(|| Self::Name(text.to_owned()), Self::At),
        })
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Last => f.write_str("a run"),
            Self::LastGreen => f.write_str("a run without anything wrong"),
            Self::Name(name) => write!(f, "a run whose name begins with `{name}`"),
            Self::At(moment) => write!(f, "a run that had begun by {moment}"),
        }
    }
}

impl History {
    /// The run that is meant, among those of a scope, with its whole record.
    ///
    /// # Errors
    /// [`HistoryError`] if there is none, or several have a name that begins so.
    pub async fn find(&mut self, selector: &Selector, scope: &Scope) -> Result<Run, HistoryError> {
        let id = self.id_of(selector, scope).await?;
        let record = self.record_of(&id).await?;
        let read = record.and_then(|record| record::read_bytes(&record));
        read.map_err(|why| HistoryError::Garbled { id, why })
    }

    /// The record of the run that is meant, as `record.json` has it.
    ///
    /// # Errors
    /// As for [`find`](Self::find).
    pub async fn record(
        &mut self,
        selector: &Selector,
        scope: &Scope,
    ) -> Result<Vec<u8>, HistoryError> {
        let id = self.id_of(selector, scope).await?;
        self.record_of(&id).await?.map_err(|why| HistoryError::Garbled { id, why })
    }

    async fn record_of(
        &mut self,
        id: &str,
    ) -> Result<Result<Vec<u8>, record::Unreadable>, HistoryError> {
        let text = "SELECT document.record FROM document JOIN run ON run.number = document.run \
                    WHERE run.id = $1";
        let found = rows(&mut self.connection, text, &[id.into()]).await;
        let packed = self.told(found)?.first().map(|row| row.try_get::<Vec<u8>, _>(0)).transpose();
        // Another program may have let go of it meanwhile.
        let packed = self.told(packed)?.ok_or_else(|| HistoryError::NoRun {
            wanted: format!("the run {id}"),
            scope: String::new(),
        })?;
        Ok(zstd::decode_all(packed.as_slice()).map_err(record::Unreadable::Disk))
    }

    /// The name of the run that is meant.
    pub(super) async fn id_of(
        &mut self,
        selector: &Selector,
        scope: &Scope,
    ) -> Result<String, HistoryError> {
        let mut asked = Question::default();
        let among = asked.among(scope);
        let (condition, limit) = match selector {
            Selector::Last => ("1 = 1".to_owned(), 1),
            Selector::LastGreen => ("run.green = 1".to_owned(), 1),
            Selector::At(moment) => {
                (format!("run.started <= {}", asked.place(moment.as_microsecond())), 1)
            }
            Selector::Name(name) => {
                let (length, name) = (name.chars().count(), asked.place(name.as_str()));
                (format!("SUBSTR(run.id, 1, {length}) = {name}"), FEW)
            }
        };
        let text = format!(
            "SELECT run.id FROM run WHERE {among} AND {condition}
             ORDER BY run.started DESC, run.number DESC LIMIT {limit}"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let ids: Result<Vec<String>, _> =
            self.told(found)?.iter().map(|row: &AnyRow| row.try_get(0)).collect();
        let ids = self.told(ids)?;
        let whole = ids.iter().find(|id| matches!(selector, Selector::Name(name) if name == *id));
        match ids.as_slice() {
            [] => Err(no_run(selector, scope)),
            [id] => Ok(id.clone()),
            _ => whole.cloned().ok_or_else(|| HistoryError::Ambiguous {
                wanted: match selector {
                    Selector::Name(name) => name.clone(),
                    other => other.to_string(),
                },
                ids,
            }),
        }
    }
}

fn no_run(selector: &Selector, scope: &Scope) -> HistoryError {
    HistoryError::NoRun { wanted: selector.to_string(), scope: scope.to_string() }
}

/// A moment, or the last one of a day.
fn moment(text: &str) -> Option<Timestamp> {
    // The name of a run begins with a day, too, without dashes.
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let in_utc = |at: DateTime| Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp());
    let day =
        |day: Date| in_utc(day.tomorrow().ok()?.at(0, 0, 0, 0))?.checked_sub(1.microsecond()).ok();
    if let Ok(found) = text.parse::<Timestamp>() {
        return Some(found);
    }
    match text.len() {
        10 => text.parse::<Date>().ok().and_then(day),
        _ => text.parse::<DateTime>().ok().and_then(in_utc),
    }
}

/// As many names are told apart.
const FEW: usize = 5;
