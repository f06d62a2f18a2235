//! What the page shows, as plain values for its template.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rows::{demands, fault};
use crate::clock::moment_in_words;
use crate::record::{Check, Likely, Requirement, Run, Scenario, Side, SnapshotState, Verdict};
use crate::report::coverage::{Area, Coverage, Covered, Standing};
use crate::report::{Headline, about, headline, provenance, requirement_verdicts, strict_verdicts};

/// The top of the page.
#[derive(Serialize)]
pub(super) struct Summary {
    verdict: Verdict,
    title: &'static str,
    sentence: String,
    target: String,
    dialect: String,
    total: usize,
    /// Whether scenarios are still to come.
    running: bool,
    /// What it is about, and how the record came about, if by more than one run.
    provenance: Vec<String>,
    tally: Vec<Share>,
    facts: Vec<(&'static str, String)>,
}

/// A verdict's part of all scenarios; `from` and `width` in thousandths of the bar.
#[derive(Serialize)]
struct Share {
    verdict: Verdict,
    count: usize,
    from: usize,
    width: usize,
}

impl Summary {
    /// `head` is that of the chain over its evidence, `to_come` how many scenarios are not in the run yet,
    /// while it goes.
    pub(super) fn of(run: &Run, head: Option<&str>, to_come: Option<usize>) -> Self {
        let tally = run.tally();
        let total = tally.total() + to_come.unwrap_or_default();
        let headline = match to_come {
            None => headline(run),
            Some(_) => Headline {
                verdict: Verdict::Skipped,
                title: "Running",
                sentence: format!("{} of {total} scenarios have ended.", tally.total()),
            },
        };
        let mut before = 0;
        let shares = tally
            .counted()
            .map(|(verdict, count)| {
                let from = before * 1000 / total.max(1);
                before += count;
                Share { verdict, count, from, width: before * 1000 / total.max(1) - from }
            })
            .collect();
        let judged = run.target.app.as_ref().unwrap_or(&run.target.name);
        let with = |defect: &String| format!("{judged}, with the defect “{defect}”");
        let subject = run.target.defect.as_ref().map_or(judged.clone(), with);
        let (app, target) = match run.target.app {
            Some(_) => (subject, run.target.name.clone()),
            None => (String::new(), subject),
        };
        let mut facts = vec![
            ("App under test", app),
            ("Target", target),
            ("Dialect", run.target.dialect.clone()),
            ("FHIR base", base(&run.target.fhir_base)),
            ("Started", moment_in_words(run.started)),
            ("Took", duration(run.duration_ms)),
            ("Checkride", format!("{} on {}", run.tool.version, run.tool.platform)),
            ("Scenarios", format!("{} at a time", run.tool.jobs)),
            ("Run", run.id.clone()),
        ];
        facts.retain(|(_, value)| !value.is_empty());
        if let Some(browser) = &run.tool.browser {
            facts.insert(facts.len() - 2, ("Browser", browser.clone()));
        }
        facts.extend(head.map(|head| ("Head of the evidence", head.to_owned())));
        Self {
            verdict: headline.verdict,
            title: headline.title,
            sentence: headline.sentence,
            target: judged.clone(),
            dialect: run.target.dialect.clone(),
            total,
            running: to_come.is_some(),
            provenance: about(run).into_iter().chain(provenance(run)).collect(),
            tally: shares,
            facts,
        }
    }
}

/// What a reader should look at first.
#[derive(Serialize)]
pub(super) struct Troubles<'run> {
    /// What is wrong with waivers.
    complaints: Vec<String>,
    failures: Vec<Failure<'run>>,
    /// Failures that are not told one by one.
    further: usize,
    groups: Vec<Group<'run>>,
    snapshots: Vec<Waiting<'run>>,
}

/// A scenario that failed, with the comparisons that say why.
#[derive(Serialize)]
struct Failure<'run> {
    id: &'run str,
    name: &'run str,
    reason: Option<&'run str>,
    sentence: Option<String>,
    fault: Option<&'static str>,
    checks: Vec<&'run Check>,
    likely: &'run [Likely],
    demands: Vec<&'run Requirement>,
}

/// Scenarios with the same verdict for the same reason.
#[derive(Serialize)]
struct Group<'run> {
    verdict: Verdict,
    reason: &'run str,
    scenarios: Vec<(&'run str, &'run str)>,
}

/// A snapshot that waits for review.
#[derive(Serialize)]
struct Waiting<'run> {
    id: &'run str,
    name: &'run str,
    file: &'run str,
    is_new: bool,
    drift: Vec<String>,
}

pub(super) fn troubles(run: &Run) -> Troubles<'_> {
    let failed: Vec<&Scenario> =
        run.scenarios.iter().filter(|one| one.verdict == Verdict::Fail).collect();
    let mut groups = Vec::new();
    for verdict in GROUPED {
        let mut by_reason: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        // What is skipped because it is about the standard alone has a section of its own.
        let told_below = |one: &Scenario| verdict == Verdict::Skipped && one.strict.is_some();
        let scenarios = run.scenarios.iter().filter(|one| one.verdict == verdict);
        for scenario in scenarios.filter(|one| !told_below(one)) {
            let reason = scenario.reason.as_deref().unwrap_or_default();
            by_reason.entry(reason).or_default().push((&scenario.id, &scenario.name));
        }
        groups.extend(by_reason.into_iter().map(|(reason, scenarios)| Group {
            verdict,
            reason,
            scenarios,
        }));
    }
    let snapshots = run.scenarios.iter().flat_map(|scenario| {
        let waiting = scenario
            .snapshots
            .iter()
            .filter(|one| matches!(one.state, SnapshotState::New | SnapshotState::Changed));
        waiting.map(|one| Waiting {
            id: &scenario.id,
            name: &scenario.name,
            file: &one.file,
            is_new: one.state == SnapshotState::New,
            drift: one.drift.lines().collect(),
        })
    });
    Troubles {
        complaints: run.complaints().collect(),
        further: failed.len().saturating_sub(TOLD_FAILURES),
        failures: failed.into_iter().take(TOLD_FAILURES).map(|one| failure(run, one)).collect(),
        groups,
        snapshots: snapshots.collect(),
    }
}

fn failure<'run>(run: &'run Run, scenario: &'run Scenario) -> Failure<'run> {
    let broken = |check: &&Check| check.verdict == Verdict::Fail;
    let step = scenario.steps.iter().find(|step| step.checks.iter().any(|one| broken(&one)));
    Failure {
        id: &scenario.id,
        name: &scenario.name,
        reason: scenario.reason.as_deref(),
        sentence: step.map(|step| format!("{} {}", step.keyword, step.text)),
        checks: scenario.steps.iter().flat_map(|step| &step.checks).filter(broken).collect(),
        fault: fault(run, scenario),
        likely: &scenario.likely,
        demands: demands(run, scenario),
    }
}

/// A folder of features: what one part of the platform has to do.
#[derive(Serialize)]
pub(super) struct Capability<'run> {
    folder: &'run str,
    name: &'run str,
    total: usize,
    tally: Vec<(Verdict, usize)>,
    /// Titles of its features.
    features: Vec<&'run str>,
}

/// The features by their folders, both in the order of the run.
pub(super) fn capabilities(run: &Run) -> Vec<Capability<'_>> {
    run.scenarios
        .chunk_by(|a, b| folder(a) == folder(b))
        .filter_map(|scenarios| Some((folder(scenarios.first()?), scenarios)))
        .map(|(folder, scenarios)| Capability {
            folder,
            name: folder.rsplit('/').next().unwrap_or(folder),
            total: scenarios.len(),
            tally: counts(scenarios),
            features: scenarios
                .chunk_by(|a, b| a.feature == b.feature)
                .filter_map(<[Scenario]>::first)
                .map(
                    |one| {
                        if one.feature_name.is_empty() { &one.feature } else { &*one.feature_name }
                    },
                )
                .collect(),
        })
        .collect()
}

fn folder(scenario: &Scenario) -> &str {
    scenario.feature.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn counts(scenarios: &[Scenario]) -> Vec<(Verdict, usize)> {
    Verdict::ALL
        .into_iter()
        .map(|word| (word, scenarios.iter().filter(|one| one.verdict == word).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// A line of the table of requirements.
#[derive(Serialize)]
pub(super) struct Line<'run> {
    id: &'run str,
    verdict: Verdict,
    demand: Option<&'run Requirement>,
    scenarios: Vec<&'run str>,
    /// How many of them show it from the positive side.
    positive: usize,
    /// How many of them show it from the negative side.
    negative: usize,
}

/// The requirements that scenarios cite, those not met first.
pub(super) fn requirements(run: &Run) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = requirement_verdicts(run)
        .into_iter()
        .map(|(id, seen)| {
            let shown = |side| {
                let citing = run.scenarios.iter().filter(|one| one.sides.contains(&side));
                citing.filter(|one| one.requirements.iter().any(|cited| cited == id)).count()
            };
            Line {
                id,
                verdict: seen.verdict,
                demand: run.requirements.get(id),
                positive: shown(Side::Positive),
                negative: shown(Side::Negative),
                scenarios: seen.scenarios,
            }
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.verdict));
    lines
}

/// A demand of the standard beside what the platform's documents permit.
#[derive(Serialize)]
pub(super) struct SideBySide<'run> {
    id: &'run str,
    verdict: Verdict,
    demand: Option<&'run Requirement>,
    permitted_by: Vec<Permission<'run>>,
    scenarios: Vec<&'run str>,
}

/// A requirement of the platform that permits what the standard forbids.
#[derive(Serialize)]
struct Permission<'run> {
    id: &'run str,
    verdict: Option<Verdict>,
    demand: Option<&'run Requirement>,
}

/// The judgement by the standard beside the platform's own, those not met first.
pub(super) fn strict(run: &Run) -> Vec<SideBySide<'_>> {
    let own = requirement_verdicts(run);
    let permission = |id| Permission {
        id,
        verdict: own.get(id).map(|seen| seen.verdict),
        demand: run.requirements.get(id).or_else(|| run.uncited.get(id)),
    };
    let mut lines: Vec<SideBySide<'_>> = strict_verdicts(run)
        .into_iter()
        .map(|(id, seen)| SideBySide {
            id,
            verdict: seen.verdict,
            demand: run.strict.get(id),
            permitted_by: seen.permitted_by.iter().map(|id| permission(id.as_str())).collect(),
            scenarios: seen.scenarios,
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.verdict));
    lines
}

/// What the scenarios of a run of the whole project leave open.
#[derive(Serialize)]
pub(super) struct Open {
    areas: Vec<Area>,
    rest: Vec<Rest>,
}

/// Requirements without scenarios, for one reason.
#[derive(Serialize)]
struct Rest {
    title: &'static str,
    requirements: Vec<Covered>,
}

/// How the requirements of the platform are covered; nothing of a run of some scenarios, as a shard is.
pub(super) fn coverage(run: &Run) -> Option<Open> {
    if run.uncited.is_empty() || run.shard().is_some() {
        return None;
    }
    let coverage = Coverage::of_run(run);
    let mut areas = coverage.areas();
    areas.push(Area::total(&areas));
    let rest = [
        (Standing::Missing, "Without a scenario"),
        (Standing::LeftOut, "With scenarios that the target lacks something for"),
        (Standing::App, "To be held by apps"),
        (Standing::Tests, "Proven by tests of Checkride"),
        (Standing::Document, "Only a document can show"),
    ];
    let rest = rest.into_iter().map(|(standing, title)| Rest {
        title,
        requirements: coverage.standing(standing).cloned().collect(),
    });
    let one_sided = Rest {
        title: "Shown from one side only",
        requirements: coverage.one_sided().map(|(covered, _)| covered.clone()).collect(),
    };
    let rest = rest.chain([one_sided]);
    Some(Open { areas, rest: rest.filter(|rest| !rest.requirements.is_empty()).collect() })
}

/// The FHIR base in words that say something to a reader of the page.
fn base(fhir_base: &str) -> String {
    let shown = if fhir_base == "embedded" { "the mock in this program" } else { fhir_base };
    shown.to_owned()
}

/// `820 ms`, `1.4 s`, `2 min 5 s`.
fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// Verdicts whose scenarios are told by their reasons, the most urgent first.
const GROUPED: [Verdict; 6] = [
    Verdict::Error,
    Verdict::Inconclusive,
    Verdict::Waived,
    Verdict::Flaky,
    Verdict::Warn,
    Verdict::Skipped,
];

/// How many failures are told one by one at the top.
const TOLD_FAILURES: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_duration_is_read_at_a_glance() {
        let seen = [0, 999, 1_450, 125_000].map(duration);
        assert_eq!(seen, ["0 ms", "999 ms", "1.4 s", "2 min 5 s"]);
    }

    #[test]
    fn a_capability_counts_the_scenarios_of_its_folder() {
        let run = sample::run();
        let capabilities = capabilities(&run);
        let seen: Vec<_> = capabilities.iter().map(|one| (one.name, one.total)).collect();
        assert_eq!(seen, [("onboarding", 1), ("token", 3), ("launch", 3), ("api", 3)]);
        let token = &capabilities[1];
        assert_eq!((token.folder, token.features.len()), ("features/token", 1));
        let verdicts = [(Verdict::Warn, 1), (Verdict::Flaky, 1), (Verdict::Fail, 1)];
        assert_eq!(token.tally, verdicts);
    }

    #[test]
    fn a_fact_is_told_in_words() {
        let mut run = sample::run();
        run.target.fhir_base = "embedded".into();
        let facts = Summary::of(&run, None, None).facts;
        let told = |label| facts.iter().find(|(name, _)| *name == label).map(|(_, fact)| &**fact);
        assert_eq!(told("FHIR base"), Some("the mock in this program"));
        assert_eq!(told("Scenarios"), Some("2 at a time"));
    }

    #[test]
    fn the_bar_is_full() {
        let summary = Summary::of(&sample::run(), None, None);
        assert_eq!(summary.tally.iter().map(|share| share.width).sum::<usize>(), 1000);
    }

    #[test]
    fn many_failures_do_not_bury_the_page() {
        let mut run = sample::run();
        let failing = run.scenarios[1].clone();
        run.scenarios = (0..60).map(|_| failing.clone()).collect();
        let troubles = troubles(&run);
        assert_eq!((troubles.failures.len(), troubles.further), (50, 10));
    }

    #[test]
    fn a_requirement_that_is_not_met_stands_first() {
        let run = sample::run();
        let lines = requirements(&run);
        assert_eq!(lines[0].verdict, Verdict::Fail);
        assert_eq!(lines.last().map(|line| line.verdict), Some(Verdict::Pass));
    }
}
