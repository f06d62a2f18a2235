//! The requirements by area, as a picture: a bar for each area, a part for each verdict.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{Requirement, Run, Verdict};
use crate::report::coverage::{Coverage, Standing};
use crate::report::requirement_verdicts;

/// An area with the requirements that the run knows of.
#[derive(Serialize)]
pub(super) struct Area<'run> {
    name: &'run str,
    /// All of them.
    total: usize,
    /// From 0 to 1000, as long as the area is large beside the largest.
    length: usize,
    parts: Vec<Part>,
}

/// Requirements of an area with one verdict.
#[derive(Serialize)]
struct Part {
    /// A verdict, or `open` where nothing was judged.
    word: String,
    count: usize,
    from: usize,
    width: usize,
}

/// The areas by their names. What apps have to hold, and what is proven elsewhere, is left out.
pub(super) fn areas(run: &Run) -> Vec<Area<'_>> {
    let verdicts = requirement_verdicts(run);
    let coverage = Coverage::of_run(run);
    let open = [Standing::Missing, Standing::LeftOut].map(|it| coverage.standing(it));
    let open: BTreeSet<&str> =
        open.into_iter().flatten().map(|one| one.requirement.id.as_str()).collect();
    let counts_here = |it: &&Requirement| verdicts.contains_key(&*it.id) || open.contains(&*it.id);
    let all = run.requirements.values().chain(run.uncited.values()).filter(counts_here);
    let mut counts: BTreeMap<&str, BTreeMap<Option<Verdict>, usize>> = BTreeMap::new();
    for requirement in all.filter(|it| !it.area.is_empty()) {
        let verdict = verdicts.get(&*requirement.id).map(|seen| seen.verdict);
        *counts.entry(&requirement.area).or_default().entry(verdict).or_default() += 1;
    }
    let largest = counts.values().map(|it| it.values().sum::<usize>()).max().unwrap_or(1);
    counts.into_iter().map(|(name, of)| Area::of(name, &of, largest)).collect()
}

impl<'run> Area<'run> {
    fn of(name: &'run str, of: &BTreeMap<Option<Verdict>, usize>, largest: usize) -> Self {
        let total: usize = of.values().sum();
        let length = (total * 1000).div_ceil(largest.max(1));
        let words = Verdict::ALL.into_iter().map(Some).chain([None]);
        let mut before = 0;
        let parts = words
            .filter_map(|verdict| Some((verdict, *of.get(&verdict)?)))
            .map(|(verdict, count)| {
                let from = before * length / total.max(1);
                before += count;
                let word = verdict.map_or("open".to_owned(), |verdict| verdict.to_string());
                Part { word, count, from, width: before * length / total.max(1) - from }
            })
            .collect();
        Self { name, total, length, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_bar_is_as_long_as_its_area_is_large_and_filled_by_verdicts() {
        let mut run = sample::run();
        let areas_of = |run: &mut Run, area: &str| {
            run.requirements.values_mut().for_each(|it| it.area = area.to_owned());
        };
        areas_of(&mut run, "token");
        let uncited = Requirement {
            id: "OPEN".into(),
            area: "api".into(),
            testable_against: "mock".into(),
            ..run.requirements["DISC-HTTPS"].clone()
        };
        let unseen = Requirement {
            id: "PAPER".into(),
            testable_against: "document-only".into(),
            ..uncited.clone()
        };
        run.uncited.extend([("OPEN".into(), uncited), ("PAPER".into(), unseen)]);
        let areas = areas(&run);
        let names: Vec<_> = areas.iter().map(|it| (it.name, it.total)).collect();
        assert_eq!(names, [("api", 1), ("token", run.requirements.len())]);
        assert_eq!(areas[0].parts[0].word, "open");
        assert_eq!(areas[1].length, 1000);
        assert_eq!(areas[1].parts.iter().map(|it| it.width).sum::<usize>(), 1000);
        assert_eq!(areas[1].parts.iter().map(|it| it.count).sum::<usize>(), areas[1].total);
    }
}
