//! How a step judges: it says what must or should be, under which clause, and compares.

use std::fmt::Display;

use super::Halt;
use crate::record::{Check, Recorder, Verdict};

/// A claim about the subject that is about to be compared with what was seen.
#[must_use = "a claim is judged by `equal`, `holds` or `present`"]
#[derive(Debug)]
pub struct Claim<'a> {
    recorder: &'a Recorder,
    statement: String,
    binding: bool,
    clause: Option<String>,
    requirement: Option<String>,
    hint: Option<String>,
}

impl<'a> Claim<'a> {
    /// What the subject has to do; if it does not, the scenario fails.
    pub fn must(recorder: &'a Recorder, statement: impl Into<String>) -> Self {
        Self {
            recorder,
            statement: statement.into(),
            binding: true,
            clause: None,
            requirement: None,
            hint: None,
        }
    }

    /// What the subject is advised to do; if it does not, the scenario warns and goes on.
    pub fn should(recorder: &'a Recorder, statement: impl Into<String>) -> Self {
        Self { binding: false, ..Self::must(recorder, statement) }
    }

    /// Where it is demanded.
    pub fn clause(mut self, clause: &str) -> Self {
        self.clause = Some(clause.to_owned());
        self
    }

    /// The requirement that it is about, where the scenario as a whole is about others: if it does
    /// not hold, that one is broken, and the scenario goes on.
    pub fn about(mut self, requirement: &str) -> Self {
        self.requirement = Some(requirement.to_owned());
        self
    }

    /// A likely cause and the next thing to try.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Compares two values by the way they are written.
    ///
    /// # Errors
    /// [`Halt::NotMet`] if they differ, the claim is binding and about the scenario's own
    /// requirements.
    pub fn equal(self, expected: impl Display, actual: impl Display) -> Result<(), Halt> {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        self.holds(expected == actual, expected, actual)
    }

    /// Notes a comparison that the caller made.
    ///
    /// # Errors
    /// As for [`Claim::equal`].
    pub fn holds(
        self,
        holds: bool,
        expected: impl Display,
        actual: impl Display,
    ) -> Result<(), Halt> {
        let verdict = match (holds, self.binding) {
            (true, _) => Verdict::Pass,
            (false, true) => Verdict::Fail,
            (false, false) => Verdict::Warn,
        };
        self.recorder.check(Check {
            statement: self.statement.clone(),
            verdict,
            expected: expected.to_string(),
            actual: actual.to_string(),
            clause: self.clause,
            requirement: self.requirement.clone(),
            hint: if holds { None } else { self.hint },
        });
        match verdict {
            Verdict::Fail if self.requirement.is_none() => Err(Halt::NotMet(self.statement)),
            _ => Ok(()),
        }
    }

    /// Takes a value that has to be there.
    ///
    /// # Errors
    /// [`Halt::NotMet`] if it is absent: there is nothing to go on with.
    pub fn present<T>(mut self, value: Option<T>) -> Result<T, Halt> {
        self.binding = true;
        let statement = self.statement.clone();
        self.holds(value.is_some(), "present", if value.is_some() { "present" } else { "absent" })?;
        value.ok_or(Halt::NotMet(statement))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Redactor;

    #[test]
    fn a_claim_about_another_requirement_is_noted_and_stops_nothing() {
        let recorder = Recorder::new(Redactor::new());
        assert!(Claim::must(&recorder, "a").about("TRES-NO-STORE").equal(1, 2).is_ok());
        let checks = recorder.evidence().checks;
        assert_eq!(checks[0].1.verdict, Verdict::Fail);
        assert_eq!(checks[0].1.requirement.as_deref(), Some("TRES-NO-STORE"));
    }

    #[test]
    fn a_broken_must_stops_and_a_broken_should_warns() {
        let recorder = Recorder::new(Redactor::new());
        assert!(Claim::should(&recorder, "a").equal(1, 2).is_ok());
        assert_eq!(
            Claim::must(&recorder, "b").clause("RFC 6749 §5.1").equal(1, 2),
            Err(Halt::NotMet("b".into()))
        );
        let verdicts: Vec<Verdict> =
            recorder.evidence().checks.into_iter().map(|(_, check)| check.verdict).collect();
        assert_eq!(verdicts, [Verdict::Warn, Verdict::Fail]);
    }
}
