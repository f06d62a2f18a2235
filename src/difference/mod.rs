//! How two runs differ: what became of each verdict, and how the answers changed, each change classed
//! by written rules.
//!
//! [`compare`] takes two records and gives a [`Difference`], without any input or output of its own.
//! What an answer says without its values becomes facts (`answer`), the facts of two answers become
//! changes, and `rules.yaml` says of each kind of change whether it breaks clients, and why. The command
//! line writes a [`Difference`] as text, Markdown, HTML or JSON (`write`).

mod answer;
mod apps;
mod classed;
mod compare;
mod found;
mod pairing;
mod rules;
mod since;
mod snapshots;
#[cfg(test)]
mod tests;
mod verdicts;
mod write;

pub use answer::{Aspect, How, Kind};
pub use apps::DeclaredApp;
pub use compare::compare;
pub use found::{
    Change, Class, Compared, Difference, RequirementChange, ScenarioChange, Unanswered,
};
pub use rules::{Rule, Rules};
pub use since::since;
pub use snapshots::compare_snapshots;
pub use verdicts::settle;
pub use write::{Format, WriteError, written};
