//! A summary in Markdown, for the page of a build or the text of a ticket: `summary.md`.
//!
//! What a platform or an app has said stands in code spans, where it is only text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{about, headline, provenance, readiness, since_last};
use crate::clock::moment_in_words;
use crate::record::plain::{code, prose};
use crate::record::{Check, Readiness, Requirement, Run, Scenario, SnapshotState, Verdict};

/// The run in Markdown (CommonMark with the tables of GitHub and GitLab).
///
/// It tells what is not met and what was not judged, up to a length that build servers take; the page
/// that it links to has the rest.
pub fn render(run: &Run) -> String {
    let headline = headline(run);
    let mut text = format!("# {}\n\n{}\n\n", headline.title, prose(&headline.sentence));
    for sentence in about(run).into_iter().chain(provenance(run)).chain(since_last(run)) {
        let _ = writeln!(text, "{}\n", prose(&sentence));
    }
    text.push_str(&facts(run));
    text.push_str(&deadlines(run));
    let complaints: Vec<String> = run.complaints().collect();
    if !complaints.is_empty() {
        text.push_str("## Waivers to mend\n\n");
        for complaint in complaints {
            let _ = writeln!(text, "* {}", prose(&complaint));
        }
        text.push('\n');
    }
    for (verdict, title) in [(Verdict::Fail, "Not met"), (Verdict::Warn, "Recommended, and not so")]
    {
        let found: Vec<&Scenario> = of(run, verdict).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(text, "## {title}\n");
        found.iter().take(MOST).for_each(|scenario| text.push_str(&broken(run, scenario)));
        text.push_str(&further(found.len()));
    }
    for (verdict, title) in GROUPED {
        text.push_str(&grouped(of(run, verdict), title));
    }
    let waiting = run.scenarios.iter().flat_map(|one| &one.snapshots);
    let is_waiting = |state| matches!(state, SnapshotState::New | SnapshotState::Changed);
    let waiting: Vec<_> = waiting.filter(|one| is_waiting(one.state)).collect();
    if !waiting.is_empty() {
        text.push_str("## Answers to review\n\n");
        for snapshot in waiting.iter().take(MOST) {
            let _ = writeln!(text, "* {}", code(&snapshot.file));
            for line in snapshot.drift.lines().take(FEW) {
                let _ = writeln!(text, "  * {}", code(&line));
            }
        }
        text.push('\n');
        text.push_str(&further(waiting.len()));
    }
    text
}

/// The deadlines, and who is not ready for them.
fn deadlines(run: &Run) -> String {
    let readiness = readiness(run);
    if readiness.is_empty() {
        return String::new();
    }
    let mut text = "## Deadlines\n\n".to_owned();
    for (sentence, subjects) in readiness {
        let _ = writeln!(text, "* {}", prose(&sentence));
        for subject in subjects {
            let (kind, name, told) =
                (subject.kind.word(), code(&subject.name), prose(&subject.told));
            let how = match subject.state {
                _ if subject.command.is_empty() => String::new(),
                Readiness::Conforms => String::new(),
                _ => format!(": {}", code(&subject.command)),
            };
            let _ = writeln!(text, "  * {kind} {name}: {told}{how}");
        }
    }
    text.push('\n');
    text
}

/// The table of verdicts, and what was judged.
fn facts(run: &Run) -> String {
    let mut text = "| verdict | scenarios |\n|---|---:|\n".to_owned();
    for (verdict, count) in run.tally().counted() {
        let _ = writeln!(text, "| {verdict} | {count} |");
    }
    let of = |app: &String| format!(" of the app {}", code(app));
    let with = |defect: &String| format!(" with the defect {}", code(defect));
    let _ = writeln!(
        text,
        "\nJudged on the target {}{}{} ({}) by Checkride {}, begun {}, in {:.1} s. \
         The [report](index.html) has all evidence.\n",
        code(&run.target.name),
        run.target.app.as_ref().map(of).unwrap_or_default(),
        run.target.defect.as_ref().map(with).unwrap_or_default(),
        prose(&run.target.dialect),
        prose(&run.tool.version),
        moment_in_words(run.started),
        run.duration_ms as f64 / 1000.0,
    );
    text
}

fn of(run: &Run, verdict: Verdict) -> impl Iterator<Item = &Scenario> {
    run.scenarios.iter().filter(move |one| one.verdict == verdict)
}

/// A scenario that broke a demand or a recommendation.
fn broken(run: &Run, scenario: &Scenario) -> String {
    let known = if run.is_known(scenario) { " (still failing)" } else { "" };
    let mut text = format!("### {}{known}\n\n{}\n\n", prose(&scenario.name), link(scenario));
    let broken = scenario.steps.iter().flat_map(|step| &step.checks);
    let broken: Vec<&Check> = broken.filter(|check| check.verdict != Verdict::Pass).collect();
    for check in broken.iter().take(FEW) {
        let clause = check.clause.as_ref().map(|it| format!(" ({})", prose(it)));
        let _ = writeln!(
            text,
            "* demanded: {}{}\n  * expected: {}\n  * actual: {}",
            prose(&check.statement),
            clause.unwrap_or_default(),
            code(&check.expected),
            code(&check.actual),
        );
        if let Some(hint) = &check.hint {
            let _ = writeln!(text, "  * try: {}", prose(hint));
        }
    }
    if let Some(reason) = scenario.reason.as_ref().filter(|_| broken.is_empty()) {
        let _ = writeln!(text, "* because: {}", code(reason));
    }
    let found = scenario.findings.iter().filter(|(_, found)| **found == scenario.verdict);
    for Requirement { id, statement, source, .. } in
        found.filter_map(|(id, _)| run.requirements.get(id))
    {
        let _ = writeln!(text, "* requires: {} {} ({})", code(id), prose(statement), prose(source));
    }
    for picture in scenario.pictures.iter().filter(|picture| !picture.file.is_empty()) {
        let _ = writeln!(
            text,
            "* picture: [{}](<{}>)",
            prose(&picture.caption),
            address(&picture.file)
        );
    }
    text.push('\n');
    text
}

/// Scenarios of one verdict, reason by reason.
fn grouped<'run>(scenarios: impl Iterator<Item = &'run Scenario>, title: &str) -> String {
    let mut reasons: BTreeMap<&str, Vec<&Scenario>> = BTreeMap::new();
    for scenario in scenarios {
        let reason = scenario.reason.as_deref().unwrap_or("no reason is known");
        reasons.entry(reason).or_default().push(scenario);
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut text = format!("## {title}\n\n");
    for (reason, scenarios) in reasons.iter().take(MOST) {
        let _ = writeln!(text, "* {}: {}", scenarios.len(), code(reason));
        for scenario in scenarios.iter().take(FEW) {
            let _ = writeln!(text, "  * {} {}", link(scenario), prose(&scenario.name));
        }
        if scenarios.len() > FEW {
            let _ = writeln!(text, "  * and {} more", scenarios.len() - FEW);
        }
    }
    text.push('\n');
    text.push_str(&further(reasons.len()));
    text
}

/// What is not told of so many things.
fn further(count: usize) -> String {
    match count.saturating_sub(MOST) {
        0 => String::new(),
        further => format!("And {further} more, which the [report](index.html) has.\n\n"),
    }
}

/// A link to a scenario's evidence in the page.
fn link(scenario: &Scenario) -> String {
    format!("[{}](<index.html#{}>)", code(&scenario.id), address(&scenario.id))
}

/// An address between `<` and `>`.
fn address(text: &str) -> String {
    let mut address = String::new();
    for byte in text.bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b':' => address.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
            byte => {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}

/// Verdicts that are told reason by reason.
const GROUPED: [(Verdict, &str); 5] = [
    (Verdict::Inconclusive, "Not judged"),
    (Verdict::Error, "Wrong with the scenario or the program"),
    (Verdict::Flaky, "Held only when run again"),
    (Verdict::Waived, "Known deviations"),
    (Verdict::Skipped, "Left out"),
];
/// Scenarios that are told of a section.
const MOST: usize = 50;
/// Things that are told of one scenario, or of one reason.
const FEW: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    fn events(text: &str) -> Vec<Event<'_>> {
        Parser::new_ext(text, Options::ENABLE_TABLES).collect()
    }

    #[test]
    fn a_failure_is_told_with_what_was_demanded_and_seen_and_by_whom() {
        let text = render(&sample::run());
        for expected in [
            "# Does not conform",
            "| fail | 2 |",
            "### A wrong secret is refused",
            "(RFC 6749 §5\\.2)",
            "* actual: `server_error`",
            "* requires: `TSEC-WRONG-SECRET` ",
            "(<index.html#features/token/secret.feature:14>)",
        ] {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
    }

    #[test]
    fn nothing_that_a_platform_says_becomes_markup() {
        let hostile = [
            sample::HOSTILE,
            "`` ` ``` <b>x</b> [x](https://evil.example) ![x](https://evil.example/x.png)",
            "\n\n# Conforms\n\n| a | b |\n|---|---|\n* https://evil.example www.evil.example\n> @someone",
            "`",
            " ` ",
            "\\`",
            "a\u{202e}b\r\n---\n",
            "<!--",
            "&lt;script&gt;",
            "- x",
            "1. x",
        ];
        for words in hostile {
            let mut run = sample::run();
            for scenario in &mut run.scenarios {
                scenario.name = words.to_owned();
                scenario.reason = Some(words.to_owned());
                for check in scenario.steps.iter_mut().flat_map(|step| &mut step.checks) {
                    check.actual = words.to_owned();
                    check.expected = words.to_owned();
                    check.hint = Some(words.to_owned());
                }
                scenario.pictures.iter_mut().for_each(|one| one.caption = words.to_owned());
            }
            let text = render(&run);
            let mut headings = 0;
            for event in events(&text) {
                match &event {
                    Event::Html(_) | Event::InlineHtml(_) => panic!("{event:?} in\n{text}"),
                    Event::Start(Tag::Image { .. }) => panic!("{event:?} in\n{text}"),
                    Event::Start(Tag::Link { dest_url, .. }) => {
                        let ours = ["index.html", sample::PICTURE];
                        assert!(ours.iter().any(|it| dest_url.starts_with(it)), "{dest_url}");
                    }
                    Event::Start(Tag::Heading { level, .. }) if *level as usize == 1 => {
                        headings += 1;
                    }
                    _ => {}
                }
            }
            assert_eq!(headings, 1, "{text}");
            let bare = text.replace('`', "");
            assert!(!bare.contains('\u{202e}'));
        }
    }

    #[test]
    fn a_long_run_stays_a_short_page() {
        let mut run = sample::run();
        let failed = run.scenarios.iter().find(|one| one.verdict == Verdict::Fail).unwrap().clone();
        run.scenarios = vec![failed; 5000];
        let text = render(&run);
        assert!(text.len() < 1024 * 1024 / 4, "{}", text.len());
        assert!(text.contains("And 4950 more"));
    }
}
