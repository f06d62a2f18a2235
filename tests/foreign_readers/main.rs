//! Programs that nobody here wrote read what Checkride reports: a TAP parser, the schemas of CTRF and HAR,
//! a converter of JUnit files, and a viewer of Cucumber's JSON.
//!
//! They need Node.js, and the network once, for `npm ci`. Where there is no Node.js this says so and proves
//! nothing; `CHECKRIDE_FOREIGN_SERVERS=required`, which the build sets, forbids that.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that is left out says why"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign_readers");

#[test]
fn other_programs_read_the_reports_and_count_what_we_count() {
    if !has_node() {
        return;
    }
    install();
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    let arguments = ["run", "features/token", "--tags", "not @browser", "--defect", DEFECT];
    assert_eq!(checkride(&arguments, &["--report", "json", "--out", folder]), Some(1));
    let formats = "junit,tap,ctrf,har";
    assert_eq!(checkride(&["report", folder], &["--format", formats]), Some(0));
    let of_its_own = out.path().join("cucumber");
    let options = ["--format", "cucumber", "--out", of_its_own.to_str().unwrap()];
    assert_eq!(checkride(&["report", folder], &options), Some(0));

    let record: Value = read(&out.path().join("record.json"));
    let scenarios = record["scenarios"].as_array().unwrap();
    let count = |verdicts: &[&str]| {
        let of = |one: &&Value| verdicts.contains(&one["verdict"].as_str().unwrap());
        scenarios.iter().filter(of).count()
    };
    let (failed, skipped) = (count(&["fail", "error"]), count(&["skipped", "waived"]));
    let passed = count(&["pass", "warn", "flaky"]);
    assert!(failed > 0 && skipped > 0 && passed > 0, "{failed} {skipped} {passed}");
    assert_eq!(failed + skipped + passed, scenarios.len(), "the run was disturbed");

    let told = told(folder);
    let number = |reader: &str, member: &str| {
        let found = told[reader][member].as_u64();
        usize::try_from(found.unwrap_or_else(|| panic!("no {member}: {told:#}"))).unwrap()
    };
    assert_eq!(told["ctrf"]["valid"], true, "{told:#}");
    assert_eq!(told["har"]["valid"], true, "{told:#}");
    let exchanges = scenarios.iter().map(|one| one["exchanges"].as_array().unwrap().len());
    assert_eq!(number("har", "entries"), exchanges.sum::<usize>());
    assert_eq!(number("tap", "planned"), scenarios.len());
    assert_eq!(number("tap", "count"), scenarios.len());
    assert_eq!(number("tap", "fail"), failed, "{told:#}");
    assert_eq!(number("tap", "diagnosed"), failed, "{told:#}");
    assert_eq!(number("tap", "skip"), skipped, "{told:#}");
    for reader in ["ctrf", "junit", "cucumber"] {
        assert_eq!(number(reader, "failed"), failed, "{reader}: {told:#}");
        assert_eq!(number(reader, "skipped"), skipped, "{reader}: {told:#}");
        assert_eq!(number(reader, "passed"), passed, "{reader}: {told:#}");
    }
}

/// What the other programs say of the reports in a folder.
fn told(folder: &str) -> Value {
    let told =
        Command::new("node").args(["read.mjs", folder]).current_dir(FOLDER).output().unwrap();
    let errors = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{errors}");
    serde_json::from_slice(&told.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

fn checkride(arguments: &[&str], options: &[&str]) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_checkride"));
    command.args(arguments).args(options).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().code()
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn has_node() -> bool {
    let starts = Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok();
    let required = std::env::var("CHECKRIDE_FOREIGN_SERVERS").as_deref() == Ok("required");
    assert!(starts || !required, "`node` does not start");
    if !starts {
        eprintln!("nothing was proved: there is no Node.js");
    }
    starts
}

fn install() {
    if Path::new(FOLDER).join("node_modules/tap-parser").is_dir() {
        return;
    }
    let install = ["ci", "--no-audit", "--no-fund", "--prefix", FOLDER];
    let installed = Command::new("npm").args(install).stdout(Stdio::null()).status();
    assert!(installed.is_ok_and(|it| it.success()), "`npm ci --prefix {FOLDER}` failed");
}

/// What is wrong with the platform that is judged.
const DEFECT: &str = "any secret is good";
