//! From which sides a scenario shows what is demanded, read from its `Then` steps.

use std::collections::BTreeSet;

use gherkin::StepType;

use crate::project::{Plan, Planned};
use crate::record::Side;

/// The sides that a scenario shows.
///
/// What follows a `When` is judged together: it is negative if a step says that something is refused,
/// positive if none does and some step says more than what is absent. A step that says that something
/// is absent is negative beside that.
pub fn sides(planned: &Planned, plan: &Plan) -> BTreeSet<Side> {
    let mut sides = BTreeSet::new();
    let steps: Vec<&gherkin::Step> = planned.steps(&plan.files).collect();
    for judged in steps.chunk_by(|one, next| one.ty == next.ty) {
        if judged[0].ty != StepType::Then {
            continue;
        }
        let said: Vec<Said> = judged.iter().map(|step| Said::by(&step.value)).collect();
        if said.iter().any(|said| *said != Said::Presence) {
            sides.insert(Side::Negative);
        }
        if !said.contains(&Said::Refusal) && said.contains(&Said::Presence) {
            sides.insert(Side::Positive);
        }
    }
    sides
}

/// What a `Then` step says of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// It refuses.
    Refusal,
    /// Something is not there, or does not happen.
    Absence,
    /// Something is there, or happens.
    Presence,
}

impl Said {
    fn by(sentence: &str) -> Self {
        // What is quoted are values, whatever words are in them.
        let own: String = sentence.split('"').step_by(2).collect();
        let says = |words: &[&str]| words.iter().any(|word| own.contains(word));
        if says(&REFUSALS) {
            Self::Refusal
        } else if says(&ABSENCES) {
            Self::Absence
        } else {
            Self::Presence
        }
    }
}

const REFUSALS: [&str; 11] = [
    "refuse",
    "refusal",
    " error",
    "user is told",
    "is missing",
    "used up",
    "outcome has the code",
    "bearer challenge",
    "authentication scheme",
    "with status 4",
    "with status 5",
];

const ABSENCES: [&str; 8] =
    [" not ", "has no ", "have no ", "is no ", "inactive", "and no ", " 0 match", "has none "];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_that_something_is_refused_or_absent_or_there() {
        for (sentence, said) in [
            (r#"the request is refused with 401 "invalid_client""#, Said::Refusal),
            (r#"the user comes back with the error "access_denied""#, Said::Refusal),
            ("the portal answers with status 403", Said::Refusal),
            ("the user is told that the sign-in failed", Said::Refusal),
            (r#"the answer has no "refresh_token""#, Said::Absence),
            ("there is no launch context", Said::Absence),
            (r#"the ID token has none of the claims "fhirUser""#, Said::Absence),
            ("the token is inactive and nothing else is told of it", Said::Absence),
            ("the search finds 0 matches", Said::Absence),
            ("the portal answers with status 200", Said::Presence),
            ("the user comes back with a code", Said::Presence),
            ("no page complained", Said::Presence),
            (r#"the page shows "The request is refused""#, Said::Presence),
            ("the launch context says yes or no to need_patient_banner", Said::Presence),
            ("the search finds 10 matches", Said::Presence),
        ] {
            assert_eq!(Said::by(sentence), said, "{sentence}");
        }
    }
}
