//! Requirements over time.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::super::cells::rows;
use super::super::{History, HistoryError};
use super::{Pointed, Question, Scope, moment, verdict};
use crate::record::Verdict;

/// What the runs said, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// The runs, oldest first.
    pub runs: Vec<Pointed>,
    /// The requirements, by id.
    pub requirements: Vec<MatrixRow>,
    /// Where requirements were asked for by id, the scenarios that say something of them.
    pub scenarios: Vec<MatrixRow>,
}

/// What the runs said of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatrixRow {
    /// The id of a requirement, or a scenario's title.
    pub name: String,
    /// The feature file, of a scenario.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub feature: String,
    /// The verdicts in the order of the runs; absent where a run says nothing of it.
    pub verdicts: Vec<Option<Verdict>>,
}

impl History {
    /// What the newest runs of a scope say of these requirements; without ids, of all that were not met or
    /// not judged in one of them, or of all there are.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn requirements(
        &mut self,
        scope: &Scope,
        limit: u32,
        (ids, all): (&[String], bool),
    ) -> Result<Matrix, HistoryError> {
        let mut asked = Question::default();
        let chosen = asked.chosen(scope, limit);
        let text = format!("WITH {chosen} SELECT id, started FROM chosen ORDER BY ordinal");
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let runs: sqlx::Result<Vec<Pointed>> = self.told(found)?.iter().map(pointed).collect();
        let runs = self.told(runs)?;

        let wanted = match (ids, all) {
            ([], true) => "1 = 1".to_owned(),
            ([], false) => "finding.requirement IN (
                SELECT troubled.requirement FROM chosen
                JOIN finding AS troubled ON troubled.run = chosen.number
                WHERE troubled.verdict NOT IN ('pass', 'skipped'))"
                .to_owned(),
            (ids, _) => {
                let places: Vec<String> = ids.iter().map(|id| asked.place(id.as_str())).collect();
                format!("finding.requirement IN ({})", places.join(", "))
            }
        };
        let text = format!(
            "WITH {chosen}
            SELECT finding.requirement AS name, '' AS feature, chosen.ordinal, finding.verdict
            FROM chosen JOIN finding ON finding.run = chosen.number
            WHERE {wanted} ORDER BY finding.requirement, chosen.ordinal"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let requirements = table(&self.told(found)?, runs.len());
        let requirements = self.told(requirements)?;
        let scenarios = match ids {
            [] => Vec::new(),
            _ => {
                let wanted = wanted.replace("finding.", "proof.");
                let text = format!(
                    "WITH {chosen}, wanted AS (
                        SELECT DISTINCT proof.scenario FROM proof WHERE {wanted}
                    )
                    SELECT scenario.name, scenario.feature, chosen.ordinal, judgement.verdict
                    FROM wanted
                    JOIN scenario ON scenario.number = wanted.scenario
                    JOIN judgement ON judgement.scenario = wanted.scenario
                    JOIN chosen ON chosen.number = judgement.run
                    ORDER BY scenario.feature, scenario.name, scenario.nth, chosen.ordinal"
                );
                let found = rows(&mut self.connection, &text, asked.cells()).await;
                let scenarios = table(&self.told(found)?, runs.len());
                self.told(scenarios)?
            }
        };
        Ok(Matrix { runs, requirements, scenarios })
    }

    /// The ids of all requirements that runs of a scope say something of.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn known_requirements(&mut self, scope: &Scope) -> Result<Vec<String>, HistoryError> {
        let mut asked = Question::default();
        let among = asked.among(scope);
        let text = format!(
            "SELECT DISTINCT finding.requirement FROM run JOIN finding ON finding.run = run.number
             WHERE {among} ORDER BY finding.requirement"
        );
        let found = rows(&mut self.connection, &text, asked.cells()).await;
        let ids = self.told(found)?.iter().map(|row| row.try_get(0)).collect();
        self.told(ids)
    }
}

fn pointed(row: &AnyRow) -> sqlx::Result<Pointed> {
    Ok(Pointed { run: row.try_get("id")?, started: moment(row, "started")? })
}

/// Rows of one name together, as they follow each other.
fn table(rows: &[AnyRow], runs: usize) -> sqlx::Result<Vec<MatrixRow>> {
    let mut table: Vec<MatrixRow> = Vec::new();
    let mut last = usize::MAX;
    for row in rows {
        let (name, feature): (String, String) = (row.try_get("name")?, row.try_get("feature")?);
        let ordinal: i64 = row.try_get("ordinal")?;
        let place = usize::try_from(ordinal - 1).unwrap_or_default();
        // Where the runs begin again, another scenario of the same title does.
        let goes_on = place > last;
        let is_known = |of: &MatrixRow| of.name == name && of.feature == feature && goes_on;
        if !table.last().is_some_and(is_known) {
            table.push(MatrixRow { name, feature, verdicts: vec![None; runs] });
        }
        if let Some(cell) = table.last_mut().and_then(|row| row.verdicts.get_mut(place)) {
            *cell = Some(verdict(row, "verdict")?);
        }
        last = place;
    }
    Ok(table)
}
