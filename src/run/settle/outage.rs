//! Tells a platform that broke down over one request from a platform that was out of order.
//!
//! An answer 5xx that a scenario failed on is a finding only if the platform was well at that time: if
//! the requests of the same endpoint that came nearest before and after it were answered with
//! something else. It is known at the end of a run only, when all answers are there.

use crate::record::{Exchange, Run, Scenario, Sender, StepOutcome, Verdict};

/// Makes scenarios `inconclusive` that failed on an answer 5xx while nothing shows that the platform
/// was well.
pub(in crate::run) fn doubt(run: &mut Run) {
    let asked: Vec<Asked> = run.scenarios.iter().enumerate().flat_map(asked_by).collect();
    let doubtful: Vec<(usize, String)> = run
        .scenarios
        .iter()
        .enumerate()
        .filter(|(_, scenario)| DEVIATIONS.contains(&scenario.verdict))
        .filter_map(|(index, scenario)| {
            let broken = deciding(scenario).filter(|exchange| is_breakdown(exchange))?;
            let reason = doubts(&asked, index, broken)?;
            Some((index, reason))
        })
        .collect();
    for (index, reason) in doubtful {
        let scenario = &mut run.scenarios[index];
        scenario.verdict = Verdict::Inconclusive;
        let broken = scenario.findings.values_mut().filter(|found| DEVIATIONS.contains(found));
        broken.for_each(|found| *found = Verdict::Inconclusive);
        if let Some(strict) = scenario.strict.as_mut().filter(|it| DEVIATIONS.contains(&it.verdict))
        {
            strict.verdict = Verdict::Inconclusive;
            strict.reason = Some(reason.clone());
        }
        scenario.reason = Some(reason);
    }
}

/// A request of an app, and whether the platform was well when it came.
struct Asked<'a> {
    scenario: usize,
    exchange: &'a Exchange,
}

impl Asked<'_> {
    fn is_well(&self) -> bool {
        self.exchange.response.is_some() && !is_breakdown(self.exchange)
    }
}

fn asked_by((index, scenario): (usize, &Scenario)) -> impl Iterator<Item = Asked<'_>> {
    let of_app = scenario.exchanges.iter().filter(|exchange| exchange.sender == Sender::App);
    of_app.map(move |exchange| Asked { scenario: index, exchange })
}

/// The last request before the step that failed was judged.
fn deciding(scenario: &Scenario) -> Option<&Exchange> {
    let failed = scenario.steps.iter().position(|step| {
        let is_broken = step.checks.iter().any(|check| check.verdict != Verdict::Pass);
        is_broken || step.outcome == StepOutcome::Failed
    })?;
    let mut of_app = scenario.exchanges.iter().filter(|exchange| exchange.sender == Sender::App);
    of_app.rfind(|exchange| exchange.step.is_some_and(|step| step <= failed))
}

fn is_breakdown(exchange: &Exchange) -> bool {
    exchange.response.as_ref().is_some_and(|response| (500..600).contains(&response.status))
}

/// Why a breakdown may be an outage; `None` where the platform was well before and after.
fn doubts(asked: &[Asked<'_>], scenario: usize, broken: &Exchange) -> Option<String> {
    let status = broken.response.as_ref().map_or(0, |response| response.status);
    // The same request, sent again, says nothing of the platform's health.
    let is_repeat = |other: &Asked<'_>| {
        other.scenario == scenario
            && other.exchange.request.url == broken.request.url
            && other.exchange.request.body == broken.request.body
            && other.exchange.request.method == broken.request.method
    };
    let others = || asked.iter().filter(|other| !is_repeat(other));
    let at_endpoint = |other: &&Asked<'_>| endpoint(other.exchange) == endpoint(broken);
    let known: Vec<&Asked<'_>> = match others().any(|other| at_endpoint(&other)) {
        true => others().filter(at_endpoint).collect(),
        false => others().filter(|other| host(other.exchange) == host(broken)).collect(),
    };
    let at = broken.started_ms;
    let before = known.iter().filter(|it| it.exchange.started_ms <= at);
    let after = known.iter().filter(|it| it.exchange.started_ms > at);
    let before = before.max_by_key(|it| it.exchange.started_ms);
    let after = after.min_by_key(|it| it.exchange.started_ms);
    let nearest: Vec<_> = before.into_iter().chain(after).collect();
    let why = match nearest.iter().find(|it| !it.is_well()) {
        None if !nearest.is_empty() => return None,
        None => "asked for nothing else, so nothing shows that it was well",
        Some(_) => "broke down over another request, too: it seems to be out of order",
    };
    Some(match nearest.is_empty() {
        true => format!("the platform answered with status {status}, and was {why}"),
        false => format!("the platform answered with status {status}, and {why}"),
    })
}

/// Scheme, host and path.
fn endpoint(exchange: &Exchange) -> &str {
    let url = exchange.request.url.as_str();
    url.split(['?', '#']).next().unwrap_or(url)
}

/// Scheme and host.
fn host(exchange: &Exchange) -> &str {
    let url = exchange.request.url.as_str();
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find('/').map_or(url.len(), |at| begin + at);
    &url[..end]
}

const DEVIATIONS: [Verdict; 2] = [Verdict::Warn, Verdict::Fail];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A scenario of one request at that second to that path, with its status; it fails on 5xx.
    fn scenario((at, path, status): (u64, &str, u16)) -> Value {
        let fails = status >= 500;
        let check = json!({
            "statement": "the status is 400", "verdict": if fails { "fail" } else { "pass" },
            "expected": "400", "actual": status.to_string(),
        });
        json!({
            "id": format!("a.feature:{at}"), "feature": "a.feature", "feature_name": "A",
            "line": at, "name": "x", "tags": [], "requirements": ["A"],
            "verdict": if fails { "fail" } else { "pass" },
            "findings": { "A": if fails { "fail" } else { "pass" } },
            "reason": "the status is 400", "started_ms": 1000 * at, "duration_ms": 1,
            "steps": [
                { "line": 1, "keyword": "When", "text": "x", "outcome": "passed", "duration_ms": 1,
                  "checks": [] },
                { "line": 2, "keyword": "Then", "text": "y", "outcome": "failed", "duration_ms": 1,
                  "checks": [check] },
            ],
            "exchanges": [{
                "number": 1, "step": 0, "sender": "app", "started_ms": 1000 * at, "duration_ms": 1,
                "request": { "method": "POST", "url": format!("https://api.example{path}"),
                             "headers": [] },
                "response": { "status": status, "headers": [] },
            }],
            "pictures": [], "snapshots": [],
        })
    }

    fn verdicts(asked: &[(u64, &str, u16)]) -> Vec<Verdict> {
        let mut run: Run = serde_json::from_value(json!({
            "schema": "x", "id": "x", "started": "2026-11-22T08:00:00Z", "duration_ms": 0,
            "completion": "complete", "requirements": {},
            "target": { "name": "preview", "dialect": "athenahealth", "fhir_base": "x" },
            "tool": { "version": "x", "platform": "x", "jobs": 1 },
            "scenarios": asked.iter().copied().map(scenario).collect::<Vec<_>>(),
        }))
        .unwrap();
        doubt(&mut run);
        for one in &run.scenarios {
            assert_eq!(one.verdict, one.findings["A"], "{}", one.id);
        }
        run.scenarios.iter().map(|one| one.verdict).collect()
    }

    const PASS: Verdict = Verdict::Pass;
    const FAIL: Verdict = Verdict::Fail;
    const DOUBT: Verdict = Verdict::Inconclusive;

    #[test]
    fn a_breakdown_over_one_request_is_a_finding() {
        let asked = [(1, "/token", 200), (2, "/token", 500), (3, "/token?x", 400)];
        assert_eq!(verdicts(&asked), [PASS, FAIL, PASS]);
        let at_the_end = [(1, "/token", 401), (2, "/token", 501)];
        assert_eq!(verdicts(&at_the_end), [PASS, FAIL]);
        let others_elsewhere = [(1, "/fhir/metadata", 200), (2, "/token", 500)];
        assert_eq!(verdicts(&others_elsewhere), [PASS, FAIL]);
    }

    #[test]
    fn a_burst_is_an_outage() {
        let asked =
            [(1, "/token", 200), (2, "/token", 500), (3, "/token", 500), (4, "/token", 200)];
        assert_eq!(verdicts(&asked), [PASS, DOUBT, DOUBT, PASS]);
        let of_one_endpoint = [
            (1, "/token", 500),
            (2, "/fhir/metadata", 200),
            (3, "/token", 500),
            (4, "/fhir/x", 200),
        ];
        assert_eq!(verdicts(&of_one_endpoint), [DOUBT, PASS, DOUBT, PASS]);
    }

    #[test]
    fn a_breakdown_alone_proves_nothing() {
        assert_eq!(verdicts(&[(1, "/token", 500)]), [DOUBT]);
    }

    #[test]
    fn what_failed_on_another_answer_stays() {
        let mut run_alone = scenario((1, "/token", 500));
        run_alone["exchanges"][0]["response"]["status"] = json!(200);
        let one: Scenario = serde_json::from_value(run_alone).unwrap();
        assert!(!is_breakdown(deciding(&one).unwrap()));
    }
}
