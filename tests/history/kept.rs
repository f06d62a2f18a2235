//! What is kept, found and let go.

use checkride::history::{History, HistoryError, Keep, Scope, Selector, Stored};
use checkride::record::{Completion, How, Part, Run, Verdict};
use jiff::Timestamp;

use crate::databases::{Empty, PASSWORD};
use crate::on_both;
use crate::records::name;
use crate::runs::{bytes, run};

on_both!(
    a_run_comes_back_as_it_was,
    a_run_that_is_kept_twice_is_there_once,
    another_run_of_the_same_name_is_refused,
    a_run_takes_the_place_of_those_that_it_went_on_from,
    a_run_is_found_by_what_somebody_says,
    a_target_and_an_app_have_runs_of_their_own,
    runs_about_a_release_and_of_a_plan_are_told_apart,
    what_is_old_goes_and_the_last_green_run_stays,
    tables_of_an_earlier_version_are_brought_up_to_date,
    tables_of_a_newer_version_are_told,
);

pub async fn filled(empty: &Empty, runs: &[Run]) -> History {
    let mut history = History::open(&empty.place).await.unwrap();
    for run in runs {
        assert_eq!(history.store(run, &bytes(run)).await.unwrap(), Stored::New);
    }
    history
}

async fn names(history: &mut History) -> Vec<String> {
    let listed = history.list(&Scope::default(), 1000).await.unwrap();
    listed.into_iter().map(|run| run.run).collect()
}

async fn a_run_comes_back_as_it_was(empty: &Empty) {
    let kept = run(1, &[("right secret", "pass"), ("Größe — 'quoted' \"x\"\n", "fail")]);
    let mut history = filled(empty, &[run(0, &[]), kept.clone()]).await;
    let found = history.find(&Selector::Last, &Scope::default()).await.unwrap();
    assert_eq!(bytes(&found), bytes(&kept));
    history.close().await;

    let mut again = History::open_existing(&empty.place).await.unwrap().unwrap();
    let record = again.record(&Selector::Last, &Scope::default()).await.unwrap();
    assert_eq!(record, bytes(&kept), "to the letter, after it was closed");
}

async fn a_run_that_is_kept_twice_is_there_once(empty: &Empty) {
    let first = run(1, &[("a", "fail")]);
    let mut history = filled(empty, std::slice::from_ref(&first)).await;
    assert!(history.has(&first).await.unwrap());
    let better = run(1, &[("a", "pass"), ("b", "pass")]);
    assert_eq!(history.store(&better, &bytes(&better)).await.unwrap(), Stored::Replaced);
    let listed = history.list(&Scope::default(), 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].green && listed[0].tally[0].1 == 2, "{listed:?}");
}

async fn another_run_of_the_same_name_is_refused(empty: &Empty) {
    let mut history = filled(empty, &[run(1, &[("a", "pass")])]).await;
    let mut other = run(2, &[("a", "fail")]);
    other.id = name(1);
    assert!(!history.has(&other).await.unwrap());
    let refused = history.store(&other, &bytes(&other)).await.unwrap_err();
    assert!(matches!(refused, HistoryError::Taken(_)), "{refused}");
    let kept = history.find(&Selector::Last, &Scope::default()).await.unwrap();
    assert_eq!(kept.started, run(1, &[]).started, "the first one is still there");
}

async fn a_run_takes_the_place_of_those_that_it_went_on_from(empty: &Empty) {
    let first = run(1, &[("a", "fail")]);
    let mut history = filled(empty, &[run(0, &[]), first.clone()]).await;
    let part =
        |run: &Run, how| Part { run: run.id.clone(), started: run.started, how, scenarios: 1 };
    let mut resumed = run(2, &[("a", "pass")]);
    resumed.started = first.started;
    resumed.parts = vec![part(&first, How::First), part(&resumed, How::Rerun)];
    assert_eq!(history.store(&resumed, &bytes(&resumed)).await.unwrap(), Stored::Replaced);
    assert_eq!(names(&mut history).await, [name(2), name(0)]);
    let late = history.store(&first, &bytes(&first)).await.unwrap();
    assert_eq!(late, Stored::PartOf(name(2)), "the later one stands for it");

    let mut merged = run(3, &[("a", "pass")]);
    merged.id = format!("{}-merged", name(3));
    merged.parts = vec![part(&run(3, &[]), How::Shard { number: 1, of: 2 })];
    history.store(&merged, &bytes(&merged)).await.unwrap();
    let mut rerun = run(4, &[("a", "pass")]);
    rerun.parts = merged.parts.clone();
    assert_eq!(history.store(&rerun, &bytes(&rerun)).await.unwrap(), Stored::Replaced);
    assert_eq!(names(&mut history).await, [name(4), name(2), name(0)]);
}

async fn a_run_is_found_by_what_somebody_says(empty: &Empty) {
    let red = [("a", "fail")];
    let green = [("a", "pass")];
    let runs = [run(0, &green), run(30, &green), run(31, &red), run(60, &red)];
    let mut history = filled(empty, &runs).await;
    for (said, expected) in [
        ("last", Some(60)),
        ("last-green", Some(30)),
        ("2026-10-01", Some(0)),
        ("2026-10-02", Some(31)),
        ("2026-10-02T06:30:00Z", Some(30)),
        ("2026-10-02 06:00", Some(30)),
        ("2026-09-30", None),
        (&name(31), Some(31)),
        ("20261001", Some(0)),
        ("20261005", None),
    ] {
        let Ok(selector) = said.parse::<Selector>();
        let found = history.find(&selector, &Scope::default()).await;
        match (found, expected) {
            (Ok(found), Some(hour)) => {
                assert_eq!(found.id, name(hour), "{said}");
                let listed = history.listed(&selector, &Scope::default()).await.unwrap();
                assert_eq!((listed.run, listed.turned), (name(hour), None));
            }
            (Err(HistoryError::NoRun { .. }), None) => {}
            (found, _) => panic!("{said}: {found:?}"),
        }
    }
    let Ok(two) = "20261002".parse::<Selector>();
    let unclear = history.find(&two, &Scope::default()).await.unwrap_err().to_string();
    assert!(unclear.contains(&name(30)) && unclear.contains(&name(31)), "{unclear}");
    let before = Scope { before: Some(runs[1].started), ..Scope::default() };
    let found = history.find(&Selector::LastGreen, &before).await.unwrap();
    assert_eq!(found.id, name(0));
}

async fn runs_about_a_release_and_of_a_plan_are_told_apart(empty: &Empty) {
    let about = |hour, release: Option<&str>, plan: &str| {
        let mut run = run(hour, &[("a", "pass"), ("b", "fail")]);
        run.target.release = release.map(str::to_owned);
        run.extent.as_mut().unwrap().plan = plan.to_owned();
        run
    };
    let mut stopped = about(6, None, "p");
    stopped.completion = Completion::Interrupted;
    let runs = [
        about(1, None, "p"),
        about(2, Some("summer"), "p"),
        about(3, Some("summer"), "q"),
        about(4, None, "q"),
        about(5, Some("winter"), "p"),
        stopped,
    ];
    let mut history = filled(empty, &runs).await;
    let some = |text: &str| Some(text.to_owned());
    for (release, plan, expected) in [
        (None, None, &[5, 4, 3, 2, 1][..]),
        (some(""), None, &[4, 1]),
        (some("summer"), None, &[3, 2]),
        (some(""), some("p"), &[1]),
        (some("autumn"), None, &[]),
    ] {
        let scope = Scope { release, plan, ..Scope::default() };
        let newest = history.newest(&scope, 10).await.unwrap();
        let ids: Vec<String> = newest.iter().map(|it| it.run.clone()).collect();
        let expected: Vec<String> = expected.iter().map(|hour| name(*hour)).collect();
        assert_eq!(ids, expected, "{scope:?}");
    }
    let newest = history.newest(&Scope::default(), 1).await.unwrap();
    assert_eq!(newest[0].tally, [(Verdict::Pass, 1), (Verdict::Fail, 1)]);
    let about = history.about_releases().await.unwrap();
    let about: Vec<(&str, &str)> =
        about.iter().map(|it| (it.release.as_str(), it.run.as_str())).collect();
    assert_eq!(about, [("summer", name(3).as_str()), ("winter", name(5).as_str())]);
    let scope = Scope { release: some("autumn"), ..Scope::default() };
    let none = history.find(&Selector::Last, &scope).await.unwrap_err().to_string();
    assert!(none.contains("about the release `autumn`"), "{none}");
}

async fn a_target_and_an_app_have_runs_of_their_own(empty: &Empty) {
    let on = |hour, target: &str, app: Option<&str>| {
        let mut run = run(hour, &[("a", "pass")]);
        run.target.name = target.to_owned();
        run.target.app = app.map(str::to_owned);
        run
    };
    let runs = [on(1, "preview", None), on(2, "mock", Some("mine")), on(3, "mock", None)];
    let mut history = filled(empty, &runs).await;
    for (target, app, expected) in [
        (Some("preview"), None, Some(1)),
        (Some("mock"), Some("mine"), Some(2)),
        (Some("mock"), Some(""), Some(3)),
        (None, Some("mine"), Some(2)),
        (Some("preview"), Some("mine"), None),
    ] {
        let scope = Scope {
            target: target.map(str::to_owned),
            app: app.map(str::to_owned),
            ..Scope::default()
        };
        let found = history.find(&Selector::Last, &scope).await;
        match (found, expected) {
            (Ok(found), Some(hour)) => assert_eq!(found.id, name(hour)),
            (Err(error @ HistoryError::NoRun { .. }), None) => {
                let said = error.to_string();
                assert!(said.contains("`preview`") && said.contains("`mine`"), "{said}");
            }
            (found, _) => panic!("{target:?} {app:?}: {found:?}"),
        }
    }
}

async fn what_is_old_goes_and_the_last_green_run_stays(empty: &Empty) {
    let red = [("a", "fail")];
    let mut runs: Vec<Run> = (0..10).map(|day| run(day * 24, &red)).collect();
    runs[1] = run(24, &[("a", "pass")]);
    let mut elsewhere = run(5, &red);
    elsewhere.target.name = "preview".to_owned();
    runs.push(elsewhere);
    let mut history = filled(empty, &runs).await;
    let now: Timestamp = "2026-10-10T00:00:00Z".parse().unwrap();
    assert_eq!(history.prune(Keep { days: 400, runs: 400 }, now).await.unwrap(), 0);
    assert_eq!(history.prune(Keep { days: 400, runs: 5 }, now).await.unwrap(), 4);
    let left: Vec<String> = [216, 192, 168, 144, 120, 24, 5].map(name).to_vec();
    assert_eq!(names(&mut history).await, left);
    assert_eq!(history.prune(Keep { days: 3, runs: 5 }, now).await.unwrap(), 2);
    history.shrink().await.unwrap();
    assert_eq!(names(&mut history).await, [216, 192, 168, 144, 24].map(name));
    let found = history.find(&Selector::LastGreen, &Scope::default()).await.unwrap();
    assert_eq!(found.id, name(24));
}

async fn tables_of_an_earlier_version_are_brought_up_to_date(empty: &Empty) {
    filled(empty, &[run(1, &[("a", "pass")])]).await.close().await;
    // As they were before the second version.
    let first = [
        "ALTER TABLE run DROP COLUMN release",
        "ALTER TABLE run DROP COLUMN plan",
        "DELETE FROM _sqlx_migrations WHERE version = 2",
    ];
    say(empty, &first).await;
    let mut history = History::open(&empty.place).await.unwrap();
    let none = Scope { release: Some(String::new()), ..Scope::default() };
    assert_eq!(history.find(&Selector::Last, &none).await.unwrap().id, name(1));
    let other = run(2, &[("a", "pass")]);
    assert_eq!(history.store(&other, &bytes(&other)).await.unwrap(), Stored::New);
    let same = Scope { plan: Some("p".to_owned()), ..Scope::default() };
    assert_eq!(history.newest(&same, 9).await.unwrap().len(), 1, "of the first nobody knows it");
}

/// Says something to the database itself.
async fn say(empty: &Empty, statements: &[&str]) {
    sqlx::any::install_default_drivers();
    let url = match &empty.url {
        Some(url) => url.clone(),
        None => format!("sqlite:{}/reports/history.sqlite", empty.folder.path().display()),
    };
    let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.unwrap();
    for statement in statements {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    sqlx::Connection::close(connection).await.unwrap();
}

async fn tables_of_a_newer_version_are_told(empty: &Empty) {
    filled(empty, &[run(1, &[("a", "pass")])]).await.close().await;
    say(empty, &["UPDATE _sqlx_migrations SET version = version + 900"]).await;
    let refused = History::open(&empty.place).await.unwrap_err();
    assert!(matches!(refused, HistoryError::Newer(_)), "{refused}");
    assert!(!refused.to_string().contains(PASSWORD), "{refused}");
    assert!(!refused.is_outage());
}
