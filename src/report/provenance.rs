//! Which runs a record is put together of, in sentences: nobody is to take it for a single run.

use std::collections::BTreeSet;

use crate::clock::moment_in_words;
use crate::record::{AnswersChanged, How, Run, Standing, Verdict};

/// A sentence for each thing that somebody should know of how the record came about; none for a record
/// of a single run.
pub fn provenance(run: &Run) -> Vec<String> {
    let mut sentences = Vec::new();
    let (mut shards, mut chosen) = (None, None);
    for part in &run.parts {
        let (day, scenarios) = (moment_in_words(part.started), scenarios(part.scenarios));
        match part.how {
            How::First => {}
            How::Resumed => sentences.push(format!(
                "The run was resumed on {day}, with {scenarios} that had not been judged."
            )),
            How::Rerun => {
                sentences.push(format!("On {day}, {scenarios} that had not passed ran again."));
            }
            How::Chosen => {
                let (count, _) = chosen.unwrap_or_default();
                chosen = Some((count + part.scenarios, day));
            }
            How::Shard { number, of } => {
                shards.get_or_insert((of, BTreeSet::new())).1.insert(number);
            }
        }
    }
    if let Some((count, day)) = chosen {
        let scenarios = scenarios(count);
        sentences.push(format!("{scenarios} that somebody chose ran again, the last on {day}."));
    }
    if let Some((of, there)) = shards {
        sentences.push(format!("The record is put together of {} shards.", there.len()));
        for number in (1..=of).filter(|number| !there.contains(number)) {
            sentences.push(format!(
                "Shard {number} of {of} is missing: nothing is known of its scenarios."
            ));
        }
    }
    if let Some(shard) = run.shard() {
        let others = scenarios(run.elsewhere.len());
        sentences.push(format!(
            "This is {shard}, without {others} of the plan: `checkride merge` puts them together."
        ));
    }
    let again: Vec<_> = run.scenarios.iter().filter(|one| one.before.is_some()).collect();
    if !again.is_empty() {
        let now = Verdict::ALL.into_iter().filter_map(|verdict| {
            let count = again.iter().filter(|one| one.verdict == verdict).count();
            (count > 0).then(|| format!("{count} {verdict}"))
        });
        let now: Vec<String> = now.collect();
        sentences.push(format!("What ran again is now: {}.", now.join(", ")));
    }
    sentences.extend(measured(run));
    sentences
}

/// By which earlier run it is measured, and what is new.
fn measured(run: &Run) -> Option<String> {
    let baseline = run.baseline.as_ref()?;
    let told = TOLD.into_iter().filter_map(|standing| {
        let count = run.scenarios.iter().filter(|one| one.standing == Some(standing)).count();
        (count > 0).then(|| format!("{count} {}", standing.words()))
    });
    let told: Vec<String> = told.collect();
    let told = if told.is_empty() { "nothing has changed".to_owned() } else { told.join(", ") };
    let (name, day) = (&baseline.run, moment_in_words(baseline.started));
    Some(format!("Measured by the run {name} of {day}: {told}."))
}

fn scenarios(count: usize) -> String {
    if count == 1 { "1 scenario".to_owned() } else { format!("{count} scenarios") }
}

/// What is another since the last run of the same, worst first; nothing where nothing is, or where the run
/// is measured by another one.
pub fn since_last(run: &Run) -> Option<String> {
    let since = run.since.as_ref().filter(|since| run.baseline.is_none() && !since.is_empty())?;
    let counted = since.counted().into_iter();
    let mut told: Vec<String> =
        counted.map(|(standing, count)| format!("{count} {}", standing.words())).collect();
    let AnswersChanged { breaking, additive, cosmetic } = since.answers;
    let answers = [(breaking, "breaking"), (additive, "additive"), (cosmetic, "cosmetic")];
    let answers = answers.into_iter().filter(|(count, _)| *count > 0);
    let answers: Vec<String> = answers.map(|(count, class)| format!("{count} {class}")).collect();
    match (breaking + additive + cosmetic, answers.join(", ")) {
        (0, _) => {}
        (1, classes) => told.push(format!("a change in answers ({classes})")),
        (_, classes) => told.push(format!("changes in answers ({classes})")),
    }
    let day = moment_in_words(since.started);
    Some(format!("Since the run of {day}: {}.", told.join(", ")))
}

/// Standings that are counted, worst first.
const TOLD: [Standing; 9] = [
    Standing::NewlyFailing,
    Standing::StillFailing,
    Standing::NewlyUnjudged,
    Standing::NewlyFlaky,
    Standing::NewlyWarned,
    Standing::NewlySkipped,
    Standing::Fixed,
    Standing::JudgedAgain,
    Standing::Steady,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Baseline, Part, Since, Turned};
    use crate::report::sample;

    #[test]
    fn who_reads_a_record_of_two_runs_is_told_so() {
        let mut run = sample::run();
        assert!(provenance(&run).is_empty());
        let part = |how, scenarios| Part { run: "x".into(), started: run.started, how, scenarios };
        run.parts = vec![part(How::First, 10), part(How::Resumed, 1), part(How::Rerun, 3)];
        run.parts.extend([part(How::Chosen, 1), part(How::Chosen, 1)]);
        for one in run.scenarios.iter_mut().take(2) {
            one.before = Some(Verdict::Fail);
        }
        assert_eq!(
            provenance(&run),
            [
                "The run was resumed on 21 November 2026, 22:15 UTC, with 1 scenario that had not \
                 been judged.",
                "On 21 November 2026, 22:15 UTC, 3 scenarios that had not passed ran again.",
                "2 scenarios that somebody chose ran again, the last on 21 November 2026, 22:15 UTC.",
                "What ran again is now: 1 pass, 1 fail.",
            ]
        );
    }

    #[test]
    fn what_is_another_since_the_last_run_is_told_where_nothing_else_measures() {
        let mut run = sample::run();
        assert_eq!(since_last(&run), None);
        let turned = |standing| Turned { scenario: "a:1".into(), name: "A".into(), standing };
        let mut since = Since {
            run: "x".into(),
            started: run.started,
            changes: Vec::new(),
            answers: AnswersChanged::default(),
        };
        run.since = Some(since.clone());
        assert_eq!(since_last(&run), None, "nothing is another");
        since.changes =
            [Standing::NewlyFailing, Standing::Fixed, Standing::NewlyFailing].map(turned).to_vec();
        since.answers = AnswersChanged { breaking: 1, additive: 2, cosmetic: 0 };
        run.since = Some(since);
        let told = "Since the run of 21 November 2026, 22:15 UTC: 2 newly failing, 1 fixed, changes in \
                    answers (1 breaking, 2 additive).";
        assert_eq!(since_last(&run).as_deref(), Some(told));
        run.baseline = Some(Baseline { run: "y".into(), started: run.started });
        assert_eq!(since_last(&run), None);
    }
}
