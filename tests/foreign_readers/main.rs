//! Programs that nobody here wrote read what Checkride reports: a TAP parser, the schemas of JUnit, CTRF and
//! HAR, a converter and a parser of JUnit files, a viewer and a parser of Cucumber's JSON, and a renderer of
//! GitHub's Markdown.
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
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign_readers");

#[test]
fn other_programs_read_the_reports_and_count_what_we_count() {
    let Some(run) = run() else { return };
    let told = told(run.path());
    let scenarios = scenarios(run.path());
    let count = |verdicts: &[&str]| scenarios.iter().filter(|it| is(it, verdicts)).count();
    let (failed, skipped) = (count(&["fail", "error"]), count(&["skipped", "waived"]));
    let passed = count(&["pass", "warn", "flaky"]);
    assert!(failed > 0 && skipped > 0 && passed > 0, "{failed} {skipped} {passed}");
    assert_eq!(failed + skipped + passed, scenarios.len(), "the run was disturbed");

    assert_valid(&told);
    let exchanges = scenarios.iter().map(|one| one["exchanges"].as_array().unwrap().len());
    assert_eq!(number(&told, "har", "entries"), exchanges.sum::<usize>());
    assert_eq!(number(&told, "tap", "planned"), scenarios.len());
    assert_eq!(number(&told, "tap", "count"), scenarios.len());
    assert_eq!(number(&told, "tap", "fail"), failed, "{told:#}");
    assert_eq!(number(&told, "tap", "diagnosed"), failed, "{told:#}");
    assert_eq!(number(&told, "tap", "skip"), skipped, "{told:#}");
    for reader in ["ctrf", "junit", "cucumber", "junit_results", "cucumber_results"] {
        assert_eq!(number(&told, reader, "failed"), failed, "{reader}: {told:#}");
        assert_eq!(number(&told, reader, "skipped"), skipped, "{reader}: {told:#}");
        assert_eq!(number(&told, reader, "passed"), passed, "{reader}: {told:#}");
    }
    let ours = scenarios.iter().map(|one| texts(&one["requirements"]).join(" "));
    assert_eq!(texts(&told["junit_results"]["requirements"]), ours.collect::<Vec<_>>());
}

#[test]
fn no_verdict_is_mistaken_and_nothing_that_a_platform_says_is_more_than_text() {
    let Some(run) = run() else { return };
    let mut record: Value = read(&run.path().join("record.json"));
    let places =
        record["scenarios"].as_array_mut().unwrap().iter_mut().zip(VERDICTS.iter().cycle());
    for (scenario, verdict) in places {
        // The steps of those that did not pass would contradict another verdict.
        if scenario["verdict"] == "pass" {
            scenario["verdict"] = (*verdict).into();
        }
        scenario["reason"] = HOSTILE.into();
        poison(scenario);
    }
    record["requirements"].as_object_mut().unwrap().values_mut().for_each(poison);
    std::fs::write(run.path().join("record.json"), record.to_string()).unwrap();
    let told = told(run.path());
    let scenarios = scenarios(run.path());
    let count = |verdicts: &[&str]| scenarios.iter().filter(|it| is(it, verdicts)).count();
    let passed = count(&["pass", "warn", "flaky"]);
    let (failed, skipped) = (count(&["fail", "error"]), count(&["skipped", "waived"]));
    let unjudged = count(&["inconclusive"]);
    assert!(VERDICTS.iter().all(|verdict| count(&[verdict]) > 0));

    assert_valid(&told);
    for reader in ["junit", "junit_results"] {
        assert_eq!(number(&told, reader, "passed"), passed, "{reader}: {told:#}");
        assert_eq!(number(&told, reader, "failed"), failed + unjudged, "{reader}: {told:#}");
        assert_eq!(number(&told, reader, "skipped"), skipped, "{reader}: {told:#}");
    }
    assert_eq!(number(&told, "junit_results", "errors"), count(&["error", "inconclusive"]));
    assert_eq!(told["junit_results"]["attachments"], 0, "{told:#}");
    let ours = scenarios.iter().map(|one| texts(&one["requirements"]).join(" "));
    assert_eq!(texts(&told["junit_results"]["requirements"]), ours.collect::<Vec<_>>());
    for (reader, other) in [("ctrf", "other"), ("cucumber", "pending")] {
        assert_eq!(number(&told, reader, "passed"), passed, "{reader}: {told:#}");
        assert_eq!(number(&told, reader, "failed"), failed, "{reader}: {told:#}");
        assert_eq!(number(&told, reader, "skipped"), skipped, "{reader}: {told:#}");
        assert_eq!(number(&told, reader, other), unjudged, "{reader}: {told:#}");
    }
    assert_eq!(number(&told, "ctrf", "flaky"), count(&["flaky"]));
    let tap = &told["tap"];
    assert_eq!((&tap["ok"], &tap["bailout"]), (&false.into(), &false.into()), "{tap:#}");
    assert_eq!(number(&told, "tap", "planned"), scenarios.len());
    assert_eq!(number(&told, "tap", "count"), scenarios.len());
    assert_eq!(number(&told, "tap", "skip"), count(&["skipped"]));
    assert_eq!(number(&told, "tap", "todo"), count(&["waived"]));
    assert_eq!(number(&told, "tap", "fail"), failed + unjudged + count(&["waived"]));
}

/// Whether each report is as its schema wants it, and the summary shows nothing but ours.
fn assert_valid(told: &Value) {
    for reader in ["junit_schema", "ctrf", "har"] {
        assert_eq!(told[reader]["valid"], true, "{:#}", told[reader]);
    }
    let markdown = &told["markdown"];
    for markup in ["html", "mentions"] {
        assert_eq!(markdown[markup], false, "{markup}: {markdown:#}");
    }
    assert_eq!((&markdown["images"], &markdown["headings"]), (&0.into(), &1.into()));
    let links = texts(&markdown["links"]);
    assert!(!links.is_empty());
    for link in links {
        assert!(link.starts_with("index.html") || link.starts_with("pictures/"), "{link}");
    }
    let rows = markdown["rows"].as_array().unwrap();
    assert!(rows.len() > 1 && rows.iter().all(|cells| cells == 2), "{markdown:#}");
    assert!(markdown["length"].as_u64().unwrap() <= 65_536, "{}", markdown["length"]);
}

/// A run of which something fails, and something is left out; nothing, where there is no Node.js.
fn run() -> Option<TempDir> {
    if !has_node() {
        return None;
    }
    let out = tempfile::tempdir().unwrap();
    let arguments = ["run", "features/token", "--tags", "not @browser", "--defect", DEFECT];
    let options = ["--report", "json", "--out", out.path().to_str().unwrap()];
    assert_eq!(checkride(&arguments, &options), Some(1));
    Some(out)
}

/// Puts words that are meant to be more than words wherever a platform, or whoever wrote the project, has
/// some.
fn poison(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(poison),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if WORDS.contains(&name.as_str()) => {
                        *text = HOSTILE.to_owned();
                    }
                    value => poison(value),
                }
            }
        }
        _ => {}
    }
}

fn scenarios(folder: &Path) -> Vec<Value> {
    let record: Value = read(&folder.join("record.json"));
    record["scenarios"].as_array().unwrap().clone()
}

fn is(scenario: &Value, verdicts: &[&str]) -> bool {
    verdicts.contains(&scenario["verdict"].as_str().unwrap())
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

fn number(told: &Value, reader: &str, member: &str) -> usize {
    let found = told[reader][member].as_u64();
    usize::try_from(found.unwrap_or_else(|| panic!("no {member} of {reader}: {told:#}"))).unwrap()
}

/// What the other programs say of the reports that are made of the record in a folder.
fn told(folder: &Path) -> Value {
    let (of_its_own, folder) = (folder.join("cucumber"), folder.to_str().unwrap());
    let formats = "junit,tap,ctrf,har,markdown";
    assert_eq!(checkride(&["report", folder], &["--format", formats]), Some(0));
    let options = ["--format", "cucumber", "--out", of_its_own.to_str().unwrap()];
    assert_eq!(checkride(&["report", folder], &options), Some(0));
    LazyLock::force(&INSTALLED);
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
    let package: Value = read(&Path::new(FOLDER).join("package.json"));
    let mut programs = package["dependencies"].as_object().unwrap().keys();
    if programs.all(|name| Path::new(FOLDER).join("node_modules").join(name).is_dir()) {
        return;
    }
    let install = ["ci", "--no-audit", "--no-fund", "--prefix", FOLDER];
    let installed = Command::new("npm").args(install).stdout(Stdio::null()).status();
    assert!(installed.is_ok_and(|it| it.success()), "`npm ci --prefix {FOLDER}` failed");
}

/// What reads the reports, which is fetched once.
static INSTALLED: LazyLock<()> = LazyLock::new(install);

/// All there are.
const VERDICTS: [&str; 8] =
    ["fail", "inconclusive", "pass", "flaky", "waived", "error", "warn", "skipped"];

/// Members of a record that hold words of a platform, or of whoever wrote the project.
const WORDS: [&str; 14] = [
    "name",
    "feature_name",
    "reason",
    "text",
    "message",
    "statement",
    "expected",
    "actual",
    "hint",
    "clause",
    "source",
    "caption",
    "body",
    "error",
];

/// Words that want to end what they stand in, and to begin something else.
const HOSTILE: &str = "]]></failure><![CDATA[ \u{0}\u{1}\u{8}\u{b}\u{c}\u{1b}[31mred\u{1b}]0;x\u{7}\u{7f}\u{9b}2J\
    \u{fffe}\u{ffff}\u{fffd}\u{202e}\u{2028}\r\nok 999 - x # SKIP\nnot ok\n1..3\nBail out! x\n  ...\n\
    [[ATTACH\u{0}MENT|/etc/passwd]] [[PROPERTY|requirements=X]]\n\n# Conforms\n\n| a | b |\n|---|---|\n\
    `` ` ``` <img src=x onerror=alert(1)><script>alert(1)</script> ![x](https://evil.example/x.png)\n\
    [x](javascript:alert(1)) https://evil.example www.evil.example @someone <!-- &lt;b&gt; \\ \"";

/// What is wrong with the platform that is judged.
const DEFECT: &str = "any secret is good";
