//! What a comparison of two runs has found, in plain values.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::{Aspect, How, Kind};
use super::write::headline;
use crate::record::{Standing, Verdict};

/// How two runs differ, or two folders of accepted answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Version of this shape: [`Difference::SCHEMA`].
    pub schema: &'static str,
    /// The earlier side.
    pub before: Compared,
    /// The later side.
    pub after: Compared,
    /// Scenarios of whose verdicts there is something to tell, worst first.
    pub scenarios: Vec<ScenarioChange>,
    /// The same of requirements.
    pub requirements: Vec<RequirementChange>,
    /// The same of the standard's demands, from which the platform departs by its own documents.
    pub strict: Vec<RequirementChange>,
    /// What changed in the answers, worst first.
    pub changes: Vec<Change>,
    /// Requests that one side has no usable answer to: too many requests, or out of order.
    pub unanswered: Vec<Unanswered>,
}

/// One of the two sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// What it is called: the name of a run, or a folder.
    pub name: String,
    /// When the run began, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// The target's name in the project file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The app that was judged, if it was an app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Whether the run came to its end.
    pub complete: bool,
    /// How many scenarios got which verdict.
    pub tally: BTreeMap<Verdict, usize>,
}

/// What became of a scenario's verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioChange {
    /// What became of it.
    pub standing: Standing,
    /// Its place on the later side, or on the earlier one if it is gone.
    pub id: String,
    /// Its title.
    pub name: String,
    /// Title of its feature.
    pub feature: String,
    /// Its place on the earlier side, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// The earlier verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Verdict>,
    /// The later verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Verdict>,
    /// Why, on the later side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Requirements that it finds broken now and did not, by id.
    pub newly_broken: Vec<String>,
    /// Requirements that it finds broken as before.
    pub still_broken: Vec<String>,
}

/// What became of a requirement's verdict: the worst that its scenarios say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequirementChange {
    /// What became of it.
    pub standing: Standing,
    /// Its id.
    pub id: String,
    /// What is demanded.
    pub statement: String,
    /// Where it is demanded.
    pub source: String,
    /// The earlier verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Verdict>,
    /// The later verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Verdict>,
}

/// What a change means to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A client that kept to what it saw may stop working.
    Breaking,
    /// Something came beside what was there, which clients ignore (RFC 6749 §5.1).
    Additive,
    /// No client that keeps to the standards notices.
    Cosmetic,
}

impl Class {
    /// All, worst first.
    pub const ALL: [Self; 3] = [Self::Breaking, Self::Additive, Self::Cosmetic];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
            Self::Cosmetic => "cosmetic",
        }
    }
}

/// One thing that changed in the answers of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it means to clients.
    pub class: Class,
    /// The rule that says so, by its id.
    pub rule: String,
    /// The rule in a few words.
    pub says: String,
    /// Why it has this class.
    pub because: String,
    /// Where that is written.
    pub source: String,
    /// The endpoint, with its method.
    pub endpoint: String,
    /// What the endpoint is for.
    pub kind: Kind,
    /// What it is about.
    pub aspect: Aspect,
    /// What became of it.
    pub how: How,
    /// Which one: a member's path, a header's name, a form's field.
    pub name: String,
    /// What was there.
    pub before: Vec<String>,
    /// What is there now.
    pub after: Vec<String>,
    /// In how many answers it is seen.
    pub answers: usize,
    /// Of how many of that endpoint that were compared.
    pub of: usize,
    /// Requirements of the scenarios in which it is seen: those whose verdicts changed first, then those
    /// that are about nothing else.
    pub requirements: Vec<String>,
    /// The scenarios in which it is seen, by their place on the later side.
    pub scenarios: Vec<String>,
    /// Apps of the project that declare the endpoint, or a scope that it is about.
    pub apps: Vec<String>,
}

/// Requests to one endpoint that one side has no usable answer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unanswered {
    /// The endpoint, with its method.
    pub endpoint: String,
    /// How many.
    pub answers: usize,
}

impl Difference {
    /// The version of its shape as JSON. It changes when a reader of the old shape would be misled.
    pub const SCHEMA: &'static str = "checkride.difference/1";

    /// What it comes to in a few words, worst first.
    pub fn headline(&self) -> String {
        headline(self)
    }

    /// Whether there is nothing to tell: what failed fails, and all answers are the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.scenarios.iter().all(|one| one.standing.is_old())
    }

    /// Number of changes of this class.
    pub fn of(&self, class: Class) -> usize {
        self.changes.iter().filter(|change| change.class == class).count()
    }

    /// Number of scenarios with this standing.
    pub fn standing(&self, standing: Standing) -> usize {
        self.scenarios.iter().filter(|one| one.standing == standing).count()
    }

    /// Whether both sides were judged to their ends.
    pub fn is_complete(&self) -> bool {
        self.before.complete && self.after.complete
    }
}
