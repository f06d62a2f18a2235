//! A project with a small history: a scenario that turns from night to night, one that gets slower, one
//! that passes on a retry, one whose deviation is waived.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::Timestamp;
use serde_json::Value;

use crate::{REPOSITORY, hostile};

/// The project, in a folder of its own.
pub struct Nights {
    folder: tempfile::TempDir,
}

/// A program that serves until it is dropped.
pub struct Served {
    program: Child,
    /// Where it serves.
    pub address: String,
}

impl Nights {
    /// The project before its first run.
    pub fn none() -> Self {
        let nights = Self { folder: tempfile::tempdir().unwrap() };
        let project = Path::new(REPOSITORY).join("checkride.yaml");
        fs::copy(project, nights.path("checkride.yaml")).unwrap();
        let soon = Timestamp::now().as_second() + 30 * 24 * 3600;
        let soon = Timestamp::from_second(soon).unwrap().strftime("%Y-%m-%d").to_string();
        nights.write("waivers.yaml", &WAIVERS.replace("SOON", &soon));
        nights.write("features/nights.feature", &FEATURE.replace("OUTCOME", CONFORMS));
        nights
    }

    /// The project after a week of runs.
    pub fn a_week() -> Self {
        let nights = Self::none();
        nights.two_runs("dossier");
        for (night, base) in
            ["conforms", "conforms", "fails", "conforms", "fails"].iter().enumerate()
        {
            nights.alter(base, &format!("nights/{night}"), |run| {
                earlier(run, 5 - night as i64);
                run["scenarios"][1]["duration_ms"] = 20.into();
                if night == 3 {
                    run["scenarios"][1]["verdict"] = "flaky".into();
                }
            });
        }
        assert_eq!(nights.checkride(&["history", "import", "nights"]), Some(0));
        nights
    }

    /// The project with a run whose texts are all hostile, and one before it.
    pub fn hostile() -> Self {
        let nights = Self::none();
        nights.two_runs("json");
        nights.alter("fails", "hostile", |run| {
            earlier(run, -1);
            hostile::spoil(run);
        });
        assert_eq!(nights.checkride(&["history", "import", "hostile"]), Some(0));
        nights
    }

    /// A run that conforms, and one that fails, with this report.
    fn two_runs(&self, report: &str) {
        assert_eq!(self.checkride(&["run", "--report", "json", "--out", "conforms"]), Some(0));
        self.write("features/nights.feature", &FEATURE.replace("OUTCOME", FAILS));
        assert_eq!(self.checkride(&["run", "--report", report, "--out", "fails"]), Some(1));
    }

    /// The page of what changed between two of its runs, where answers have changed, too.
    pub fn difference(&self, before: &str, after: &str) -> PathBuf {
        self.alter(after, "changed", |run| {
            let scenarios = run["scenarios"].as_array_mut().unwrap();
            let all = scenarios.iter_mut().flat_map(|one| one["exchanges"].as_array_mut().unwrap());
            for answer in all.map(|exchange| &mut exchange["response"]) {
                let Some(body) = answer["body"].as_str() else { continue };
                let Ok(mut body) = serde_json::from_str::<Value>(body) else { continue };
                let Some(members) = body.as_object_mut() else { continue };
                if members.remove("expires_in").is_some() {
                    members.insert("gained".into(), "something".into());
                    answer["body"] = body.to_string().into();
                }
            }
        });
        let arguments = ["diff", before, "changed", "--format", "html", "--out", "difference.html"];
        assert_eq!(self.checkride(&arguments), Some(1), "what was taken away breaks clients");
        self.path("difference.html")
    }

    /// The history in a browser.
    pub fn serve(&self) -> Served {
        let mut program =
            self.command(&["serve", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Served { program, address: line.trim().to_owned() }
    }

    /// A run that fails, in a browser while it goes; its titles are hostile.
    pub fn follow(&self) -> Served {
        let feature = FEATURE.replace("OUTCOME", FAILS).replace("good on some", hostile::SCRIPT);
        self.write("features/nights.feature", &feature);
        let mut command = self.command(&["run", "--ui"]);
        let mut program = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            line.unwrap().split_once("can be seen at ").map(|(_, address)| address.to_owned())
        });
        // A program whose words nobody reads does not go on.
        std::thread::spawn(move || lines.for_each(drop));
        Served { program, address: address.unwrap() }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs the program in the project, to its end.
    pub fn checkride(&self, arguments: &[&str]) -> Option<i32> {
        self.command(arguments).stdout(Stdio::null()).status().unwrap().code()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checkride"));
        command.args(arguments).current_dir(self.folder.path()).stderr(Stdio::null());
        command
    }

    /// Writes a record beside another one, from which it differs.
    fn alter(&self, from: &str, to: &str, alter: impl FnOnce(&mut Value)) {
        let text = fs::read(self.path(from).join("record.json")).unwrap();
        let mut run: Value = serde_json::from_slice(&text).unwrap();
        alter(&mut run);
        self.write(&format!("{to}/record.json"), &run.to_string());
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Makes another run of it, so many days earlier.
fn earlier(run: &mut Value, days: i64) {
    let started: Timestamp = run["started"].as_str().unwrap().parse().unwrap();
    let started = Timestamp::from_second(started.as_second() - days * 24 * 3600).unwrap();
    run["started"] = started.to_string().into();
    run["id"] = format!("{}-00c0ffee", started.strftime("%Y%m%dT%H%M%SZ")).into();
}

impl Served {
    /// How the program ends by itself.
    pub fn ended(mut self) -> Option<i32> {
        self.program.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

const CONFORMS: &str = "the app gets an access token";
const FAILS: &str = "the request is refused with 401 \"invalid_client\"";
const FEATURE: &str = r#"Feature: Nights
  @req:TSEC-BASIC-HEADER
  Scenario: The right secret gets a token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token

  @browser @req:PKCE-SERVER-VERIFIES
  Scenario: The right verifier gets tokens
    Given a patient browser app with PKCE
    When the patient signs in and allows access
    And the app redeems the code
    Then the app gets an access token

  @req:TSEC-WRONG-SECRET
  Scenario: A secret that is good on some nights
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then OUTCOME

  @req:TSEC-EVERY-REQUEST
  Scenario: A deviation that is known
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 401 "invalid_client"
"#;
const WAIVERS: &str = "- requirement: TSEC-EVERY-REQUEST
  target: mock
  reason: the vendor is going to mend it
  owner: integration team
  ticket: CASE-1
  until: SOON
";
