//! What fails, and since when.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::super::cells::rows;
use super::super::{History, HistoryError};
use super::{GREEN, JUDGED, Named, Pointed, Question, RED, Scope, moment, verdict};
use crate::record::Verdict;

/// A scenario that did not conform when it was judged last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failing {
    /// The scenario.
    #[serde(flatten)]
    pub scenario: Named,
    /// `fail`, or `waived`.
    pub verdict: Verdict,
    /// The run in which it was seen failing first, since it last conformed.
    pub since: Pointed,
    /// In how many runs it has failed since then.
    pub runs: i64,
    /// The run in which it conformed last.
    pub last_green: Option<Pointed>,
}

impl History {
    /// What fails in the runs of a scope, what has failed last first. A scenario that is no longer in the
    /// newest run of all scenarios is left out.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn failing(&mut self, scope: &Scope) -> Result<Vec<Failing>, HistoryError> {
        let mut asked = Question::default();
        let chosen = asked.chosen(scope, u32::MAX);
        let text = format!(
            "WITH {chosen}, candidate AS (
                SELECT DISTINCT judgement.scenario
                FROM chosen JOIN judgement ON judgement.run = chosen.number
                WHERE judgement.verdict IN {RED}
            ), judged AS (
                SELECT judgement.scenario, judgement.verdict, judgement.line, chosen.ordinal
                FROM candidate
                JOIN judgement ON judgement.scenario = candidate.scenario
                JOIN chosen ON chosen.number = judgement.run
                WHERE judgement.verdict IN {JUDGED}
            ), green AS (
                SELECT scenario, MAX(ordinal) AS ordinal FROM judged
                WHERE verdict IN {GREEN} GROUP BY scenario
            ), red AS (
                SELECT judged.scenario, MIN(judged.ordinal) AS begun, MAX(judged.ordinal) AS latest,
                    COUNT(*) AS times, MAX(green.ordinal) AS lit
                FROM judged LEFT JOIN green ON green.scenario = judged.scenario
                WHERE judged.verdict IN {RED}
                    AND (green.ordinal IS NULL OR judged.ordinal > green.ordinal)
                GROUP BY judged.scenario
            ), newest AS (
                SELECT COALESCE(MAX(ordinal), 0) AS ordinal FROM chosen WHERE whole = 1
            )
            SELECT scenario.feature, scenario.name, judged.line, judged.verdict, red.times,
                begun.id AS begun_id, begun.started AS begun_started,
                lit.id AS lit_id, lit.started AS lit_started
            FROM red
            JOIN newest ON 1 = 1
            JOIN scenario ON scenario.number = red.scenario
            JOIN judged ON judged.scenario = red.scenario AND judged.ordinal = red.latest
            JOIN chosen AS begun ON begun.ordinal = red.begun
            LEFT JOIN chosen AS lit ON lit.ordinal = red.lit
            WHERE red.latest >= newest.ordinal OR EXISTS (
                SELECT 1 FROM chosen JOIN judgement ON judgement.run = chosen.number
                WHERE chosen.ordinal = newest.ordinal AND judgement.scenario = red.scenario
            )
            ORDER BY red.begun DESC, scenario.feature, judged.line, scenario.number"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let failing = self.told(found)?.iter().map(of_row).collect();
        self.told(failing)
    }
}

fn of_row(row: &AnyRow) -> sqlx::Result<Failing> {
    let lit: Option<String> = row.try_get("lit_id")?;
    let lit =
        lit.map(|run| Ok::<_, sqlx::Error>(Pointed { run, started: moment(row, "lit_started")? }));
    Ok(Failing {
        scenario: Named::of(row)?,
        verdict: verdict(row, "verdict")?,
        since: Pointed { run: row.try_get("begun_id")?, started: moment(row, "begun_started")? },
        runs: row.try_get("times")?,
        last_green: lit.transpose()?,
    })
}
