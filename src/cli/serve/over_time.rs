//! What became of requirements and scenarios over time.

use minijinja::context;

use super::browse::{Asked, Lost, Told};
use super::chart::{Strip, line, stretches};
use crate::history::{History, Timed};

/// Requirements that were not always met, or all of them.
pub(super) async fn requirements(asked: &Asked<'_>, history: &mut History) -> Result<Told, Lost> {
    let (course, scope) = asked.course()?;
    let all = asked.value("all").is_some();
    let matrix = history.requirements(&scope, asked.last, (&[], all)).await?;
    let rows: Vec<Strip> = matrix.requirements.iter().map(Strip::from).collect();
    let runs = matrix.runs.len();
    let told = context! {
        title => "Requirements", course, all, runs, rows,
        first => matrix.runs.first(), latest => matrix.runs.last(),
    };
    Ok(("requirements.html", told))
}

/// One requirement, and its scenarios.
pub(super) async fn requirement(asked: &Asked<'_>, history: &mut History) -> Result<Told, Lost> {
    let (course, scope) = asked.course()?;
    let id = asked.value("id").unwrap_or_default().to_owned();
    let matrix =
        history.requirements(&scope, asked.last, (std::slice::from_ref(&id), false)).await?;
    let Some(row) = matrix.requirements.first() else {
        return Err(Lost::Missing(format!(
            "the last runs on {course} say nothing of a requirement `{id}`"
        )));
    };
    let scenarios: Vec<Strip> = matrix.scenarios.iter().map(Strip::from).collect();
    let told = context! {
        title => format!("{id} over time"), course, id, own => Strip::from(row), scenarios,
        stretches => stretches(&matrix, row), runs => matrix.runs.len(),
    };
    Ok(("requirement.html", told))
}

/// What fails, and since when.
pub(super) async fn failing(asked: &Asked<'_>, history: &mut History) -> Result<Told, Lost> {
    let (course, scope) = asked.course()?;
    let rows = history.failing(&scope).await?;
    Ok(("failing.html", context! { title => "Failing", course, rows }))
}

/// What is not reliable.
pub(super) async fn flaky(asked: &Asked<'_>, history: &mut History) -> Result<Told, Lost> {
    let (course, scope) = asked.course()?;
    let rows = history.flaky(&scope, asked.last).await?;
    Ok(("flaky.html", context! { title => "Flaky", course, rows }))
}

/// What takes long, and longer than it did.
pub(super) async fn slow(asked: &Asked<'_>, history: &mut History) -> Result<Told, Lost> {
    let (course, scope) = asked.course()?;
    let timing = history.timing(&scope, asked.last).await?;
    let took: Vec<i64> = timing.runs.iter().map(|(_, took)| *took).collect();
    let slower: Vec<&Timed> = timing.scenarios.iter().filter(|one| one.is_slower()).collect();
    let rows: Vec<&Timed> = timing.scenarios.iter().take(MOST).collect();
    let told = context! {
        title => "Slow", course, rows, slower, line => line(&took), runs => took.len(),
        longest => took.iter().max(), newest => took.last(),
        first => timing.runs.first().map(|(run, _)| run),
        latest => timing.runs.last().map(|(run, _)| run),
    };
    Ok(("slow.html", told))
}

/// As many are named.
const MOST: usize = 50;
