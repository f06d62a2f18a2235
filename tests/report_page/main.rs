//! The HTML report, used in a real browser as a person does: opened from the disk, searched, filtered,
//! followed into a failing scenario; in the dark, on a phone, without a mouse, on paper; looked through by
//! axe-core; and with texts in it that want to be scripts. The dossier, the page of a difference and the
//! pages of `checkride serve` are looked at in the same way, and so is a run while it goes.
//!
//! Pictures of what was seen are left in `target/report_page`. With `CHECKRIDE_REFERENCE=accept` those of
//! the README and the sample report are made anew.
//!
//! It needs Node.js, Chromium, and the network once, for `npm ci`. Where they are not there this says so
//! and proves nothing; `CHECKRIDE_FOREIGN_SERVERS=required`, which the build sets, forbids that.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that is left out says why"
)]

mod hostile;
mod nights;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use nights::Nights;
use serde_json::{Value, json};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
/// Where Debian's package has it.
const INSTALLED: &str = "/usr/lib/chromium/chromium-headless-shell";
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report_page");

#[test]
fn the_report_of_a_run_can_be_used() {
    let Some(browser) = browser() else { return };
    let out = failed_run();
    let told = look(&browser, out.path().join("index.html").to_str().unwrap(), "use");
    assert_eq!(told["findings"], Value::Array(Vec::new()), "{told:#}");
    let record: Value =
        serde_json::from_slice(&fs::read(out.path().join("record.json")).unwrap()).unwrap();
    let count = record["scenarios"].as_array().unwrap().len();
    assert_eq!(told["facts"]["scenarios"], count, "all scenarios are in the list");
    if env::var("CHECKRIDE_REFERENCE").as_deref() == Ok("accept") {
        accept();
    }
}

#[test]
fn hostile_texts_are_shown_as_texts() {
    let Some(browser) = browser() else { return };
    let out = failed_run();
    let record = out.path().join("record.json");
    let mut run: Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    hostile::spoil(&mut run);
    fs::write(&record, run.to_string()).unwrap();
    let folder = out.path().to_str().unwrap();
    assert_eq!(checkride(&["report", folder, "--format", "html"]), Some(0));
    let told = look(&browser, out.path().join("index.html").to_str().unwrap(), "hostile");
    assert_eq!(told["findings"], Value::Array(Vec::new()), "{told:#}");
    assert!(told["facts"]["scenarios"].as_u64() > Some(5), "{told:#}");
}

#[test]
fn dossier_difference_and_history_can_be_read_by_everybody() {
    let Some(browser) = browser() else { return };
    let (nights, none) = (Nights::a_week(), Nights::none());
    let (served, empty) = (nights.serve(), none.serve());
    let told = pages(
        &browser,
        json!({
            "dossier": nights.path("fails/dossier.html"),
            "difference": nights.difference("conforms", "fails"),
            "serve": format!("{}failing", served.address),
            "serve-lost": format!("{}run?run=2019", served.address),
            "serve-empty": empty.address,
        }),
    );
    let seen = told["facts"]["pages"].as_array().unwrap();
    let paths =
        ["-", "-run", "-report", "-compare", "-requirements", "-requirement", "-flaky", "-slow"];
    for name in paths.map(|path| format!("serve{path}")) {
        assert!(seen.contains(&name.clone().into()), "{name} was not seen: {told:#}");
    }
}

#[test]
fn a_run_is_followed_in_the_report_itself_and_a_scenario_is_run_again() {
    let Some(browser) = browser() else { return };
    let nights = Nights::none();
    let served = nights.follow();
    let told = look(&browser, &served.address, "follow");
    assert_eq!(told["findings"], Value::Array(Vec::new()), "{told:#}");
    let facts = json!({ "scenarios": 4, "state": "Does not conform" });
    assert_eq!(told["facts"], facts);
    assert_eq!(served.ended(), Some(1), "it was stopped on the page");
}

#[test]
fn hostile_texts_are_texts_on_every_other_page_too() {
    let Some(browser) = browser() else { return };
    let nights = Nights::hostile();
    assert_eq!(nights.checkride(&["report", "hostile", "--format", "dossier"]), Some(0));
    let served = nights.serve();
    pages(
        &browser,
        json!({
            "hostile-dossier": nights.path("hostile/dossier.html"),
            "hostile-difference": nights.difference("conforms", "hostile"),
            "hostile-serve": format!("{}failing", served.address),
        }),
    );
}

/// The report of a run in which something failed, with a flow in the browser and signed tokens.
fn failed_run() -> tempfile::TempDir {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    let arguments = [
        "run",
        "features/token/pkce.feature",
        "features/token/jwks_imported.feature",
        "--pictures",
        "steps",
        "--defect",
        "any verifier is good",
        "--report",
        "html",
        "--out",
        folder,
    ];
    assert_eq!(checkride(&arguments), Some(1), "the defect is noticed");
    out
}

/// The pictures of the README, and the sample report: of a run in which all is well.
fn accept() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    assert_eq!(checkride(&["run", "--report", "html", "--out", folder]), Some(0));
    let sample = Path::new(REPOSITORY).join("reports/sample/index.html");
    fs::copy(out.path().join("index.html"), &sample).unwrap();
    for (name, picture) in [("report", "overview"), ("scenario", "scenario")] {
        let from = pictures().join(format!("{picture}.png"));
        fs::copy(from, Path::new(REPOSITORY).join(format!("docs/images/{name}.png"))).unwrap();
    }
}

/// Looks at pages by their names: at files, or at addresses with all that their links lead to. Nothing may be
/// wrong with any of them, in the light, in the dark and on a phone.
fn pages(browser: &Path, named: Value) -> Value {
    let told = look(browser, &named.to_string(), "pages");
    assert_eq!(told["findings"], Value::Array(Vec::new()), "{told:#}");
    told
}

/// What is to be said of a page, by somebody who looks at it in a browser.
fn look(browser: &Path, page: &str, part: &str) -> Value {
    let pictures = pictures();
    fs::create_dir_all(&pictures).unwrap();
    let mut command = Command::new("node");
    command.arg("look.mjs").arg(browser).arg(page).arg(&pictures).arg(part).current_dir(FOLDER);
    let told = command.output().unwrap();
    let errors = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{errors}");
    serde_json::from_slice(&told.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("report_page")
}

fn checkride(arguments: &[&str]) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_checkride"));
    command.args(arguments).current_dir(REPOSITORY);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().code()
}

/// The browser to look with; none where something is missing that need not be there.
fn browser() -> Option<PathBuf> {
    let required = env::var("CHECKRIDE_FOREIGN_SERVERS").as_deref() == Ok("required");
    let starts = Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok();
    let installed = Path::new(FOLDER).join("node_modules/playwright-core").is_dir();
    let installed = installed || starts && required && install();
    let found = executable();
    let missing = match (starts, installed, &found) {
        (false, _, _) => "there is no Node.js",
        (_, false, _) => "`npm ci --prefix tests/report_page` was not run",
        (_, _, None) => "there is no Chromium",
        _ => return found,
    };
    assert!(!required, "{missing}");
    eprintln!("nothing was proved: {missing}");
    None
}

fn install() -> bool {
    let install = ["ci", "--no-audit", "--no-fund", "--prefix", FOLDER];
    Command::new("npm").args(install).stdout(Stdio::null()).status().is_ok_and(|it| it.success())
}

/// The browser that Checkride uses too: the named one, the one that it installs, or one with a usual name.
fn executable() -> Option<PathBuf> {
    let named = env::var_os("CHECKRIDE_BROWSER").map(PathBuf::from).filter(|path| path.is_file());
    let folders = env::var_os("PATH").unwrap_or_default();
    let usual = || {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let folders = env::split_paths(&folders).collect::<Vec<_>>();
        names
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
            .find(|path| path.is_file())
    };
    let installed = || Some(PathBuf::from(INSTALLED)).filter(|path| path.is_file());
    named.or_else(installed).or_else(usual)
}
