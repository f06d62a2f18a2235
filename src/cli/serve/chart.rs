//! Verdicts and durations over time, as numbers for small pictures.

use serde::Serialize;

use super::draw::letter;
use crate::history::{Listed, Matrix, MatrixRow};
use crate::record::Verdict;

/// The verdicts of runs beside each other: a bar for each, in a field of [`Bars::HEIGHT`].
#[derive(Serialize)]
pub(super) struct Bars {
    width: usize,
    height: usize,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    x: usize,
    parts: Vec<Part>,
}

/// A verdict's part of a bar.
#[derive(Serialize)]
struct Part {
    verdict: Verdict,
    y: usize,
    height: usize,
}

impl Bars {
    const HEIGHT: usize = 120;

    /// Of these runs, newest first; what was left out on the target is not counted.
    pub(super) fn of(runs: &[Listed]) -> Self {
        let judged = |run: &Listed| -> Vec<(Verdict, usize)> {
            let known = run.tally.iter().filter(|(verdict, _)| *verdict != Verdict::Skipped);
            known.map(|(verdict, n)| (*verdict, usize::try_from(*n).unwrap_or_default())).collect()
        };
        let sum = |tally: &[(Verdict, usize)]| tally.iter().map(|(_, count)| count).sum::<usize>();
        let most = runs.iter().map(|run| sum(&judged(run))).max().unwrap_or_default().max(1);
        let bar = |(place, run): (usize, &Listed)| {
            let mut y = Self::HEIGHT;
            let mut parts = Vec::new();
            let tally = judged(run);
            // What is few must be seen too, and takes its room from what is many.
            let heights: Vec<usize> =
                tally.iter().map(|(_, n)| (n * Self::HEIGHT / most).max(SEEN)).collect();
            let over = heights.iter().sum::<usize>().saturating_sub(Self::HEIGHT);
            let tallest = heights.iter().copied().max().unwrap_or_default();
            let mut is_cut = over == 0;
            for ((verdict, _), mut height) in tally.into_iter().zip(heights) {
                if !is_cut && height == tallest {
                    height = height.saturating_sub(over);
                    is_cut = true;
                }
                y = y.saturating_sub(height);
                parts.push(Part { verdict, y, height });
            }
            Bar { x: place * STEP, parts }
        };
        let bars: Vec<Bar> = runs.iter().rev().enumerate().map(bar).collect();
        Self { width: (bars.len() * STEP).max(STEP), height: Self::HEIGHT, bars }
    }
}

/// What runs said of one thing, a cell for each.
#[derive(Serialize)]
pub(super) struct Strip {
    pub(super) name: String,
    pub(super) feature: String,
    width: usize,
    cells: Vec<Cell>,
    /// The same in words.
    words: String,
    pub(super) latest: Option<Verdict>,
}

#[derive(Serialize)]
struct Cell {
    x: usize,
    verdict: Verdict,
    letter: &'static str,
}

impl From<&MatrixRow> for Strip {
    fn from(row: &MatrixRow) -> Self {
        let known = row.verdicts.iter().enumerate();
        let known = known.filter_map(|(place, verdict)| Some((place, (*verdict)?)));
        let cells = known.map(|(place, verdict)| {
            let (x, letter) = (place * CELL, letter(verdict));
            Cell { x, verdict, letter }
        });
        let words = Verdict::ALL.into_iter().rev().filter_map(|verdict| {
            let count = row.verdicts.iter().filter(|it| **it == Some(verdict)).count();
            (count > 0).then(|| format!("{count} {verdict}"))
        });
        Self {
            name: row.name.clone(),
            feature: row.feature.clone(),
            width: (row.verdicts.len() * CELL).max(CELL),
            cells: cells.collect(),
            words: words.collect::<Vec<_>>().join(", "),
            latest: row.verdicts.iter().rev().flatten().next().copied(),
        }
    }
}

/// Runs one after the other that said the same of one thing.
#[derive(Serialize)]
pub(super) struct Stretch {
    verdict: Verdict,
    runs: usize,
    from: String,
    to: String,
    /// The run that it began with.
    run: String,
}

/// What the runs said of a row, the newest first; those that say nothing are passed over.
pub(super) fn stretches(matrix: &Matrix, row: &MatrixRow) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for (run, verdict) in matrix.runs.iter().zip(&row.verdicts) {
        let Some(verdict) = *verdict else { continue };
        let started = run.started.to_string();
        match found.last_mut().filter(|last| last.verdict == verdict) {
            Some(last) => {
                last.runs += 1;
                last.to = started;
            }
            None => {
                let (from, to) = (started.clone(), started);
                found.push(Stretch { verdict, runs: 1, from, to, run: run.run.clone() });
            }
        }
    }
    found.reverse();
    found
}

/// A line of durations, from left to right, in a field of 1000 by 100.
pub(super) fn line(durations: &[i64]) -> String {
    let most = durations.iter().copied().max().unwrap_or_default().max(1) as f64;
    let step = 1000.0 / durations.len().saturating_sub(1).max(1) as f64;
    let point = |(place, took): (usize, &i64)| {
        format!("{:.1},{:.1}", place as f64 * step, 100.0 - *took as f64 / most * 96.0)
    };
    durations.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

/// Room for a bar, with the gap after it.
const STEP: usize = 20;
/// So high is what can be seen.
const SEEN: usize = 4;
const CELL: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Course, Pointed};
    use serde_json::json;

    fn run(tally: &[(Verdict, i64)]) -> Listed {
        Listed {
            run: "a".into(),
            started: jiff::Timestamp::UNIX_EPOCH,
            duration_ms: 1,
            complete: true,
            whole: true,
            green: true,
            course: Course { target: "mock".into(), app: None },
            release: None,
            tally: tally.to_vec(),
            turned: None,
        }
    }

    #[test]
    fn one_failure_among_hundreds_is_seen_and_no_bar_is_too_high() {
        let tally = [(Verdict::Pass, 700), (Verdict::Skipped, 90), (Verdict::Fail, 1)];
        let bars = Bars::of(&[run(&tally), run(&[])]);
        let seen = serde_json::to_value(&bars).unwrap();
        assert_eq!(seen["bars"][0]["parts"], json!([]), "the oldest stands first");
        let parts = seen["bars"][1]["parts"].as_array().unwrap();
        assert_eq!(parts.len(), 2, "what was left out is not counted");
        assert_eq!(parts[1], json!({ "verdict": "fail", "y": 0, "height": 4 }));
        assert_eq!(parts[0], json!({ "verdict": "pass", "y": 4, "height": 116 }));
    }

    #[test]
    fn runs_that_say_the_same_are_told_together() {
        let pointed = |second: i64| Pointed {
            run: format!("r{second}"),
            started: jiff::Timestamp::from_second(second).unwrap(),
        };
        let verdicts = vec![Some(Verdict::Pass), Some(Verdict::Fail), None, Some(Verdict::Fail)];
        let row = MatrixRow { name: "A".into(), feature: String::new(), verdicts };
        let runs = (0..4).map(pointed).collect();
        let matrix = Matrix { runs, requirements: Vec::new(), scenarios: Vec::new() };
        let told = serde_json::to_value(stretches(&matrix, &row)).unwrap();
        assert_eq!(told[0]["runs"], 2);
        assert_eq!(told[0]["run"], "r1");
        assert_eq!(told[1]["verdict"], "pass");
        let strip = Strip::from(&row);
        assert_eq!((strip.words.as_str(), strip.latest), ("2 fail, 1 pass", Some(Verdict::Fail)));
    }
}
