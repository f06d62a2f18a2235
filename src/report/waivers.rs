//! Entries of `waivers.yaml` for what a run found broken, to be filled in by whoever agrees to them.

use std::fmt::Write as _;

use jiff::{Span, civil::Date};
use serde_json::Value;

use super::requirement_verdicts;
use crate::clock::day_of;
use crate::record::{Run, Scenario, Verdict};

/// An entry for each requirement that is not met. Owner and ticket are left to be filled in: an entry
/// without them is refused.
pub fn waivers_for(run: &Run) -> String {
    let until = in_a_month(day_of(run.started));
    let mut text = String::new();
    for (id, seen) in requirement_verdicts(run) {
        if seen.verdict != Verdict::Fail {
            continue;
        }
        let says_so = |one: &&Scenario| one.findings.get(id) == Some(&Verdict::Fail);
        let scenario = run.scenarios.iter().find(says_so);
        let found = scenario.and_then(|one| one.reason.as_deref()).unwrap_or_default();
        let target = &run.target.name;
        let _ = write!(
            text,
            "- requirement: {id}\n  target: {}\n  reason: {}  # why may it stay so?\n  \
             owner: \"\"  # who answers for it?\n  ticket: \"\"  # where is it followed up?\n  \
             until: {until}\n",
            quoted(target),
            quoted(found),
        );
    }
    text
}

fn in_a_month(day: Date) -> Date {
    day.checked_add(Span::new().months(1)).unwrap_or(day)
}

/// A text as JSON has it, which YAML reads as it is.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn each_requirement_that_is_not_met_gets_an_entry_to_be_filled_in() {
        let run = sample::run();
        let text = waivers_for(&run);
        let verdicts = requirement_verdicts(&run);
        let unmet = verdicts.values().filter(|seen| seen.verdict == Verdict::Fail).count();
        assert!(unmet > 0);
        assert_eq!(text.matches("- requirement: ").count(), unmet, "{text}");
        assert!(
            text.contains("- requirement: TSEC-WRONG-SECRET\n  target: \"preview\"\n"),
            "{text}"
        );
        assert!(text.contains("  owner: \"\"  # who answers"), "{text}");
    }
}
