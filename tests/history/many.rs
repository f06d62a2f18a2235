//! Several programs at the same time, and programs that are killed.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};

use checkride::history::{History, Scope, Selector, Stored};

use crate::databases::Empty;
use crate::on_both;
use crate::records::{name, record};
use crate::runs::{bytes, run};

on_both!(
    eight_writers_on_connections_of_their_own_lose_nothing,
    eight_programs_that_begin_a_history_lose_nothing,
    a_program_that_is_killed_loses_nothing_that_was_acknowledged,
);

/// Scenarios of which others have some too, so that writers meet.
fn scenarios(seed: i64) -> Vec<(String, &'static str)> {
    let verdict = |it: i64| if it % 7 == 0 { "fail" } else { "pass" };
    (0..120).map(|it| (format!("scenario {}", (it * 31 + seed * 17) % 160), verdict(it))).collect()
}

fn borrowed<'a>(scenarios: &'a [(String, &'static str)]) -> Vec<(&'a str, &'static str)> {
    scenarios.iter().map(|(name, verdict)| (name.as_str(), *verdict)).collect()
}

async fn eight_writers_on_connections_of_their_own_lose_nothing(empty: &Empty) {
    let writers = (0..8).map(|writer| {
        let place = empty.place.clone();
        tokio::spawn(async move {
            let mut history = History::open(&place).await.unwrap();
            for turn in 0..5 {
                let hour = writer * 5 + turn;
                let scenarios = scenarios(hour);
                let run = run(hour, &borrowed(&scenarios));
                assert_eq!(history.store(&run, &bytes(&run)).await.unwrap(), Stored::New);
            }
            history.close().await;
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let mut history = History::open(&empty.place).await.unwrap();
    let listed = history.list(&Scope::default(), 100).await.unwrap();
    let names: Vec<String> = listed.iter().map(|run| run.run.clone()).collect();
    assert_eq!(names, (0..40).rev().map(name).collect::<Vec<_>>());
    assert!(listed.iter().all(|run| run.tally.iter().map(|(_, count)| count).sum::<i64>() == 120));
    for hour in 0..40 {
        let selector = Selector::Name(name(hour));
        let found = history.find(&selector, &Scope::default()).await.unwrap();
        assert_eq!(found.scenarios.len(), 120);
    }
}

async fn eight_programs_that_begin_a_history_lose_nothing(empty: &Empty) {
    project(empty);
    let programs: Vec<Child> = (0..8)
        .map(|program| {
            let names: Vec<String> =
                (0..3).map(|turn| written(empty, program * 3 + turn)).collect();
            import(empty, &names)
        })
        .collect();
    for program in programs {
        let ended = program.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
        assert_eq!(String::from_utf8_lossy(&ended.stdout), "3 runs kept\n", "{said}");
    }
    let mut history = History::open_existing(&empty.place).await.unwrap().unwrap();
    assert_eq!(history.list(&Scope::default(), 100).await.unwrap().len(), 24);
}

async fn a_program_that_is_killed_loses_nothing_that_was_acknowledged(empty: &Empty) {
    project(empty);
    let mut acknowledged = BTreeSet::new();
    for turn in 0..12 {
        // Many, so that it is in the middle of them; killed a few of them later each time.
        let first = 1000 + turn * 40;
        let many: Vec<String> = (0..40).map(|it| written(empty, first + it)).collect();
        let mut history = History::open(&empty.place).await.unwrap();
        let mut program = import(empty, &many);
        let reached = run(first + turn * 3, &[]);
        while !history.has(&reached).await.unwrap() {
            assert_eq!(program.try_wait().unwrap(), None, "it ended by itself");
        }
        history.close().await;
        program.kill().unwrap();
        program.wait().unwrap();
        acknowledged.extend((0..=turn * 3).map(|it| name(first + it)));
        let one = written(empty, turn);
        let ended = import(empty, &[one]).wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        acknowledged.insert(name(turn));

        let mut history = History::open_existing(&empty.place).await.unwrap().unwrap();
        let listed = history.list(&Scope::default(), 1000).await.unwrap();
        let there: BTreeSet<String> = listed.iter().map(|run| run.run.clone()).collect();
        assert!(there.is_superset(&acknowledged), "{turn}: {there:?}");
        // What came through is whole.
        for run in listed.iter().take(3) {
            let selector = Selector::Name(run.run.clone());
            let found = history.find(&selector, &Scope::default()).await.unwrap();
            assert_eq!(found.scenarios.len(), 120);
        }
        assert!(
            listed.iter().all(|run| run.tally.iter().map(|(_, count)| count).sum::<i64>() == 120)
        );
        history.close().await;
    }
}

/// A project whose history is at that place.
fn project(empty: &Empty) {
    let target = "targets:\n  mock: { platform: embedded, dialect: athenahealth }\n";
    let history = match &empty.url {
        Some(_) => "history:\n  url: { env: RUNS }\n",
        None => "",
    };
    std::fs::write(empty.folder.path().join("checkride.yaml"), format!("{target}{history}"))
        .unwrap();
}

/// The file of a record.
fn written(empty: &Empty, hour: i64) -> String {
    let file = format!("{}.json", name(hour));
    let scenarios = scenarios(hour);
    let record = record(hour, &borrowed(&scenarios));
    std::fs::write(empty.folder.path().join(&file), record.to_string()).unwrap();
    file
}

fn import(empty: &Empty, files: &[String]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_checkride"))
        .args(["history", "import"])
        .args(files)
        .current_dir(empty.folder.path())
        .env("RUNS", empty.url.as_deref().unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
