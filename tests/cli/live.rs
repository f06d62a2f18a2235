//! `checkride run --ui`: the run in a browser while it goes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Lines};
use std::net::TcpStream;

use serde_json::Value;

use crate::stage::Stage;
use crate::wire::Served;

/// The events of a run, as they come.
pub struct Events(Lines<BufReader<TcpStream>>);

impl Events {
    pub fn of(served: &Served) -> Self {
        let mut wire = served.open("GET", "/events", &[("Host", &served.host)], "");
        let mut head = String::new();
        while wire.read_line(&mut head).unwrap() > 2 {}
        assert!(head.to_lowercase().contains("content-type: text/event-stream"), "{head}");
        Self(wire.lines())
    }
}

impl Iterator for Events {
    type Item = (String, Value);

    fn next(&mut self) -> Option<Self::Item> {
        let mut name = String::new();
        loop {
            let line = self.0.next()?.unwrap();
            if let Some(said) = line.strip_prefix("event: ") {
                name = said.to_owned();
            } else if let Some(said) = line.strip_prefix("data: ") {
                return Some((name, serde_json::from_str(said).unwrap()));
            }
        }
    }
}

/// How often each scenario was told to have ended, up to the end of the run; what is in the snapshot counts.
fn ends(events: &mut Events) -> BTreeMap<String, usize> {
    let (name, snapshot) = events.next().unwrap();
    assert_eq!(name, "snapshot", "all that is known comes first");
    let mut told = BTreeMap::new();
    for row in snapshot["rows"].as_array().unwrap() {
        let times = usize::from(row["unfinished"] != true);
        told.insert(id(row), times);
    }
    if snapshot["goes"] == true {
        until_ended(events, |row| *told.get_mut(&id(row)).unwrap() += 1);
    }
    told
}

fn until_ended(events: &mut Events, mut each: impl FnMut(&Value)) -> Value {
    loop {
        match events.next().unwrap() {
            (name, row) if name == "scenario" => each(&row),
            (name, outcome) if name == "ended" => return outcome,
            _ => {}
        }
    }
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

/// The token that the page carries.
pub fn token(served: &Served) -> String {
    let page = served.get("/");
    assert_eq!(page.status, 200, "{page:?}");
    let (_, rest) = page.body.split_once(r#"name="checkride-live" content=""#).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Asks for a scenario to be run again, as the page does.
pub fn rerun(served: &Served, token: &str, id: &str) -> u16 {
    let origin = format!("http://{}", served.host);
    let headers = [("Host", &*served.host), ("Origin", &origin), ("X-Checkride-Token", token)];
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    served.ask("POST", "/rerun", &headers, &format!("id={id}")).status
}

#[test]
fn every_scenario_is_told_once_to_early_and_to_late_comers() {
    let stage = Stage::of_this_repository();
    let arguments = ["run", "--ui", "--jobs", "2", "--tags", "not @browser", "features/token"];
    let served = Served::start_talking(&stage, &arguments);
    let mut early = Events::of(&served);
    let mut late = Events::of(&served);
    for told in [ends(&mut early), ends(&mut late), ends(&mut Events::of(&served))] {
        assert!(told.len() > 50, "{}", told.len());
        let others: Vec<_> = told.iter().filter(|(_, times)| **times != 1).collect();
        assert!(others.is_empty(), "{others:?}");
    }
    let record = stage.record();
    let some = &record.scenarios[0].id;
    let seen = served.get(&format!("/scenario?id={some}"));
    let seen: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(seen["id"], **some);
    assert!(!seen["exchanges"].as_array().unwrap().is_empty(), "with its evidence");
    let ended = served.end();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(early.any(|(name, _)| name == "closed"), "who looks is told of the end");
}

#[test]
fn a_scenario_that_is_run_again_is_judged_anew_in_the_record() {
    let stage = Stage::with_features(&[("token/a.feature", TOKENS)]);
    let served = Served::start_talking(&stage, &["run", "--ui"]);
    let mut events = Events::of(&served);
    ends(&mut events);
    let (first, token) = (stage.record(), token(&served));
    let (passes, fails) = (&first.scenarios[0].id, &first.scenarios[1].id);

    let host = ("Host", &*served.host);
    let origin = format!("http://{}", served.host);
    let (origin, good) = (("Origin", &*origin), ("X-Checkride-Token", &*token));
    let body = format!("id={fails}");
    for (headers, status) in [
        (&[host][..], 403),
        (&[host, origin], 403),
        (&[host, good], 403),
        (&[host, ("Origin", "http://evil.example"), good], 403),
        (&[host, origin, ("X-Checkride-Token", "wrong")], 403),
        (&[("Host", "evil.example"), origin, good], 421),
    ] {
        let refused = served.ask("POST", "/rerun", headers, &body);
        assert_eq!(refused.status, status, "{headers:?}: {refused:?}");
    }
    assert_eq!(rerun(&served, &token, "nobody"), 404);
    assert_eq!(served.get("/scenario?id=nobody").status, 404);
    assert_eq!(stage.record().id, first.id, "nothing ran again");

    let mut again = Vec::new();
    assert_eq!(rerun(&served, &token, fails), 202);
    until_ended(&mut events, |row| again.push(id(row)));
    assert_eq!(rerun(&served, &token, passes), 202);
    let outcome = until_ended(&mut events, |row| again.push(id(row)));
    assert_eq!((&again, &outcome["exit"]), (&vec![fails.clone(), passes.clone()], &1.into()));
    let record = stage.record();
    assert_eq!(record.parts.len(), 3, "{:?}", record.parts);
    assert!(record.scenarios.iter().all(|one| one.before.is_some() && !one.unfinished));
    let report = stage.read("reports/latest/junit.xml");
    assert!(report.contains("A demand that is not met"), "{report}");

    let headers = [host, origin, good];
    assert_eq!(served.ask("POST", "/stop", &headers, "").status, 202);
    let ended = served.ended();
    assert_eq!(ended.code, Some(1), "it ends as the last state of the run would: {ended}");
    let kept = stage.ends(0, &["history", "--format", "json"]).stdout;
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept.as_array().unwrap().len(), 1, "one run, whatever was run again: {kept}");
}

#[test]
fn a_run_that_is_stopped_while_somebody_looks_ends_as_any_other() {
    let stage = Stage::of_this_repository();
    let arguments = ["run", "--ui", "--jobs", "1", "--tags", "not @browser", "features/token"];
    let served = Served::start_talking(&stage, &arguments);
    let mut events = Events::of(&served);
    assert!(events.any(|(name, _)| name == "scenario"), "the first one has ended");
    let ended = served.end();
    assert_eq!(ended.code, Some(3), "{ended}");
    let record = stage.record();
    assert!(record.scenarios.iter().any(|one| one.unfinished));
}

#[test]
fn a_port_that_somebody_has_ends_it_before_anything_is_written() {
    let stage = Stage::with_features(&[("token/a.feature", TOKENS)]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let wanted = format!("--ui={}", taken.local_addr().unwrap().port());
    let ended = stage.ends(2, &["run", &wanted]);
    assert!(ended.stderr.contains("cannot listen at port"), "{ended}");
    assert!(!stage.project().join("reports/latest/record.jsonl").exists());
}

const TOKENS: &str = r#"Feature: Tokens

  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  Scenario: A demand that is not met
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 400 "invalid_grant"
"#;
