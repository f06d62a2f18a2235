//! Puts the records of all shards of a plan together to one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::again::other_target;
use super::keep::{Logbook, picture};
use super::settle::{doubt, waive};
use crate::clock::day_of;
use crate::project::Mistake;
use crate::record::{Completion, Connection, Extent, How, Part, Run, Scenario, Verdict, Waiver};

/// The record of a shard, and the folder that it and its evidence are in.
pub struct Gathered {
    /// The folder.
    pub folder: PathBuf,
    /// The record.
    pub run: Run,
}

/// Writes the records of shards as one into a folder that was prepared.
///
/// The scenarios of a shard that is missing are `inconclusive` in it; the verdicts are settled as at the
/// end of a single run.
///
/// # Errors
/// A [`Mistake`] if the records are not of shards of the same plan on the same target, one is there
/// twice, or evidence of one is not.
pub fn merge(gathered: Vec<Gathered>, out: &Path) -> Result<Logbook, Mistake> {
    let shards = shards(gathered)?;
    let logbook = Logbook::begin(out, opened(&shards)?)?;
    let begun = shards.values().map(|shard| shard.run.started).min();
    for Gathered { folder, run } in shards.into_values() {
        let later = begun.map_or(0, |begun| run.started.duration_since(begun).as_millis());
        let later = u64::try_from(later).unwrap_or_default();
        for mut scenario in run.scenarios {
            // Times count from the start of the first of them.
            scenario.started_ms += later;
            scenario.exchanges.iter_mut().for_each(|exchange| exchange.started_ms += later);
            let pngs = pictures(&folder, &scenario)?;
            logbook.enter(scenario, &pngs, BTreeMap::new());
        }
    }
    logbook.settle(|run| {
        if run.target.fhir_base != EMBEDDED {
            doubt(run);
        }
        let last = run.parts.iter().map(|part| part.started).max().unwrap_or(run.started);
        let waivers: Vec<Waiver> = run.waivers.iter().map(|one| one.waiver.clone()).collect();
        let is_whole = run.extent.as_ref().is_some_and(|extent| extent.whole);
        let is_whole = is_whole && run.completion == Completion::Complete;
        waive(run, &waivers, day_of(last), is_whole);
    });
    Ok(logbook)
}

/// The records by the numbers of their shards; a whole plan is its only shard.
fn shards(gathered: Vec<Gathered>) -> Result<BTreeMap<usize, Gathered>, Mistake> {
    let mut shards: BTreeMap<usize, Gathered> = BTreeMap::new();
    for one in gathered {
        let shown = one.folder.display().to_string();
        let Some(extent) = &one.run.extent else {
            return Err(Mistake::new(format!(
                "cannot merge `{shown}`: it does not say of which plan"
            )));
        };
        if let Some((_, first)) = shards.first_key_value()
            && let Some(why) = difference(&first.run, &one.run, extent)
        {
            let first = first.folder.display();
            return Err(Mistake::new(format!("cannot merge `{shown}` with `{first}`: {why}"))
                .with_hint("give the folders of the shards of one run, and of no other"));
        }
        let number = extent.shard.as_ref().map_or(1, |shard| shard.number);
        if let Some(twice) = shards.get(&number) {
            let other = twice.folder.display();
            let what = match &extent.shard {
                Some(shard) => shard.to_string(),
                None => "the whole plan".to_owned(),
            };
            return Err(Mistake::new(format!(
                "{what} is there twice: in `{other}` and in `{shown}`"
            ))
            .with_hint("give the folder of each shard once"));
        }
        shards.insert(number, one);
    }
    Ok(shards)
}

/// In what two records are not of shards of the same.
fn difference(first: &Run, run: &Run, extent: &Extent) -> Option<String> {
    if let Some(why) = other_target(&first.target, &run.target) {
        return Some(why);
    }
    let known = first.extent.as_ref()?;
    let size = |extent: &Extent| extent.shard.as_ref().map_or(1, |shard| shard.of);
    let division = |extent: &Extent| extent.shard.as_ref().map(|shard| shard.division.clone());
    if known.plan != extent.plan {
        let why = "it is of another plan: the selection, the scenarios, what the target offers or the \
                   version of Checkride was not the same";
        Some(why.to_owned())
    } else if size(known) != size(extent) {
        Some(format!("it is one of {} shards, and not of {}", size(extent), size(known)))
    } else if division(known) != division(extent) {
        Some("the plan was divided by other durations".to_owned())
    } else {
        None
    }
}

/// The record of all shards as it is before their scenarios are in it.
fn opened(shards: &BTreeMap<usize, Gathered>) -> Result<Run, Mistake> {
    let Some(first) = shards.values().map(|shard| &shard.run).min_by_key(|run| run.started) else {
        return Err(Mistake::new("there is no record to merge"));
    };
    let mut run = Run {
        extent: first.extent.clone().map(|extent| Extent { shard: None, ..extent }),
        parts: shards.values().flat_map(|shard| parts(&shard.run)).collect(),
        scenarios: scenarios(shards)?,
        elsewhere: Vec::new(),
        ..first.clone()
    };
    let of = first.extent.as_ref().and_then(|extent| extent.shard.as_ref()).map_or(1, |it| it.of);
    let is_complete = |shard: &Gathered| shard.run.completion == Completion::Complete;
    run.completion = match shards.len() == of && shards.values().all(is_complete) {
        true => Completion::Complete,
        false => Completion::Interrupted,
    };
    run.id = format!("{}-merged", run.id);
    let mut end = run.duration_ms;
    for Run { started, duration_ms, requirements, strict, waivers, tool, connections, .. } in
        shards.values().map(|shard| &shard.run)
    {
        Connection::join(&mut run.connections, connections.clone());
        let later = started.duration_since(run.started).as_millis();
        end = end.max(u64::try_from(later).unwrap_or_default() + duration_ms);
        run.requirements.extend(requirements.clone());
        run.strict.extend(strict.clone());
        let is_new = |one: &&crate::record::Waived| {
            !run.waivers.iter().any(|known| known.waiver == one.waiver)
        };
        let new: Vec<_> = waivers.iter().filter(is_new).cloned().collect();
        run.waivers.extend(new);
        run.tool.browser = run.tool.browser.or_else(|| tool.browser.clone());
    }
    run.duration_ms = end;
    Ok(run)
}

/// The run of a shard, and those that went on from it.
fn parts(run: &Run) -> Vec<Part> {
    let Some(shard) = run.extent.as_ref().and_then(|extent| extent.shard.as_ref()) else {
        return run.parts.clone();
    };
    let own = Part {
        run: run.id.clone(),
        started: run.started,
        how: How::Shard { number: shard.number, of: shard.of },
        scenarios: run.scenarios.iter().filter(|one| one.verdict != Verdict::Skipped).count(),
    };
    let later = run.parts.iter().filter(|part| part.how != How::First).cloned();
    std::iter::once(own).chain(later).collect()
}

/// The scenarios of all shards, of those that are missing, too, in the order of the plan.
fn scenarios(shards: &BTreeMap<usize, Gathered>) -> Result<Vec<Scenario>, Mistake> {
    let mut found = BTreeMap::new();
    let place = |one: &Scenario| (PathBuf::from(&one.feature), one.line, one.id.clone());
    for shard in shards.values() {
        for scenario in &shard.run.scenarios {
            if found.insert(place(scenario), scenario.stub()).is_some() {
                let (id, folder) = (&scenario.id, shard.folder.display());
                return Err(Mistake::new(format!("`{id}` is in `{folder}`, and in another shard")));
            }
        }
    }
    let of_others = shards.values().flat_map(|shard| &shard.run.elsewhere);
    let mut told = BTreeSet::new();
    for other in of_others.filter(|other| !shards.contains_key(&other.shard)) {
        if !told.insert(&other.scenario.id) {
            continue;
        }
        let mut scenario = other.scenario.clone();
        if scenario.unfinished {
            scenario.reason = Some(format!("shard {} is missing", other.shard));
        }
        found.insert(place(&scenario), scenario);
    }
    Ok(found.into_values().collect())
}

/// The pictures of a scenario, in their order.
fn pictures(folder: &Path, scenario: &Scenario) -> Result<Vec<Vec<u8>>, Mistake> {
    let read = |file: &str| {
        picture(folder, file).map_err(|error| {
            let path = folder.join(file);
            Mistake::new(format!("cannot read the evidence `{}`: {error}", path.display()))
                .with_hint("a shard's whole folder is needed, with `evidence` in it")
        })
    };
    scenario.pictures.iter().map(|one| read(&one.file)).collect()
}

/// What stands in a record for the address of the mock.
const EMBEDDED: &str = "embedded";
