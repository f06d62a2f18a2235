//! The announced changes of a platform, as a record tells of them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An announced change of a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Where it was announced.
    pub source: String,
    /// The day on which the platform changes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effective: Option<Date>,
    /// The day by which somebody has to have tested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub test_by: Option<Date>,
    /// What changes.
    pub changes: Vec<Change>,
    /// Who has to be ready for it, and how far they were when the run had ended; absent where nobody
    /// asked.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub subjects: Vec<Subject>,
}

/// Somebody who has to be ready for a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name in the project file.
    pub name: String,
    /// How far it is.
    pub state: Readiness,
    /// The same in a few words: what is not met, not judged, or not tested, and of which day that is.
    pub told: String,
    /// The command that tests it; empty where nothing does.
    pub command: String,
}

/// What somebody is who has to be ready for a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A live environment.
    Target,
    /// An app.
    App,
}

impl SubjectKind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::App => "app",
        }
    }
}

/// How far somebody is with a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// Everything was judged, and nothing fails.
    Conforms,
    /// Something was not judged.
    Untested,
    /// Something fails.
    Fails,
}

impl Readiness {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Untested => "untested",
            Self::Fails => "fails",
        }
    }
}

/// One of the things that a release changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What is another, in a few words.
    pub title: String,
    /// Why the mock does not play it, if it does not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub documented: Option<String>,
    /// Ids of the requirements that show whether somebody is ready for it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub requirements: Vec<String>,
}

impl Release {
    /// The day that counts for whoever has to be ready: the test deadline, or else the day of the change.
    pub fn deadline(&self) -> Option<Date> {
        self.test_by.or(self.effective)
    }

    /// Whole days until its deadline; negative when that has passed.
    pub fn days_left(&self, today: Date) -> Option<i64> {
        let span = today.until(self.deadline()?).ok()?;
        Some(i64::from(span.get_days()))
    }

    /// Its countdown: `3 days left`, `today`, `passed 294 days ago`.
    pub fn countdown(&self, today: Date) -> String {
        match self.days_left(today) {
            None => "without a day".to_owned(),
            Some(0) => "today".to_owned(),
            Some(1) => "1 day left".to_owned(),
            Some(-1) => "passed 1 day ago".to_owned(),
            Some(days) if days > 0 => format!("{days} days left"),
            Some(days) => format!("passed {} days ago", -days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_deadline_counts_and_else_the_day_of_the_change() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let mut release = Release {
            id: "x".into(),
            title: "X".into(),
            source: "a page".into(),
            effective: Some(day("2027-03-01")),
            test_by: Some(day("2027-02-01")),
            changes: Vec::new(),
            subjects: Vec::new(),
        };
        for (today, expected) in [
            ("2027-01-29", "3 days left"),
            ("2027-01-31", "1 day left"),
            ("2027-02-01", "today"),
            ("2027-02-02", "passed 1 day ago"),
            ("2027-11-22", "passed 294 days ago"),
        ] {
            assert_eq!(release.countdown(day(today)), expected, "{today}");
        }
        release.test_by = None;
        assert_eq!(release.countdown(day("2027-01-29")), "31 days left");
    }
}
