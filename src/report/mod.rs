//! Readers of a run's record: a page for people, JUnit for build servers, JSON for programs, Markdown
//! for the page of a build.
//!
//! The run floor hands a [`Run`](crate::record::Run) and the folder of its record to [`write()`];
//! nothing else is looked at, so any report can be made again later.

mod announced;
pub mod coverage;
pub mod dossier;
mod error;
pub mod flow;
mod format;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod notice;
pub mod programs;
mod provenance;
mod summary;
mod waivers;

#[cfg(test)]
mod sample;

pub use crate::project::Format;
pub use announced::{about, coming, readiness};
pub use error::ReportError;
pub use format::write;
pub use notice::{notice, notice_in_any_case};
pub use provenance::{provenance, since_last};
pub use summary::{
    Headline, RequirementVerdict, StrictVerdict, headline, requirement_verdicts, strict_verdicts,
};
pub use waivers::waivers_for;
