//! A short summary for programs: `results.json`.

use serde_json::{Map, Value, json};

use super::summary::{headline, requirement_verdicts, strict_verdicts};
use crate::clock::day_of;
use crate::record::Run;

/// The run as one compact JSON document.
///
/// Evidence is left to the record. `strict` has the judgement by the standard where the platform's own
/// documents permit otherwise; it changes no other verdict. A requirement has the worst verdict of its scenarios (see
/// [`worst`](crate::record::worst)).
pub fn render(run: &Run) -> String {
    let tally: Map<String, Value> =
        run.tally().counted().map(|(verdict, count)| (verdict.to_string(), count.into())).collect();
    let requirements: Map<String, Value> = requirement_verdicts(run)
        .into_iter()
        .map(|(id, seen)| {
            (id.to_owned(), json!({ "verdict": seen.verdict, "scenarios": seen.scenarios }))
        })
        .collect();
    let strict: Map<String, Value> = strict_verdicts(run)
        .into_iter()
        .map(|(id, seen)| {
            let (permitted_by, scenarios) = (seen.permitted_by, seen.scenarios);
            let seen = json!({
                "verdict": seen.verdict,
                "permitted_by": permitted_by,
                "scenarios": scenarios,
            });
            (id.to_owned(), seen)
        })
        .collect();
    let scenarios: Vec<Value> = run
        .scenarios
        .iter()
        .map(|scenario| {
            json!({
                "id": scenario.id,
                "name": scenario.name,
                "verdict": scenario.verdict,
                "before": scenario.before,
                "standing": scenario.standing,
                "reason": scenario.reason,
                "requirements": scenario.requirements,
                "strict": scenario.strict,
                "duration_ms": scenario.duration_ms,
            })
        })
        .collect();
    let today = day_of(run.started);
    let releases: Vec<Value> = run
        .releases
        .iter()
        .map(|release| {
            json!({
                "id": release.id,
                "title": release.title,
                "deadline": release.deadline(),
                "days_left": release.days_left(today),
                "subjects": release.subjects,
            })
        })
        .collect();
    let headline = headline(run);
    let results = json!({
        "schema": SCHEMA,
        "run": {
            "id": run.id,
            "started": run.started,
            "duration_ms": run.duration_ms,
            "completion": run.completion,
            "extent": run.extent,
            "parts": run.parts,
            "baseline": run.baseline,
            "target": run.target,
            "tool": run.tool,
        },
        "verdict": headline.verdict,
        "summary": headline.sentence,
        "tally": tally,
        "pending_snapshots": run.pending_snapshots(),
        "requirements": requirements,
        "strict": strict,
        "since": run.since,
        "releases": releases,
        "waivers": run.waivers,
        "scenarios": scenarios,
    });
    format!("{results}\n")
}

/// The version of this shape. It changes when a reader of the old shape would be misled.
pub const SCHEMA: &str = "checkride.results/1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_program_reads_verdicts_by_requirement_and_scenario() {
        let run = sample::run();
        let results: Value = serde_json::from_str(&render(&run)).unwrap();
        assert_eq!(results["schema"], SCHEMA);
        assert_eq!(results["verdict"], "fail");
        assert_eq!(results["tally"]["fail"], 2);
        assert_eq!(results["run"]["target"]["name"], "preview");
        assert_eq!(
            results["requirements"]["TSEC-WRONG-SECRET"],
            json!({ "verdict": "fail", "scenarios": ["features/token/secret.feature:14"] })
        );
        assert_eq!(results["scenarios"].as_array().unwrap().len(), run.scenarios.len());
        assert_eq!(results["scenarios"][1]["verdict"], "fail");
        assert_eq!(results["strict"]["JWT-27"]["verdict"], "fail");
        assert_eq!(results["strict"]["JWT-27"]["permitted_by"], json!(["API-PATIENT"]));
        assert_eq!(results["scenarios"][8]["strict"]["reason"], "the status is 401");
    }
}
