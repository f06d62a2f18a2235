//! What a run comes to: one sentence, and a verdict for each requirement.

use std::collections::BTreeMap;

use crate::record::{Completion, Run, Verdict, worst};

/// The outcome of a run, for somebody with ten seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The verdict that stands for the whole run.
    pub verdict: Verdict,
    /// It in a few words: `Conforms`, `Does not conform`, …
    pub title: &'static str,
    /// How many scenarios fail, conform or are something else; the numbers add up to all of them.
    pub sentence: String,
}

/// Sums a run up.
pub fn headline(run: &Run) -> Headline {
    let tally = run.tally();
    let unjudged = tally.of(Verdict::Inconclusive) + tally.of(Verdict::Error);
    let conform = tally.of(Verdict::Pass) + tally.of(Verdict::Warn) + tally.of(Verdict::Flaky);
    let complaints = run.complaints().count();
    let (verdict, title) = if run.new_failures() > 0 {
        (Verdict::Fail, "Does not conform")
    } else if tally.of(Verdict::Fail) > 0 {
        (Verdict::Fail, "Nothing new fails")
    } else if complaints > 0 {
        (Verdict::Fail, "Has waivers to mend")
    } else if unjudged > 0 || run.completion == Completion::Interrupted {
        (Verdict::Inconclusive, "Not judged to the end")
    } else if conform + tally.of(Verdict::Waived) == 0 {
        (Verdict::Skipped, "Nothing was judged")
    } else if run.pending_snapshots() > 0 {
        (Verdict::Warn, "Conforms, with answers to review")
    } else if tally.of(Verdict::Waived) > 0 {
        (Verdict::Pass, "Conforms, with known deviations")
    } else {
        (Verdict::Pass, "Conforms")
    };

    let mut parts = scenario_counts(
        tally.total(),
        [
            (tally.of(Verdict::Fail), "fails", "fail"),
            (conform, "conforms", "conform"),
            (unjudged, "stayed unjudged", "stayed unjudged"),
            (tally.of(Verdict::Waived), "is a known deviation", "are known deviations"),
            (run.strict_alone(), "is about the standard alone", "are about the standard alone"),
            (tally.of(Verdict::Skipped) - run.strict_alone(), "was left out", "were left out"),
        ],
    );
    let requirements = requirement_verdicts(run);
    let unmet = requirements.values().filter(|seen| seen.verdict == Verdict::Fail).count();
    if let Some(fails) = parts.first_mut().filter(|_| unmet > 0) {
        let unmet = verb(unmet, "requirement is not met", "requirements are not met");
        *fails = format!("{fails} ({unmet})");
    }
    if run.pending_snapshots() > 0 {
        parts.push(verb(
            run.pending_snapshots(),
            "answer waits for review",
            "answers wait for review",
        ));
    }
    if complaints > 0 {
        parts.push(verb(complaints, "waiver is to be mended", "waivers are to be mended"));
    }
    if run.completion == Completion::Interrupted {
        parts.push("the run was stopped".to_owned());
    }
    Headline { verdict, title, sentence: format!("{}.", parts.join("; ")) }
}

/// Every scenario in one of the parts, so that the numbers add up; the first part names them all.
fn scenario_counts(total: usize, counts: [(usize, &str, &str); 6]) -> Vec<String> {
    let mut told = counts.into_iter().filter(|(count, ..)| *count > 0);
    let Some((count, one, many)) = told.next() else {
        return vec!["No scenario was selected".to_owned()];
    };
    let first = match (count, total) {
        (1, 1) => format!("The only scenario {one}"),
        (count, total) if count == total => format!("All {total} scenarios {many}"),
        (1, total) => format!("1 of {total} scenarios {one}"),
        (count, total) => format!("{count} of {total} scenarios {many}"),
    };
    let others = told.map(|(count, one, many)| verb(count, one, many));
    std::iter::once(first).chain(others).collect()
}

/// What the scenarios of one requirement come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementVerdict<'run> {
    /// The [`worst`] verdict of its scenarios.
    pub verdict: Verdict,
    /// The scenarios that say something of it, in the order of the run.
    pub scenarios: Vec<&'run str>,
}

/// The verdict of every requirement of which a scenario of the run says something, by id.
pub fn requirement_verdicts(run: &Run) -> BTreeMap<&str, RequirementVerdict<'_>> {
    let mut seen: BTreeMap<&str, Vec<(&str, Verdict)>> = BTreeMap::new();
    for scenario in &run.scenarios {
        for (id, verdict) in &scenario.findings {
            seen.entry(id).or_default().push((&scenario.id, *verdict));
        }
    }
    seen.into_iter()
        .map(|(id, found)| {
            let verdict = worst(found.iter().map(|(_, verdict)| *verdict));
            let scenarios = found.into_iter().map(|(scenario, _)| scenario).collect();
            (id, RequirementVerdict { verdict, scenarios })
        })
        .collect()
}

/// What the scenarios say of one demand of the standard that the platform's documents depart from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrictVerdict<'run> {
    /// The [`worst`] verdict of its scenarios.
    pub verdict: Verdict,
    /// Ids of the platform's requirements that permit otherwise.
    pub permitted_by: &'run [String],
    /// The scenarios that prove it, in the order of the run.
    pub scenarios: Vec<&'run str>,
}

/// The judgement by the standard alone, demand by demand.
pub fn strict_verdicts(run: &Run) -> BTreeMap<&str, StrictVerdict<'_>> {
    let mut found: BTreeMap<&str, StrictVerdict<'_>> = BTreeMap::new();
    for scenario in &run.scenarios {
        let Some(strict) = &scenario.strict else { continue };
        for (id, permitted_by) in &strict.demands {
            let (verdict, scenarios) = (strict.verdict, Vec::new());
            let seen = StrictVerdict { verdict, permitted_by, scenarios };
            let seen = found.entry(id).or_insert(seen);
            seen.verdict = worst([seen.verdict, verdict]);
            seen.scenarios.push(&scenario.id);
        }
    }
    found
}

fn verb(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Scenario, SnapshotState};
    use crate::report::sample;

    fn of(verdicts: &[Verdict]) -> Run {
        let mut run = sample::run();
        let one = run.scenarios[0].clone();
        run.scenarios = verdicts
            .iter()
            .map(|verdict| {
                let (verdict, findings) = (*verdict, [(format!("R-{verdict}"), *verdict)]);
                Scenario {
                    verdict,
                    findings: findings.into(),
                    snapshots: Vec::new(),
                    ..one.clone()
                }
            })
            .collect();
        run
    }

    #[test]
    fn a_run_is_told_in_one_sentence() {
        use Verdict::{Error, Fail, Inconclusive, Pass, Skipped, Waived, Warn};
        for (verdicts, title, sentence) in [
            (&[Pass, Warn][..], "Conforms", "All 2 scenarios conform."),
            (
                &[Pass, Fail],
                "Does not conform",
                "1 of 2 scenarios fails (1 requirement is not met); 1 conforms.",
            ),
            (
                &[Pass, Pass, Inconclusive, Error],
                "Not judged to the end",
                "2 of 4 scenarios conform; 2 stayed unjudged.",
            ),
            (
                &[Pass, Pass, Waived, Skipped],
                "Conforms, with known deviations",
                "2 of 4 scenarios conform; 1 is a known deviation; 1 was left out.",
            ),
            (
                &[Pass, Fail, Error, Pass, Waived, Fail],
                "Does not conform",
                "2 of 6 scenarios fail (1 requirement is not met); 2 conform; \
                 1 stayed unjudged; 1 is a known deviation.",
            ),
            (
                &[Inconclusive, Inconclusive],
                "Not judged to the end",
                "All 2 scenarios stayed unjudged.",
            ),
            (&[Skipped], "Nothing was judged", "The only scenario was left out."),
            (&[], "Nothing was judged", "No scenario was selected."),
        ] {
            let headline = headline(&of(verdicts));
            assert_eq!((headline.title, headline.sentence.as_str()), (title, sentence));
        }
    }

    #[test]
    fn a_failure_without_a_requirement_is_counted_too() {
        let mut run = of(&[Verdict::Fail, Verdict::Fail, Verdict::Pass]);
        run.scenarios[0].findings.clear();
        let told = "2 of 3 scenarios fail (1 requirement is not met); 1 conforms.";
        assert_eq!(headline(&run).sentence, told);
        run.scenarios[1].findings.clear();
        assert_eq!(headline(&run).sentence, "2 of 3 scenarios fail; 1 conforms.");
    }

    #[test]
    fn a_snapshot_to_review_and_a_stopped_run_are_told() {
        let mut run = of(&[Verdict::Pass]);
        run.scenarios[0].snapshots = sample::run().scenarios[1].snapshots.clone();
        run.scenarios[0].snapshots[0].state = SnapshotState::New;
        let told = headline(&run);
        assert_eq!(told.verdict, Verdict::Warn);
        assert_eq!(told.sentence, "The only scenario conforms; 1 answer waits for review.");
        run.completion = Completion::Interrupted;
        assert_eq!(headline(&run).title, "Not judged to the end");
    }

    #[test]
    fn the_standard_is_judged_beside_the_platform() {
        let mut run = of(&[Verdict::Pass, Verdict::Skipped]);
        run.scenarios[1].strict = sample::run().scenarios[8].strict.clone();
        let told = "1 of 2 scenarios conforms; 1 is about the standard alone.";
        assert_eq!((headline(&run).verdict, &*headline(&run).sentence), (Verdict::Pass, told));
        let strict = strict_verdicts(&run);
        assert_eq!(strict["JWT-27"].verdict, Verdict::Fail);
        assert_eq!(strict["JWT-27"].permitted_by, ["API-PATIENT"]);
        assert!(!requirement_verdicts(&run).contains_key("JWT-27"));
    }
}
