//! Keeps a run.

use sqlx::{AnyConnection, Row as _};

use super::cells::{Cell, execute, insert, rows};
use super::row::{Judged, Rows, is_green};
use super::{History, HistoryError};
use crate::record::{Completion, Run, Verdict};

/// What became of a run that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is kept.
    New,
    /// It is kept, in the place of its earlier record, or of runs that it went on from.
    Replaced,
    /// Another run stands for it already: the one of this name went on from it.
    PartOf(String),
}

impl History {
    /// Keeps a run and its record, the bytes of `record.json`.
    ///
    /// A run takes the place of those that it went on from or was merged from. When this returns it is on
    /// the disk of the database, whatever happens next.
    ///
    /// # Errors
    /// [`HistoryError`] if it is not kept.
    pub async fn store(&mut self, run: &Run, record: &[u8]) -> Result<Stored, HistoryError> {
        let rows = Rows::of(run);
        let packed = zstd::encode_all(record, LEVEL).map_err(HistoryError::Compress)?;
        let tell = self.teller();
        let mut change = self.begin().await?;
        if let Some(other) = stands_for(&mut change, &run.id).await.map_err(&tell)? {
            return Ok(Stored::PartOf(other));
        }
        let begun = started(&mut change, &run.id).await.map_err(&tell)?;
        if begun.is_some_and(|begun| begun != run.started.as_microsecond()) {
            return Err(HistoryError::Taken(run.id.clone()));
        }
        let mut replaced = 0;
        for id in rows.parts.iter().chain([&run.id]) {
            replaced +=
                execute(&mut change, "DELETE FROM run WHERE id = $1", &[id.as_str().into()])
                    .await
                    .map_err(&tell)?;
        }
        put(&mut change, run, &rows, &packed).await.map_err(&tell)?;
        change.commit().await.map_err(&tell)?;
        Ok(if replaced > 0 { Stored::Replaced } else { Stored::New })
    }

    /// Whether a run of this name and start is kept.
    ///
    /// # Errors
    /// [`HistoryError`] if the database does not say.
    pub async fn has(&mut self, run: &Run) -> Result<bool, HistoryError> {
        let begun = started(&mut self.connection, &run.id).await;
        Ok(self.told(begun)? == Some(run.started.as_microsecond()))
    }
}

/// The run that was put together of this one and others.
async fn stands_for(connection: &mut AnyConnection, id: &str) -> sqlx::Result<Option<String>> {
    let text =
        "SELECT run.id FROM part JOIN run ON run.number = part.run WHERE part.id = $1 LIMIT 1";
    rows(connection, text, &[id.into()]).await?.first().map(|row| row.try_get(0)).transpose()
}

async fn started(connection: &mut AnyConnection, id: &str) -> sqlx::Result<Option<i64>> {
    let text = "SELECT started FROM run WHERE id = $1";
    rows(connection, text, &[id.into()]).await?.first().map(|row| row.try_get(0)).transpose()
}

async fn put(
    connection: &mut AnyConnection,
    run: &Run,
    rows: &Rows<'_>,
    packed: &[u8],
) -> sqlx::Result<()> {
    let of_run = Cell::Number(rows.number);
    put_run(connection, run, rows.number).await?;
    let parts: Vec<_> = rows.parts.iter().map(|id| [of_run, id.as_str().into()]).collect();
    insert(connection, "part", ["run", "id"], &parts, "").await?;

    let scenarios: Vec<_> = rows
        .scenarios
        .iter()
        .map(|(number, Judged { nth, scenario })| {
            let (feature, name) = (scenario.feature.as_str(), scenario.name.as_str());
            [Cell::Number(*number), feature.into(), name.into(), Cell::Number(*nth)]
        })
        .collect();
    let columns = ["number", "feature", "name", "nth"];
    insert(connection, "scenario", columns, &scenarios, IF_NEW).await?;
    let proofs: Vec<_> =
        rows.proofs.iter().map(|(id, number)| [(*id).into(), Cell::Number(*number)]).collect();
    insert(connection, "proof", ["requirement", "scenario"], &proofs, IF_NEW).await?;

    let judgements: Vec<_> = rows
        .scenarios
        .iter()
        .map(|(number, Judged { scenario, .. })| {
            [
                of_run,
                Cell::Number(*number),
                Cell::Number(count(scenario.line)),
                scenario.verdict.word().into(),
                scenario.before.map_or("", Verdict::word).into(),
                Cell::Number(whole(scenario.duration_ms)),
            ]
        })
        .collect();
    let columns = ["run", "scenario", "line", "verdict", "earlier", "duration_ms"];
    insert(connection, "judgement", columns, &judgements, "").await?;
    let findings: Vec<_> = rows
        .findings
        .iter()
        .map(|(id, verdict)| [of_run, (*id).into(), verdict.word().into()])
        .collect();
    insert(connection, "finding", ["run", "requirement", "verdict"], &findings, "").await?;
    insert(connection, "document", ["run", "record"], &[[of_run, packed.into()]], "").await
}

async fn put_run(connection: &mut AnyConnection, run: &Run, number: i64) -> sqlx::Result<()> {
    let tally = run.tally();
    let completion = match run.completion {
        Completion::Complete => "complete",
        Completion::Interrupted => "interrupted",
    };
    let is_whole = run.extent.as_ref().is_some_and(|extent| extent.whole);
    let of = |verdict| Cell::Number(count(tally.of(verdict)));
    let columns = [
        "number",
        "id",
        "started",
        "duration_ms",
        "completion",
        "target",
        "app",
        "release",
        "plan",
        "version",
        "whole",
        "green",
        "pass",
        "warn",
        "flaky",
        "waived",
        "skipped",
        "inconclusive",
        "error",
        "fail",
    ];
    let row = [
        Cell::Number(number),
        run.id.as_str().into(),
        Cell::Number(run.started.as_microsecond()),
        Cell::Number(whole(run.duration_ms)),
        completion.into(),
        run.target.name.as_str().into(),
        run.target.app.as_deref().unwrap_or_default().into(),
        run.target.release.as_deref().unwrap_or_default().into(),
        run.extent.as_ref().map_or("", |extent| extent.plan.as_str()).into(),
        run.tool.version.as_str().into(),
        Cell::Number(is_whole.into()),
        Cell::Number(is_green(run).into()),
        of(Verdict::Pass),
        of(Verdict::Warn),
        of(Verdict::Flaky),
        of(Verdict::Waived),
        of(Verdict::Skipped),
        of(Verdict::Inconclusive),
        of(Verdict::Error),
        of(Verdict::Fail),
    ];
    insert(connection, "run", columns, &[row], "").await
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is said of scenarios is the same whoever says it.
const IF_NEW: &str = "ON CONFLICT DO NOTHING";
/// Where a higher level takes longer and saves little.
const LEVEL: i32 = 3;
