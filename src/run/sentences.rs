//! The sentences that steps can be written with, and where scenarios use them.

use std::collections::HashMap;

use cucumber::codegen::{self, StepConstructor as _, WorldInventory};
use cucumber::step::{Collection, Location};

use super::spelling::{readable, spellings};
use crate::project::Plan;
use crate::world::World;

/// One sentence.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// `Given`, `When` or `Then`.
    pub keyword: &'static str,
    /// Its words, as [`readable`] shows them.
    pub words: String,
    /// Each way to write it, values blanked.
    pub spellings: Vec<String>,
    /// The source file that says what it does, with the line.
    pub source: String,
    location: Location,
}

/// A sentence with its uses.
#[derive(Clone, Debug)]
pub struct Used {
    /// The sentence.
    pub sentence: Sentence,
    /// A step that uses it, and the feature file with the line of the step.
    pub example: Option<(String, String)>,
    /// How many steps use it; those of an outline count for each row.
    pub uses: usize,
}

/// All sentences, as they are used by the scenarios of these plans; by source file and line.
pub fn sentences(plans: &[Plan]) -> Vec<Used> {
    let known: Collection<World> = cucumber::World::collection();
    let mut found: HashMap<Location, (usize, String, String)> = HashMap::new();
    for (plan, planned) in
        plans.iter().flat_map(|plan| plan.scenarios.iter().map(move |it| (plan, it)))
    {
        let file = plan.files[planned.file].path.display();
        for step in planned.steps(&plan.files) {
            if let Ok(Some((_, _, Some(location), _))) = known.find(step) {
                let first = || (0, step.value.clone(), format!("{file}:{}", step.position.line));
                found.entry(location).or_insert_with(first).0 += 1;
            }
        }
    }
    let mut used: Vec<Used> = all()
        .map(|sentence| {
            let (uses, example) = match found.remove(&sentence.location) {
                Some((uses, text, place)) => (uses, Some((text, place))),
                None => (0, None),
            };
            Used { sentence, example, uses }
        })
        .collect();
    used.sort_by_key(|used| (used.sentence.location.path, used.sentence.location.line));
    used
}

/// All sentences.
pub(super) fn all() -> impl Iterator<Item = Sentence> {
    let given = codegen::inventory::iter::<<World as WorldInventory>::Given>
        .into_iter()
        .map(|it| sentence("Given", it.inner()));
    let when = codegen::inventory::iter::<<World as WorldInventory>::When>
        .into_iter()
        .map(|it| sentence("When", it.inner()));
    let then = codegen::inventory::iter::<<World as WorldInventory>::Then>
        .into_iter()
        .map(|it| sentence("Then", it.inner()));
    given.chain(when).chain(then)
}

fn sentence<S>(
    keyword: &'static str,
    (location, pattern, _): (Location, codegen::LazyRegex, S),
) -> Sentence {
    Sentence {
        keyword,
        words: readable(pattern().as_str()),
        spellings: spellings(pattern().as_str()),
        source: format!("{}:{}", location.path, location.line),
        location,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_known_by_its_words() {
        let mut all = all();
        assert!(all.any(|it| it.keyword == "When" && it.words == "the app asks for a token"));
    }
}
