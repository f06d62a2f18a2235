//! The runs before one of the same, and the last ones about each release.

use jiff::Timestamp;
use sqlx::Row as _;

use super::super::cells::rows;
use super::super::{History, HistoryError};
use super::list::of_row;
use super::{Course, Listed, Question, Scope, moment};

/// A run that was about a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutRelease {
    /// The release, by its id.
    pub release: String,
    /// What was judged.
    pub course: Course,
    /// Name of the run.
    pub run: String,
    /// Its start, UTC.
    pub started: Timestamp,
}

impl History {
    /// The newest runs of a scope that came to their ends, newest first, without what has changed in them.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn newest(&mut self, scope: &Scope, limit: u32) -> Result<Vec<Listed>, HistoryError> {
        let mut asked = Question::default();
        let among = asked.among(scope);
        let text = format!(
            "SELECT run.*, CAST(NULL AS BIGINT) AS compared FROM run
             WHERE {among} AND run.completion = 'complete'
             ORDER BY run.started DESC, run.number DESC LIMIT {limit}"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let newest = self.told(found)?.iter().map(of_row).collect();
        self.told(newest)
    }

    /// Of each release, target and app the last run that was about it.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn about_releases(&mut self) -> Result<Vec<AboutRelease>, HistoryError> {
        let text = "SELECT id, started, target, app, release FROM (
                SELECT run.*, ROW_NUMBER() OVER (
                    PARTITION BY target, app, release ORDER BY started DESC, number DESC
                ) AS nth
                FROM run WHERE release <> ''
            ) AS about WHERE nth = 1 ORDER BY started, id";
        let found = rows(&mut self.connection, text, &[]).await;
        let about = self.told(found)?.into_iter().map(|row| {
            let app: String = row.try_get("app")?;
            let app = Some(app).filter(|it| !it.is_empty());
            Ok(AboutRelease {
                release: row.try_get("release")?,
                course: Course { target: row.try_get("target")?, app },
                run: row.try_get("id")?,
                started: moment(&row, "started")?,
            })
        });
        self.told(about.collect())
    }
}
