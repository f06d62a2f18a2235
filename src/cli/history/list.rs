//! The list of runs.

use std::fmt::Write as _;

use super::{Asked, Untold, long, when};
use crate::history::{History, Listed};

/// The newest runs, newest first.
pub(super) async fn list(asked: &Asked<'_>, history: &mut History) -> Result<String, Untold> {
    let runs = history.list(&asked.scope(), asked.last(RUNS)).await?;
    if runs.is_empty() {
        asked.courses(history).await?;
    }
    Ok(asked.told(&runs, || match runs.is_empty() {
        true => asked.no_run().message,
        false => text(&runs),
    }))
}

fn text(runs: &[Listed]) -> String {
    let mut text =
        format!("{:<16}  {:<30}  {:<16}  {:>8}\n", "started (UTC)", "on", "changed", "took");
    for run in runs {
        let changed = match run.turned {
            None => "-".to_owned(),
            Some(turned) => match (turned.new, turned.fixed) {
                (0, 0) => "no".to_owned(),
                (new, 0) => format!("{new} new"),
                (0, fixed) => format!("{fixed} fixed"),
                (new, fixed) => format!("{new} new, {fixed} fixed"),
            },
        };
        let (started, course, took) =
            (when(run.started), run.course.to_string(), long(run.duration_ms));
        let _ = writeln!(text, "{started}  {course:<30}  {changed:<16}  {took:>8}");
        let _ = writeln!(text, "  {}: {}", run.run, counts(run));
    }
    text
}

/// How many scenarios have which verdict, and what is to be known of the run.
pub(super) fn counts(run: &Listed) -> String {
    let mut said: Vec<String> =
        run.tally.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    if !run.whole {
        said.push("not all scenarios".to_owned());
    }
    if !run.complete {
        said.push("stopped".to_owned());
    }
    said.join(", ")
}

/// As many fill a screen.
const RUNS: u32 = 20;
