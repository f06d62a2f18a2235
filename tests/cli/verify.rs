//! Whether it is seen that the evidence of a run is not as the run left it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;

use crate::stage::{Ended, Stage, signal};

#[test]
fn whatever_is_done_to_evidence_is_told_with_its_file() {
    let evidence = Evidence::of_a_run();
    let (chain, head) = (evidence.read("evidence.sha256"), evidence.head());
    let ended = evidence.verify(0, &[]);
    assert!(ended.stdout.starts_with("unchanged: 3 files of evidence of the run "), "{ended}");
    assert!(ended.stdout.contains(&head), "{ended}");
    assert!(ended.stderr.contains("whoever can change the files"), "{ended}");
    let ended = evidence.verify(0, &["--head", &head.to_uppercase()]);
    assert_eq!(ended.stderr, "");
    assert!(evidence.passes_sha256sum());

    let first = fs::read(evidence.path("evidence/0001.png")).unwrap();
    evidence.write("evidence/0001.png", &first[1..]);
    evidence.tells(&["evidence/0001.png: changed"]);
    assert!(!evidence.passes_sha256sum());
    fs::remove_file(evidence.path("evidence/0001.png")).unwrap();
    evidence.tells(&["evidence/0001.png: missing"]);
    std::os::unix::fs::symlink("0002.png", evidence.path("evidence/0001.png")).unwrap();
    evidence.tells(&["evidence/0001.png: cannot be read: it is no plain file"]);
    fs::remove_file(evidence.path("evidence/0001.png")).unwrap();
    evidence.write("evidence/0001.png", &first);

    evidence.write("evidence/0003.png", &first);
    evidence.write("record.jsonl", b"");
    evidence.tells(&["evidence/0003.png: added", "record.jsonl: added"]);
    fs::remove_file(evidence.path("evidence/0003.png")).unwrap();
    fs::remove_file(evidence.path("record.jsonl")).unwrap();

    let record = evidence.read("record.json");
    evidence.write("record.json", record.replace("\"pass\"", "\"fail\"").as_bytes());
    evidence.tells(&["record.json: changed"]);
    fs::remove_file(evidence.path("record.json")).unwrap();
    evidence.tells(&["record.json: missing"]);
    evidence.write("record.json", record.as_bytes());

    let lines: Vec<&str> = chain.lines().collect();
    let torn = "evidence.sha256: its lines do not come to its head: one was changed, taken out, put \
                in or moved";
    let moved = [lines[0], lines[1], lines[3], lines[2], lines[4], lines[5], ""].join("\n");
    evidence.write("evidence.sha256", moved.as_bytes());
    evidence.tells(&[torn]);
    let taken_out = [lines[0], lines[1], lines[2], lines[4], lines[5], ""].join("\n");
    evidence.write("evidence.sha256", taken_out.as_bytes());
    let name = lines[3].split_once("  ").unwrap().1;
    evidence.tells(&[torn, &format!("{name}: not in the chain")]);
    evidence.write("evidence.sha256", chain.replace(lines[3], "a page").as_bytes());
    evidence.tells(&["evidence.sha256: line 4 is none of a chain"]);
    evidence.write("evidence.sha256", chain.as_bytes());
    evidence.verify(0, &["--head", &head]);
}

#[test]
fn who_writes_another_chain_is_found_out_by_a_head_that_stands_elsewhere() {
    let evidence = Evidence::of_a_run();
    let head = evidence.head();
    evidence.write("evidence/0001.png", b"another picture");
    evidence.forge();
    assert!(evidence.passes_sha256sum());
    evidence.verify(0, &[]);
    let ended = evidence.verify(1, &["--head", &head]);
    let forged = evidence.head();
    assert_eq!(ended.stdout, format!("evidence.sha256: its head is {forged}, not {head}\n"));

    fs::remove_file(evidence.path("evidence.sha256")).unwrap();
    let ended = evidence.verify(3, &[]);
    assert!(ended.stderr.contains("there is no `evidence.sha256`"), "{ended}");
    let ended = evidence.verify(1, &["--head", &forged]);
    assert_eq!(ended.stdout, "evidence.sha256: missing\n");
    let ended = evidence.verify(1, &["--head", &head]);
    assert!(ended.stdout.ends_with(&format!("not {head}\n")), "{ended}");

    let ended = evidence.verify(2, &["--head", "4711"]);
    assert!(ended.stderr.contains("a head is 64 letters of hexadecimal"), "{ended}");
    let ended = evidence.stage.ends(2, &["report", "nowhere", "--verify"]);
    assert!(ended.stderr.contains("there is no file, folder or run `nowhere`"), "{ended}");
}

#[test]
fn of_a_killed_run_it_is_said_that_nothing_can_be_proved() {
    let rows: String = (1..=40).map(|row| format!("      | {row} |\n")).collect();
    let stage = Stage::with_features(&[("token/refused.feature", &format!("{FAILS}{rows}"))]);
    stage.ends(1, &["run"]);
    stage.ends(0, &["report", "--verify"]);
    let mut program = stage.command(&["run", "--jobs", "2"]).spawn().unwrap();
    let words = BufReader::new(program.stderr.take().unwrap()).lines();
    assert_eq!(words.take(6).filter(|line| line.is_ok()).count(), 6);
    signal(program.id(), Signal::KILL);
    program.wait().unwrap();
    let ended = stage.ends(3, &["report", "--verify"]);
    assert!(ended.stderr.contains("did not come to its end, so there is no chain"), "{ended}");
    assert!(ended.stderr.contains(" of 40, 0 pictures"), "{ended}");
    assert_eq!(ended.stdout, "");

    let lines = stage.read("reports/latest/record.jsonl");
    let (first, rest) = lines.split_once('\n').unwrap();
    stage.write("reports/latest/record.jsonl", &format!("{first}\nx\n{rest}"));
    let ended = stage.ends(1, &["report", "--verify"]);
    assert!(ended.stdout.starts_with("record.jsonl: line 2: "), "{ended}");

    stage.ends(1, &["run"]);
    stage.ends(0, &["report", "--verify"]);
}

#[test]
fn a_merged_record_has_a_chain_of_its_own() {
    let stage = Stage::with_features(&[("authorize/login.feature", LOGIN)]);
    for number in 1..=2 {
        let (shard, out) = (format!("{number}/2"), format!("shard-{number}"));
        stage.ends(0, &["run", "--shard", &shard, "--out", &out]);
        stage.ends(0, &["report", &out, "--verify"]);
    }
    stage.ends(0, &["merge", "shard-1", "shard-2"]);
    let ended = stage.ends(0, &["report", "reports/merged", "--verify"]);
    assert!(ended.stdout.contains("3 files of evidence"), "{ended}");
    assert!(ended.stdout.contains("-merged"), "{ended}");
}

/// What a run of two scenarios with a picture each has left.
struct Evidence {
    stage: Stage,
}

impl Evidence {
    fn of_a_run() -> Self {
        let stage = Stage::with_features(&[("authorize/login.feature", LOGIN)]);
        stage.ends(0, &["run"]);
        Self { stage }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.stage.project().join("reports/latest").join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.path(file), bytes).unwrap();
    }

    fn head(&self) -> String {
        let chain = self.read("evidence.sha256");
        chain.lines().last().unwrap().strip_prefix("# head ").unwrap().to_owned()
    }

    fn verify(&self, code: i32, more: &[&str]) -> Ended {
        self.stage.ends(code, &[&["report", "--verify"], more].concat())
    }

    /// Exactly these deviations are told.
    fn tells(&self, expected: &[&str]) {
        let ended = self.verify(1, &[]);
        assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), expected, "{ended}");
    }

    /// Whether coreutils find each file as the chain has it.
    fn passes_sha256sum(&self) -> bool {
        let mut sha256sum = Command::new("sha256sum");
        sha256sum.args(["--check", "--strict", "--quiet", "evidence.sha256"]);
        let ended = sha256sum.current_dir(self.path("")).output().unwrap();
        assert!(!String::from_utf8_lossy(&ended.stderr).contains("improperly"), "{ended:?}");
        ended.status.success()
    }

    /// Writes a chain that fits the files as they are, by the recipe that the papers give.
    fn forge(&self) {
        let script = r#"
            files=$(sed -n 's/^[0-9a-f]\{64\}  //p' evidence.sha256)
            begin=$(sed -n 1,2p evidence.sha256)
            head=$(sed -n 2p evidence.sha256 | tr -d '\n' | sha256sum | cut -c1-64)
            lines=$(sha256sum $files)
            while read -r line; do
              head=$(printf '%s\n%s' "$head" "$line" | sha256sum | cut -c1-64)
            done <<< "$lines"
            printf '%s\n%s\n# head %s\n' "$begin" "$lines" "$head" > evidence.sha256
        "#;
        let ended = Command::new("bash").args(["-c", script]).current_dir(self.path("")).status();
        assert!(ended.unwrap().success());
    }
}

const LOGIN: &str = r#"@browser
Feature: Login
  Background:
    Given a patient web app with a client secret

  Scenario: A patient signs in
    When the patient signs in and allows access
    Then a picture of the last page is kept

  Scenario: A patient mistypes
    When the patient signs in with a wrong password
    Then a picture of the last page is kept
"#;

/// Rows are to be added.
const FAILS: &str = r#"Feature: Refused
  Scenario Outline: Refused <number>
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 400 "invalid_grant"

    Examples:
      | number |
"#;
