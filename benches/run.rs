//! Times whole runs of the program on the embedded mock: `cargo bench`.
//!
//! Machines are noisy, so each figure is the fastest and the median of several runs, and what is
//! worth comparing is the ratio of two figures of one machine.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark talks, and stops where it cannot measure"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores, {RUNS} runs each: fastest, median");
    let one = [TOKEN];
    let start = measure("one HTTP scenario, start to exit", 1, &one);
    let http = ["--tags", "not @browser"];
    let many = measure("all scenarios without the browser", count(&http), &http);
    let (scenarios, seconds) = many;
    let marginal = (seconds - start.1) / (scenarios.saturating_sub(1).max(1)) as f64;
    println!("{:>9.2} ms  marginal cost of one scenario without the browser", marginal * 1000.0);
    let login = ["--tags", "@browser", "--jobs", "1"];
    measure("browser scenarios, one at a time", count(&login), &login);
    let login = ["--tags", "@browser"];
    measure("browser scenarios, as many as by default", count(&login), &login);
    measure("everything", count(&[]), &[]);
}

/// Runs the program several times; prints and gives the scenarios and the median seconds.
fn measure(what: &str, scenarios: usize, arguments: &[&str]) -> (usize, f64) {
    let mut seconds: Vec<f64> = (0..RUNS).map(|_| run(arguments)).collect();
    seconds.sort_by(f64::total_cmp);
    let (fastest, median) = (seconds[0], seconds[RUNS / 2]);
    println!(
        "{:>9.2} s, {:>6.2} s  {what}: {scenarios} scenarios, {:.0} ms each",
        fastest,
        median,
        median * 1000.0 / scenarios.max(1) as f64
    );
    (scenarios, median)
}

fn run(arguments: &[&str]) -> f64 {
    let started = Instant::now();
    let status = checkride(arguments).status().expect("the program starts");
    assert!(status.success(), "`checkride run {}` ended with {status}", arguments.join(" "));
    started.elapsed().as_secs_f64()
}

/// How many scenarios a run of these arguments has.
fn count(arguments: &[&str]) -> usize {
    run(arguments);
    let record = std::fs::read_to_string(out().join("results.json")).expect("the run has results");
    let results: serde_json::Value = serde_json::from_str(&record).expect("results are JSON");
    results["scenarios"].as_array().map_or(0, Vec::len)
}

fn checkride(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_checkride"));
    command
        .arg("run")
        .args(arguments)
        .arg("--out")
        .arg(out())
        .env("CHECKRIDE_BROWSER_INSTALL", "auto")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn out() -> &'static Path {
    Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/bench"))
}

const RUNS: usize = 5;
const TOKEN: &str = "features/token/secret.feature:11";
