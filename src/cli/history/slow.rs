//! How long things take.

use std::fmt::Write as _;

use super::{Asked, Untold, long};
use crate::history::{Course, History, Timed, Timing};

/// The slowest scenarios of the newest run, and those that took longer than they did.
pub(super) async fn slow(asked: &Asked<'_>, history: &mut History) -> Result<String, Untold> {
    let (course, scope) = asked.course(history).await?;
    let timing = history.timing(&scope, asked.last(super::RUNS)).await?;
    Ok(asked.told(&timing, || text(&course, &timing)))
}

fn text(course: &Course, timing: &Timing) -> String {
    let mut text = String::new();
    if let Some(((_, last), earlier)) = timing.runs.split_last() {
        let _ =
            writeln!(text, "the last run on {course} that came to its end took {}", long(*last));
        let mut took: Vec<i64> = earlier.iter().map(|(_, took)| *took).collect();
        took.sort_unstable();
        if let Some(median) = took.get(took.len().saturating_sub(1) / 2) {
            let _ = writeln!(text, "the median of {} before it is {}", took.len(), long(*median));
        }
    }
    let mut slower: Vec<&Timed> = timing.scenarios.iter().filter(|one| one.is_slower()).collect();
    slower.sort_by_key(|one| one.median_ms.unwrap_or_default() - one.last_ms);
    let slowest = timing.scenarios.iter().take(MOST).collect();
    for (title, scenarios) in [("Slower than they were", slower), ("The slowest", slowest)] {
        if scenarios.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}\n    last   median  scenario");
        for one in scenarios.iter().take(MOST) {
            let median = one.median_ms.map_or("-".to_owned(), long);
            let (last, of) = (long(one.last_ms), &one.scenario);
            let _ = writeln!(text, "{last:>8} {median:>8}  {}:{}", of.feature, of.line);
            let _ = writeln!(text, "{:>19}{}", "", of.name);
        }
        if scenarios.len() > MOST {
            let _ = writeln!(text, "{:>19}and {} more", "", scenarios.len() - MOST);
        }
    }
    text
}

/// As many are named; `--format json` has all.
const MOST: usize = 10;
