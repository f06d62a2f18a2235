//! Times what is asked of a year of nightly runs: `cargo bench --bench history`.
//!
//! A real run of all scenarios is made first. Each night is that record with other durations, a few
//! verdicts that turn back and forth, and one that regresses for a while.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark talks, and stops where it cannot measure"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use checkride::history::{History, Place, Scope, Selector};
use checkride::record::{self, Run, Verdict};
use jiff::{SignedDuration, Timestamp};

fn main() {
    let _ = fs::remove_dir_all(folder());
    fs::create_dir_all(folder()).expect("the folder can be made");
    let project = "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n";
    fs::write(folder().join("checkride.yaml"), project).expect("the project can be written");
    let real = real_run();
    let threads = tokio::runtime::Runtime::new().expect("there are threads");
    let place = Place::File(folder().join("reports/history.sqlite"));
    let began = Instant::now();
    let whole = threads.block_on(year(&place, &real));
    let room = fs::metadata(folder().join("reports/history.sqlite")).map_or(0, |it| it.len());
    println!(
        "{NIGHTS} nights of {} scenarios: kept in {:.0} ms each, {} MB of records in {} MB",
        real.scenarios.len(),
        began.elapsed().as_millis() as f64 / f64::from(NIGHTS),
        whole / 1_000_000,
        room / 1_000_000,
    );
    for arguments in [
        &["history"][..],
        &["history", "--last", "365"],
        &["history", "show"],
        &["history", "failing"],
        &["history", "requirements"],
        &["history", "requirements", "--all", "--last", "365"],
        &["history", "flaky"],
        &["history", "flaky", "--last", "365"],
        &["history", "slow"],
        &["history", "slow", "--last", "365"],
    ] {
        measure(&format!("checkride {}", arguments.join(" ")), || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_checkride"));
            let command = command.args(arguments).current_dir(folder());
            let ended = command.output().expect("the program starts");
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        });
    }
    measure("a whole record, by `last-green`", || {
        let found = threads.block_on(async {
            let mut history = History::open(&place).await?;
            history.find(&Selector::LastGreen, &Scope::default()).await
        });
        assert!(found.is_ok_and(|run| !run.scenarios.is_empty()));
    });
}

/// A run of all scenarios of this repository.
fn real_run() -> Run {
    let out = folder().join("real");
    let ended = Command::new(env!("CARGO_BIN_EXE_checkride"))
        .arg("run")
        .arg("--out")
        .arg(&out)
        .env("CHECKRIDE_BROWSER_INSTALL", "auto")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(ended.success(), "`checkride run` ended with {ended}");
    record::read(&out).expect("the run has a record")
}

/// Keeps a year of nights, and says how many bytes their records have.
async fn year(place: &Place, real: &Run) -> usize {
    let mut history = History::open(place).await.expect("the history can be opened");
    let mut bytes = 0;
    for night in 0..NIGHTS {
        let run = varied(real, night);
        let record = serde_json::to_vec_pretty(&run).expect("a record is JSON");
        bytes += record.len();
        history.store(&run, &record).await.expect("the run can be kept");
    }
    history.close().await;
    bytes
}

fn varied(real: &Run, night: u32) -> Run {
    let mut run = real.clone();
    let first: Timestamp = "2025-11-22T03:17:00Z".parse().expect("it is a moment");
    run.started = first + SignedDuration::from_hours(i64::from(night) * 24);
    run.id = format!("{}-nightly", run.started.strftime("%Y%m%dT%H%M%SZ"));
    for (index, scenario) in (0_u32..).zip(&mut run.scenarios) {
        let chance = (index.wrapping_mul(2_654_435_761) ^ night.wrapping_mul(40_503)) % 1000;
        scenario.duration_ms = scenario.duration_ms * u64::from(900 + chance / 5) / 1000;
        let verdict = match chance {
            _ if scenario.verdict == Verdict::Skipped => continue,
            _ if index % 97 == 5 && night % 120 > 100 => Verdict::Fail,
            0..2 => Verdict::Fail,
            2..5 => Verdict::Flaky,
            5..8 => Verdict::Inconclusive,
            _ => scenario.verdict,
        };
        scenario.verdict = verdict;
        scenario.findings.values_mut().for_each(|found| *found = verdict);
    }
    run
}

/// Does something several times; prints the fastest and the median time.
fn measure(what: &str, mut work: impl FnMut()) {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!("{:>9.0} ms, {:>6.0} ms  {what}", seconds[0] * 1000.0, seconds[RUNS / 2] * 1000.0);
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/history"))
}

const NIGHTS: u32 = 365;
const RUNS: usize = 5;
