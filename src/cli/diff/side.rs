//! What is compared: a run or a folder of accepted answers, by the words that a user has for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::cli::Surroundings;
use crate::cli::history::keeping;
use crate::history::{Scope, Selector};
use crate::project::{Mistake, Project};
use crate::record::{self, Run, Target, Unreadable};
use crate::snapshot::accepted;

/// One side of a comparison.
pub(in crate::cli) enum Side {
    /// The record of a run.
    Run(Box<Run>),
    /// Accepted answers, by name.
    Snapshots {
        /// Their folder.
        name: String,
        /// The answers.
        answers: BTreeMap<String, Value>,
    },
}

/// Where sides are looked for.
pub(in crate::cli) struct Asked<'a> {
    pub(in crate::cli) surroundings: &'a Surroundings,
    pub(in crate::cli) project: Option<&'a Project>,
    /// What the run that is looked for has judged, where nothing else is said.
    pub(in crate::cli) target: Option<Target>,
    /// The release that it has to be about; the empty name stands for none.
    pub(in crate::cli) release: Option<String>,
    /// When it has to have begun before.
    pub(in crate::cli) before: Option<Timestamp>,
}

impl Asked<'_> {
    /// The side that these words mean: a path goes before a run of the same name.
    ///
    /// # Errors
    /// A [`Mistake`] if there is none.
    pub(in crate::cli) fn side(&self, words: &str) -> Result<Side, Mistake> {
        let place = self.surroundings.folder.join(words);
        if !place.exists() {
            return self.kept(words).map(|run| Side::Run(Box::new(run)));
        }
        match record::read(&place) {
            Ok(run) => Ok(Side::Run(Box::new(run))),
            Err(Unreadable::Absent) => {
                let answers =
                    accepted(&place).map_err(|error| Mistake::new(format!("cannot {error}")))?;
                if answers.is_empty() {
                    return Err(Mistake::new(format!(
                        "there is neither a record nor an accepted answer in `{words}`"
                    ))
                    .with_hint("give a folder of reports, or one of snapshots"));
                }
                Ok(Side::Snapshots { name: words.to_owned(), answers })
            }
            Err(error) => Err(unreadable(words, &error)),
        }
    }

    /// The run that these words mean.
    ///
    /// # Errors
    /// A [`Mistake`] if there is none, or they mean something else.
    pub(in crate::cli) fn run(&self, words: &str) -> Result<Run, Mistake> {
        match self.side(words)? {
            Side::Run(run) => Ok(*run),
            Side::Snapshots { .. } => Err(Mistake::new(format!("there is no record in `{words}`"))
                .with_hint("give a folder of reports, or a `record.json`")),
        }
    }

    /// As [`run`](Self::run), or nothing where the project keeps its runs and there is no such run yet.
    ///
    /// # Errors
    /// A [`Mistake`] if the words mean something else, or no run is kept.
    pub(in crate::cli) fn run_if_any(&self, words: &str) -> Result<Option<Run>, Mistake> {
        if self.surroundings.folder.join(words).exists() {
            return self.run(words).map(Some);
        }
        match self.project.map(|project| keeping(self.surroundings, project)).transpose()? {
            Some(Some(_)) => self.in_history(words, true),
            _ => Err(unknown(words)),
        }
    }

    /// The run that is meant among those that the project keeps, or the one in its folder of reports.
    fn kept(&self, words: &str) -> Result<Run, Mistake> {
        // What may be the name of a file as well is none of either.
        let may_be_place =
            matches!(words.parse(), Ok(Selector::Name(_))) && !words.starts_with(OF_TARGET);
        let may_lack = may_be_place || (words == LAST && self.target.is_none());
        if let Some(run) = self.in_history(words, may_lack)? {
            return Ok(run);
        }
        match self.project.filter(|_| words == LAST) {
            Some(project) => {
                let reports = project.root.join(&project.config.reports).join("latest");
                record::read(&reports).map_err(|error| unreadable(words, &error))
            }
            None => Err(unknown(words)),
        }
    }

    /// The run that is meant among those that the project keeps; nothing where none is kept yet, or where
    /// there is no such run and it `may_lack`.
    fn in_history(&self, words: &str, may_lack: bool) -> Result<Option<Run>, Mistake> {
        let project = self.project.ok_or_else(|| unknown(words))?;
        let (target, which) = match words.strip_prefix(OF_TARGET) {
            Some(said) => {
                let (name, which) = said.split_once('@').unwrap_or((said, LAST));
                (Some(project.target(Some(name))?.0), which)
            }
            None => (None, words),
        };
        let Ok(selector) = which.parse::<Selector>();
        let keeping = keeping(self.surroundings, project)?;
        let found = keeping
            .map(|keeping| keeping.find(&selector, &self.scope(target, &selector), may_lack));
        Ok(found.transpose()?.flatten())
    }

    /// Among which runs one is looked for: a name is a name wherever it is.
    fn scope(&self, target: Option<&str>, selector: &Selector) -> Scope {
        if let (Selector::Name(_), None) = (selector, target) {
            return Scope::default();
        }
        let judged = self.target.as_ref();
        Scope {
            target: target.or(judged.map(|it| it.name.as_str())).map(str::to_owned),
            app: judged.map(|it| it.app.clone().unwrap_or_default()),
            release: self.release.clone().filter(|_| target.is_none()),
            before: self.before.filter(|_| target.is_none()),
            ..Scope::default()
        }
    }
}

fn unknown(words: &str) -> Mistake {
    Mistake::new(format!("there is no file, folder or run `{words}`"))
        .with_hint("give a folder of reports, a `record.json`, or a run of `checkride history`")
}

fn unreadable(words: &str, error: &Unreadable) -> Mistake {
    Mistake::new(format!("cannot read the record of `{words}`: {error}"))
        .with_hint("give a folder of reports, a `record.json` or a `record.jsonl`")
}

/// Before the name of the target that a run has judged.
const OF_TARGET: &str = "target:";
/// The run that began last.
pub(in crate::cli) const LAST: &str = "last";
/// The last run without anything wrong.
pub(in crate::cli) const LAST_GREEN: &str = "last-green";
