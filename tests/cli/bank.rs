//! Refresh tokens that lie for days on a platform whose clock goes by itself.

use std::fs;

use checkride::bank::Bank;
use checkride::project::built_in;
use checkride::record::Verdict;
use checkride::secret::Secret;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::comes_back::{SCOPES, project};
use crate::stage::{Ended, Stage, wait};
use crate::standalone::StandaloneMock;

#[test]
fn a_refresh_token_lies_in_the_bank_until_it_is_to_be_used() {
    let platform = Platform::start();
    let first = platform.run();
    platform.judged(&first, NOTHING_JUDGED, [Verdict::Skipped, Verdict::Skipped]);
    assert!(platform.reason(0).contains("was put into the bank today"), "{first}");
    assert_eq!(platform.token_calls(), 2, "{first}");

    let second = platform.run();
    platform.judged(&second, NOTHING_JUDGED, [Verdict::Skipped, Verdict::Skipped]);
    assert!(platform.reason(1).contains("lies in the bank until "), "{second}");
    assert_eq!(platform.token_calls(), 0, "nothing was sent for a token that has to lie on");

    // The one for 7 days is good, and its successor lies for 84 days.
    platform.pass_days(7);
    platform.judged(&platform.run(), 0, [Verdict::Pass, Verdict::Skipped]);
    platform.pass_days(84);
    platform.judged(&platform.run(), 0, [Verdict::Pass, Verdict::Pass]);
    let rest: Vec<u32> = platform.bank().all().unwrap().iter().map(|(of, _)| of.days).collect();
    assert_eq!(rest, [7], "a token that was refused does not come back");
}

#[test]
fn a_refresh_token_that_ended_too_early_is_a_failure_and_another_one_takes_its_place() {
    let platform = Platform::start();
    platform.run();
    platform.pass_days(7);
    let fault = json!({
        "at": { "endpoint": "token", "grant_type": "refresh_token" },
        "fault": { "kind": "status", "status": 400, "error": "invalid_grant" },
    });
    platform.mock.control("faults", &fault);
    let ended = platform.run();
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(!platform.bank().all().unwrap().iter().any(|(of, _)| of.days == 7));
    let ended = platform.run();
    assert!(platform.reason(0).contains("was put into the bank today"), "{ended}");
}

#[test]
fn a_platform_that_is_too_busy_does_not_cost_the_token() {
    let platform = Platform::start();
    platform.run();
    platform.pass_days(7);
    let fault = json!({
        "at": { "endpoint": "token", "grant_type": "refresh_token" },
        "fault": { "kind": "status", "status": 503 },
    });
    platform.mock.control("faults", &fault);
    let lain = platform.bank().all().unwrap()[0].1.since;
    let ended = platform.run();
    assert_eq!(ended.code, Some(3), "{ended}");
    assert_eq!(platform.bank().all().unwrap()[0].1.since, lain);
}

#[test]
fn the_bank_is_shown_without_its_tokens_and_opens_with_its_own_key_alone() {
    let platform = Platform::start();
    platform.run();
    let shown = platform.command(&["bank"], &platform.key);
    assert!(shown.stdout.contains("preview          patient      7 "), "{shown}");
    assert!(shown.stdout.contains("in 91 days"), "{shown}");
    let token = platform.bank().all().unwrap()[0].1.token.clone();
    assert!(!shown.stdout.contains(token.expose()), "{shown}");
    for line in shown.stdout.lines() {
        assert!(line.len() <= 80, "{line}");
    }
    for (key, said) in [
        (Bank::new_key(), "it was encrypted with"),
        (Secret::new("canary"), "it is no `AGE-SECRET-KEY-1"),
    ] {
        for arguments in [&["bank"][..], &["run"]] {
            let refused = platform.command(arguments, &key);
            assert_eq!(refused.code, Some(2), "{refused}");
            assert!(refused.stderr.contains(said), "{refused}");
            assert!(!refused.stderr.contains("canary"), "{refused}");
        }
    }
    let without = platform.command(&["run"], &Secret::new(""));
    assert_eq!(without.code, Some(NOTHING_JUDGED), "{without}");
    assert!(platform.reason(0).contains("`BANK_KEY` is not set"), "{without}");
}

#[test]
fn a_new_key_is_one_line_that_opens_a_bank() {
    let stage = Stage::empty();
    let made = wait(stage.command(&["bank", "--new-key"]).spawn().unwrap());
    assert_eq!((made.code, made.stdout.lines().count()), (Some(0), 1), "{made}");
    assert!(Bank::open(stage.project(), &Secret::new(made.stdout)).is_ok());
}

/// A mock as a platform somewhere else, with a project that has a bank.
struct Platform {
    mock: StandaloneMock,
    stage: Stage,
    app: Value,
    key: Secret,
}

impl Platform {
    fn start() -> Self {
        let mock = StandaloneMock::start(&[]);
        let redirect_uri = "https://app.example/callback";
        let app = mock.register(&json!({
            "category": "three_legged_phr", "end_users": "patients", "client_type": "web",
            "redirect_uris": [redirect_uri], "scopes": SCOPES,
        }));
        let stage = Stage::with_features(&[("token/later.feature", FEATURE)]);
        let file = project(&mock.fhir_base, redirect_uri, &app);
        stage.write("checkride.yaml", &format!("{file}bank: {{ key: {{ env: BANK_KEY }} }}\n"));
        Self { mock, stage, app, key: Bank::new_key() }
    }

    fn run(&self) -> Ended {
        self.command(&["run"], &self.key)
    }

    fn command(&self, arguments: &[&str], key: &Secret) -> Ended {
        let users = built_in::sandbox("athenahealth").unwrap().users;
        let patient = users.into_iter().find(|user| user.name == "patient").unwrap();
        let mut command = self.stage.command(arguments);
        command.env("SECRET", self.app["client_secret"].as_str().unwrap());
        command.env("USERNAME", patient.username).env("PASSWORD", patient.password);
        command.env("BANK_KEY", key.expose());
        wait(command.spawn().unwrap())
    }

    fn bank(&self) -> Bank {
        Bank::open(self.stage.project().join("bank"), &self.key).unwrap()
    }

    /// Lets days pass on the platform, and in the bank.
    fn pass_days(&self, days: i64) {
        let by = SignedDuration::from_hours(24 * days);
        self.mock.control("clock/advance", &json!({ "by": format!("P{days}D") }));
        let bank = self.bank();
        for (account, mut kept) in bank.all().unwrap() {
            kept.since = kept.since.checked_sub(by).unwrap();
            bank.put(&account, &kept).unwrap();
        }
    }

    fn judged(&self, ended: &Ended, code: i32, expected: [Verdict; 2]) {
        assert_eq!(ended.code, Some(code), "{ended}");
        let verdicts: Vec<_> = self.stage.record().scenarios.iter().map(|it| it.verdict).collect();
        assert_eq!(verdicts, expected, "{ended}");
        let record = self.stage.project().join("reports/latest/record.json");
        let record = fs::read_to_string(record).unwrap();
        for (_, kept) in self.bank().all().unwrap() {
            assert!(!record.contains(kept.token.expose()), "a token is in the record");
        }
    }

    fn reason(&self, scenario: usize) -> String {
        self.stage.record().scenarios[scenario].reason.clone().unwrap_or_default()
    }

    /// How many token requests the last run sent.
    fn token_calls(&self) -> usize {
        let run = self.stage.record();
        let exchanges = run.scenarios.iter().flat_map(|one| &one.exchanges);
        exchanges.filter(|one| one.request.url.ends_with("/token")).count()
    }
}

/// The exit code of a run in which everything is left out.
const NOTHING_JUDGED: i32 = 4;
const FEATURE: &str = "@browser
Feature: Refresh tokens that lie for days
  Scenario: For a week
    Given a patient web app with a client secret
    And a refresh token of the patient that nobody used for 7 days
    When the app refreshes its tokens
    Then the app gets an access token

  Scenario: For longer than it lives
    Given a patient web app with a client secret
    And a refresh token of the patient that nobody used for 91 days
    When the app refreshes its tokens
    Then the request is refused with 400 \"invalid_grant\"
";
