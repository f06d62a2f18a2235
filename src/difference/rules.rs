//! The rules by which changes are classed: `rules.yaml`, read once.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use super::answer::{Aspect, How, Kind, Seen};
use super::found::Class;
use crate::project::{Mistake, from_yaml};

/// The rules by which changes are classed, and the words by which answers are read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub(super) vocabulary: Vocabulary,
    rules: Vec<Rule>,
}

/// What is read in answers, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// Members whose value is one of few words.
    pub enumerated: BTreeSet<String>,
    /// Members that hold scopes.
    pub scopes: BTreeSet<String>,
    /// Members that hold lists of words.
    pub lists: BTreeSet<String>,
    /// Members that say how many seconds something lasts.
    pub lifetimes: BTreeSet<String>,
    /// Headers that hold lists of words.
    pub directives: BTreeSet<String>,
    /// Headers that say how much may be asked.
    pub quotas: BTreeSet<String>,
    /// Headers of which the value counts too.
    pub headers: BTreeSet<String>,
    /// Headers of which it counts only whether they are there.
    pub present: BTreeSet<String>,
}

/// What one kind of change means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its stable id.
    pub id: String,
    /// What it is about.
    pub aspect: Aspect,
    /// What became of it.
    pub change: How,
    /// The endpoints that it is for; all, if none is named.
    #[serde(default)]
    pub at: Vec<Kind>,
    /// The names that it is for, `*` for anything; all, if none is named.
    #[serde(default)]
    pub name: Vec<String>,
    /// What the change means to clients.
    pub class: Class,
    /// The rule of the same change seen the other way round.
    pub mirror: String,
    /// The change in a few words.
    pub says: String,
    /// Why it has this class.
    pub because: String,
    /// Where that is written.
    pub source: String,
}

impl Rules {
    /// The rules that come with the program.
    ///
    /// # Errors
    /// A [`Mistake`] if their file is broken.
    pub fn built_in() -> Result<Self, Mistake> {
        from_yaml(Path::new(FILE), include_str!("rules.yaml"))
    }

    /// All rules in their order.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The first rule that fits a change at an endpoint; there is one for each kind of change.
    pub(super) fn of(&self, kind: Kind, seen: &Seen) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(kind, seen))
    }
}

impl Rule {
    fn fits(&self, kind: Kind, seen: &Seen) -> bool {
        self.aspect == seen.aspect
            && self.change == seen.how
            && (self.at.is_empty() || self.at.contains(&kind))
            && (self.name.is_empty() || self.name.iter().any(|it| is_like(it, &seen.name)))
    }
}

/// Whether a name is like a pattern, in which one `*` stands for anything.
fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

const FILE: &str = "src/difference/rules.yaml";
