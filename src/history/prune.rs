//! Lets go of what is old.

use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;

use super::cells::{Cell, execute, rows};
use super::{History, HistoryError, Place};

/// How long runs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days from the start of a run.
    pub days: u32,
    /// How many runs of a target, and of an app on it.
    pub runs: u32,
}

impl History {
    /// Lets go of runs that are older than is kept, or more, and says how many. The last run in which
    /// nothing was wrong stays, whatever its age.
    ///
    /// # Errors
    /// [`HistoryError`] if nothing was let go.
    pub async fn prune(&mut self, keep: Keep, now: Timestamp) -> Result<usize, HistoryError> {
        let tell = self.teller();
        let mut change = self.begin().await?;
        let oldest = SignedDuration::from_hours(i64::from(keep.days) * 24);
        let oldest = now.checked_sub(oldest).unwrap_or(Timestamp::MIN);
        let cells = [Cell::Number(keep.runs.into()), Cell::Number(oldest.as_microsecond())];
        let old = rows(&mut change, OLD, &cells).await.map_err(&tell)?;
        for row in &old {
            let number: i64 = row.try_get(0).map_err(&tell)?;
            // One by one and in order: two programs that do this never wait for each other.
            execute(&mut change, "DELETE FROM run WHERE number = $1", &[Cell::Number(number)])
                .await
                .map_err(&tell)?;
        }
        change.commit().await.map_err(&tell)?;
        Ok(old.len())
    }

    /// Gives the room of what was let go back to the disk, where the history is a file.
    ///
    /// # Errors
    /// [`HistoryError`] if that is not possible now; nothing is lost.
    pub async fn shrink(&mut self) -> Result<(), HistoryError> {
        match self.place() {
            Place::File(_) => {
                let done = execute(&mut self.connection, "VACUUM", &[]).await;
                self.told(done).map(|_| ())
            }
            Place::Server(_) => Ok(()),
        }
    }
}

const OLD: &str = "
    SELECT number FROM (
        SELECT number, started,
            ROW_NUMBER() OVER (PARTITION BY target, app ORDER BY started DESC, number DESC) AS place
        FROM run
    ) AS ranked
    WHERE (place > $1 OR started < $2) AND number NOT IN (
        SELECT number FROM (
            SELECT number,
                ROW_NUMBER() OVER (PARTITION BY target, app ORDER BY started DESC, number DESC)
                    AS place
            FROM run WHERE green = 1
        ) AS lit WHERE place = 1
    )
    ORDER BY number";
