//! What a person sees while the run goes: a bar on a terminal, a line for each trouble elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use indicatif::{ProgressBar, ProgressStyle};

use super::settle::settled;
use crate::record::Verdict;

/// Shows how far the run is; clones show the same.
#[derive(Clone, Debug)]
pub struct Progress {
    kind: Kind,
    /// Requirements whose deviations are lived with.
    waived: BTreeSet<String>,
}

#[derive(Clone, Debug)]
enum Kind {
    Bar(ProgressBar),
    Lines,
    Silent,
}

impl Progress {
    /// A bar for so many scenarios or other things, on the standard error stream.
    pub fn bar(count: usize) -> Self {
        let bar = ProgressBar::new(count as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self::of(Kind::Bar(bar))
    }

    /// Learns that there are so many things.
    pub fn expect(&self, count: usize) {
        if let Kind::Bar(bar) = &self.kind {
            bar.set_length(count as u64);
        }
    }

    /// A line on the standard error stream for each scenario that stops.
    pub fn lines() -> Self {
        Self::of(Kind::Lines)
    }

    /// Nothing.
    pub fn silent() -> Self {
        Self::of(Kind::Silent)
    }

    fn of(kind: Kind) -> Self {
        Self { kind, waived: BTreeSet::new() }
    }

    /// The same for a run in which deviations from these requirements are waived.
    #[must_use]
    pub fn waiving(self, waived: BTreeSet<String>) -> Self {
        Self { waived, ..self }
    }

    /// A scenario began.
    pub(super) fn started(&self, name: &str) {
        if let Kind::Bar(bar) = &self.kind {
            bar.set_message(name.to_owned());
        }
    }

    /// A scenario ended with a verdict, from what it found of requirements; a line names it unless it
    /// passed.
    pub(super) fn finished(
        &self,
        id: &str,
        name: &str,
        verdict: Verdict,
        findings: &BTreeMap<String, Verdict>,
    ) {
        let verdict = settled(verdict, findings, &self.waived);
        self.done((verdict != Verdict::Pass).then(|| format!("{verdict:12} {id} {name}")));
    }

    /// One of the things that it counts is done; a line says what is worth saying about it.
    pub(super) fn done(&self, line: Option<String>) {
        match (&self.kind, line) {
            (Kind::Bar(bar), line) => {
                if let Some(line) = line {
                    bar.println(line);
                }
                bar.inc(1);
            }
            (Kind::Lines, Some(line)) => {
                // Nobody is left to tell if the error stream is closed.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            _ => {}
        }
    }

    /// A sentence beside the progress, e.g. that a browser is being installed.
    pub fn say(&self, sentence: &str) {
        match &self.kind {
            Kind::Bar(bar) => bar.println(sentence),
            Kind::Lines => {
                let _ = writeln!(std::io::stderr(), "{sentence}");
            }
            Kind::Silent => {}
        }
    }

    /// Something that has to be waited for.
    pub fn wait(&self, what: &str) {
        match &self.kind {
            Kind::Bar(bar) => bar.set_message(what.to_owned()),
            Kind::Lines | Kind::Silent => self.say(what),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Kind::Bar(bar) = &self.kind {
            bar.finish_and_clear();
        }
    }
}
