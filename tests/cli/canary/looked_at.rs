//! What is served of a run, while it goes and when it is over: every address, and every one that a page
//! leads to.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use checkride::difference::Format;
use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;

use super::Canary;
use crate::hostile::{Answers, Hostile};
use crate::live::{Events, rerun, token};
use crate::search::{search_texts, shown, unpacked};
use crate::stage::{record, wait};
use crate::wire::Served;

#[test]
fn a_run_that_is_looked_at_while_it_goes_gives_no_secret_away() {
    let canary = Canary::on(Hostile::start(Answers::AtOnce));
    let mut command = canary.command();
    command.args(["--ui", "--pictures", "steps"]);
    let served = Served::of_talking(command);
    let mut texts = Vec::new();
    let mut told = BTreeSet::new();
    let mut events = Events::of(&served);
    for round in ["the run", "one again"] {
        for (name, event) in events.by_ref() {
            texts.push((format!("event {name} of {round}"), event.to_string()));
            if name == "scenario" {
                if told.is_empty() {
                    texts.extend(pages(&served, "/"));
                }
                let id = event["id"].as_str().unwrap().to_owned();
                texts.extend(pages(&served, &format!("/scenario?id={}", encoded(&id))));
                told.insert((round, id));
            }
            if name == "ended" {
                break;
            }
        }
        if let ("the run", Some((_, id))) = (round, told.first()) {
            assert_eq!(rerun(&served, &token(&served), id), 202);
        }
    }
    texts.extend(pages(&served, "/"));
    texts.extend(pages(&served, "/report"));
    let run = record(&canary.stage.project().join("out"));
    for one in &run.scenarios {
        let page = served.get(&format!("/scenario?id={}", encoded(&one.id)));
        assert_eq!(page.status, 200, "{page:?}");
        texts.push((one.id.clone(), page.body));
    }
    let ended = served.end();
    assert_eq!(ended.code, Some(1), "{ended}");
    let rounds: BTreeSet<&str> = told.iter().map(|(round, _)| *round).collect();
    assert_eq!(
        rounds.len(),
        2,
        "scenarios are told of while the run goes, and once more: {told:?}"
    );
    canary.assert_unseen(&texts);
    canary.assert_silent(&ended);
}

#[test]
fn the_history_gives_no_secret_away() {
    let canary = Canary::on(Hostile::start(Answers::AtOnce));
    let ended = wait(canary.command().spawn().unwrap());
    assert_eq!(ended.code, Some(1), "{ended}");
    // A run of the night before, to compare it with, with answers that were others.
    let text = canary.stage.read("out/record.json");
    let text = text.replace(r#"\"webhook\""#, r#"\"other\""#);
    let mut run: Value = serde_json::from_str(&text).unwrap();
    let started: Timestamp = run["started"].as_str().unwrap().parse().unwrap();
    let started = Timestamp::from_second(started.as_second() - 24 * 3600).unwrap();
    run["started"] = started.to_string().into();
    run["id"] = format!("{}-00c0ffee", started.strftime("%Y%m%dT%H%M%SZ")).into();
    canary.stage.write("out/before/record.json", &run.to_string());
    let import = canary.stage.command(&["history", "import", "out/before"]);
    let import = wait(canary.ready(import).spawn().unwrap());
    assert_eq!(import.code, Some(0), "{import}");
    canary.assert_silent(&import);

    let served = Served::of(canary.ready(canary.stage.command(&["serve", "--port", "0"])));
    let texts = pages(&served, "/");
    for page in ["/run?", "/report?", "/record.json?", "/compare?", "/failing", "/slow"] {
        assert!(texts.iter().any(|(place, _)| place.starts_with(page)), "{page} was not asked for");
    }
    canary.assert_unseen(&texts);
    canary.assert_silent(&served.end());

    for format in Format::ALL.map(Format::word) {
        let arguments = ["diff", "out/before", "last", "--format", format];
        let ended = wait(canary.ready(canary.stage.command(&arguments)).spawn().unwrap());
        assert!(ended.stdout.contains("webhook"), "{ended}");
        canary.assert_silent(&ended);
    }
    for arguments in [
        &["history"][..],
        &["history", "show", "last"],
        &["history", "show", "last", "--format", "json"],
        &["history", "failing"],
        &["history", "slow"],
    ] {
        let ended = wait(canary.ready(canary.stage.command(arguments)).spawn().unwrap());
        assert_eq!(ended.code, Some(0), "{ended}");
        canary.assert_silent(&ended);
    }
}

impl Canary {
    /// Whether nothing that has to stay secret is in these texts, which have to hold what was taken out.
    fn assert_unseen(&self, texts: &[(String, String)]) {
        let findings = search_texts(texts, &self.secrets());
        assert!(findings.is_empty(), "{}", shown(&findings));
        let mut all = texts.iter().flat_map(|(_, text)| unpacked(text).chain([text.clone()]));
        assert!(all.any(|text| text.contains("[redacted:client_secret]")), "evidence was served");
    }
}

/// A page, and all that its links lead to, and theirs; with the addresses.
fn pages(served: &Served, from: &str) -> Vec<(String, String)> {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r##"(?:href|src)="((?:/|&#x2f;)[^"#]*)"##).unwrap());
    let mut found: Vec<(String, String)> = Vec::new();
    let mut ways = vec![from.to_owned()];
    while let Some(way) = ways.pop() {
        if found.iter().any(|(place, _)| *place == way) {
            continue;
        }
        let page = served.get(&way);
        assert_eq!(page.status, 200, "{way}: {page:?}");
        for (_, [link]) in LINK.captures_iter(&page.body).map(|it| it.extract()) {
            ways.push(link.replace("&#x2f;", "/").replace("&amp;", "&"));
        }
        found.push((way, page.head + &page.body));
    }
    found
}

fn encoded(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}
