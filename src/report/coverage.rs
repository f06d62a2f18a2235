//! Which requirements of a platform have scenarios, and what these say of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{Requirement, Requirements, Run, Side, Verdict, worst};

/// The requirements of a platform and the scenarios that prove them.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// Every requirement, by area and id.
    pub requirements: Vec<Covered>,
    /// Scenarios that cite no requirement of any platform.
    pub scenarios_without_requirement: Vec<String>,
}

/// One requirement.
#[derive(Clone, Debug, Serialize)]
pub struct Covered {
    /// The requirement.
    #[serde(flatten)]
    pub requirement: Requirement,
    /// Who proves it, or why nobody does.
    pub standing: Standing,
    /// The scenarios that cite it.
    pub scenarios: Vec<String>,
    /// How many of them, without those that are left out, show it from the positive side.
    pub positive: usize,
    /// How many of them show it from the negative side; one may show it from both.
    pub negative: usize,
    /// The side from which nothing shows it, though it is binding and has that side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacks: Option<Side>,
    /// What they say of it; absent if none of them was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// Who proves a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Scenarios.
    Scenarios,
    /// Tests of this program, because the requirement is about the program.
    Tests,
    /// Nobody, because it is the app that has to hold it.
    App,
    /// Nobody, because only a document can show it.
    Document,
    /// Nobody on this target: it lacks what every scenario that cites it needs.
    LeftOut,
    /// Nobody, though something could be run.
    Missing,
}

/// A scenario, as far as coverage looks at it.
#[derive(Clone, Debug)]
pub struct Citing<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whether it cites a requirement of any platform.
    pub cites: bool,
    /// The requirements of this platform that it proves.
    pub requirements: &'a [String],
    /// Whether the target lacks something that it needs.
    pub is_left_out: bool,
    /// From which sides it shows them.
    pub sides: BTreeSet<Side>,
    /// What it found, if it was run.
    pub findings: Option<&'a BTreeMap<String, Verdict>>,
}

/// The requirements of one area, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Area {
    /// Its name.
    pub name: String,
    /// Requirements in it that something can be run for, other than an app.
    pub requirements: usize,
    /// Those with scenarios or tests.
    pub proven: usize,
    /// Those that passed.
    pub pass: usize,
    /// Those that failed.
    pub fail: usize,
    /// Those with another verdict.
    pub other: usize,
    /// Those whose scenarios are all left out.
    pub left_out: usize,
    /// Those that nobody proves.
    pub missing: usize,
}

impl Coverage {
    /// What scenarios prove of these requirements.
    pub fn of<'a>(all: &Requirements, scenarios: impl IntoIterator<Item = Citing<'a>>) -> Self {
        let mut cited: BTreeMap<&str, Vec<&Citing<'_>>> = BTreeMap::new();
        let scenarios: Vec<Citing<'_>> = scenarios.into_iter().collect();
        for scenario in &scenarios {
            for id in scenario.requirements {
                cited.entry(id).or_default().push(scenario);
            }
        }
        let mut requirements: Vec<Covered> = all
            .values()
            .map(|requirement| {
                let scenarios = cited.get(requirement.id.as_str()).map(Vec::as_slice);
                Covered::by(requirement.clone(), scenarios.unwrap_or_default())
            })
            .collect();
        complete(&mut requirements);
        requirements.sort_by(|one, other| {
            let place = |it: &Covered| (it.requirement.area.clone(), it.requirement.id.clone());
            place(one).cmp(&place(other))
        });
        let idle = scenarios.iter().filter(|scenario| !scenario.cites);
        let scenarios_without_requirement = idle.map(|scenario| scenario.id.to_owned()).collect();
        Self { requirements, scenarios_without_requirement }
    }

    /// What the scenarios of a run prove.
    pub fn of_run(run: &Run) -> Self {
        let mut all = run.requirements.clone();
        all.extend(run.uncited.clone());
        let citing = run.scenarios.iter().map(|scenario| Citing {
            id: &scenario.id,
            cites: scenario.tags.iter().any(|tag| tag.starts_with(REQUIREMENT)),
            requirements: &scenario.requirements,
            is_left_out: scenario.verdict == Verdict::Skipped,
            sides: scenario.sides.clone(),
            findings: Some(&scenario.findings),
        });
        Self::of(&all, citing)
    }

    /// Those that stand so, in order.
    pub fn standing(&self, standing: Standing) -> impl Iterator<Item = &Covered> {
        self.requirements.iter().filter(move |covered| covered.standing == standing)
    }

    /// Those that are binding and shown from one side only, though they have two.
    pub fn one_sided(&self) -> impl Iterator<Item = (&Covered, Side)> {
        self.requirements.iter().filter_map(|covered| Some((covered, covered.lacks?)))
    }

    /// The areas, by name.
    pub fn areas(&self) -> Vec<Area> {
        let names: BTreeSet<&str> =
            self.requirements.iter().map(|covered| covered.requirement.area.as_str()).collect();
        let area = |name: &str| {
            let mut area = Area { name: name.to_owned(), ..Area::default() };
            let own = self.requirements.iter().filter(|covered| covered.requirement.area == name);
            own.for_each(|covered| area.count(covered));
            area
        };
        names.into_iter().map(area).filter(|area| area.requirements > 0).collect()
    }
}

impl Area {
    /// All areas together.
    pub fn total(areas: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> usize| areas.iter().map(of).sum();
        Self {
            name: "all".to_owned(),
            requirements: sum(|area| area.requirements),
            proven: sum(|area| area.proven),
            pass: sum(|area| area.pass),
            fail: sum(|area| area.fail),
            other: sum(|area| area.other),
            left_out: sum(|area| area.left_out),
            missing: sum(|area| area.missing),
        }
    }

    fn count(&mut self, covered: &Covered) {
        match covered.standing {
            Standing::App | Standing::Document => return,
            Standing::Missing => self.missing += 1,
            Standing::LeftOut => self.left_out += 1,
            Standing::Scenarios | Standing::Tests => self.proven += 1,
        }
        self.requirements += 1;
        match covered.verdict {
            Some(Verdict::Pass) => self.pass += 1,
            Some(Verdict::Fail) => self.fail += 1,
            Some(_) => self.other += 1,
            None => {}
        }
    }
}

impl Covered {
    fn by(requirement: Requirement, scenarios: &[&Citing<'_>]) -> Self {
        let is_judged = scenarios.iter().any(|scenario| !scenario.is_left_out);
        let standing = match (&*requirement.actor, &*requirement.testable_against) {
            _ if is_judged => Standing::Scenarios,
            _ if !requirement.proven_by.is_empty() => Standing::Tests,
            (_, "document-only") => Standing::Document,
            ("app", _) => Standing::App,
            _ if !scenarios.is_empty() => Standing::LeftOut,
            _ => Standing::Missing,
        };
        let found: Vec<Verdict> = scenarios
            .iter()
            .filter_map(|scenario| scenario.findings?.get(&requirement.id).copied())
            .collect();
        let verdict = (!found.is_empty()).then(|| worst(found));
        let judging = scenarios.iter().filter(|one| !one.is_left_out);
        let shown = |side| judging.clone().filter(|one| one.sides.contains(&side)).count();
        let (positive, negative) = (shown(Side::Positive), shown(Side::Negative));
        let lacks = match (positive, negative) {
            _ if standing != Standing::Scenarios || !is_binding(&requirement) => None,
            (0, _) => Some(Side::Positive),
            (_, 0) => Some(Side::Negative),
            _ => None,
        };
        let scenarios = scenarios.iter().map(|scenario| scenario.id.to_owned()).collect();
        Self { requirement, standing, scenarios, positive, negative, lacks, verdict }
    }

    fn shows(&self, side: Side) -> bool {
        match side {
            Side::Positive => self.positive > 0,
            Side::Negative => self.negative > 0,
        }
    }
}

/// Whether something must be so, and has two sides.
fn is_binding(requirement: &Requirement) -> bool {
    let is_demand = ["MUST", "SHALL"].iter().any(|word| requirement.level.starts_with(word));
    is_demand && requirement.one_sided.is_none()
}

/// Takes the sides that others show for what they do not show themselves.
fn complete(requirements: &mut [Covered]) {
    let shown = |side| {
        let showing = requirements.iter().filter(move |covered| covered.shows(side));
        showing.map(|covered| covered.requirement.id.clone()).collect::<BTreeSet<String>>()
    };
    let (positive, negative) = (shown(Side::Positive), shown(Side::Negative));
    for covered in requirements {
        let known = match covered.lacks {
            Some(Side::Positive) => &positive,
            Some(Side::Negative) => &negative,
            None => continue,
        };
        if covered.requirement.other_side.iter().any(|id| known.contains(id)) {
            covered.lacks = None;
        }
    }
}

/// What a tag begins with that cites a requirement.
const REQUIREMENT: &str = "req:";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn requirements_without_scenarios_are_told_apart_by_who_could_prove_them() {
        let mut run = sample::run();
        let known = run.requirements.values().next().unwrap().clone();
        for (id, actor, place) in [
            ("X-MISSING", "server", "both"),
            ("X-APP", "app", "mock"),
            ("X-DOCUMENT", "server", "document-only"),
            ("X-TESTS", "harness", "mock"),
        ] {
            let proven_by = if id == "X-TESTS" { vec!["tests/x.rs".into()] } else { Vec::new() };
            let requirement = Requirement {
                id: id.into(),
                actor: actor.into(),
                testable_against: place.into(),
                proven_by,
                ..known.clone()
            };
            run.uncited.insert(id.into(), requirement);
        }
        let coverage = Coverage::of_run(&run);
        let ids = |standing| {
            let found = coverage.standing(standing);
            found.map(|covered| covered.requirement.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(ids(Standing::Missing), ["X-MISSING"]);
        assert_eq!(ids(Standing::App), ["X-APP"]);
        assert_eq!(ids(Standing::Document), ["X-DOCUMENT"]);
        assert_eq!(ids(Standing::Tests), ["X-TESTS"]);
        let total = Area::total(&coverage.areas());
        assert_eq!(total.requirements, total.proven + total.missing);
        assert_eq!((total.missing, total.fail), (1, 2));
        assert!(!coverage.scenarios_without_requirement.is_empty());
    }
}
