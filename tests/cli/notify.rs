//! A webhook that is told what is new.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::stage::{Ended, Stage, wait};

#[test]
fn a_chat_room_is_told_what_is_new_and_nothing_twice() {
    let room = Room::open("200 OK");
    let stage = project("");
    let ended = room.run(&stage, &["run"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    let told = room.heard().expect("the first failure is news");
    assert_eq!(told["text"], "Does not conform: mock");
    assert!(told.to_string().contains("features/a.feature:6"), "{told:#}");

    let again = ["run", "--baseline", "reports/latest", "--out", "reports/second"];
    let ended = room.run(&stage, &again);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(room.heard(), None, "it failed before");

    let stage = project(", when: always");
    room.run(&stage, &["run", "features/a.feature:2"]);
    assert_eq!(room.heard().unwrap()["text"], "Conforms: mock");
}

#[test]
fn a_room_that_does_not_listen_changes_no_verdict_and_its_address_is_not_shown() {
    let room = Room::open("500 Out Of Order");
    let stage = project("");
    let ended = room.run(&stage, &["run"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stderr.contains("the webhook was not told: "), "{ended}");
    assert!(ended.stderr.contains("status 500"), "{ended}");
    for said in [&ended.stderr, &ended.stdout] {
        assert!(!said.contains("c4nary"), "{ended}");
    }
    drop(room.heard());
    let nobody = Room { address: "http://127.0.0.1:9/c4nary".into(), ..Room::open("") };
    let ended = nobody.run(&stage, &["run"]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stderr.contains("the webhook was not told: "), "{ended}");
    assert!(!ended.stderr.contains("c4nary") && !ended.stderr.contains("127.0.0.1:9"), "{ended}");
}

#[test]
fn an_address_that_is_none_ends_the_run_before_anything_is_sent() {
    let room = Room { address: "c4nary".into(), ..Room::open("") };
    let ended = room.run(&project(""), &["run"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("is no `https://` address"), "{ended}");
    assert!(!ended.stderr.contains("c4nary"), "{ended}");
}

fn project(more: &str) -> Stage {
    let stage = Stage::with_features(&[("a.feature", FEATURE)]);
    stage.write(
        "checkride.yaml",
        &format!(
            "targets: {{ mock: {{ platform: embedded, dialect: athenahealth }} }}\n\
             notify: {{ webhook: {{ env: WEBHOOK }}{more} }}\n"
        ),
    );
    stage
}

/// A chat room that answers everything in the same way.
struct Room {
    address: String,
    said: Receiver<Value>,
}

impl Room {
    fn open(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/c4nary", listener.local_addr().unwrap());
        let (tell, said) = channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let mut request = Vec::new();
                let mut part = [0; 4096];
                let body = loop {
                    let read = connection.read(&mut part).unwrap();
                    request.extend_from_slice(&part[..read]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    if let Some((_, body)) = text.split_once("\r\n\r\n")
                        && let Ok(body) = serde_json::from_str(body)
                    {
                        break body;
                    }
                    assert!(read > 0, "the request ended: {text}");
                };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                connection.write_all(answer.as_bytes()).unwrap();
                if tell.send(body).is_err() {
                    return;
                }
            }
        });
        Self { address, said }
    }

    fn run(&self, stage: &Stage, arguments: &[&str]) -> Ended {
        let mut command = stage.command(arguments);
        command.env("WEBHOOK", &self.address);
        wait(command.spawn().unwrap())
    }

    /// What was said since; the program has ended, so that nothing is under way.
    fn heard(&self) -> Option<Value> {
        self.said.recv_timeout(Duration::from_millis(500)).ok()
    }
}

const FEATURE: &str = "Feature: A token
  Scenario: There is one
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
  Scenario: It lives for a minute
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the token lives for 60 seconds
";
