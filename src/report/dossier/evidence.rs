//! Waivers, and the chain over the files of evidence.

use serde::Serialize;

use crate::clock::day_in_words;
use crate::record::{Chain, Run, WaiverState};

/// A waiver of the run's target.
#[derive(Serialize)]
pub(super) struct Line<'run> {
    requirement: &'run str,
    reason: &'run str,
    owner: &'run str,
    ticket: &'run str,
    until: String,
    state: &'static str,
}

pub(super) fn waivers(run: &Run) -> Vec<Line<'_>> {
    run.waivers
        .iter()
        .map(|one| Line {
            requirement: &one.waiver.requirement,
            reason: &one.waiver.reason,
            owner: &one.waiver.owner,
            ticket: &one.waiver.ticket,
            until: day_in_words(one.waiver.until),
            state: match one.state {
                WaiverState::Applied => "in use",
                WaiverState::Needless => "needless: the requirement is met",
                WaiverState::Ended => "ended",
                WaiverState::Unjudged => "not judged",
            },
        })
        .collect()
}

/// The chain as it is printed.
#[derive(Serialize)]
pub(super) struct Printed<'run> {
    /// The head, in blocks that can be read aloud.
    head: String,
    links: Vec<(&'run str, &'run str)>,
}

pub(super) fn chain(chain: &Chain) -> Printed<'_> {
    let head = chain.head();
    let blocks: Vec<&str> =
        (0..head.len()).step_by(BLOCK).filter_map(|at| head.get(at..at + BLOCK)).collect();
    let links = chain.links.iter().map(|it| (it.file.as_str(), it.digest.as_str()));
    Printed { head: blocks.join(" "), links: links.collect() }
}

const BLOCK: usize = 8;
