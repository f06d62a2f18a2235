//! Whether the budget of token requests fits what the platform documents, and what a run costs.

use url::Url;

use super::case::Case;
use super::finding::{Finding, Severity, Sheet};
use crate::cli::outcome::counted;
use crate::cli::prepare::plan::cost;
use crate::project::AppUnderTest;

/// Looks at the budget of the target, and at what a whole run would cost.
pub(super) fn examine(case: &Case<'_>, base: Option<&Url>, sheet: &mut Sheet) {
    let limit = case.target.limits.tokens_per_minute(&case.dialect, base.is_some());
    let documented = base.and_then(|base| case.documented_limit(base));
    if let Some(documented) = documented
        && limit.is_none_or(|limit| limit > documented)
    {
        let said = limit.map_or("no limit".to_owned(), |it| format!("{it} in a minute"));
        sheet.find(
            Finding::new(
                Severity::Warning,
                "the budget of token requests",
                format!("the target allows {said}; the platform documents {documented}"),
                "`tokens_per_minute` is above the platform's limit, which it enforces with 429",
                format!(
                    "write `limits: {{ tokens_per_minute: {} }}`, or leave it out",
                    documented.get().saturating_sub(1).max(1)
                ),
            )
            .at(case.place(&["limits", "tokens_per_minute"])),
        );
    }
    scenarios(case, None, sheet);
}

/// Looks at the scenarios of a whole run: of the target, or of an app under test.
pub(super) fn scenarios(case: &Case<'_>, app: Option<(&str, &AppUnderTest)>, sheet: &mut Sheet) {
    let features = case.project.root.join(&case.project.config.features);
    if !features.is_dir() {
        return;
    }
    let cost = match cost(case.surroundings, case.project, (case.name, app)) {
        Ok(cost) => cost,
        Err(mistake) => {
            let cause = "a feature file or a tag in it cannot be understood: no run would begin";
            let fix = mistake.hint.unwrap_or_else(|| "mend the place that is named".to_owned());
            let finding =
                Finding::new(Severity::Wrong, "the scenarios", mistake.message, cause, fix);
            sheet.find(Finding { place: mistake.place.map(|place| *place), ..finding });
            return;
        }
    };
    let all = format!("a run of {}", counted(cost.scenarios, "scenario"));
    if app.is_some() {
        sheet.well(all, "each has a mock platform of its own");
        return;
    }
    let mut said = format!(
        "at most {} and {}",
        counted(cost.token_requests, "token request"),
        counted(cost.sign_ins, "sign-in")
    );
    match (cost.limit, cost.minutes) {
        (Some(limit), Some(minutes)) => {
            said.push_str(&format!(
                "; with {limit} in a minute it waits for {} at most",
                counted(minutes, "minute")
            ));
        }
        _ => said.push_str("; there is no limit that it would wait for"),
    }
    if cost.scenarios > 0 {
        sheet.well(all, said);
    }
}
