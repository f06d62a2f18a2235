//! Apps that nobody here wrote: the least that the documentation of public client libraries describes,
//! examined through the command line as any app would be.
//!
//! Every `fail` and `warn` there was looked at by hand; `docs/reference/foreign-apps.md` tells them, and
//! these tests hold the runs against that list. They need Node.js and Python, and the network once, to
//! install the libraries. Where one of the two is missing they say so and prove nothing;
//! `CHECKRIDE_FOREIGN_SERVERS=required`, which the build sets, forbids that.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that is left out says why"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign_apps");
const LIST: &str = include_str!("../../docs/reference/foreign-apps.md");

#[test]
fn what_is_found_in_a_page_on_fhirclient_is_what_was_found_by_hand() {
    if has("node", "--version") {
        install_by_npm("fhirclient", "fhirclient");
        holds("fhirclient", 120);
        holds("fhirclient in the EHR", 120);
    }
}

#[test]
fn what_is_found_in_a_web_app_on_openid_client_is_what_was_found_by_hand() {
    if has("node", "--version") {
        install_by_npm("openid_client", "openid-client");
        holds("openid-client", 160);
    }
}

#[test]
fn what_is_found_in_a_job_on_authlib_is_what_was_found_by_hand() {
    if has("python3", "-cimport ensurepip") {
        install_by_pip("authlib");
        holds("authlib", 65);
    }
}

/// Examines an app, and holds what is found against the list; at least so many scenarios pass.
fn holds(app: &str, passes: u64) {
    let project = tempfile::tempdir().unwrap();
    let described = std::fs::read_to_string(format!("{FOLDER}/checkride.yaml")).unwrap();
    let described = described
        .replace("features: ../..", &format!("features: {FOLDER}/../.."))
        .replace("folder: ", &format!("folder: {FOLDER}/"));
    std::fs::write(project.path().join("checkride.yaml"), described).unwrap();
    let programs = std::env::var("PATH").unwrap_or_default();
    let ended = Command::new(env!("CARGO_BIN_EXE_checkride"))
        .args(["run", "--subject", "app", "--app", app, "--report", "json", "--jobs", "4"])
        .current_dir(project.path())
        .env("CHECKRIDE_BROWSER_INSTALL", "auto")
        .env("PATH", format!("{}:{programs}", environment().join("bin").display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr) + String::from_utf8_lossy(&ended.stdout);
    let results = std::fs::read(project.path().join("reports/latest/results.json"));
    let results = results.unwrap_or_else(|error| panic!("no results: {error}\n{said}"));
    let results: Value = serde_json::from_slice(&results).unwrap();
    let requirements = results["requirements"].as_object().unwrap();
    let found: BTreeMap<&str, &str> = requirements
        .iter()
        .map(|(id, outcome)| (id.as_str(), outcome["verdict"].as_str().unwrap()))
        // A page may be late where the machine is busy.
        .filter(|(_, verdict)| !matches!(*verdict, "pass" | "skipped" | "inconclusive"))
        .collect();
    assert_eq!(found, listed(app), "{said}");
    assert!(results["tally"]["pass"].as_u64() >= Some(passes), "{said}");
}

/// The requirements of the table below the heading of an app, with their verdicts.
fn listed(app: &str) -> BTreeMap<&'static str, &'static str> {
    let (_, section) = LIST.split_once(&format!("## {app}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cell = |row: &'static str, index| row.split('|').nth(index).unwrap().trim();
    rows.map(|row| (cell(row, 1), cell(row, 2))).collect()
}

/// Whether a program is on this machine, and can do this.
fn has(program: &str, argument: &str) -> bool {
    let asked = Command::new(program).arg(argument).stdout(Stdio::null()).status();
    if asked.is_ok_and(|status| status.success()) {
        return true;
    }
    let required = std::env::var("CHECKRIDE_FOREIGN_SERVERS").is_ok_and(|it| it == "required");
    assert!(!required, "{program} is missing");
    eprintln!("left out: there is no {program} on this machine");
    false
}

fn install_by_npm(app: &str, library: &str) {
    let folder = format!("{FOLDER}/{app}");
    if !Path::new(&folder).join("node_modules").join(library).is_dir() {
        run("npm", &["ci", "--no-audit", "--no-fund", "--prefix", &folder]);
    }
}

fn install_by_pip(app: &str) {
    let place = environment();
    if !place.join("installed").is_file() {
        run("python3", &["-m", "venv", &place.display().to_string()]);
        let pinned = format!("{FOLDER}/{app}/requirements.txt");
        let pip = place.join("bin/pip").display().to_string();
        run(&pip, &["install", "--quiet", "--disable-pip-version-check", "--requirement", &pinned]);
        std::fs::write(place.join("installed"), "").unwrap();
    }
}

/// Where Python's packages are installed.
fn environment() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign_apps")
}

fn run(program: &str, arguments: &[&str]) {
    let installed = Command::new(program)
        .args(arguments)
        .status()
        .unwrap_or_else(|error| panic!("`{program}` does not start: {error}"));
    assert!(installed.success(), "`{program} {}` failed", arguments.join(" "));
}
