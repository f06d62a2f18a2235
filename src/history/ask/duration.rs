//! How long runs and scenarios take.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::super::cells::rows;
use super::super::{History, HistoryError};
use super::{JUDGED, Named, Pointed, Question, Scope, moment};

/// How long runs and scenarios take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// The runs that came to their end, oldest first, with the milliseconds that each took.
    pub runs: Vec<(Pointed, i64)>,
    /// The scenarios that the newest run has judged, the slowest first.
    pub scenarios: Vec<Timed>,
}

/// How long a scenario takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timed {
    /// The scenario.
    #[serde(flatten)]
    pub scenario: Named,
    /// In how many of the runs it was judged.
    pub judged: i64,
    /// Milliseconds in the newest of them.
    pub last_ms: i64,
    /// The median of the others, in milliseconds; absent if there are none.
    pub median_ms: Option<i64>,
}

impl Timed {
    /// Whether it took much longer than it did, by more than chance lets a busy machine.
    pub fn is_slower(&self) -> bool {
        let enough = self.judged > FEW;
        enough
            && self.median_ms.is_some_and(|median| {
                self.last_ms - median >= NOTICED_MS && self.last_ms * 2 >= median * 3
            })
    }
}

impl History {
    /// How long the newest runs of a scope took, and their scenarios.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn timing(&mut self, scope: &Scope, limit: u32) -> Result<Timing, HistoryError> {
        let mut asked = Question::default();
        let chosen = asked.chosen(scope, limit);
        let text = format!(
            "WITH {chosen} SELECT id, started, duration_ms FROM chosen
             WHERE completion = 'complete' ORDER BY ordinal"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let runs = self.told(found)?.iter().map(run_of_row).collect();
        let runs = self.told(runs)?;
        // Half of those before the newest are at most as long as the median.
        let text = format!(
            "WITH {chosen}, judged AS (
                SELECT judgement.scenario, judgement.line, judgement.duration_ms,
                    CASE WHEN chosen.ordinal = (SELECT MAX(ordinal) FROM chosen)
                        THEN 1 ELSE 0 END AS newest
                FROM chosen JOIN judgement ON judgement.run = chosen.number
                WHERE judgement.verdict IN {JUDGED}
            ), ranked AS (
                SELECT judged.*,
                    COUNT(*) OVER (PARTITION BY scenario, newest) AS times,
                    ROW_NUMBER() OVER (PARTITION BY scenario, newest ORDER BY duration_ms) AS place
                FROM judged
            ), timed AS (
                SELECT scenario, COUNT(*) AS runs,
                    MAX(CASE WHEN newest = 1 THEN line END) AS line,
                    MAX(CASE WHEN newest = 1 THEN duration_ms END) AS last_ms,
                    MAX(CASE WHEN newest = 0 AND place = (times + 1) / 2 THEN duration_ms END)
                        AS median_ms
                FROM ranked GROUP BY scenario HAVING MAX(newest) = 1
            )
            SELECT scenario.feature, scenario.name, timed.line, timed.runs, timed.last_ms,
                timed.median_ms
            FROM timed JOIN scenario ON scenario.number = timed.scenario
            ORDER BY timed.last_ms DESC, scenario.feature, timed.line, scenario.number"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let scenarios = self.told(found)?.iter().map(scenario_of_row).collect();
        Ok(Timing { runs, scenarios: self.told(scenarios)? })
    }
}

fn run_of_row(row: &AnyRow) -> sqlx::Result<(Pointed, i64)> {
    let run = Pointed { run: row.try_get("id")?, started: moment(row, "started")? };
    Ok((run, row.try_get("duration_ms")?))
}

fn scenario_of_row(row: &AnyRow) -> sqlx::Result<Timed> {
    Ok(Timed {
        scenario: Named::of(row)?,
        judged: row.try_get("runs")?,
        last_ms: row.try_get("last_ms")?,
        median_ms: row.try_get("median_ms")?,
    })
}

/// A median of as many says something.
const FEW: i64 = 4;
/// So much is noticed.
const NOTICED_MS: i64 = 200;
