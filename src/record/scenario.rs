//! One scenario of a run: its steps, checks, and what was seen on the wire and on the screen.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Jwt, Standing, Verdict};

/// One judged (or left out) scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scenario {
    /// `path:line`; for a row of `Examples` the line of the row. Unique in a run.
    pub id: String,
    /// Path of the feature file, relative to the project.
    pub feature: String,
    /// The feature's own title.
    pub feature_name: String,
    /// Line of the scenario, or of its row in `Examples`; counted from 1.
    pub line: usize,
    /// The scenario's title.
    pub name: String,
    /// Tags of feature, rule, scenario and examples, without `@`.
    pub tags: Vec<String>,
    /// Ids of the requirements that this scenario proves (its `req:` tags).
    pub requirements: Vec<String>,
    /// From which sides it shows what they demand.
    #[serde(default)]
    pub sides: BTreeSet<Side>,
    /// The judgement.
    pub verdict: Verdict,
    /// What it says of each requirement, by id: those that it proves, and others that a check of its
    /// own kind found broken on the way.
    #[serde(default)]
    pub findings: BTreeMap<String, Verdict>,
    /// Why, in one sentence, where the verdict is not `pass`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The verdict of an earlier run, in whose place this one is put.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Verdict>,
    /// What became of its verdict since the run that this one is measured by (`--baseline`), if there is
    /// something to tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub standing: Option<Standing>,
    /// Known ways to go wrong that break just what is broken here, the likeliest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub likely: Vec<Likely>,
    /// Whether the run ended before it did. Its verdict is an earlier run's then, if there is one, and
    /// else `inconclusive`.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unfinished: bool,
    /// What it says of demands of the standard that the platform's own documents permit to be broken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub strict: Option<Strict>,
    /// Milliseconds from the start of the run to the start of the scenario.
    pub started_ms: u64,
    /// Milliseconds from start to end.
    pub duration_ms: u64,
    /// The steps, those of the background first; also those that were not reached.
    pub steps: Vec<Step>,
    /// Requests and answers, in the order of their start.
    pub exchanges: Vec<Exchange>,
    /// Screenshots.
    pub pictures: Vec<Picture>,
    /// Comparisons with accepted snapshots.
    pub snapshots: Vec<Snapshot>,
    /// What the app under test said on its stdout and stderr.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub output: String,
}

impl Scenario {
    /// Why, in one sentence that can stand alone. The reason of one that broke a demand is often the
    /// demand itself, which would read as if it had held.
    pub fn reason_told(&self) -> Option<String> {
        let reason = self.reason.as_deref()?;
        let mut checks = self.steps.iter().flat_map(|step| &step.checks);
        let is_demand =
            checks.any(|check| check.verdict == Verdict::Fail && check.statement == reason);
        Some(if is_demand { format!("not met: {reason}") } else { reason.to_owned() })
    }

    /// The scenario without its steps and without evidence.
    #[must_use]
    pub fn stub(&self) -> Self {
        Self {
            steps: Vec::new(),
            exchanges: Vec::new(),
            pictures: Vec::new(),
            snapshots: Vec::new(),
            output: String::new(),
            ..self.clone()
        }
    }
}

/// A side from which a demand can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// What is good is accepted, or is there.
    Positive,
    /// What is bad is refused, or is absent.
    Negative,
}

/// The judgement by the standard alone, beside that by the platform's own requirements: neither
/// changes the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strict {
    /// The judgement.
    pub verdict: Verdict,
    /// Why, in one sentence, where the verdict is not `pass`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Ids of the standard's demands that the scenario proves, each with the ids of the platform's
    /// requirements that permit otherwise.
    pub demands: BTreeMap<String, Vec<String>>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Ran to its end.
    Passed,
    /// Stopped the scenario; the scenario's verdict says whose fault it is.
    Failed,
    /// An earlier step had stopped the scenario, or it was left out.
    NotRun,
}

/// One line of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Line in the feature file, counted from 1.
    pub line: usize,
    /// `Given`, `When`, `Then`, `And`, `But`.
    pub keyword: String,
    /// The sentence.
    pub text: String,
    /// The table under the sentence, row by row.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub table: Vec<Vec<String>>,
    /// The text block under the sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub docstring: Option<String>,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Milliseconds it took.
    pub duration_ms: u64,
    /// What stopped it, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// What was compared in it.
    pub checks: Vec<Check>,
}

/// A known way to go wrong that would look as this scenario did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likely {
    /// What is wrong then, in a few words.
    pub cause: String,
    /// Ids of the requirements that it breaks and that the run found broken.
    pub breaks: BTreeSet<String>,
    /// A command that shows the same on the mock, to compare with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compare: Option<String>,
}

/// One comparison of what a requirement demands with what was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The sentence that is true when the check holds.
    pub statement: String,
    /// `pass`, `warn` or `fail`.
    pub verdict: Verdict,
    /// What was demanded.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// Where it is demanded: `RFC 6749 §5.1`, or a page of the vendor.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub clause: Option<String>,
    /// Id of the requirement that it is about, if that is another than the scenario's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requirement: Option<String>,
    /// A likely cause and the next thing to try.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
}

/// One request and its answer, redacted when it was recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// Number within the scenario, counted from 1.
    pub number: usize,
    /// Index of the step in which it started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<usize>,
    /// Who sent the request.
    pub sender: Sender,
    /// Milliseconds from the start of the run to its start.
    pub started_ms: u64,
    /// Milliseconds to the end of the answer.
    pub duration_ms: u64,
    /// The request.
    pub request: Request,
    /// The answer; absent where none came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub response: Option<Response>,
    /// Why no answer came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// The signed tokens in it, but for those that an earlier exchange of the scenario shows.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub jwts: Vec<Jwt>,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// The app's own server or device.
    App,
    /// The user's browser.
    Browser,
    /// The platform, e.g. to fetch an app's key set.
    Platform,
    /// The app's developer, in the portal.
    Developer,
}

/// A request as it was sent, redacted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Header lines in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as text.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub body: String,
}

/// An answer as it came, redacted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header lines in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as text; a long one is cut and says so.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub body: String,
}

/// A screenshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// Index of the step in which it was taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<usize>,
    /// File, relative to the record.
    pub file: String,
    /// What it shows.
    pub caption: String,
}

/// How an answer compares with what was accepted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SnapshotState {
    /// Equal to the accepted one.
    Matched,
    /// Different from the accepted one; waits for review.
    Changed,
    /// Nothing was accepted yet; waits for review.
    New,
    /// Accepted in this run (`--update-snapshots`).
    Updated,
}

/// One comparison with an accepted snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// Index of the step.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<usize>,
    /// Name of the snapshot within its folder.
    pub name: String,
    /// The accepted file, relative to the project.
    pub file: String,
    /// The outcome.
    pub state: SnapshotState,
    /// Differences as a unified diff; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub diff: String,
    /// What the differences mean to clients; empty where nothing was accepted before.
    #[serde(skip_serializing_if = "Drift::is_empty", default)]
    pub drift: Drift,
    /// How a platform's answer differs in shape from the mock's; absent on the mock itself, and where
    /// none of the mock's was accepted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fidelity: Option<Fidelity>,
}

/// How the shape of a platform's answer differs from that of the mock's to the same scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fidelity {
    /// The mock's accepted answer, relative to the project.
    pub file: String,
    /// What the platform's answer has and the mock's lacks, each with its path and type.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub only_platform: Vec<String>,
    /// What the mock's answer has and the platform's lacks.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub only_mock: Vec<String>,
    /// What both have, each in its own way.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub different: Vec<String>,
}

impl Fidelity {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.only_platform.is_empty() && self.only_mock.is_empty() && self.different.is_empty()
    }

    /// All lines that tell a difference.
    pub fn lines_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Self { file: _, only_platform, only_mock, different } = self;
        only_platform.iter_mut().chain(only_mock).chain(different)
    }
}

/// How an answer differs from the accepted one, by what it means to clients that read tolerantly
/// (RFC 6749 §5.1: members that are not known are ignored).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// What is gone or different, each with its path; it breaks clients.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub broken: Vec<String>,
    /// What came beside, each with its path.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub added: Vec<String>,
}

impl Drift {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.broken.is_empty() && self.added.is_empty()
    }

    /// The differences, a line each, with what breaks clients first.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let lines = |class: &'static str, of: &'_ [String]| {
            of.iter().map(move |what| format!("{class}: {what}")).collect::<Vec<_>>()
        };
        lines("breaking", &self.broken).into_iter().chain(lines("additive", &self.added))
    }
}

/// A requirement as a report cites it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Requirement {
    /// Its stable id, e.g. `TSEC-WRONG-SECRET`.
    pub id: String,
    /// What is demanded, in one sentence.
    pub statement: String,
    /// Where it is demanded.
    pub source: String,
    /// `MUST`, `SHOULD`, `MAY` or `FACT`.
    pub level: String,
    /// Who has to hold it: `server`, `portal`, `app`, `harness`.
    pub actor: String,
    /// What it is about, e.g. `token-pkce`.
    #[serde(default)]
    pub area: String,
    /// Where it can be judged: `mock`, `preview`, `both`, or `document-only`.
    #[serde(default)]
    pub testable_against: String,
    /// Why no run can judge it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Tests of this program that prove it, where it is about the program itself.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub proven_by: Vec<String>,
    /// Ids of requirements whose scenarios show the side that its own do not.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub other_side: Vec<String>,
    /// Why it has one side only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub one_sided: Option<String>,
}

/// Requirements by id.
pub type Requirements = BTreeMap<String, Requirement>;
