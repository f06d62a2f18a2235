//! What is new: what changed since the last run, how earlier runs ended, and who is not ready for the
//! deadlines to come.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clock::moment_in_words;
use crate::record::{Readiness, Run, Verdict};
use crate::report::{readiness, since_last};

/// What is another than in the last run.
#[derive(Serialize)]
pub(super) struct Since<'run> {
    sentence: String,
    changes: Vec<Change<'run>>,
    /// Changes that are not told one by one.
    further: usize,
}

/// A scenario that stands otherwise than it did.
#[derive(Serialize)]
struct Change<'run> {
    /// Its id, if it is in this run.
    id: Option<&'run str>,
    name: &'run str,
    words: &'static str,
}

/// What is new since the last run, if something is.
pub(super) fn since(run: &Run) -> Option<Since<'_>> {
    let sentence = since_last(run)?;
    let since = run.since.as_ref()?;
    let is_here = |id: &str| run.scenarios.iter().any(|one| one.id == id);
    let told = since.changes.iter().take(TOLD).map(|change| Change {
        id: Some(&*change.scenario).filter(|id| is_here(id)),
        name: &change.name,
        words: change.standing.words(),
    });
    let further = since.changes.len().saturating_sub(TOLD);
    Some(Since { sentence, changes: told.collect(), further })
}

/// The runs up to this one as columns, a hundred high.
#[derive(Serialize)]
pub(super) struct Trend {
    columns: Vec<Column>,
    /// The first and the last day.
    from: String,
    to: String,
}

/// How one run ended.
#[derive(Serialize)]
struct Column {
    told: String,
    parts: Vec<Part>,
}

/// Scenarios of a run with one verdict; from the top.
#[derive(Serialize)]
struct Part {
    verdict: Verdict,
    from: usize,
    height: usize,
}

/// The trend, if there were runs before.
pub(super) fn trend(run: &Run) -> Option<Trend> {
    let first = run.past.first()?;
    let of_now: BTreeMap<Verdict, usize> = run.tally().counted().collect();
    let earlier = run.past.iter().map(|past| (past.started, &past.tally));
    let columns = earlier.chain([(run.started, &of_now)]);
    Some(Trend {
        columns: columns.map(|(started, tally)| column(&moment_in_words(started), tally)).collect(),
        from: moment_in_words(first.started),
        to: moment_in_words(run.started),
    })
}

/// Each verdict that occurs can be seen, however few scenarios have it; the worst is on top.
fn column(day: &str, tally: &BTreeMap<Verdict, usize>) -> Column {
    let of = |verdict: &Verdict| tally.get(verdict).copied().unwrap_or_default();
    let words = Verdict::ALL.iter().rev().filter(|verdict| of(verdict) > 0);
    let words: Vec<Verdict> = words.copied().collect();
    let total: usize = tally.values().sum::<usize>().max(1);
    let room = 100 - LEAST * words.len();
    let (mut from, mut parts) = (0, Vec::new());
    for verdict in &words {
        let height = LEAST + of(verdict) * room / total;
        parts.push(Part { verdict: *verdict, from, height });
        from += height;
    }
    let told: Vec<String> = words.iter().map(|it| format!("{} {it}", of(it))).collect();
    Column { told: format!("{day}: {}", told.join(", ")), parts }
}

/// A deadline to come, and who has to be ready.
#[derive(Serialize)]
pub(super) struct Deadline<'run> {
    sentence: String,
    subjects: Vec<Subject<'run>>,
}

/// Somebody who has to be ready.
#[derive(Serialize)]
struct Subject<'run> {
    /// The verdict whose colour it has.
    tone: &'static str,
    state: &'static str,
    kind: &'static str,
    name: &'run str,
    told: &'run str,
    command: Option<&'run str>,
}

/// The deadlines to come.
pub(super) fn deadlines(run: &Run) -> Vec<Deadline<'_>> {
    let told = readiness(run).into_iter().map(|(sentence, subjects)| Deadline {
        sentence,
        subjects: subjects
            .iter()
            .map(|subject| Subject {
                tone: match subject.state {
                    Readiness::Conforms => "pass",
                    Readiness::Untested => "inconclusive",
                    Readiness::Fails => "fail",
                },
                state: subject.state.word(),
                kind: subject.kind.word(),
                name: &subject.name,
                told: &subject.told,
                command: Some(&*subject.command)
                    .filter(|command| !command.is_empty() && subject.state != Readiness::Conforms),
            })
            .collect(),
    });
    told.collect()
}

/// How many changes are told one by one.
const TOLD: usize = 50;
/// How high a verdict's part of a column is at least.
const LEAST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{AnswersChanged, Past, Standing, Turned};
    use crate::report::sample;

    #[test]
    fn a_column_is_full_and_shows_the_rarest_verdict() {
        let tally = BTreeMap::from([(Verdict::Pass, 770), (Verdict::Fail, 1)]);
        let column = column("Monday", &tally);
        assert_eq!(column.told, "Monday: 1 fail, 770 pass");
        assert_eq!(column.parts[0].verdict, Verdict::Fail);
        assert!(column.parts[0].height >= LEAST);
        let end = column.parts.last().map(|part| part.from + part.height).unwrap();
        assert!((99..=100).contains(&end), "{end}");
    }

    #[test]
    fn the_trend_ends_with_this_run_and_needs_one_before() {
        let mut run = sample::run();
        assert!(trend(&run).is_none());
        let tally = BTreeMap::from([(Verdict::Pass, 3)]);
        run.past.push(Past { run: "a".into(), started: run.started, duration_ms: 1, tally });
        assert_eq!(trend(&run).unwrap().columns.len(), 2);
    }

    #[test]
    fn a_scenario_that_is_gone_is_named_without_a_link() {
        let mut run = sample::run();
        let turned = |scenario: &str, standing| Turned {
            scenario: scenario.into(),
            name: "A".into(),
            standing,
        };
        let here = run.scenarios[1].id.clone();
        run.since = Some(crate::record::Since {
            run: "a".into(),
            started: run.started,
            changes: vec![turned(&here, Standing::NewlyFailing), turned("x:1", Standing::Gone)],
            answers: AnswersChanged::default(),
        });
        let since = since(&run).unwrap();
        let ids: Vec<_> = since.changes.iter().map(|it| it.id).collect();
        assert_eq!(ids, [Some(&*here), None]);
    }
}
