//! What the program says, word by word: each folder `<outcome>/<case>/` beside this file is a
//! project with a command, and keeps both streams and the exit code.
//!
//! In the project's files and in `cmd`, `{listener}` stands for the address of a socket of the
//! test, and `{port}` for its port. `CHECKRIDE_GOLDEN=accept` writes what was seen.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use regex::{Captures, Regex};
use rustix::process::Signal;
use similar::TextDiff;

use crate::stage::{Ended, Stage, files, signal, wait};

#[test]
fn a_mistake_in_the_project_ends_with_2_and_nothing_is_sent() {
    play("bad_project", &[2]);
}

#[test]
fn a_mistake_in_the_command_ends_with_2_and_help_with_0() {
    play("usage", &[0, 2]);
}

#[test]
fn an_empty_selection_ends_with_4() {
    play("nothing_selected", &[4]);
}

#[test]
fn a_subject_that_conforms_ends_with_0() {
    play("conforms", &[0]);
}

#[test]
fn a_requirement_that_is_not_met_ends_with_1() {
    play("fails", &[1]);
}

#[test]
fn a_subject_that_cannot_be_judged_ends_with_3() {
    play("not_judged", &[3]);
}

#[test]
fn an_answer_that_nobody_accepted_ends_with_5() {
    play("unreviewed", &[5]);
}

#[test]
fn a_mock_that_is_ready_says_so_and_ends_with_0_when_it_is_told_to() {
    let cases = cases("serves");
    let serve = |stage: &Stage, arguments: &[&str]| serve(stage, arguments);
    let findings: Vec<String> = cases.iter().filter_map(|it| differs(it, &[0], serve)).collect();
    assert_none(&findings);
}

#[test]
fn without_a_mistake_the_target_is_called() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/bad_project/unknown_target");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(listener.accept().is_ok()));
    let stage = Stage::empty();
    for file in ["checkride.yaml", "secret.txt", "features/token/secret.feature"] {
        let text = fs::read_to_string(case.join(file)).unwrap();
        stage.write(file, &text.replace("{listener}", &address));
    }
    stage.ends(3, &["run", "--target", "preview"]);
    assert_eq!(told.try_recv(), Ok(true), "so that its silence elsewhere means something");
}

#[test]
fn every_folder_of_cases_is_played() {
    let all = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli"));
    // One that has no folders in it holds a part of a test.
    let of_cases = all.iter().filter(|folder| !folders(folder).is_empty());
    let names: Vec<_> = of_cases.map(|it| it.file_name().unwrap().to_owned()).collect();
    let played = [
        "bad_project",
        "conforms",
        "fails",
        "not_judged",
        "nothing_selected",
        "serves",
        "unreviewed",
        "usage",
    ];
    assert_eq!(names, played);
}

/// Plays all cases of an outcome, whose exit code has to be one of these.
fn play(outcome: &str, codes: &[i32]) {
    let run = |stage: &Stage, arguments: &[&str]| stage.run(arguments);
    let findings: Vec<String> =
        cases(outcome).iter().filter_map(|case| differs(case, codes, run)).collect();
    assert_none(&findings);
}

fn cases(outcome: &str) -> Vec<PathBuf> {
    let cases = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(outcome));
    assert!(!cases.is_empty(), "{outcome} has no cases");
    cases
}

fn assert_none(findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{}\nIf this is what the program should say, run the tests with CHECKRIDE_GOLDEN=accept.",
        findings.join("\n")
    );
}

/// Lets a program serve until it says what can be done next, then ends it.
fn serve(stage: &Stage, arguments: &[&str]) -> Ended {
    let mut program = stage.command(arguments).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap());
    let mut stdout = String::new();
    while !stdout.contains("\nNext: ") && lines.read_line(&mut stdout).unwrap() > 0 {}
    signal(program.id(), Signal::TERM);
    lines.read_to_string(&mut stdout).unwrap();
    Ended { stdout, ..wait(program) }
}

/// Plays one case; tells what is not as it was accepted.
fn differs(case: &Path, codes: &[i32], run: impl Fn(&Stage, &[&str]) -> Ended) -> Option<String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let filled = |text: &str| {
        text.replace("{listener}", &format!("127.0.0.1:{port}")).replace("{port}", &port)
    };

    let stage = Stage::empty();
    for file in files(case) {
        let path = file.strip_prefix(case).unwrap().to_str().unwrap();
        if path != COMMAND && !KEPT.contains(&path) {
            stage.write(path, &filled(&fs::read_to_string(&file).unwrap()));
        }
    }
    let command = filled(&fs::read_to_string(case.join(COMMAND)).unwrap());
    let arguments = words(&command);
    let ended = run(&stage, &arguments.iter().map(String::as_str).collect::<Vec<_>>());

    let mut findings = Vec::new();
    if !ended.code.is_some_and(|code| codes.contains(&code)) {
        findings.push(format!("it should end with one of {codes:?}: {ended}"));
    }
    // Whoever connected waits in the queue of the socket.
    if ended.code == Some(2) && listener.accept().is_ok() {
        findings.push("the target was called in spite of the mistake".to_owned());
    }
    let seen = spoken(&stage, &ended, &port);
    for (name, seen) in KEPT.into_iter().zip(&seen) {
        let file = case.join(name);
        if std::env::var("CHECKRIDE_GOLDEN").as_deref() == Ok("accept") {
            fs::write(&file, seen).unwrap();
        }
        let accepted = fs::read_to_string(&file).unwrap_or_default();
        if accepted != *seen {
            let diff = TextDiff::from_lines(&accepted, seen);
            findings.push(diff.unified_diff().header(name, "seen").to_string());
        }
    }
    (!findings.is_empty()).then(|| format!("== {}\n{}", case.display(), findings.join("\n")))
}

/// Both streams and the exit code, with words in place of what differs from run to run.
fn spoken(stage: &Stage, ended: &Ended, port: &str) -> [String; 3] {
    let project = stage.project().display().to_string();
    let seconds = Regex::new(r"\bin \d+\.\d s\b").unwrap();
    let other_port =
        Regex::new(r"(\b127\.0\.0\.1|\blocalhost|\[::1\]|\b0\.0\.0\.0):\d{4,5}\b").unwrap();
    let error_number = Regex::new(r"\(os\s+(│\s+)?error\s+(│\s+)?\d+\)").unwrap();
    let users = Regex::new(r"(  \S+ +\S+ +Sandbox-\S+\n)+").unwrap();
    let token = Regex::new(r"its token is \w{40}").unwrap();
    let fixed = |text: &str| {
        let text = token.replace_all(text, "its token is {token}");
        let text = users.replace_all(&text, "  {users}\n");
        let text = text.replace(&project, "{project}");
        let text = text.replace(&format!("127.0.0.1:{port}"), "{listener}").replace(port, "{port}");
        let text = error_number.replace_all(&text, "(os error {number})");
        let text = seconds.replace_all(&text, "in {seconds} s");
        let port = |found: &Captures<'_>| match &found[1] {
            "127.0.0.1" => "{address}".to_owned(),
            host => format!("{host}:{{number}}"),
        };
        other_port.replace_all(&text, port).into_owned()
    };
    let code = ended.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    [fixed(&ended.stdout), fixed(&ended.stderr), format!("{code}\n")]
}

/// The words of a command line; quotation marks hold a word together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.trim().split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

const COMMAND: &str = "cmd";
const KEPT: [&str; 3] = ["stdout", "stderr", "exit"];
