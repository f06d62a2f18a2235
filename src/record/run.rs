//! A whole run, as it stands in `record.json`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Elsewhere, Extent, Part, Past, Registration, Release, Requirements, Scenario,
    Shard, Since, SnapshotState, Standing, Verdict, Waived,
};

/// Everything that a run leaves behind; every report is made from it alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Version of this shape: [`SCHEMA`].
    pub schema: String,
    /// Name of the run: its start as `20261121T221500Z`, and letters that no other run has.
    pub id: String,
    /// Start, UTC.
    pub started: Timestamp,
    /// Milliseconds from start to end.
    pub duration_ms: u64,
    /// Whether the run came to its end.
    pub completion: Completion,
    /// Which plan it is of, and how much of it; absent where nobody asked to keep it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extent: Option<Extent>,
    /// The runs that the record is put together of, if it is more than one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<Part>,
    /// The earlier run by which this one is measured, if there is one: what failed then too is told as
    /// still failing, and alone makes no run red.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<Baseline>,
    /// Earlier runs of the same target, app and release, oldest first, as the project's history had
    /// them: of all scenarios if this one is, else of the same plan.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub past: Vec<Past>,
    /// What is another than in the last one of the same target, app and release.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Since>,
    /// The announced changes of the platform that were known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub releases: Vec<Release>,
    /// What was judged.
    pub target: Target,
    /// What was declared to it beforehand: registered apps, and endpoints.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub registration: Option<Registration>,
    /// Who judged.
    pub tool: Tool,
    /// The hosts of the platform that it talked to over TLS, as they showed themselves; one that
    /// changed meanwhile is there twice.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub connections: Vec<Connection>,
    /// Requirements that the scenarios cite, or that permit what the standard forbids.
    pub requirements: Requirements,
    /// Requirements of the platform that no scenario of the project cites; empty if only some
    /// scenarios were selected.
    #[serde(default)]
    pub uncited: Requirements,
    /// Demands of the standard that scenarios judge beside the platform's own requirements, because
    /// these permit otherwise.
    #[serde(default)]
    pub strict: Requirements,
    /// The waivers of the target, and what became of them.
    #[serde(default)]
    pub waivers: Vec<Waived>,
    /// The scenarios in the order of their files and lines, left-out ones too.
    pub scenarios: Vec<Scenario>,
    /// The scenarios of the plan that other shards run, left-out ones too.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub elsewhere: Vec<Elsewhere>,
}

/// Whether a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Completion {
    /// All planned scenarios were judged or given up one by one.
    Complete,
    /// Stopped from outside; scenarios not reached are `inconclusive`.
    Interrupted,
}

/// The platform that was judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target {
    /// Its name in the project file.
    pub name: String,
    /// Name of its dialect.
    pub dialect: String,
    /// Its FHIR base, or `embedded` for the mock platform.
    pub fhir_base: String,
    /// The target that is the mock in the same dialect, with whose answers those of a platform
    /// somewhere else are compared too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mock: Option<String>,
    /// The app that was judged on it, by its name in the project file; the platform itself if there is
    /// none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app: Option<String>,
    /// The id of the announced change of the platform that it was judged for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<String>,
    /// Whether the mock was as the platform will be with that change, as far as it is known.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_as_released: bool,
    /// The defect that the mock was given on purpose.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub defect: Option<String>,
}

/// An earlier run by which another one is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Name of the run.
    pub run: String,
    /// Its start, UTC.
    pub started: Timestamp,
}

/// The program and what it ran on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tool {
    /// Version of Checkride.
    pub version: String,
    /// Operating system and processor, e.g. `linux x86_64`.
    pub platform: String,
    /// Version of the browser, if one was used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub browser: Option<String>,
    /// How many scenarios ran at the same time at most.
    pub jobs: usize,
}

/// How many scenarios got which verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(Vec<(Verdict, usize)>);

impl Tally {
    /// Number of scenarios with this verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        self.0.iter().find(|(word, _)| *word == verdict).map_or(0, |(_, count)| *count)
    }

    /// Verdicts that occurred, with their number, in the order of [`Verdict::ALL`].
    pub fn counted(&self) -> impl Iterator<Item = (Verdict, usize)> + '_ {
        self.0.iter().copied()
    }

    /// Number of scenarios.
    pub fn total(&self) -> usize {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

impl Run {
    /// Counts the scenarios by verdict.
    pub fn tally(&self) -> Tally {
        Tally(
            Verdict::ALL
                .into_iter()
                .map(|word| (word, self.scenarios.iter().filter(|one| one.verdict == word).count()))
                .filter(|(_, count)| *count > 0)
                .collect(),
        )
    }

    /// Whether a scenario failed in the run that this one is measured by, too, and for no other reason.
    pub fn is_known(&self, scenario: &Scenario) -> bool {
        self.baseline.is_some() && scenario.standing == Some(Standing::StillFailing)
    }

    /// Number of scenarios that fail, and did not in the run that this one is measured by; of all that
    /// fail, if it is measured by none.
    pub fn new_failures(&self) -> usize {
        let fails = self.scenarios.iter().filter(|one| one.verdict == Verdict::Fail);
        fails.filter(|one| !self.is_known(one)).count()
    }

    /// What is wrong with the waivers themselves: needless ones, and ones that have ended.
    pub fn complaints(&self) -> impl Iterator<Item = String> + '_ {
        self.waivers.iter().filter_map(Waived::complaint)
    }

    /// The part of the plan that it is of, if that was divided.
    pub fn shard(&self) -> Option<&Shard> {
        self.extent.as_ref()?.shard.as_ref()
    }

    /// Number of scenarios that are judged by the standard alone, because the platform's own documents
    /// permit otherwise; they count as `skipped`.
    pub fn strict_alone(&self) -> usize {
        let alone = |one: &&Scenario| one.verdict == Verdict::Skipped && one.strict.is_some();
        self.scenarios.iter().filter(alone).count()
    }

    /// Number of snapshots that wait for review.
    pub fn pending_snapshots(&self) -> usize {
        self.scenarios
            .iter()
            .flat_map(|scenario| &scenario.snapshots)
            .filter(|one| matches!(one.state, SnapshotState::New | SnapshotState::Changed))
            .count()
    }
}

/// The version of the record's shape. It changes when a reader of the old shape would be misled.
pub const SCHEMA: &str = "checkride.record/1";
