//! However it ends, nothing of the browser is left.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::Bench;
use crate::browser::{Browser, BrowserError, Choice, Fresh, Install, Options};
use crate::record::Recorder;
use crate::secret::Redactor;

#[tokio::test]
async fn closing_leaves_no_process_and_no_file() {
    let bench = Bench::new().await;
    bench.lease().await.release().await;
    let pid = bench.browser.pid().await.unwrap();
    assert!(bench.browser.version().unwrap().contains("Chrome/"));
    assert!(members(pid) > 1 && files(bench._folder.path()) == 1);
    bench.browser.close().await;
    assert_eq!((members(pid), files(bench._folder.path())), (0, 0));
}

#[tokio::test]
async fn dropping_leaves_no_process_and_no_file() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    let pid = bench.browser.pid().await.unwrap();
    let Bench { browser, _folder, .. } = bench;
    drop((session, browser));
    // A dropped session wipes its tab first, and the last hold on the browser goes with it.
    ends(pid, _folder.path(), 0).await;
    assert_eq!((members(pid), files(_folder.path())), (0, 0));
}

#[tokio::test]
async fn a_browser_that_died_answers_at_once_and_is_replaced() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/plain")).await.unwrap();
    let pid = bench.browser.pid().await.unwrap();
    let waiting = session.wait_for_any(&["#never"]);
    let killing = async { kill_process(id(pid), Signal::KILL).unwrap() };
    let (waited, ()) = tokio::join!(waiting, killing);
    let error = waited.unwrap_err();
    assert!(matches!(error, BrowserError::Gone), "{error}");
    session.release().await;
    let session = bench.lease().await;
    assert_eq!(session.open(&bench.site.url("/hop/0")).await.unwrap().status, Some(200));
    session.release().await;
    assert_eq!(files(bench._folder.path()), 1);
    bench.browser.close().await;
}

#[tokio::test]
async fn a_process_that_is_killed_takes_its_browser_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "browser::tests::endings::a_victim_holds_a_browser", "--ignored"])
        .args(["--nocapture"])
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let pid: u32 = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some((_, pid)) = line.split_once("browser ") {
            break pid.parse().unwrap();
        }
    };
    assert!(members(pid) > 1);
    victim.kill().await.unwrap();
    ends(pid, folder.path(), 1).await;
    assert_eq!((members(pid), files(folder.path())), (0, 1));
    // The next browser sweeps the folder away.
    let profiles = folder.path().to_owned();
    let options =
        Options { profiles, install: Install::Auto, ..Options::within(std::env::temp_dir()) };
    let browser = Browser::new(options);
    let recorder = Recorder::new(Redactor::new());
    browser.lease(recorder, Fresh::No).await.unwrap().release().await;
    assert_eq!(files(folder.path()), 1);
    browser.close().await;
    assert_eq!(files(folder.path()), 0);
}

#[tokio::test]
#[ignore = "runs only as the victim of the test above"]
async fn a_victim_holds_a_browser() {
    let browser =
        Browser::new(Options { install: Install::Auto, ..Options::within(std::env::temp_dir()) });
    let recorder = Recorder::new(Redactor::new());
    let session = browser.lease(recorder, Fresh::No).await.unwrap();
    session.open("data:text/html,<p>held").await.unwrap();
    println!("\nbrowser {}", browser.pid().await.unwrap());
    // Until the test above kills this process.
    let read = std::io::stdin().read(&mut [0]);
    assert_eq!(read.unwrap(), 0);
}

#[tokio::test]
async fn a_remote_browser_is_used_and_left_running() {
    let bench = Bench::new().await;
    bench.lease().await.release().await;
    let folder = tempfile::tempdir().unwrap();
    let program = std::fs::read_link(format!("/proc/{}/exe", bench.browser.pid().await.unwrap()));
    let mut remote = Command::new(program.unwrap())
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"])
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .env("TMPDIR", folder.path())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(remote.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some((_, address)) = line.split_once("listening on ") {
            break address.to_owned();
        }
    };
    let choice = Choice::from(address.as_str());
    let browser = Browser::new(Options { choice, ..Options::within(std::env::temp_dir()) });
    for _ in 0..2 {
        let session = browser.lease(bench.recorder.clone(), Fresh::No).await.unwrap();
        session.open(&bench.site.url("/page/keep")).await.unwrap();
        session.wait_for_any(&["#found"]).await.unwrap();
        assert_eq!(session.text("#found").await.unwrap().unwrap(), "nothing");
        session.release().await;
    }
    browser.close().await;
    assert!(remote.try_wait().unwrap().is_none());
    remote.kill().await.unwrap();
    bench.browser.close().await;
}

#[tokio::test]
async fn a_program_that_is_no_browser_is_told() {
    let bench = Bench::with(|options| options.choice = Choice::from("/bin/false")).await;
    let told = bench.browser.lease(bench.recorder.clone(), Fresh::No).await.err().unwrap();
    assert!(told.to_string().starts_with("start `/bin/false`: "), "{told}");
    assert!(told.hint().is_some());
    assert_eq!(files(bench._folder.path()), 0);
}

/// How many living processes a group has.
fn members(pid: u32) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|one| {
            let stat = std::fs::read_to_string(format!("/proc/{one}/stat")).unwrap_or_default();
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
            fields.first().is_some_and(|state| *state != "Z")
                && fields.get(2).is_some_and(|group| *group == pid.to_string())
        })
        .count()
}

/// Waits until nothing of the group is left, and only so many files.
async fn ends(pid: u32, folder: &Path, left: usize) {
    let gone = async {
        // Nobody tells the end of processes that are not our children.
        while members(pid) > 0 || files(folder) > left {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.unwrap();
}

fn id(pid: u32) -> Pid {
    Pid::from_raw(pid.try_into().unwrap()).unwrap()
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}
