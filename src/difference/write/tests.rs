//! Each writer tells what is new, and makes nothing of what a platform says.

use super::*;
use crate::difference::answer::{Aspect, How, Kind};
use crate::difference::{Change, Compared, RequirementChange, ScenarioChange, Unanswered};
use crate::record::{Standing, Verdict};
use pulldown_cmark::{Event, Options, Parser, Tag};

/// A difference in which everything says the same.
fn saying(words: &str) -> Difference {
    let side = || Compared {
        name: words.to_owned(),
        started: Some("2026-11-22T08:00:00Z".parse().unwrap()),
        target: Some(words.to_owned()),
        app: None,
        complete: true,
        tally: [(Verdict::Pass, 3)].into(),
    };
    let few = || vec![words.to_owned(); 7];
    let change = |class| Change {
        class,
        rule: "member-removed".into(),
        says: "a member is gone".into(),
        because: "a client that reads it finds nothing".into(),
        source: "RFC 6749 §5.1".into(),
        endpoint: words.to_owned(),
        kind: Kind::Token,
        aspect: Aspect::Member,
        how: How::Removed,
        name: words.to_owned(),
        before: few(),
        after: Vec::new(),
        answers: 3,
        of: 7,
        requirements: few(),
        scenarios: few(),
        apps: few(),
    };
    let requirement = || RequirementChange {
        standing: Standing::NewlyFailing,
        id: words.to_owned(),
        statement: words.to_owned(),
        source: words.to_owned(),
        before: Some(Verdict::Pass),
        after: Some(Verdict::Fail),
    };
    Difference {
        schema: Difference::SCHEMA,
        before: side(),
        after: side(),
        scenarios: vec![ScenarioChange {
            standing: Standing::NewlyFailing,
            id: words.to_owned(),
            name: words.to_owned(),
            feature: words.to_owned(),
            moved_from: None,
            before: Some(Verdict::Pass),
            after: Some(Verdict::Fail),
            reason: Some(words.to_owned()),
            newly_broken: few(),
            still_broken: few(),
        }],
        requirements: vec![requirement()],
        strict: vec![requirement()],
        changes: Class::ALL.map(change).into(),
        unanswered: vec![Unanswered { endpoint: words.to_owned(), answers: 2 }],
    }
}

fn page(words: &str, format: Format) -> String {
    written(&saying(words), format, &Class::ALL, false).unwrap()
}

const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "`` ` ``` <b>x</b> [x](https://evil.example) ![x](https://evil.example/x.png)",
    "\n\n# Nothing\n\n| a |\n|---|\n* x\n> @someone",
    "</style><style>*{display:none}",
    "{{ 7*7 }}{% raw %}",
    "\u{1b}[2J\u{1b}]0;owned\u{7}a\u{202e}b\r\n",
    "&lt;script&gt; --> ]]>",
];

#[test]
fn nothing_that_a_platform_says_becomes_markup() {
    let innocent = page("words", Format::Html);
    let tags = |page: &str| {
        let names = ["<script", "<img", "<svg", "<style", "<b>", "<h1", "<section", "<article"];
        names.map(|name| page.matches(name).count())
    };
    for words in HOSTILE {
        let shown = page(words, Format::Html);
        assert_eq!(tags(&shown), tags(&innocent), "{words}");
        assert_eq!(shown.matches("7*7").count() > 0, words.contains("7*7"), "nothing is reckoned");
        for event in Parser::new_ext(&page(words, Format::Markdown), Options::ENABLE_TABLES) {
            match &event {
                Event::Html(_) | Event::InlineHtml(_) => panic!("{event:?} of {words}"),
                Event::Start(Tag::Image { .. } | Tag::Link { .. } | Tag::Table(_)) => {
                    panic!("{event:?} of {words}")
                }
                _ => {}
            }
        }
        let text = page(words, Format::Text);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']), "{text:?}");
        let read: serde_json::Value = serde_json::from_str(&page(words, Format::Json)).unwrap();
        assert_eq!(read["changes"][0]["name"], words);
    }
}

#[test]
fn a_terminal_of_eighty_letters_is_wide_enough() {
    let long = "a word and another one ".repeat(12);
    for words in ["features/token/secret.feature:14", long.as_str()] {
        for line in page(words, Format::Text).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn only_the_classes_that_are_wanted_are_shown() {
    let shown = written(&saying("x"), Format::Text, &[Class::Breaking], false).unwrap();
    assert!(shown.starts_with("1 breaking change, 1 scenario newly failing"), "{shown}");
    assert!(!shown.contains("cosmetic"));
    let coloured = written(&saying("x"), Format::Text, &Class::ALL, true).unwrap();
    assert!(coloured.contains("\u{1b}[31mbreaking\u{1b}[0m"), "{coloured}");
}

#[test]
fn a_program_reads_the_rule_and_what_depends_on_the_change() {
    let read: serde_json::Value = serde_json::from_str(&page("x", Format::Json)).unwrap();
    assert_eq!(read["schema"], "checkride.difference/1");
    let change = &read["changes"][0];
    assert_eq!(change["class"], "breaking");
    assert_eq!(change["rule"], "member-removed");
    assert_eq!((&change["aspect"], &change["how"]), (&"member".into(), &"removed".into()));
    assert_eq!(change["apps"].as_array().unwrap().len(), 7);
    assert_eq!(read["scenarios"][0]["standing"], "newly_failing");
}

#[test]
fn nothing_is_told_in_one_line() {
    let mut none = saying("x");
    none.changes.clear();
    none.scenarios.clear();
    none.requirements.clear();
    none.strict.clear();
    none.unanswered.clear();
    let shown = written(&none, Format::Text, &Class::ALL, false).unwrap();
    assert!(shown.starts_with("No difference\n"), "{shown}");
    assert_eq!(shown.lines().count(), 2, "{shown}");
}
