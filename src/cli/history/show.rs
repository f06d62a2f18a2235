//! One run.

use std::fmt::Write as _;

use super::list::counts;
use super::{Asked, Untold, long, when};
use crate::cli::args::Shape;
use crate::history::{History, Listed, Named, Selector, Turns};

/// What a run has found and what changed in it, or its whole record.
pub(super) async fn show(
    asked: &Asked<'_>,
    history: &mut History,
    wanted: &str,
) -> Result<String, Untold> {
    let Ok(selector) = wanted.parse::<Selector>();
    let scope = asked.scope();
    if asked.args.format == Shape::Json {
        let record = history.record(&selector, &scope).await?;
        return Ok(String::from_utf8_lossy(&record).into_owned());
    }
    let run = history.listed(&selector, &scope).await?;
    let turns = history.turns(&run).await?;
    Ok(text(&run, &turns))
}

fn text(run: &Listed, turns: &Turns) -> String {
    let (id, course) = (&run.run, &run.course);
    let mut text = format!("{id} on {course}\n");
    let _ = writeln!(text, "{} (UTC), {}", when(run.started), long(run.duration_ms));
    let _ = writeln!(text, "{}", counts(run));
    for (title, scenarios) in [
        ("New: fails now, and did not before", &turns.new),
        ("Still failing", &turns.still),
        ("Fixed: conforms now, and did not before", &turns.fixed),
    ] {
        if !scenarios.is_empty() {
            let _ = writeln!(text, "\n{title}");
        }
        for Named { feature, line, name } in scenarios {
            let _ = writeln!(text, "  {feature}:{line} {name}");
        }
    }
    text
}
