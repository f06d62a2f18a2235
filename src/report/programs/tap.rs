//! The Test Anything Protocol, version 14: a line for each scenario, and what went wrong below it.

use crate::record::plain::{is_hidden, line};
use crate::record::{Run, Scenario, Verdict};
use crate::report::junit::{account_of, message_of};

/// The run as TAP.
///
/// `waived` is `not ok` with `TODO`, a failure that does not count; `skipped` is `SKIP`. What was not
/// judged is `not ok`, without a word that would excuse it, and its `verdict` says why.
pub fn render(run: &Run) -> String {
    let mut lines = vec!["TAP version 14".to_owned(), format!("1..{}", run.scenarios.len())];
    for (index, scenario) in run.scenarios.iter().enumerate() {
        lines.extend(test_point(run, scenario, index + 1));
    }
    lines.extend(run.complaints().map(|complaint| format!("# {}", line(&complaint))));
    lines.push(String::new());
    lines.join("\n")
}

fn test_point(run: &Run, scenario: &Scenario, number: usize) -> Vec<String> {
    let reason = scenario.reason.as_deref().map(line).unwrap_or_default();
    let (ok, directive) = match scenario.verdict {
        Verdict::Pass | Verdict::Warn | Verdict::Flaky => (true, None),
        Verdict::Skipped => (true, Some("SKIP")),
        Verdict::Waived => (false, Some("TODO")),
        Verdict::Inconclusive | Verdict::Error | Verdict::Fail => (false, None),
    };
    let outcome = if ok { "ok" } else { "not ok" };
    let name = escaped(&format!("{} {}", scenario.id, scenario.name));
    let directive = directive.map(|word| format!(" # {word} {}", escaped(&reason)));
    let mut lines = vec![format!("{outcome} {number} - {name}{}", directive.unwrap_or_default())];
    lines.push("  ---".to_owned());
    let mut member = |name: &str, value: String| lines.push(format!("  {name}: {value}"));
    member("verdict", scenario.verdict.to_string());
    member("duration_ms", scenario.duration_ms.to_string());
    if !scenario.requirements.is_empty() {
        member("requirements", quoted(&scenario.requirements.join(" ")));
    }
    if !matches!(scenario.verdict, Verdict::Pass | Verdict::Skipped) {
        member("message", quoted(&message_of(scenario)));
        member("account", quoted(&account_of(run, scenario)));
    }
    lines.push("  ...".to_owned());
    lines
}

/// A text between quotation marks, which YAML reads like JSON; what is not seen is written as a code: there
/// are readers for which U+2028 ends a line.
fn quoted(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let shown = quoted.chars().map(|letter| match is_hidden(letter) {
        true => format!("\\u{:04x}", u32::from(letter)),
        false => letter.to_string(),
    });
    shown.collect()
}

/// The text without what would begin a directive.
fn escaped(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn each_verdict_has_its_line() {
        let text = render(&sample::run());
        assert!(text.starts_with("TAP version 14\n1..10\n"), "{text}");
        let of = |word: &str| {
            let point = text.split("\nok ").flat_map(|part| part.split("\nnot ok "));
            point.filter(|part| part.contains(&format!("  verdict: {word}\n"))).count()
        };
        for (verdict, count) in sample::run().tally().counted() {
            assert_eq!(of(verdict.word()), count, "{verdict}");
        }
        assert!(text.contains("# TODO ") && text.contains("# SKIP "), "{text}");
    }

    #[test]
    fn no_name_or_answer_becomes_a_directive_or_another_line() {
        let mut run = sample::run();
        run.scenarios.truncate(1);
        run.scenarios[0].name = "a # SKIP b \\# TODO\nok 2 - c".into();
        run.scenarios[0].verdict = Verdict::Fail;
        run.scenarios[0].reason = Some("x\n  ...\nok 3 - d".into());
        let text = render(&run);
        assert!(text.contains("a \\# SKIP b \\\\\\# TODO ok 2 - c\n"), "{text}");
        let points =
            text.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not "));
        assert_eq!(points.count(), 1, "{text}");
    }

    #[test]
    fn whoever_shows_the_lines_in_a_terminal_is_not_commanded() {
        let mut run = sample::run();
        let hostile = "\u{1b}]0;owned\u{7}\0\u{9b}2J\u{7f}\u{85}ok 3 - x\u{2028}\r\u{202e}";
        for scenario in &mut run.scenarios {
            scenario.name = hostile.into();
            scenario.reason = Some(hostile.into());
        }
        let text = render(&run);
        assert!(text.chars().all(|letter| letter == '\n' || !is_hidden(letter)), "{text}");
        assert!(
            text.contains("\\u009b2J\\u007f\\u0085ok 3"),
            "what was said is still told: {text}"
        );
    }
}
