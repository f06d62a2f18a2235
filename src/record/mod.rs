//! What a run leaves behind: the run, its scenarios, steps, checks, evidence and verdicts.
//!
//! The runner fills it through a [`Recorder`]; every reader of a run (reports, reviews) needs
//! nothing but these types and `record.json`. Secrets are taken out here, once, on the way in.

mod connection;
pub mod endpoint;
mod extent;
mod jwt;
mod kept;
mod past;
pub mod plain;
mod recorder;
mod registration;
mod release;
mod run;
mod scenario;
mod signed;
mod standing;
mod verdict;
mod waiver;

pub use connection::{Certificate, Connection, Tls};
pub use extent::{Elsewhere, Extent, How, Part, Shard};
pub use jwt::{Expectation, Jwt, Signature, SignatureState};
pub use kept::{
    CHAIN, Chain, Chainless, EVIDENCE, Entry, LOGBOOK, Link, RECORD, Unreadable, digest_of,
    evidence, read, read_bytes,
};
pub use past::{AnswersChanged, Past, Since, Turned};
pub use recorder::{Evidence, Recorder};
pub use registration::{Registered, Registration};
pub use release::{Change, Readiness, Release, Subject, SubjectKind};
pub use run::{Baseline, Completion, Run, SCHEMA, Tally, Target, Tool};
pub use scenario::{
    Check, Drift, Exchange, Fidelity, Likely, Picture, Request, Requirement, Requirements,
    Response, Scenario, Sender, Side, Snapshot, SnapshotState, Step, StepOutcome, Strict,
};
pub use signed::{SeenKey, SignedToken};
pub use standing::Standing;
pub use verdict::{Verdict, worst};
pub use waiver::{Waived, Waiver, WaiverState};
