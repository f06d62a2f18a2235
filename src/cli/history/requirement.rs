//! Requirements over time.

use std::fmt::Write as _;

use super::{Asked, Untold, when};
use crate::history::{Course, History, Matrix, MatrixRow};
use crate::project::{Mistake, nearest};
use crate::record::Verdict;

/// What the runs said of requirements, a letter for each run.
pub(super) async fn requirements(
    asked: &Asked<'_>,
    history: &mut History,
    ids: &[String],
    all: bool,
) -> Result<String, Untold> {
    let (course, scope) = asked.course(history).await?;
    let matrix = history.requirements(&scope, asked.last(RUNS), (ids, all)).await?;
    let is_told = |id: &&String| matrix.requirements.iter().any(|row| row.name == **id);
    if let Some(unknown) = ids.iter().find(|id| !is_told(id)) {
        let known = history.known_requirements(&scope).await?;
        let mistake = Mistake::new(format!(
            "these runs on {course} say nothing of a requirement `{unknown}`"
        ));
        let near = nearest(unknown, known.iter().map(String::as_str));
        return Err(Untold::Asked(mistake.with_hint(match near {
            Some(near) if near != unknown => format!("did you mean `{near}`?"),
            Some(_) => "`--last` looks at more runs".to_owned(),
            None => {
                "`checkride history requirements --all` names all that they speak of".to_owned()
            }
        })));
    }
    Ok(asked.told(&matrix, || text(&course, &matrix)))
}

fn text(course: &Course, matrix: &Matrix) -> String {
    let (Some(first), Some(last)) = (matrix.runs.first(), matrix.runs.last()) else {
        return String::new();
    };
    let (first, last) = (when(first.started), when(last.started));
    let runs = crate::cli::outcome::counted(matrix.runs.len(), "run");
    let mut text = format!("{runs} on {course}, from {first} to {last} (UTC)\n");
    if matrix.requirements.is_empty() {
        text.push_str("every requirement was met in all of them, wherever it was judged\n");
        return text;
    }
    let legend: Vec<String> =
        LETTERS.iter().map(|(verdict, letter)| format!("{letter} {verdict}")).collect();
    let _ = writeln!(text, "{}\n", legend.join("  "));
    let width = matrix.requirements.iter().map(|row| row.name.chars().count()).max();
    let width = width.unwrap_or_default();
    for MatrixRow { name, verdicts, .. } in &matrix.requirements {
        let _ = writeln!(text, "{name:<width$}  {}", letters(verdicts));
    }
    let mut feature = "";
    for row in &matrix.scenarios {
        if row.feature != feature {
            feature = &row.feature;
            let _ = writeln!(text, "\n{feature}");
        }
        // A title may be longer than a line; the letters stand below one another.
        let _ = writeln!(text, "{:<width$}  {}  {}", "", letters(&row.verdicts), row.name);
    }
    text
}

/// A letter for each run, oldest first; nothing where it says nothing.
fn letters(verdicts: &[Option<Verdict>]) -> String {
    let letter = |verdict: &Option<Verdict>| {
        let known = LETTERS.iter().find(|(known, _)| Some(*known) == *verdict);
        known.map_or(' ', |(_, letter)| *letter)
    };
    verdicts.iter().map(letter).collect()
}

/// As many stand in a line beside the longest id.
const RUNS: u32 = 40;
const LETTERS: [(Verdict, char); 8] = [
    (Verdict::Pass, '.'),
    (Verdict::Warn, 'w'),
    (Verdict::Flaky, '~'),
    (Verdict::Waived, 'o'),
    (Verdict::Skipped, '-'),
    (Verdict::Inconclusive, '?'),
    (Verdict::Error, '!'),
    (Verdict::Fail, 'F'),
];
