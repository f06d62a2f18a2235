//! Which runs a record is put together of, in sentences: nobody is to take it for a single run.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::record::{How, Run, Standing, Verdict};

/// A sentence for each thing that somebody should know of how the record came about; none for a record
/// of a single run.
pub fn provenance(run: &Run) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut shards = None;
    for part in &run.parts {
        let (day, scenarios) = (day(part.started), scenarios(part.scenarios));
        match part.how {
            How::First => {}
            How::Resumed => sentences.push(format!(
                "The run was resumed on {day}, with {scenarios} that had not been judged."
            )),
            How::Rerun => {
                sentences.push(format!("On {day}, {scenarios} that had not passed ran again."));
            }
            How::Shard { number, of } => {
                shards.get_or_insert((of, BTreeSet::new())).1.insert(number);
            }
        }
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
    let (name, day) = (&baseline.run, day(baseline.started));
    Some(format!("Measured by the run {name} of {day}: {told}."))
}

fn day(moment: Timestamp) -> String {
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

fn scenarios(count: usize) -> String {
    if count == 1 { "1 scenario".to_owned() } else { format!("{count} scenarios") }
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
    use crate::record::Part;
    use crate::report::sample;

    #[test]
    fn who_reads_a_record_of_two_runs_is_told_so() {
        let mut run = sample::run();
        assert!(provenance(&run).is_empty());
        let part = |how, scenarios| Part { run: "x".into(), started: run.started, how, scenarios };
        run.parts = vec![part(How::First, 10), part(How::Resumed, 1), part(How::Rerun, 3)];
        for one in run.scenarios.iter_mut().take(2) {
            one.before = Some(Verdict::Fail);
        }
        assert_eq!(
            provenance(&run),
            [
                "The run was resumed on 21 November 2026, 22:15 UTC, with 1 scenario that had not \
                 been judged.",
                "On 21 November 2026, 22:15 UTC, 3 scenarios that had not passed ran again.",
                "What ran again is now: 1 pass, 1 fail.",
            ]
        );
    }
}
