//! Goes on from an earlier record of the same plan: with what it has not judged, or with what had not
//! passed.

use std::collections::{BTreeSet, HashMap};

use crate::project::Mistake;
use crate::record::{Extent, How, Part, Run, Scenario, Target, Verdict};

/// Which scenarios of an earlier record are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Those that it has not judged.
    Unfinished,
    /// Those that had not passed, too.
    Failed,
    /// These alone, by their ids.
    These(BTreeSet<String>),
}

/// Takes over into a record that was opened what an earlier one says, and gives the ids of the scenarios
/// that are to be run.
///
/// What is to be run again keeps its earlier verdict until it has a new one.
///
/// # Errors
/// A [`Mistake`] if the earlier record is of something else.
pub fn go_on(run: &mut Run, earlier: Run, again: Again) -> Result<BTreeSet<String>, Mistake> {
    if let Some(difference) = difference(run, &earlier) {
        return Err(Mistake::new(format!("cannot go on from the last record: {difference}"))
            .with_hint(
                "give the same target, paths, tags and shard, or begin anew without `--resume` and \
                 `--rerun`",
            ));
    }
    let mut known: HashMap<String, Scenario> =
        earlier.scenarios.into_iter().map(|one| (one.id.clone(), one)).collect();
    let mut wanted = BTreeSet::new();
    for scenario in &mut run.scenarios {
        let Some(known) = known.remove(&scenario.id) else { continue };
        let is_wanted = match &again {
            Again::Unfinished => known.unfinished,
            Again::Failed => known.unfinished || NOT_PASSED.contains(&known.verdict),
            Again::These(ids) => ids.contains(&known.id),
        };
        if is_wanted {
            wanted.insert(known.id.clone());
        }
        let before = (is_wanted && !known.unfinished).then_some(known.verdict);
        let before = before.or(known.before);
        // What it was measured by may be another run now.
        let unfinished = is_wanted || known.unfinished;
        *scenario = Scenario { unfinished, before, standing: None, ..known };
    }
    let first = || Part {
        run: earlier.id.clone(),
        started: earlier.started,
        how: How::First,
        scenarios: run.scenarios.iter().filter(|one| one.verdict != Verdict::Skipped).count(),
    };
    run.parts = if earlier.parts.is_empty() { vec![first()] } else { earlier.parts };
    run.parts.push(Part {
        run: run.id.clone(),
        started: run.started,
        how: match again {
            Again::Unfinished => How::Resumed,
            Again::Failed => How::Rerun,
            Again::These(_) => How::Chosen,
        },
        scenarios: wanted.len(),
    });
    // Times in the record count from the start of the first run.
    run.started = earlier.started;
    run.duration_ms = earlier.duration_ms;
    run.tool.browser = earlier.tool.browser;
    run.connections = earlier.connections;
    run.requirements.extend(earlier.requirements);
    Ok(wanted)
}

/// In what two records are not of the same.
fn difference(run: &Run, earlier: &Run) -> Option<String> {
    if let Some(difference) = other_target(&run.target, &earlier.target) {
        return Some(difference);
    }
    let (Some(extent), Some(other)) = (&run.extent, &earlier.extent) else {
        return Some("it does not say of which plan it is".to_owned());
    };
    if extent.plan != other.plan {
        return Some(
            "it is of another plan: the selection, the scenarios, what the target offers or the \
             version of Checkride is not the same"
                .to_owned(),
        );
    }
    if extent.shard != other.shard {
        let part = |extent: &Extent| match &extent.shard {
            Some(shard) => shard.to_string(),
            None => "the whole plan".to_owned(),
        };
        let (one, another) = (part(other), part(extent));
        return Some(match one == another {
            true => format!("it is of {one}, divided by other durations"),
            false => format!("it is of {one}, and not of {another}"),
        });
    }
    None
}

/// In what two targets are not the same.
pub(super) fn other_target(target: &Target, other: &Target) -> Option<String> {
    let said = |what: &Option<String>| match what {
        Some(what) => format!("`{what}`"),
        None => "none".to_owned(),
    };
    let pairs = [
        ("target", format!("`{}`", target.name), format!("`{}`", other.name)),
        ("dialect", format!("`{}`", target.dialect), format!("`{}`", other.dialect)),
        ("FHIR base", format!("`{}`", target.fhir_base), format!("`{}`", other.fhir_base)),
        ("app", said(&target.app), said(&other.app)),
        ("release", said(&target.release), said(&other.release)),
        ("defect", said(&target.defect), said(&other.defect)),
    ];
    let mut different = pairs.into_iter().filter(|(_, one, another)| one != another);
    different.next().map(|(what, one, another)| format!("its {what} is {another}, and not {one}"))
}

/// Proves that a run on a target can be measured by an earlier one: it has to have judged the same.
///
/// # Errors
/// A [`Mistake`] if it has judged something else.
pub fn measurable(target: &Target, earlier: &Run) -> Result<(), Mistake> {
    match other_target(target, &earlier.target) {
        None => Ok(()),
        Some(why) => Err(Mistake::new(format!(
            "cannot measure by the run `{}`: {why}",
            earlier.id
        ))
        .with_hint(
            "`--baseline` takes a run that judged the same; `checkride diff` compares others",
        )),
    }
}

/// What somebody who runs `--rerun failed` wants to see judged again. `flaky` has passed in the end, and
/// a waived deviation is tried again, because it may be gone.
const NOT_PASSED: [Verdict; 4] =
    [Verdict::Fail, Verdict::Error, Verdict::Inconclusive, Verdict::Waived];
