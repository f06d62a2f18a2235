//! Measures the HTML report of two thousand scenarios: `cargo bench --bench report`.
//!
//! The evidence is real: all scenarios of this repository are run once, and what they left is multiplied,
//! each time under other names. With `CHECKRIDE_RECORD=<folder>` the run of that folder is taken. How long
//! a browser takes until the list can be filtered needs Node.js and what `npm ci --prefix
//! tests/report_page` installs; without it this is left out.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark talks, and stops where it cannot measure"
)]

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use checkride::record::{Run, read};
use checkride::report::{Format, write};

fn main() {
    let out = tempfile::tempdir().expect("there is a folder");
    let record = env::var("CHECKRIDE_RECORD").unwrap_or_else(|_| a_run(out.path()));
    let run = multiplied(read(Path::new(&record)).expect("it is a record"));
    let evidence = serde_json::to_vec(&run).expect("it can be written").len();
    println!("{SCENARIOS} scenarios with {:.1} MB of evidence", mega(evidence));
    // From here on the highest is that of the writing.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = memory("VmRSS");
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            write(&run, Format::Html, (Path::new(&record), out.path())).expect("it is written");
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let page = out.path().join("index.html");
    let size = fs::metadata(&page).expect("it is there").len();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    println!("{:>9.3} s, to write the page: the median of {RUNS}", times[RUNS / 2]);
    println!("{:>9.1} MB, its size; at most {MOST_MB} are allowed", mega(size));
    let growth = memory("VmHWM").saturating_sub(before) * 1024;
    println!("{:>9.1} MB, the most memory that writing took", mega(growth));
    match seen(&page, out.path()) {
        Some(told) => println!("{told}; at most {MOST_MS} ms are allowed"),
        None => println!("          in a browser it was not tried: something is missing"),
    }
    assert!(mega(size) < MOST_MB, "the page is too large");
}

/// The folder of a run of everything.
fn a_run(out: &Path) -> String {
    let folder = out.join("run").display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_checkride"));
    command.args(["run", "--report", "json", "--out", &folder]);
    let command = command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(ended.is_ok_and(|it| it.success()), "the run is not as it should be");
    folder
}

/// A run of as many scenarios as are to be measured, each with the evidence of a real one.
fn multiplied(mut run: Run) -> Run {
    let ran: Vec<_> = run.scenarios.iter().filter(|one| !one.exchanges.is_empty()).collect();
    let all = ran.iter().cycle().take(SCENARIOS).enumerate();
    let scenarios = all.map(|(number, real)| {
        let mut one = (*real).clone();
        let round = number / ran.len();
        one.feature = one.feature.replacen("features/", &format!("features/round{round}/"), 1);
        one.id = format!("{}:{}", one.feature, one.line);
        one.name = format!("{}, number {number}", one.name);
        // No two runs have the same identifiers in them.
        for exchange in &mut one.exchanges {
            let marked =
                |text: &str| text.replace("127.0.0.1:", &format!("127.0.{}.1:", number % 250));
            exchange.request.url = marked(&exchange.request.url);
            if let Some(response) = &mut exchange.response {
                response.body = marked(&response.body);
            }
        }
        one
    });
    run.scenarios = scenarios.collect();
    run
}

/// What a browser needs until the list of scenarios is there, and until it is filtered.
fn seen(page: &Path, out: &Path) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report_page");
    let browser = ["chromium", "google-chrome"]
        .iter()
        .flat_map(|name| ["/usr/bin", "/usr/local/bin"].map(|bin| Path::new(bin).join(name)))
        .find(|path| path.is_file())?;
    let mut command = Command::new("node");
    command.arg("look.mjs").args([&browser, page, out]).arg("measure").current_dir(folder);
    let told = command.output().ok()?;
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).ok()?;
    let facts = &told["facts"];
    let (usable, filtered) = (facts["usable_ms"].as_u64()?, facts["filtered_ms"].as_u64()?);
    Some(format!(
        "{usable:>9} ms, until a browser shows the list; {filtered} ms until it is filtered"
    ))
}

/// Kilobytes of this process, by a name in `/proc/self/status`; 0 where there is no such file.
fn memory(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

const SCENARIOS: usize = 2000;
const RUNS: usize = 3;
/// Of the page, in a browser.
const MOST_MB: f64 = 15.0;
const MOST_MS: u64 = 2000;
