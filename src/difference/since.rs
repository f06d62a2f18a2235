//! What is another in a run than in an earlier one of the same, in a few numbers for its own record.

use std::collections::BTreeSet;

use super::compare::compare;
use super::found::{Class, ScenarioChange};
use super::rules::Rules;
use crate::record::{AnswersChanged, Run, Since, Turned};

/// What is another than in an earlier run.
///
/// What one of them did not select, and what the later one has not come to, is not told.
pub fn since(earlier: &Run, run: &Run, rules: &Rules) -> Since {
    let difference = compare(earlier, run, rules, &[]);
    let is_whole = |run: &Run| run.extent.as_ref().is_some_and(|extent| extent.whole);
    let (was_whole, is_whole) = (is_whole(earlier), is_whole(run));
    let unfinished = run.scenarios.iter().filter(|one| one.unfinished);
    let unfinished: BTreeSet<&str> = unfinished.map(|one| one.id.as_str()).collect();
    let is_told = |change: &&ScenarioChange| {
        !change.standing.is_old()
            && (change.before.is_some() || was_whole)
            && (change.after.is_some() || is_whole)
            && !unfinished.contains(change.id.as_str())
    };
    let changes = difference.scenarios.iter().filter(is_told).map(|change| Turned {
        scenario: change.id.clone(),
        name: change.name.clone(),
        standing: change.standing,
    });
    Since {
        run: earlier.id.clone(),
        started: earlier.started,
        changes: changes.collect(),
        answers: AnswersChanged {
            breaking: difference.of(Class::Breaking),
            additive: difference.of(Class::Additive),
            cosmetic: difference.of(Class::Cosmetic),
        },
    }
}
