//! The list of runs.

use minijinja::context;
use serde::Serialize;

use super::browse::{Asked, Lost, Told};
use super::chart::Bars;
use crate::history::{History, Listed};
use crate::record::Verdict;

/// A run in the list.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    #[serde(flatten)]
    listed: &'a Listed,
    of: String,
    /// The verdict of the whole, and its word.
    verdict: Verdict,
    word: &'static str,
}

impl<'a> Row<'a> {
    pub(super) fn of(listed: &'a Listed) -> Self {
        let count = |wanted| listed.tally.iter().any(|(verdict, _)| *verdict == wanted);
        let (verdict, word) = if count(Verdict::Fail) {
            (Verdict::Fail, "fails")
        } else if !listed.complete || count(Verdict::Error) || count(Verdict::Inconclusive) {
            (Verdict::Inconclusive, "not judged to the end")
        } else if listed.green {
            (Verdict::Pass, "conforms")
        } else if listed.tally.iter().all(|(verdict, _)| *verdict == Verdict::Skipped) {
            (Verdict::Skipped, "nothing was judged")
        } else {
            (Verdict::Warn, "has waivers to look at")
        };
        Self { listed, of: listed.course.to_string(), verdict, word }
    }
}

/// The newest runs, and their verdicts over time.
pub(super) async fn runs(asked: &Asked<'_>, history: &mut History) -> Result<Told, Lost> {
    let runs = history.list(&asked.scope(), asked.last).await?;
    let rows: Vec<Row<'_>> = runs.iter().map(Row::of).collect();
    let told = context! {
        title => "Runs", nothing => runs.is_empty(), rows,
        bars => Bars::of(&runs), can_compare => runs.len() > 1,
    };
    Ok(("runs.html", told))
}
