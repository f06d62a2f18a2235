//! What the doctor finds, and what is well.

use crate::project::Place;
use crate::secret::Redactor;

/// One thing that the project's owner should know before a run.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    /// What it is about: "the app `backend`".
    pub(super) about: String,
    /// What was seen.
    pub(super) seen: String,
    /// Where that comes from.
    pub(super) cause: String,
    /// What to do next.
    pub(super) fix: String,
    /// Where in the project file it comes from.
    pub(super) place: Option<Place>,
}

/// How bad it is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// The project file, or a secret that it names, is wrong.
    Wrong,
    /// The target cannot be judged as it is.
    Broken,
    /// A run goes on, with less than was meant, or not for long.
    Warning,
    /// It cannot be told from outside.
    Untold,
    /// Good to know.
    Note,
}

/// All that was found so far.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) findings: Vec<Finding>,
    /// What was examined and is well: what, and how it was seen.
    pub(super) well: Vec<(String, String)>,
}

impl Finding {
    /// A finding without a place in the project file.
    pub(super) fn new(
        severity: Severity,
        about: impl Into<String>,
        seen: impl Into<String>,
        cause: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            about: about.into(),
            seen: seen.into(),
            cause: cause.into(),
            fix: fix.into(),
            place: None,
        }
    }

    /// The same with its place.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }
}

impl Severity {
    /// All of them, worst first.
    pub(super) const ALL: [Self; 5] =
        [Self::Wrong, Self::Broken, Self::Warning, Self::Untold, Self::Note];

    /// Its word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Broken => "broken",
            Self::Warning => "warning",
            Self::Untold => "untold",
            Self::Note => "note",
        }
    }
}

impl Sheet {
    /// Notes a finding.
    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Notes what is well.
    pub(super) fn well(&mut self, what: impl Into<String>, how: impl Into<String>) {
        self.well.push((what.into(), how.into()));
    }

    /// Takes out of what was seen what nobody may see, and what is no letter: a platform's words may
    /// be in it.
    pub(super) fn made_fit_to_show(mut self, redactor: &Redactor) -> Self {
        for finding in &mut self.findings {
            let seen = redactor.redact(&finding.seen);
            finding.seen = seen.chars().filter(|letter| !letter.is_control()).collect();
        }
        self
    }

    /// Whether something as bad as this was found.
    pub(super) fn has(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity == severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_secret_that_a_platform_repeats_is_not_shown_nor_are_its_control_characters() {
        let redactor = Redactor::new();
        redactor.learn("client_secret", &Secret::new("c4nary-secret"));
        let mut sheet = Sheet::default();
        let seen = "“c4nary-secret is \u{1b}[31mwrong”";
        sheet.find(Finding::new(Severity::Wrong, "the app `a`", seen, "", ""));
        let sheet = sheet.made_fit_to_show(&redactor);
        assert_eq!(sheet.findings[0].seen, "“[redacted:client_secret] is [31mwrong”");
    }
}
