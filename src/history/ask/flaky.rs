//! What is not reliable.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::super::cells::rows;
use super::super::{History, HistoryError};
use super::{GREEN, JUDGED, Named, Question, RED, Scope};

/// A scenario that was not always the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shaky {
    /// The scenario.
    #[serde(flatten)]
    pub scenario: Named,
    /// In how many of the runs it was judged.
    pub judged: i64,
    /// In how many it conformed only when it was tried again.
    pub retried: i64,
    /// In how many it was red between two green ones, or green between two red ones.
    pub blips: i64,
}

impl History {
    /// The scenarios that were not reliable in the newest runs of a scope, the least reliable first.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn flaky(&mut self, scope: &Scope, limit: u32) -> Result<Vec<Shaky>, HistoryError> {
        let mut asked = Question::default();
        let chosen = asked.chosen(scope, limit);
        let text = format!(
            "WITH {chosen}, judged AS (
                SELECT judgement.scenario, judgement.line, chosen.ordinal,
                    CASE WHEN judgement.verdict IN {RED} THEN 1 ELSE 0 END AS red,
                    CASE WHEN judgement.verdict = 'flaky'
                        OR judgement.earlier = 'fail' AND judgement.verdict IN {GREEN}
                        THEN 1 ELSE 0 END AS retried
                FROM chosen JOIN judgement ON judgement.run = chosen.number
                WHERE judgement.verdict IN {JUDGED}
            ), between_others AS (
                SELECT judged.*,
                    LAG(red) OVER (PARTITION BY scenario ORDER BY ordinal) AS red_before,
                    LEAD(red) OVER (PARTITION BY scenario ORDER BY ordinal) AS red_after
                FROM judged
            ), shaky AS (
                SELECT scenario, COUNT(*) AS times, SUM(retried) AS retried,
                    -- The last one has none after it.
                    MAX(CASE WHEN red_after IS NULL THEN line END) AS line,
                    SUM(CASE WHEN red_before = red_after AND red_before <> red THEN 1 ELSE 0 END)
                        AS blips
                FROM between_others GROUP BY scenario
            )
            SELECT scenario.feature, scenario.name, shaky.line, shaky.times, shaky.retried, shaky.blips
            FROM shaky JOIN scenario ON scenario.number = shaky.scenario
            WHERE shaky.retried + shaky.blips > 0
            ORDER BY shaky.retried + shaky.blips DESC, shaky.times, scenario.feature, shaky.line,
                scenario.number"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let shaky = self.told(found)?.iter().map(of_row).collect();
        self.told(shaky)
    }
}

fn of_row(row: &AnyRow) -> sqlx::Result<Shaky> {
    Ok(Shaky {
        scenario: Named::of(row)?,
        judged: row.try_get("times")?,
        retried: row.try_get("retried")?,
        blips: row.try_get("blips")?,
    })
}
