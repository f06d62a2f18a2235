//! Which shard of a plan a machine runs, as it is told, or as its build server tells it.

use std::num::NonZeroU32;

use crate::cli::Surroundings;
use crate::cli::args::ShardWanted;
use crate::http::Budget;
use crate::project::Mistake;
use crate::run::Slot;

impl ShardWanted {
    /// The shard that is wanted.
    ///
    /// # Errors
    /// A [`Mistake`] if the environment is asked and does not tell.
    pub(super) fn slot(self, surroundings: &Surroundings) -> Result<Slot, Mistake> {
        match self {
            Self::Of(slot) => Ok(slot),
            Self::Auto => told(&|name| surroundings.variable(name).filter(|it| !it.is_empty())),
        }
    }
}

/// The part of a budget that is a shard's, if each can have one.
pub(super) fn part(budget: &Budget, slot: Slot) -> Option<Budget> {
    let shards = NonZeroU32::new(u32::try_from(slot.of).ok()?)?;
    budget.part(u32::try_from(slot.number).ok()?, shards)
}

/// The shard that the environment tells, by the first pair of variables of which one is set.
fn told(variable: &dyn Fn(&str) -> Option<String>) -> Result<Slot, Mistake> {
    if let Some(said) = variable(SHARD) {
        return slot(&said).map_err(|why| {
            Mistake::new(format!("cannot understand `{said}` in `{SHARD}`: {why}"))
                .with_hint("for example `2/4`")
        });
    }
    for Pair { index, count, first } in PAIRS {
        let Some(said) = variable(index) else { continue };
        let of = variable(count).ok_or_else(|| {
            Mistake::new(format!("`{index}` is set, and `{count}` is not"))
                .with_hint(format!("set `{count}` to the number of shards"))
        })?;
        let number = said.parse::<usize>().ok().and_then(|it| (it + 1).checked_sub(first));
        let shard = number.map(|number| format!("{number}/{of}"));
        let found = shard.and_then(|shard| slot(&shard).ok());
        return found.ok_or_else(|| {
            Mistake::new(format!("`{index}` is `{said}` and `{count}` is `{of}`: that is no shard"))
                .with_hint(format!("`{index}` counts from {first}, up to `{count}` of them"))
        });
    }
    let names = PAIRS.map(|pair| format!("`{}` and `{}`", pair.index, pair.count));
    Err(Mistake::new("the environment does not say which shard this is").with_hint(format!(
        "`--shard auto` reads `{SHARD}` (such as `2/4`), or {}",
        names.join(", or ")
    )))
}

/// `2/4`: the second of four.
///
/// # Errors
/// Why it is no shard.
pub(in crate::cli) fn slot(text: &str) -> Result<Slot, String> {
    let (number, of) =
        text.split_once('/').ok_or("it takes a number, `/` and how many there are")?;
    let count = |text: &str| match text.trim().parse::<usize>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(format!("`{text}` is no number from 1 on")),
    };
    let slot = Slot { number: count(number)?, of: count(of)? };
    match slot {
        Slot { number, of } if number > of => Err(format!("there is no shard {number} of {of}")),
        Slot { of, .. } if of > MOST => Err(format!("there can be {MOST} shards at most")),
        slot => Ok(slot),
    }
}

/// Variables by which a system tells its jobs apart.
struct Pair {
    index: &'static str,
    count: &'static str,
    /// The index of the first job.
    first: usize,
}

/// The variable for systems that have none of their own.
const SHARD: &str = "CHECKRIDE_SHARD";
const PAIRS: [Pair; 3] = [
    // Kubernetes tells a pod of an Indexed Job its index, and not how many there are.
    Pair { index: "JOB_COMPLETION_INDEX", count: "CHECKRIDE_SHARDS", first: 0 },
    Pair { index: "CI_NODE_INDEX", count: "CI_NODE_TOTAL", first: 1 },
    Pair { index: "BUILDKITE_PARALLEL_JOB", count: "BUILDKITE_PARALLEL_JOB_COUNT", first: 0 },
];
const MOST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn said(variables: &[(&str, &str)]) -> Result<(usize, usize), String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        told(&variable).map(|slot| (slot.number, slot.of)).map_err(|mistake| mistake.message)
    }

    #[test]
    fn each_system_tells_its_jobs_apart_in_its_own_way() {
        for (variables, expected) in [
            (&[("JOB_COMPLETION_INDEX", "0"), ("CHECKRIDE_SHARDS", "4")][..], (1, 4)),
            (&[("CI_NODE_INDEX", "4"), ("CI_NODE_TOTAL", "4")], (4, 4)),
            (&[("BUILDKITE_PARALLEL_JOB", "3"), ("BUILDKITE_PARALLEL_JOB_COUNT", "4")], (4, 4)),
            (&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "9"), ("CHECKRIDE_SHARD", "2/3")], (2, 3)),
        ] {
            assert_eq!(said(variables), Ok(expected), "{variables:?}");
        }
    }

    #[test]
    fn a_half_or_a_wrong_answer_is_a_mistake() {
        for (variables, expected) in [
            (&[][..], "the environment does not say which shard this is"),
            (
                &[("JOB_COMPLETION_INDEX", "0")],
                "`JOB_COMPLETION_INDEX` is set, and `CHECKRIDE_SHARDS` is not",
            ),
            (
                &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "2")],
                "`CI_NODE_INDEX` is `0` and `CI_NODE_TOTAL` is `2`: that is no shard",
            ),
            (
                &[("BUILDKITE_PARALLEL_JOB", "2"), ("BUILDKITE_PARALLEL_JOB_COUNT", "2")],
                "`BUILDKITE_PARALLEL_JOB` is `2` and `BUILDKITE_PARALLEL_JOB_COUNT` is `2`: that is no shard",
            ),
            (
                &[("CHECKRIDE_SHARD", "5/4")],
                "cannot understand `5/4` in `CHECKRIDE_SHARD`: there is no shard 5 of 4",
            ),
        ] {
            assert_eq!(said(variables), Err(expected.to_owned()));
        }
    }

    #[test]
    fn a_shard_is_a_number_and_how_many_there_are() {
        assert_eq!(slot("1/1"), Ok(Slot { number: 1, of: 1 }));
        for wrong in ["", "1", "0/2", "3/2", "1/0", "-1/2", "a/b", "1/1001"] {
            assert!(slot(wrong).is_err(), "{wrong}");
        }
    }
}
