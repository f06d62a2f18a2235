//! Takes known deviations out of the red, requirement by requirement, after all was judged.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::record::{Run, Verdict, Waived, Waiver, WaiverState};

/// Applies the waivers of the run's target. What they cover is `waived`; what is wrong with a waiver
/// itself is noted in the run.
///
/// `is_whole` says that all scenarios of the project were selected: only then can a waiver be needless.
pub fn waive(run: &mut Run, waivers: &[Waiver], today: Date, is_whole: bool) {
    let own = waivers.iter().filter(|waiver| waiver.target == run.target.name);
    let states: Vec<Waived> = own
        .map(|waiver| Waived { waiver: waiver.clone(), state: state(run, waiver, today, is_whole) })
        .collect();
    for waived in states.iter().filter(|waived| waived.state == WaiverState::Applied) {
        apply(run, &waived.waiver);
    }
    run.waivers = states;
}

/// The requirements whose deviations are waived on a target on a day.
pub fn waived_on(waivers: &[Waiver], target: &str, today: Date) -> BTreeSet<String> {
    let own = waivers.iter().filter(|it| it.target == target && today <= it.until);
    own.map(|waiver| waiver.requirement.clone()).collect()
}

/// What a verdict, from what was found of requirements, comes to where some of these are waived.
pub(in crate::run) fn settled(
    verdict: Verdict,
    findings: &BTreeMap<String, Verdict>,
    waived: &BTreeSet<String>,
) -> Verdict {
    if waived.is_empty() || !DEVIATIONS.contains(&verdict) {
        return verdict;
    }
    let settle = |(id, found): (&String, &Verdict)| match DEVIATIONS.contains(found) {
        true if waived.contains(id) => Verdict::Waived,
        _ => *found,
    };
    findings.iter().map(settle).max().unwrap_or(verdict)
}

fn state(run: &Run, waiver: &Waiver, today: Date, is_whole: bool) -> WaiverState {
    let found = run.scenarios.iter().filter_map(|one| one.findings.get(&waiver.requirement));
    let found: Vec<Verdict> = found.copied().filter(|it| *it != Verdict::Skipped).collect();
    // What an earlier run found may be waived by now.
    let is_deviation = |it: &Verdict| *it == Verdict::Waived || DEVIATIONS.contains(it);
    let is_broken = found.iter().any(is_deviation);
    let unjudged = |verdict: &Verdict| UNJUDGED.contains(verdict);
    if found.is_empty() || (!is_broken && found.iter().any(unjudged)) {
        WaiverState::Unjudged
    } else if today > waiver.until {
        WaiverState::Ended
    } else if is_broken {
        WaiverState::Applied
    } else if is_whole {
        WaiverState::Needless
    } else {
        WaiverState::Unjudged
    }
}

fn apply(run: &mut Run, waiver: &Waiver) {
    for scenario in &mut run.scenarios {
        let Some(found) = scenario.findings.get_mut(&waiver.requirement) else { continue };
        if !DEVIATIONS.contains(found) {
            continue;
        }
        *found = Verdict::Waived;
        let worst = scenario.findings.values().max().copied();
        let Some(worst) = worst.filter(|_| DEVIATIONS.contains(&scenario.verdict)) else {
            continue;
        };
        scenario.verdict = worst;
        if worst == Verdict::Waived {
            let Waiver { requirement, reason, owner, ticket, until, .. } = waiver;
            let found = scenario.reason.take().unwrap_or_default();
            scenario.reason = Some(format!(
                "{requirement} until {until}: {reason} ({owner}, {ticket}); not met: {found}"
            ));
        }
    }
}

const DEVIATIONS: [Verdict; 2] = [Verdict::Warn, Verdict::Fail];
const UNJUDGED: [Verdict; 2] = [Verdict::Inconclusive, Verdict::Error];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A run on 22 November 2026 whose scenarios found these things of requirements.
    fn run(scenarios: &[&[(&str, &str)]]) -> Run {
        let scenarios: Vec<_> = scenarios
            .iter()
            .enumerate()
            .map(|(line, findings)| {
                let worst = findings.iter().map(|(_, found)| *found);
                let order = ["pass", "warn", "waived", "inconclusive", "fail"];
                let worst = worst.max_by_key(|it| order.iter().position(|known| known == it));
                json!({
                    "id": format!("a.feature:{line}"), "feature": "a.feature", "feature_name": "A",
                    "line": line, "name": "x", "tags": [], "requirements": [],
                    "verdict": worst, "reason": "the status is 500",
                    "findings": findings.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
                    "started_ms": 0, "duration_ms": 0, "steps": [], "exchanges": [],
                    "pictures": [], "snapshots": [],
                })
            })
            .collect();
        let run = json!({
            "schema": "x", "id": "x", "started": "2026-11-22T08:00:00Z", "duration_ms": 0,
            "completion": "complete", "requirements": {},
            "target": { "name": "preview", "dialect": "athenahealth", "fhir_base": "x" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": scenarios,
        });
        serde_json::from_value(run).unwrap()
    }

    fn waiver(requirement: &str, until: &str) -> Waiver {
        Waiver {
            requirement: requirement.into(),
            target: "preview".into(),
            reason: "known".into(),
            owner: "team".into(),
            ticket: "CASE-1".into(),
            until: until.parse().unwrap(),
        }
    }

    fn verdicts(run: &Run) -> Vec<Verdict> {
        run.scenarios.iter().map(|one| one.verdict).collect()
    }

    fn today() -> Date {
        TODAY.parse().unwrap()
    }

    const LATER: &str = "2027-03-31";
    const TODAY: &str = "2026-11-22";
    const BEFORE: &str = "2026-11-21";

    #[test]
    fn a_waived_deviation_is_told_as_waived_at_once() {
        let run = run(&[&[("A", "fail"), ("B", "pass")], &[("A", "fail"), ("B", "warn")]]);
        for (until, told) in
            [(TODAY, [Verdict::Waived, Verdict::Waived]), (BEFORE, [Verdict::Fail, Verdict::Fail])]
        {
            let today = TODAY.parse().unwrap();
            let waived = waived_on(&[waiver("A", until)], "preview", today);
            let one = |it: &crate::record::Scenario| settled(it.verdict, &it.findings, &waived);
            assert_eq!(run.scenarios.iter().map(one).collect::<Vec<_>>(), told);
        }
    }

    #[test]
    fn a_waiver_covers_its_requirement_and_no_other() {
        let mut run = run(&[
            &[("A", "fail")],
            &[("A", "fail"), ("B", "fail")],
            &[("A", "pass"), ("B", "pass")],
            &[("A", "warn"), ("B", "pass")],
        ]);
        waive(&mut run, &[waiver("A", TODAY)], today(), false);
        let expected = [Verdict::Waived, Verdict::Fail, Verdict::Pass, Verdict::Waived];
        assert_eq!(verdicts(&run), expected);
        assert_eq!(run.scenarios[1].findings["A"], Verdict::Waived);
        assert_eq!(
            run.scenarios[0].reason.as_deref().unwrap(),
            "A until 2026-11-22: known (team, CASE-1); not met: the status is 500"
        );
        assert_eq!(run.scenarios[1].reason.as_deref(), Some("the status is 500"));
        assert_eq!(run.complaints().count(), 0);
    }

    #[test]
    fn two_waivers_cover_a_scenario_that_breaks_two_requirements() {
        let mut run = run(&[&[("A", "fail"), ("B", "fail")]]);
        waive(&mut run, &[waiver("A", LATER), waiver("B", LATER)], today(), true);
        assert_eq!(verdicts(&run), [Verdict::Waived]);
    }

    #[test]
    fn a_waiver_that_has_ended_covers_nothing_and_is_told() {
        for (found, verdict) in [("fail", Verdict::Fail), ("pass", Verdict::Pass)] {
            let mut run = run(&[&[("A", found)]]);
            waive(&mut run, &[waiver("A", BEFORE)], today(), false);
            assert_eq!(verdicts(&run), [verdict]);
            assert!(run.complaints().next().unwrap().starts_with("the waiver of A ended on 2026"));
        }
    }

    #[test]
    fn a_waiver_is_needless_only_where_all_was_judged_and_met() {
        for (found, is_whole, state) in [
            ("pass", true, WaiverState::Needless),
            ("pass", false, WaiverState::Unjudged),
            ("inconclusive", true, WaiverState::Unjudged),
            ("skipped", true, WaiverState::Unjudged),
        ] {
            let mut run = run(&[&[("A", "pass")], &[("A", found)]]);
            if found == "skipped" {
                run.scenarios.remove(0);
            }
            waive(&mut run, &[waiver("A", LATER)], today(), is_whole);
            assert_eq!(run.waivers[0].state, state, "{found} {is_whole}");
            assert_eq!(run.complaints().count(), usize::from(state == WaiverState::Needless));
        }
    }

    #[test]
    fn what_an_earlier_run_waived_is_a_deviation_still() {
        let mut run = run(&[&[("A", "waived")]]);
        waive(&mut run, &[waiver("A", LATER)], today(), true);
        assert_eq!(run.waivers[0].state, WaiverState::Applied);
        assert_eq!(verdicts(&run), [Verdict::Waived]);
    }

    #[test]
    fn a_waiver_of_another_target_says_nothing_here() {
        let mut run = run(&[&[("A", "fail")]]);
        let elsewhere = Waiver { target: "production".into(), ..waiver("A", LATER) };
        waive(&mut run, &[elsewhere], today(), true);
        assert_eq!((verdicts(&run), run.waivers.len()), (vec![Verdict::Fail], 0));
    }
}
