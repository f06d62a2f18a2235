//! The first page: what was judged, what came of it, and whose record it is.

use serde::Serialize;

use crate::clock::moment_in_words;
use crate::record::{Completion, Run, Verdict};
use crate::report::{about, headline, provenance};

/// The first page.
#[derive(Serialize)]
pub(super) struct Cover {
    /// `app` or `platform`.
    kind: &'static str,
    /// Its name.
    subject: String,
    verdict: Verdict,
    title: &'static str,
    sentence: String,
    facts: Vec<(&'static str, String)>,
    tally: Vec<(Verdict, usize, &'static str)>,
    /// What nobody may miss who reads the verdict.
    notices: Vec<String>,
}

impl Cover {
    pub(super) fn of(run: &Run) -> Self {
        let headline = headline(run);
        let (kind, subject) = match &run.target.app {
            Some(app) => ("app", app),
            None => ("platform", &run.target.name),
        };
        let tally = run.tally();
        Self {
            kind,
            subject: subject.clone(),
            verdict: headline.verdict,
            title: headline.title,
            sentence: headline.sentence,
            facts: facts(run),
            tally: tally.counted().map(|(it, count)| (it, count, meaning(it))).collect(),
            notices: notices(run),
        }
    }
}

fn facts(run: &Run) -> Vec<(&'static str, String)> {
    let tool = &run.tool;
    let mut facts = vec![
        ("Run", run.id.clone()),
        ("Date", moment_in_words(run.started)),
        ("Target", format!("{} (dialect {})", run.target.name, run.target.dialect)),
        ("FHIR base", base(run)),
        ("Judged by", format!("Checkride {} on {}", tool.version, tool.platform)),
        ("Scenarios", run.scenarios.len().to_string()),
    ];
    facts.extend(tool.browser.clone().map(|browser| ("Browser", browser)));
    facts
}

/// The FHIR base in words that say something to a reader.
fn base(run: &Run) -> String {
    match is_mock(run) {
        true => "the mock platform in Checkride".to_owned(),
        false => run.target.fhir_base.clone(),
    }
}

/// Whether the platform was the mock in this program.
pub(super) fn is_mock(run: &Run) -> bool {
    run.target.fhir_base == "embedded"
}

fn notices(run: &Run) -> Vec<String> {
    let dialect = &run.target.dialect;
    let mut notices = Vec::new();
    match (&run.target.app, is_mock(run)) {
        (Some(_), true) => notices.push(format!(
            "The app was examined on the mock platform in Checkride, which speaks the dialect \
             `{dialect}`. The vendor's own platform took no part."
        )),
        (None, true) => notices.push(format!(
            "What was judged is the mock platform in Checkride, in the dialect `{dialect}`, and no \
             vendor's own."
        )),
        _ => {}
    }
    if let Some(defect) = &run.target.defect {
        notices.push(format!("A defect was played on purpose: “{defect}”."));
    }
    if run.completion == Completion::Interrupted {
        notices.push("The run did not come to its end.".to_owned());
    }
    if run.extent.as_ref().is_some_and(|extent| !extent.whole) {
        notices.push("Only a selection of the project's scenarios was to run.".to_owned());
    }
    notices.extend(about(run));
    notices.extend(provenance(run));
    notices.extend(run.complaints().map(|complaint| capitalised(&complaint)));
    notices
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// What a verdict says, for somebody who reads it the first time.
fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "every check held",
        Verdict::Warn => "every requirement held; something recommended did not",
        Verdict::Flaky => "passed only when it was tried again",
        Verdict::Waived => "a known deviation, with a reason and an end",
        Verdict::Skipped => "left out before anything was sent, for a reason that is named",
        Verdict::Inconclusive => "could not be judged: unreachable, rate limited, stopped",
        Verdict::Error => "could not be judged, by a fault of the project or of Checkride",
        Verdict::Fail => "a requirement was broken",
    }
}
