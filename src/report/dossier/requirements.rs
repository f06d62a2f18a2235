//! The requirements with their verdicts, by area: the vendor's own beside those of the standard.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{Requirement, Run, Verdict};
use crate::report::{requirement_verdicts, strict_verdicts};

/// The requirements of an area.
#[derive(Serialize)]
pub(super) struct Area<'run> {
    name: String,
    tally: Vec<(Verdict, usize)>,
    rows: Vec<Row<'run>>,
}

/// A requirement.
#[derive(Serialize)]
struct Row<'run> {
    id: &'run str,
    demand: Option<&'run Requirement>,
    /// What the scenarios say of it; absent if none was run.
    verdict: Option<Verdict>,
    /// How many scenarios say something of it.
    scenarios: usize,
    /// The last day of a waiver that covers it.
    waived_until: Option<String>,
    /// Demands of the standard that it departs from.
    strict: Vec<Beside<'run>>,
}

/// A demand of the standard beside a requirement.
#[derive(Serialize)]
struct Beside<'run> {
    id: &'run str,
    verdict: Verdict,
}

/// The requirements that scenarios say something of, or that permit what the standard forbids: areas by
/// their names, requirements by their ids.
pub(super) fn areas(run: &Run) -> Vec<Area<'_>> {
    let (own, strict) = (requirement_verdicts(run), strict_verdicts(run));
    let ids: BTreeSet<&str> =
        run.requirements.keys().map(String::as_str).chain(own.keys().copied()).collect();
    let mut areas: BTreeMap<String, Vec<Row<'_>>> = BTreeMap::new();
    for id in ids {
        let demand = run.requirements.get(id);
        let departs = strict.iter().filter(|(_, seen)| seen.permitted_by.iter().any(|it| it == id));
        let waiver = run.waivers.iter().find(|it| it.waiver.requirement == id);
        let seen = own.get(id);
        let row = Row {
            id,
            demand,
            verdict: seen.map(|it| it.verdict),
            scenarios: seen.map_or(0, |it| it.scenarios.len()),
            waived_until: waiver.map(|it| it.waiver.until.to_string()),
            strict: departs.map(|(id, seen)| Beside { id, verdict: seen.verdict }).collect(),
        };
        let area = demand.map_or("", |demand| demand.area.as_str());
        areas.entry(area.to_owned()).or_default().push(row);
    }
    let areas = areas.into_iter().map(|(name, rows)| {
        let name = if name.is_empty() { "other".to_owned() } else { name };
        Area { name, tally: tally(&rows), rows }
    });
    areas.collect()
}

fn tally(rows: &[Row<'_>]) -> Vec<(Verdict, usize)> {
    let count = |verdict| rows.iter().filter(|row| row.verdict == Some(verdict)).count();
    let counted = Verdict::ALL.into_iter().map(|verdict| (verdict, count(verdict)));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// A demand of the standard that the vendor's documents permit to be broken.
#[derive(Serialize)]
pub(super) struct Departure<'run> {
    id: &'run str,
    demand: Option<&'run Requirement>,
    verdict: Verdict,
    permitted_by: &'run [String],
}

/// The demands of the standard that are judged beside the vendor's own requirements, by their ids.
pub(super) fn departures(run: &Run) -> Vec<Departure<'_>> {
    strict_verdicts(run)
        .into_iter()
        .map(|(id, seen)| Departure {
            id,
            demand: run.strict.get(id),
            verdict: seen.verdict,
            permitted_by: seen.permitted_by,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_standard_stands_beside_the_vendors_requirement_that_departs_from_it() {
        let run = sample::run();
        let areas = areas(&run);
        let rows: Vec<&Row<'_>> = areas.iter().flat_map(|area| &area.rows).collect();
        let row = rows.iter().find(|row| row.id == "API-PATIENT").unwrap();
        let beside: Vec<_> = row.strict.iter().map(|it| (it.id, it.verdict)).collect();
        assert_eq!(beside, [("JWT-27", Verdict::Fail)]);
        assert!(rows.iter().filter(|row| row.id != "API-PATIENT").all(|row| row.strict.is_empty()));
        let departures = departures(&run);
        assert_eq!(departures.len(), 1);
        assert_eq!(departures[0].permitted_by, ["API-PATIENT"]);
        let counted: usize = areas.iter().flat_map(|area| &area.tally).map(|(_, it)| it).sum();
        assert_eq!(counted, rows.iter().filter(|row| row.verdict.is_some()).count());
    }
}
