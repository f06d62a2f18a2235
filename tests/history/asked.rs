//! What can be asked.

use checkride::history::{Failing, Scope, Turned};
use checkride::record::{Run, Verdict};

use crate::databases::Empty;
use crate::kept::filled;
use crate::on_both;
use crate::records::name;
use crate::runs::run;

on_both!(
    a_list_says_what_is_new_and_what_is_fixed,
    a_run_of_all_scenarios_is_compared_with_its_like,
    what_was_not_judged_changes_nothing,
    a_failure_is_told_with_its_first_run_and_the_last_green_one,
    a_scenario_that_is_no_more_does_not_fail,
    what_turns_back_and_forth_is_ranked,
    what_takes_longer_than_it_did_is_told,
    requirements_are_told_run_by_run,
    courses_are_told_apart,
);

async fn a_list_says_what_is_new_and_what_is_fixed(empty: &Empty) {
    let mut history = filled(
        empty,
        &[
            run(1, &[("a", "pass"), ("b", "fail"), ("c", "pass")]),
            run(2, &[("a", "fail"), ("b", "pass"), ("c", "pass")]),
            run(3, &[("a", "fail"), ("b", "warn"), ("c", "fail")]),
            run(4, &[("a", "fail"), ("b", "pass"), ("c", "waived")]),
        ],
    )
    .await;
    let listed = history.list(&Scope::default(), 10).await.unwrap();
    let turned: Vec<Option<(i64, i64)>> =
        listed.iter().map(|run| run.turned.map(|it| (it.new, it.fixed))).collect();
    assert_eq!(turned, [Some((0, 0)), Some((1, 0)), Some((1, 1)), None], "newest first");
    let two = history.list(&Scope::default(), 2).await.unwrap();
    assert_eq!(two, listed[..2], "what is before the list is looked at, too");

    let turns = history.turns(&listed[2]).await.unwrap();
    let names = |of: &[checkride::history::Named]| -> Vec<(String, i64)> {
        of.iter().map(|it| (it.name.clone(), it.line)).collect()
    };
    assert_eq!(names(&turns.new), [("a".to_owned(), 3)]);
    assert_eq!(names(&turns.fixed), [("b".to_owned(), 4)]);
    assert_eq!(turns.still, []);
    let turns = history.turns(&listed[0]).await.unwrap();
    assert_eq!(names(&turns.still), [("a".to_owned(), 3)]);
}

async fn a_run_of_all_scenarios_is_compared_with_its_like(empty: &Empty) {
    let mut some = run(2, &[("a", "fail")]);
    some.extent.as_mut().unwrap().whole = false;
    let runs = [run(1, &[("a", "pass")]), some, run(3, &[("a", "fail")])];
    let mut history = filled(empty, &runs).await;
    let listed = history.list(&Scope::default(), 10).await.unwrap();
    assert_eq!(listed[0].turned, Some(Turned { new: 1, fixed: 0 }), "since the last whole run");
    assert_eq!(listed[1].turned, None, "there was none like it");
    let whole = Scope { whole: true, ..Scope::default() };
    assert_eq!(history.list(&whole, 10).await.unwrap().len(), 2);
}

async fn what_was_not_judged_changes_nothing(empty: &Empty) {
    let runs = [
        run(1, &[("a", "fail"), ("b", "pass")]),
        run(2, &[("a", "inconclusive"), ("b", "error")]),
        run(3, &[("a", "fail"), ("b", "fail")]),
    ];
    let mut history = filled(empty, &runs).await;
    let listed = history.list(&Scope::default(), 10).await.unwrap();
    assert_eq!(listed[0].turned, Some(Turned { new: 1, fixed: 0 }), "{listed:?}");
}

type Brief = (String, Verdict, String, i64, Option<String>);

fn brief(failing: &[Failing]) -> Vec<Brief> {
    let brief = |it: &Failing| {
        let green = it.last_green.as_ref().map(|it| it.run.clone());
        (it.scenario.name.clone(), it.verdict, it.since.run.clone(), it.runs, green)
    };
    failing.iter().map(brief).collect()
}

async fn a_failure_is_told_with_its_first_run_and_the_last_green_one(empty: &Empty) {
    let runs = [
        run(1, &[("a", "pass"), ("b", "fail"), ("c", "fail"), ("d", "pass")]),
        run(2, &[("a", "pass"), ("b", "fail"), ("c", "pass"), ("d", "pass")]),
        run(3, &[("a", "fail"), ("b", "inconclusive"), ("c", "pass"), ("d", "pass")]),
        run(4, &[("a", "fail"), ("b", "waived"), ("c", "pass"), ("d", "skipped")]),
    ];
    let mut history = filled(empty, &runs).await;
    let failing = history.failing(&Scope::default()).await.unwrap();
    let expected = [
        ("a".to_owned(), Verdict::Fail, name(3), 2, Some(name(2))),
        ("b".to_owned(), Verdict::Waived, name(1), 3, None),
    ];
    assert_eq!(brief(&failing), expected, "the newest failure first");
}

async fn a_scenario_that_is_no_more_does_not_fail(empty: &Empty) {
    let runs = [run(1, &[("gone", "fail"), ("a", "pass")]), run(2, &[("a", "pass")])];
    let mut history = filled(empty, &runs).await;
    assert_eq!(history.failing(&Scope::default()).await.unwrap(), []);
    let mut some = run(3, &[("other", "fail")]);
    some.extent.as_mut().unwrap().whole = false;
    history.store(&some, &crate::runs::bytes(&some)).await.unwrap();
    let failing = history.failing(&Scope::default()).await.unwrap();
    assert_eq!(failing.len(), 1, "what is newer than the last whole run may be new");
}

async fn what_turns_back_and_forth_is_ranked(empty: &Empty) {
    let verdicts = [
        ("steady", ["pass", "pass", "pass", "pass", "pass", "pass"]),
        ("regressed", ["pass", "pass", "fail", "fail", "fail", "fail"]),
        ("once", ["pass", "fail", "pass", "pass", "pass", "pass"]),
        ("often", ["pass", "fail", "pass", "fail", "pass", "pass"]),
        ("retried", ["pass", "flaky", "pass", "flaky", "pass", "pass"]),
    ];
    let runs: Vec<Run> = (0..6)
        .map(|turn| {
            let scenarios: Vec<(&str, &str)> =
                verdicts.iter().map(|(name, verdicts)| (*name, verdicts[turn])).collect();
            run(i64::try_from(turn).unwrap(), &scenarios)
        })
        .collect();
    let mut history = filled(empty, &runs).await;
    let shaky = history.flaky(&Scope::default(), 100).await.unwrap();
    let told: Vec<(&str, i64, i64, i64)> = shaky
        .iter()
        .map(|it| (it.scenario.name.as_str(), it.judged, it.retried, it.blips))
        .collect();
    assert_eq!(told, [("often", 6, 0, 3), ("retried", 6, 2, 0), ("once", 6, 0, 1)]);
    let lately = history.flaky(&Scope::default(), 2).await.unwrap();
    assert_eq!(lately, [], "the last two runs were alike");
}

async fn what_takes_longer_than_it_did_is_told(empty: &Empty) {
    let runs: Vec<Run> = (0..8)
        .map(|hour| {
            let mut run =
                run(hour, &[("steady", "pass"), ("slower", "pass"), ("left out", "skipped")]);
            run.scenarios[0].duration_ms = 900;
            run.scenarios[1].duration_ms =
                if hour == 7 { 2000 } else { 1000 + u64::try_from(hour).unwrap() };
            run
        })
        .collect();
    let mut history = filled(empty, &runs).await;
    let timing = history.timing(&Scope::default(), 100).await.unwrap();
    assert_eq!(timing.runs.len(), 8);
    assert_eq!(timing.runs[7].1, 40_007);
    let told: Vec<(&str, i64, Option<i64>, bool)> = timing
        .scenarios
        .iter()
        .map(|it| (it.scenario.name.as_str(), it.last_ms, it.median_ms, it.is_slower()))
        .collect();
    assert_eq!(told, [("slower", 2000, Some(1003), true), ("steady", 900, Some(900), false)]);
}

async fn requirements_are_told_run_by_run(empty: &Empty) {
    let runs = [
        run(1, &[("a", "pass"), ("b", "pass")]),
        run(2, &[("a", "fail"), ("b", "skipped")]),
        run(3, &[("b", "pass")]),
    ];
    let mut history = filled(empty, &runs).await;
    let matrix = history.requirements(&Scope::default(), 10, (&[], false)).await.unwrap();
    assert_eq!(
        matrix.runs.iter().map(|it| it.run.clone()).collect::<Vec<_>>(),
        [1, 2, 3].map(name)
    );
    let (pass, fail) = (Some(Verdict::Pass), Some(Verdict::Fail));
    assert_eq!(matrix.requirements.len(), 1, "what was always met is left out");
    assert_eq!(matrix.requirements[0].name, "REQ-A");
    assert_eq!(matrix.requirements[0].verdicts, [pass, fail, None]);
    assert_eq!(matrix.scenarios, []);
    let all = history.requirements(&Scope::default(), 10, (&[], true)).await.unwrap();
    assert_eq!(all.requirements.len(), 2);
    let asked = ["REQ-B".to_owned()];
    let one = history.requirements(&Scope::default(), 2, (&asked, false)).await.unwrap();
    assert_eq!(one.requirements[0].verdicts, [Some(Verdict::Skipped), pass]);
    assert_eq!(one.scenarios[0].name, "b");
    assert_eq!(one.scenarios[0].verdicts, [Some(Verdict::Skipped), pass]);
    let known = history.known_requirements(&Scope::default()).await.unwrap();
    assert_eq!(known, ["REQ-A", "REQ-B"]);
}

async fn courses_are_told_apart(empty: &Empty) {
    let mut other = run(1, &[("a", "pass")]);
    other.target.name = "preview".to_owned();
    let mut of_app = run(3, &[("a", "fail")]);
    of_app.target.app = Some("mine".to_owned());
    of_app.extent = None;
    let mut history = filled(empty, &[other, run(2, &[("a", "pass")]), of_app]).await;
    let courses = history.courses(&Scope::default()).await.unwrap();
    let shown: Vec<String> = courses.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["mock", "preview", "mock (mine)"], "those with whole runs first");
    let listed = history.list(&Scope::default(), 10).await.unwrap();
    assert!(listed.iter().all(|run| run.turned.is_none()), "none is compared with another's");
}
