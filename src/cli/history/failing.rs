//! What fails, and since when.

use std::fmt::Write as _;

use super::{Asked, Untold, when};
use crate::cli::outcome::counted;
use crate::history::{Course, Failing, History, Named};

/// What fails, what has failed last first.
pub(super) async fn failing(asked: &Asked<'_>, history: &mut History) -> Result<String, Untold> {
    let (course, scope) = asked.course(history).await?;
    let failing = history.failing(&scope).await?;
    Ok(asked.told(&failing, || text(&course, &failing)))
}

fn text(course: &Course, failing: &[Failing]) -> String {
    if failing.is_empty() {
        return format!("nothing fails on {course}");
    }
    let mut text = String::new();
    for Failing { scenario: Named { feature, line, name }, verdict, since, runs, last_green } in
        failing
    {
        let _ = writeln!(text, "{verdict} {feature}:{line} {name}");
        let runs = counted(usize::try_from(*runs).unwrap_or_default(), "run");
        let _ = writeln!(text, "  since       {}  {} (in {runs})", when(since.started), since.run);
        let _ = match last_green {
            Some(green) => writeln!(text, "  last green  {}  {}", when(green.started), green.run),
            None => writeln!(text, "  last green  never"),
        };
    }
    text
}
