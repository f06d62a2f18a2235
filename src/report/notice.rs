//! What a chat room is told of a run: the outcome, and what is new; JSON as Slack's incoming webhooks
//! take it, and those of others that do as they do.

use serde_json::{Value, json};

use super::headline;
use crate::clock::moment_in_words;
use crate::record::{Run, Scenario, Standing, Verdict};

/// What is told of a run; `None` if there is nothing new to tell.
///
/// Of a run that is measured by an earlier one it is what became of verdicts since; else all that is not
/// in order.
pub fn notice(run: &Run) -> Option<Value> {
    let groups = groups(run);
    let complaints: Vec<String> = run.complaints().collect();
    (!groups.is_empty() || !complaints.is_empty()).then(|| message(run, &groups, &complaints))
}

/// What is told of a run in any case.
pub fn notice_in_any_case(run: &Run) -> Value {
    message(run, &groups(run), &run.complaints().collect::<Vec<_>>())
}

/// A title, and the scenarios below it.
type Group<'a> = (&'static str, Vec<&'a Scenario>);

fn groups(run: &Run) -> Vec<Group<'_>> {
    let such = |is_such: &dyn Fn(&Scenario) -> bool| -> Vec<&Scenario> {
        run.scenarios.iter().filter(|one| is_such(one)).collect()
    };
    let groups: Vec<Group<'_>> = if run.baseline.is_some() {
        TOLD.map(|it| (it.words(), such(&|one| one.standing == Some(it)))).to_vec()
    } else {
        RED.map(|it| (it.word(), such(&|one| one.verdict == it))).to_vec()
    };
    groups.into_iter().filter(|(_, found)| !found.is_empty()).collect()
}

fn message(run: &Run, groups: &[Group<'_>], complaints: &[String]) -> Value {
    let headline = headline(run);
    let app = run.target.app.as_ref().map(|app| format!(" of the app {app}"));
    let whole = format!("{}: {}{}", headline.title, run.target.name, app.unwrap_or_default());
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": cut(&whole, HEADER) } }),
        section(&escaped(&headline.sentence)),
    ];
    for (title, scenarios) in groups {
        let mut text = format!("*{} {title}*", scenarios.len());
        let mut told = 0;
        for line in scenarios.iter().take(MOST).map(|one| line(one)) {
            if text.chars().count() + line.chars().count() > SECTION - FURTHER {
                break;
            }
            text = format!("{text}\n{line}");
            told += 1;
        }
        if told < scenarios.len() {
            text = format!("{text}\nand {} more", scenarios.len() - told);
        }
        blocks.push(section(&text));
    }
    let complaints = complaints.iter().take(MOST).map(|it| format!("• {}", escaped(it)));
    let complaints: Vec<String> = complaints.collect();
    if !complaints.is_empty() {
        blocks.push(section(&format!("*waivers to mend*\n{}", complaints.join("\n"))));
    }
    let about = format!(
        "run {}, begun {}, Checkride {}",
        run.id,
        moment_in_words(run.started),
        run.tool.version
    );
    let about = json!({ "type": "plain_text", "text": about });
    blocks.push(json!({ "type": "context", "elements": [about] }));
    json!({ "text": cut(&whole, HEADER), "blocks": blocks })
}

fn line(scenario: &Scenario) -> String {
    let name = escaped(&cut(&scenario.name, NAME));
    let place = escaped(&scenario.id);
    match scenario.reason_told() {
        Some(reason) => format!("• {name} ({place}): {}", escaped(&cut(&reason, REASON))),
        None => format!("• {name} ({place})"),
    }
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": cut(text, SECTION) } })
}

/// The text as it stands, whatever a platform has said: no mention, link or mark is made of it.
fn escaped(text: &str) -> String {
    let plain = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // A sign without width keeps these from being marks.
    let mut shown = String::new();
    for sign in plain.chars() {
        shown.push(sign);
        shown.extend(MARKS.contains(&sign).then_some('\u{200b}'));
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let kept: String = text[..end].chars().take(most - 1).collect();
            format!("{kept}…")
        }
        None => text.to_owned(),
    }
}

/// What is told of a run that is measured by an earlier one, worst first.
const TOLD: [Standing; 4] =
    [Standing::NewlyFailing, Standing::NewlyUnjudged, Standing::NewlyFlaky, Standing::Fixed];
/// What is told of a run that stands alone.
const RED: [Verdict; 3] = [Verdict::Fail, Verdict::Error, Verdict::Inconclusive];
/// Signs that Slack makes something of.
const MARKS: [char; 5] = ['*', '_', '~', '`', '@'];
/// How many scenarios of a kind are named.
const MOST: usize = 10;
/// Letters of a scenario's name and of its reason that are told.
const NAME: usize = 80;
const REASON: usize = 120;
/// What Slack takes: letters of a header, and of a section.
const HEADER: usize = 150;
const SECTION: usize = 3000;
/// Letters that are kept for the number of those that are not named.
const FURTHER: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Baseline;
    use crate::report::sample;

    fn measured() -> Run {
        let mut run = sample::run();
        run.baseline = Some(Baseline {
            run: "20261120T221500Z-1".into(),
            started: "2026-11-20T22:15:00Z".parse().unwrap(),
        });
        run
    }

    fn sections(told: &Value) -> Vec<&str> {
        let blocks = told["blocks"].as_array().unwrap().iter();
        blocks.filter_map(|block| block["text"]["text"].as_str()).collect()
    }

    #[test]
    fn a_run_that_stands_alone_tells_what_is_not_in_order() {
        let told = notice(&sample::run()).unwrap();
        assert_eq!(told["text"], "Does not conform: preview");
        let sections = sections(&told);
        assert!(sections.iter().any(|text| text.starts_with("*2 fail*\n• A wrong secret")));
        assert!(sections.iter().any(|text| text.starts_with("*1 inconclusive*\n")));
    }

    #[test]
    fn a_run_that_is_measured_tells_only_what_is_new() {
        let mut run = measured();
        assert_eq!(notice(&run), None, "nothing became of any verdict");
        run.scenarios[1].standing = Some(Standing::StillFailing);
        assert_eq!(notice(&run), None, "it failed before");
        run.scenarios[1].standing = Some(Standing::NewlyFailing);
        run.scenarios[0].standing = Some(Standing::Fixed);
        let told = notice(&run).unwrap();
        let sections = sections(&told);
        assert!(sections[2].starts_with("*1 newly failing*\n• A wrong secret"), "{sections:?}");
        assert!(sections[3].starts_with("*1 fixed*\n• The platform says"), "{sections:?}");
        assert_eq!(sections.len(), 4);
        assert!(notice_in_any_case(&measured())["blocks"].as_array().unwrap().len() == 3);
    }

    #[test]
    fn what_a_platform_says_calls_nobody_and_links_nowhere() {
        let mut run = sample::run();
        run.scenarios.truncate(2);
        run.scenarios[1].reason =
            Some("<!channel> <https://evil.example|click> *bold* `code` @here\n• another".into());
        let told = notice(&run).unwrap().to_string();
        assert!(!told.contains("<!channel>") && !told.contains("<https"), "{told}");
        assert!(!told.contains("*bold*") && !told.contains("@here"), "{told}");
        assert!(!told.contains("\\n• another"), "{told}");
    }

    #[test]
    fn a_message_is_no_longer_than_it_may_be() {
        let mut run = sample::run();
        let mut long = run.scenarios[1].clone();
        long.name = "ä".repeat(5_000);
        long.reason = Some("&".repeat(5_000));
        run.scenarios = vec![long; 2_000];
        let told = notice(&run).unwrap();
        assert!(told["blocks"].as_array().unwrap().len() <= 50);
        for text in sections(&told) {
            assert!(text.chars().count() <= SECTION);
        }
        let more = told.to_string();
        let (_, more) = more.split_once("and ").unwrap();
        assert!(more.split(' ').next().unwrap().parse::<usize>().unwrap() >= 1_990);
    }
}
