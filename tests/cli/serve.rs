//! `checkride serve`: the history as pages.

use crate::records::{name, record};
use crate::stage::{Stage, soon};
use crate::wire::Served;

/// Three nights, in which a scenario with a hostile title begins to fail.
fn nights() -> Stage {
    let stage = Stage::with_features(&[]);
    for (night, verdict) in [(0, "pass"), (1, "fail"), (2, "fail")] {
        let record = record(night * 24, &[("steady", "pass"), (HOSTILE, verdict)]);
        stage.write(&format!("nights/{night}/record.json"), &record.to_string());
    }
    stage.ends(0, &["history", "import", "nights"]);
    stage
}

fn serve(stage: &Stage) -> Served {
    Served::start(stage, &["serve", "--port", "0"])
}

/// The names of the runs that the list links to, newest first.
fn listed(served: &Served) -> Vec<String> {
    let list = served.get("/");
    assert_eq!(list.status, 200, "{list:?}");
    let links = list.body.split("href=\"&#x2f;run?run=").chain(list.body.split("href=\"/run?run="));
    let names = links.filter_map(|rest| rest.split_once('"')).map(|(name, _)| name.to_owned());
    names.filter(|name| !name.contains('<')).collect()
}

#[test]
fn runs_are_listed_shown_reported_and_compared() {
    let stage = nights();
    let served = serve(&stage);
    let runs = listed(&served);
    assert_eq!(runs.len(), 3, "{runs:?}");

    let run = served.get(&format!("/run?run={}", runs[1]));
    assert!(run.body.contains("New: fails now, and did not before"), "{}", run.body);
    let report = served.get(&format!("/report?run={}", runs[1]));
    assert_eq!(report.status, 200);
    assert!(report.body.contains("Does not conform"), "{}", report.body);
    assert!(report.head.contains("frame-ancestors 'none'"), "{}", report.head);
    let changed = served.get(&format!("/compare?before={}&after={}", runs[2], runs[0]));
    assert!(changed.body.contains("newly failing"), "{}", changed.body);
    let kept = served.get(&format!("/record.json?run={}", runs[0]));
    let kept: serde_json::Value = serde_json::from_str(&kept.body).unwrap();
    assert_eq!(kept["id"], runs[0]);

    for (path, said) in [
        ("/failing", "2026-"),
        ("/flaky", "No scenario passed only when it was tried again"),
        ("/slow", "The slowest of the newest run"),
        ("/requirements?all=yes", "over time"),
    ] {
        let page = served.get(path);
        assert_eq!(page.status, 200, "{path}: {page:?}");
        assert!(page.body.contains(said), "{path}: {}", page.body);
    }
    for page in ["/", "/failing", "/slow"].map(|path| served.get(path).body) {
        assert!(!page.contains("<script") && !page.contains("<img"), "a title is text: {page}");
    }
    let ended = served.end();
    assert_eq!(ended.code, Some(0), "{ended}");
}

#[test]
fn a_run_is_compared_with_those_about_the_same_release() {
    let stage = Stage::with_features(&[]);
    let tested = [(0, "pass", None), (24, "pass", Some("winter-2026")), (48, "fail", None)];
    for (hour, verdict, release) in tested {
        let mut record = record(hour, &[("steady", verdict)]);
        record["target"]["release"] = release.into();
        stage.write(&format!("nights/{hour}/record.json"), &record.to_string());
    }
    stage.ends(0, &["history", "import", "nights"]);
    let served = serve(&stage);
    let [first, of_release, last] = [0, 24, 48].map(name);
    let compared = served.get(&format!("/compare?after={last}"));
    assert_eq!(compared.status, 200, "{compared:?}");
    assert!(compared.body.contains(&first) && !compared.body.contains(&of_release), "{compared:?}");
    let run = served.get(&format!("/run?run={last}"));
    assert!(run.body.contains(&format!("before={first}")), "{}", run.body);
    assert!(!run.body.contains(&of_release), "{}", run.body);
}

#[test]
fn what_is_not_there_is_said_in_a_sentence() {
    let stage = nights();
    let served = serve(&stage);
    for (path, said) in [
        ("/nowhere", "there is no page"),
        ("/run?run=2019", "cannot find a run whose name begins with"),
        ("/report?run=2019", "cannot find a run whose name begins with"),
        ("/requirement?id=%3Cscript%3E", "say nothing of a requirement"),
        ("/?of=elsewhere", "no run of"),
    ] {
        let page = served.get(path);
        assert_eq!(page.status, 404, "{path}: {page:?}");
        assert!(page.body.contains(said) && !page.body.contains("<script"), "{}", page.body);
    }
}

#[test]
fn only_a_browser_that_was_sent_here_is_answered() {
    let stage = Stage::with_features(&[]);
    let served = serve(&stage);
    let page = served.get("/");
    assert!(page.body.contains("No run is kept yet"), "{}", page.body);
    for header in [
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(page.head.contains(header), "{header}: {}", page.head);
    }
    assert!(!page.head.contains("access-control"), "{}", page.head);
    let port = served.host.split_once(':').unwrap().1;
    let localhost = format!("localhost:{port}");
    assert_eq!(served.ask("GET", "/", &[("Host", &localhost)], "").status, 200);
    for host in [format!("evil.example:{port}"), "127.0.0.1:1".to_owned()] {
        let refused = served.ask("GET", "/", &[("Host", &host)], "");
        assert_eq!(refused.status, 421, "{host}: {refused:?}");
    }
    assert_eq!(served.ask("POST", "/", &[("Host", &served.host)], "").status, 405);
    // A run that is kept meanwhile is there at once.
    stage.write("night/record.json", &record(0, &[("a", "pass")]).to_string());
    stage.ends(0, &["history", "import", "night"]);
    soon("the run is listed", || (listed(&served).len() == 1).then_some(()));

    let taken = stage.ends(2, &["serve", "--port", port]);
    assert!(taken.stderr.contains("cannot listen at port"), "{taken}");
}

const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
