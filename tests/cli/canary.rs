//! No secret reaches an artifact on a platform that gives away all it can, whatever becomes of the
//! run: it fails, has no answers, is stopped, finds no way out, is looked at while it goes, and later.

mod looked_at;

use std::process::Command;

use checkride::project::Format;
use checkride::record::Verdict;
use rcgen::KeyPair;
use rustix::process::Signal;

use crate::hostile::{Answers, Hostile};
use crate::search::{search, shown, unpacked};
use crate::stage::{Ended, Stage, signal, soon, wait};

#[test]
fn a_run_that_fails_gives_no_secret_away() {
    let canary = Canary::on(Hostile::start(Answers::AtOnce));
    let ended = wait(canary.command().spawn().unwrap());
    assert_eq!(ended.code, Some(1), "{ended}");
    canary.assert_silent(&ended);

    let record = canary.stage.read("out/record.json");
    for word in ["client_secret", "password", "code", "code_verifier", "client_assertion"] {
        assert!(record.contains(&format!("[redacted:{word}]")), "no {word} was ever redacted");
    }
    for word in ["access_token", "refresh_token", "cookie", "userinfo"] {
        assert!(record.contains(&format!("[redacted:{word}]")), "no {word} was ever redacted");
    }
    let heard = canary.platform.knows();
    assert!(heard.len() >= 12, "the platform was sent secrets of every kind: {heard:?}");
    let run = crate::stage::record(&canary.stage.project().join("out"));
    assert_eq!(run.tally().of(Verdict::Error), 0, "{ended}");
    let puzzled = run.scenarios.iter().find(|one| one.name == "A page that is a riddle").unwrap();
    assert_eq!(puzzled.verdict, Verdict::Inconclusive, "{:?}", puzzled.reason);
    let page = canary.stage.read("out/index.html");
    let packed: String = unpacked(&page).collect();
    assert!(packed.contains("[redacted:client_secret]"), "the page's own data was searched");
    let files = canary.stage.files("out");
    assert!(files.iter().any(|file| file.ends_with(".png")), "{files:?}");
    for file in Format::ALL.map(Format::file).into_iter().chain([Format::DOSSIER_PDF]) {
        assert!(files.contains(&file.to_owned()), "{file} was not searched: {files:?}");
    }
    let waiting = canary.stage.files("snapshots");
    assert!(waiting.iter().any(|file| file.ends_with(".snap.new")), "{waiting:?}");
}

#[test]
fn a_run_that_gets_no_answers_gives_no_secret_away() {
    let canary = Canary::on(Hostile::start(Answers::Never));
    let ended = wait(canary.command().args(["--name", "signed|used up"]).spawn().unwrap());
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stdout.contains("in time"), "{ended}");
    canary.assert_silent(&ended);
}

#[test]
fn a_run_that_is_stopped_gives_no_secret_away() {
    let canary = Canary::on(Hostile::start(Answers::Never));
    let before = canary.platform.knows().len();
    let program = canary.command().spawn().unwrap();
    soon("the platform is asked for tokens", || {
        (canary.platform.knows().len() > before + 1).then_some(())
    });
    signal(program.id(), Signal::INT);
    let ended = wait(program);
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stdout.contains("The run was stopped"), "{ended}");
    canary.assert_silent(&ended);
}

#[test]
fn a_proxy_and_a_browser_that_are_not_there_give_no_secret_of_their_addresses_away() {
    let canary = Canary::on(Hostile::start(Answers::AtOnce));
    let mut command = canary.command();
    command
        .env("http_proxy", format!("http://jake:{OF_PROXY}@127.0.0.1:1"))
        .env("CHECKRIDE_BROWSER", format!("ws://jake:{OF_PROXY}@127.0.0.1:1/?token={OF_BROWSER}"));
    let ended = wait(command.spawn().unwrap());
    assert_eq!(ended.code, Some(3), "{ended}");
    canary.assert_silent(&ended);
}

#[test]
fn a_secret_that_cannot_be_used_is_not_shown() {
    let canary = Canary::on(Hostile::start(Answers::AtOnce));
    // The key's file holds something else.
    canary.stage.write("secrets/key.pem", SECRETS[1]);
    let ended = wait(canary.command().spawn().unwrap());
    assert_eq!(ended.code, Some(2), "{ended}");
    canary.assert_silent(&ended);
}

/// A project with secrets of all kinds on a platform, and what must be seen nowhere.
struct Canary {
    stage: Stage,
    platform: Hostile,
    key: String,
}

impl Canary {
    fn on(platform: Hostile) -> Self {
        let stage = Stage::with_features(&[("launch/canary.feature", FEATURE)]);
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap().serialize_pem();
        stage.write("secrets/key.pem", &key);
        stage.write("secrets/diary", SECRETS[1]);
        stage.write("checkride.yaml", &PROJECT.replace("HOST", &platform.host));
        Self { stage, platform, key }
    }

    fn command(&self) -> Command {
        let formats = Format::ALL.map(Format::word).join(",");
        self.ready(self.stage.command(&["run", "--out", "out", "--report", &formats]))
    }

    /// A command that knows the secrets of the project, and tells all that it does.
    fn ready(&self, mut command: Command) -> Command {
        command
            .env("ROBOT", SECRETS[0])
            .env("PASSWORD", SECRETS[2])
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        command
    }

    /// Whether nothing is in any artifact that the project held, or the platform was sent or issued.
    fn assert_silent(&self, ended: &Ended) {
        let findings = search(&self.stage, ended, &self.secrets());
        assert!(findings.is_empty(), "{}", shown(&findings));
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets = self.platform.knows();
        secrets.extend(SECRETS.map(str::to_owned));
        secrets.extend([OF_PROXY, OF_BROWSER].map(str::to_owned));
        secrets.extend(self.key.lines().filter(|line| line.len() == 64).map(str::to_owned));
        secrets
    }
}

/// Of the robot, of the diary, of the patient.
const SECRETS: [&str; 3] =
    ["c4nary-of a+system/&=\"", "c4nary-of;a patient%", "c4nary'pass<word>\\"];
const OF_PROXY: &str = "c4nary-proxy-2Ul5s6";
const OF_BROWSER: &str = "c4nary-browser-3Tk6r7";

const PROJECT: &str = r#"default_target: hostile
targets:
  hostile:
    platform: http://HOST/fhir
    dialect: smart
    login: { hosts: ["HOST"] }
    users:
      patient: { username: jake, password: { env: PASSWORD } }
    apps:
      robot:
        category: 2-legged
        method: client secret
        client_id: robot
        client_secret: { env: ROBOT }
        scopes: [system/Patient.rs]
      signer:
        category: 2-legged
        method: imported key set
        client_id: signer
        private_key: { file: secrets/key.pem }
        kid: mine
        scopes: [system/Patient.rs]
      diary:
        category: patient
        method: client secret
        client_id: diary
        client_secret: { file: secrets/diary }
        scopes: [openid, patient/Patient.read]
        redirect_uris: ["https://app.example/callback"]
      phone:
        category: patient
        method: PKCE
        client_id: phone
        scopes: [openid, patient/Patient.read]
        redirect_uris: ["https://phone.example/callback"]
"#;

const FEATURE: &str = r#"Feature: On a platform that gives all away
  Scenario: A secret
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the answer looks like the accepted "refusal"
    And the app gets an access token

  Scenario: A signed assertion
    Given a 2-legged app with an imported key set
    When the app asks for a token
    Then the app gets an access token

  @browser
  Scenario: A code and tokens
    Given a patient web app with a client secret
    When the patient signs in and allows access
    Then a picture of the last page is kept
    When the app redeems the code
    Then the answer looks like the accepted "tokens"
    When the app reads "Patient/moved"
    Then the answer looks like the accepted "redirect"
    When the app reads "Patient/1"
    Then the answer looks like the accepted "patient"
    And no page complained

  @browser
  Scenario: Tokens that are used up
    Given a patient web app with a client secret
    When the patient signs in and allows access
    And the app redeems the code
    And the app refreshes its tokens
    Then the app gets an access token

  @browser
  Scenario: A page that is a riddle
    Given a patient native app with PKCE
    When the patient signs in and allows access
    Then the user comes back with a code
"#;
