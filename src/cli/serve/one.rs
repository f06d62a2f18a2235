//! One run: what it has found, its report, its record.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::context;
use serde::Deserialize;

use super::browse::{Browse, Lost};
use super::runs::Row;
use crate::history::{History, HistoryError, Listed, Scope, Selector};
use crate::live::{Answer, Ask};
use crate::record::{RECORD, Run};
use crate::report;
use crate::run::picture;

/// What a run has found, and what changed in it.
pub(super) async fn run(browse: &Browse, ask: &Ask, history: &mut History) -> Result<Answer, Lost> {
    let run = history.listed(&wanted(ask, "run"), &Scope::default()).await?;
    let turns = history.turns(&run).await?;
    let release = Some(run.release.clone().unwrap_or_default());
    let before = Scope { release, before: Some(run.started), ..Scope::default() }.of(&run.course);
    let green = there(history.listed(&Selector::LastGreen, &before).await)?;
    let before = there(history.listed(&Selector::Last, &before).await)?;
    let page = context! {
        title => format!("Run of {}", run.course), path => "/run", row => Row::of(&run), turns,
        before => before.map(|it| it.run), green => green.map(|it| it.run),
    };
    Ok(Answer::page(browse.draw.page("run.html", page)?))
}

/// The report of a run, as it was written when it ended.
pub(super) async fn report(
    browse: &Arc<Browse>,
    ask: &Ask,
    history: &mut History,
) -> Result<Answer, Lost> {
    let run = history.find(&wanted(ask, "run"), &Scope::default()).await?;
    let reports = browse.reports.clone();
    let page = tokio::task::spawn_blocking(move || {
        let folder = folder(&reports, &run);
        let picture = |file: &str| picture(folder.as_deref()?, file).ok();
        report::html::render(&run, &picture)
    });
    Ok(Answer::document(page.await??))
}

/// The record of a run, as it was written when it ended.
pub(super) async fn record(ask: &Ask, history: &mut History) -> Result<Answer, Lost> {
    let record = history.record(&wanted(ask, "run"), &Scope::default()).await?;
    Ok(Answer::json(record))
}

/// The run that is asked for by name.
pub(super) fn wanted(ask: &Ask, name: &str) -> Selector {
    match ask.value(name) {
        Some(id) => id.parse().unwrap_or(Selector::Last),
        None => Selector::Last,
    }
}

/// Nothing, where there is no such run.
fn there(found: Result<Listed, HistoryError>) -> Result<Option<Listed>, Lost> {
    match found {
        Err(HistoryError::NoRun { .. }) => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// The folder of reports that a run has left its pictures in, if it is still there.
fn folder(reports: &Path, run: &Run) -> Option<PathBuf> {
    /// What is looked at of a record.
    #[derive(Deserialize)]
    struct Name {
        id: String,
    }
    let has_any = run.scenarios.iter().any(|one| !one.pictures.is_empty());
    let folders = std::fs::read_dir(reports).ok().filter(|_| has_any)?;
    folders.flatten().map(|entry| entry.path()).find(|folder| {
        let text = std::fs::read(folder.join(RECORD)).unwrap_or_default();
        serde_json::from_slice::<Name>(&text).is_ok_and(|name| name.id == run.id)
    })
}
