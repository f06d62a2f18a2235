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
/// It is no longer than a comment on a pull request may be, worst first, and says of what it leaves out how
/// much that is; the page that it links to has all.
pub fn render(run: &Run) -> String {
    let headline = headline(run);
    let title = format!("# {}\n\n{}\n\n", headline.title, prose(&headline.sentence));
    let sentences = about(run).into_iter().chain(provenance(run)).chain(since_last(run));
    let mut sections = vec![
        Section::of(title, sentences.map(|it| format!("{}\n\n", prose(&it)))),
        Section::of(String::new(), [facts(run)]),
        Section::of("## Deadlines\n\n", deadlines(run)),
        Section::of(
            "## Waivers to mend\n\n",
            run.complaints().map(|complaint| format!("* {}\n", prose(&complaint))),
        ),
    ];
    for (verdict, title) in [(Verdict::Fail, "Not met"), (Verdict::Warn, "Recommended, and not so")]
    {
        let found = of(run, verdict).map(|scenario| broken(run, scenario));
        sections.push(Section::of(format!("## {title}\n\n"), found));
    }
    for (verdict, title) in GROUPED {
        sections.push(Section::of(format!("## {title}\n\n"), grouped(of(run, verdict))));
    }
    let waiting = run.scenarios.iter().flat_map(|one| &one.snapshots);
    let is_waiting = |state| matches!(state, SnapshotState::New | SnapshotState::Changed);
    let waiting = waiting.filter(|one| is_waiting(one.state)).map(|snapshot| {
        let lines = snapshot.drift.lines();
        let lines = lines.map(|line| format!("  * {}\n", code(&line)));
        format!("* {}\n{}", code(&snapshot.file), few(lines, "  "))
    });
    sections.push(Section::of("## Answers to review\n\n", waiting));
    fitted(&sections)
}

/// The deadlines, each with who is not ready for it.
fn deadlines(run: &Run) -> impl Iterator<Item = String> {
    readiness(run).into_iter().map(|(sentence, subjects)| {
        let mut text = format!("* {}\n", prose(&sentence));
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
        text
    })
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
    let checks = scenario.steps.iter().flat_map(|step| &step.checks);
    let checks = checks.filter(|check| check.verdict != Verdict::Pass);
    let checks: Vec<String> = checks.map(not_held).collect();
    if let Some(reason) = scenario.reason.as_ref().filter(|_| checks.is_empty()) {
        let _ = writeln!(text, "* because: {}", code(reason));
    }
    text.push_str(&few(checks.into_iter(), ""));
    let found = scenario.findings.iter().filter(|(_, found)| **found == scenario.verdict);
    let required = found.filter_map(|(id, _)| run.requirements.get(id)).map(
        |Requirement { id, statement, source, .. }| {
            format!("* requires: {} {} ({})\n", code(id), prose(statement), prose(source))
        },
    );
    text.push_str(&few(required, ""));
    for likely in &scenario.likely {
        let _ = writeln!(text, "* likely: {}", prose(&likely.cause));
    }
    let pictures = scenario.pictures.iter().filter(|picture| !picture.file.is_empty());
    let pictures = pictures.map(|picture| {
        format!("* picture: [{}](<{}>)\n", prose(&picture.caption), address(&picture.file))
    });
    text.push_str(&few(pictures, ""));
    text.push('\n');
    text
}

/// A check that did not hold.
fn not_held(check: &Check) -> String {
    let clause = check.clause.as_ref().map(|it| format!(" ({})", prose(it)));
    let hint = check.hint.as_ref().map(|hint| format!("  * try: {}\n", prose(hint)));
    format!(
        "* demanded: {}{}\n  * expected: {}\n  * actual: {}\n{}",
        prose(&check.statement),
        clause.unwrap_or_default(),
        code(&check.expected),
        code(&check.actual),
        hint.unwrap_or_default(),
    )
}

/// Scenarios of one verdict, reason by reason.
fn grouped<'run>(scenarios: impl Iterator<Item = &'run Scenario>) -> Vec<String> {
    let mut reasons: BTreeMap<&str, Vec<&Scenario>> = BTreeMap::new();
    for scenario in scenarios {
        let reason = scenario.reason.as_deref().unwrap_or("no reason is known");
        reasons.entry(reason).or_default().push(scenario);
    }
    let entries = reasons.into_iter().map(|(reason, scenarios)| {
        let lines = scenarios.iter();
        let lines = lines.map(|one| format!("  * {} {}\n", link(one), prose(&one.name)));
        format!("* {}: {}\n{}", scenarios.len(), code(reason), few(lines, "  "))
    });
    entries.collect()
}

/// The first few of many, and how many more there are.
fn few(mut texts: impl Iterator<Item = String>, indent: &str) -> String {
    let mut told: String = texts.by_ref().take(FEW).collect();
    let further = texts.count();
    if further > 0 {
        let _ = writeln!(told, "{indent}* and {further} more");
    }
    told
}

/// A part of the page, of which as much is told as there is room for.
struct Section {
    title: String,
    /// The first of its things, as many as are told at most.
    entries: Vec<String>,
    /// How many things there are.
    count: usize,
}

impl Section {
    fn of(title: impl Into<String>, things: impl IntoIterator<Item = String>) -> Self {
        let mut things = things.into_iter();
        let entries: Vec<String> = things.by_ref().take(MOST).collect();
        Self { title: title.into(), count: entries.len() + things.count(), entries }
    }

    /// Bytes of it, if all is told.
    fn length(&self) -> usize {
        self.title.len() + self.entries.iter().map(String::len).sum::<usize>() + FURTHER
    }

    /// It within so many bytes.
    fn within(&self, room: usize) -> String {
        let mut text = self.title.clone();
        let mut told = 0;
        for entry in &self.entries {
            if text.len() + entry.len() + FURTHER > room {
                break;
            }
            text.push_str(entry);
            told += 1;
        }
        if !text.ends_with("\n\n") {
            text.push('\n');
        }
        let further = self.count - told;
        if further > 0 {
            let _ = writeln!(text, "And {further} more, which the [report](index.html) has.\n");
        }
        text
    }
}

/// The sections one below the other; none takes away what a later one needs to be told in short.
fn fitted(sections: &[Section]) -> String {
    let is_there = |section: &&Section| section.count > 0 || section.title.starts_with("# ");
    let sections: Vec<&Section> = sections.iter().filter(is_there).collect();
    let mut text = String::new();
    for (index, section) in sections.iter().enumerate() {
        let later = sections[index + 1..].iter().map(|later| later.length().min(SHARE));
        let room = LONGEST.saturating_sub(text.len() + later.sum::<usize>());
        text.push_str(&section.within(room));
    }
    text
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
/// Things that are told of one section.
const MOST: usize = 50;
/// Things that are told of one scenario, or of one reason.
const FEW: usize = 5;
/// Bytes of the page: GitHub takes comments of 65,536 characters, and whoever sends it may add some.
const LONGEST: usize = 60 * 1024;
/// Bytes that each section has, however long others are.
const SHARE: usize = 4 * 1024;
/// Bytes of the sentence about what is left out.
const FURTHER: usize = 96;

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
            "* likely: any secret is good",
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
    fn a_long_run_stays_as_short_as_a_comment_and_says_what_it_leaves_out() {
        for (words, shown) in [("short", 10..51), (&"\u{1f600}[".repeat(400), 1..10)] {
            let mut run = sample::run();
            let waived = run.scenarios.iter().find(|one| one.verdict == Verdict::Waived).unwrap();
            let mut failed = run.scenarios[1].clone();
            failed.name = words.to_owned();
            for check in failed.steps.iter_mut().flat_map(|step| &mut step.checks) {
                check.verdict = Verdict::Fail;
                check.actual = words.to_owned();
                check.hint = Some(words.to_owned());
            }
            let one = failed.steps[3].checks[0].clone();
            failed.steps[3].checks.extend(vec![one; 20]);
            let waived = waived.clone();
            run.scenarios = vec![failed; 2000];
            run.scenarios.push(waived);
            let text = render(&run);
            assert!(text.len() <= 65_536, "{}", text.len());
            let told = text.matches("\n### ").count();
            assert!(shown.contains(&told), "{told}");
            let rest = format!("\nAnd {} more, which the [report](index.html) has.\n", 2000 - told);
            assert!(text.contains(&rest), "{rest}");
            assert_eq!(text.matches("\n* and 18 more\n").count(), told, "{text}");
            assert!(text.contains("## Known deviations\n\n* 1: "), "{text}");
        }
    }
}
