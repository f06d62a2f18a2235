//! What one scenario leaves in a tab is not there for the next.

use super::Bench;
use crate::browser::{Browser, BrowserError, Fresh};

const ALL: &str = "cookie localStorage sessionStorage name caches indexedDB";

#[tokio::test]
async fn a_wiped_tab_has_nothing_of_the_scenario_before() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        let session = bench.lease().await;
        session.open(&bench.site.url("/page/keep")).await.unwrap();
        session.wait_for_any(&["#found"]).await.unwrap();
        assert_eq!(session.text("#found").await.unwrap().unwrap(), "nothing");
        // In the same scenario all of it is there: the test can see what it looks for.
        session.open(&bench.site.url("/page/keep")).await.unwrap();
        session.wait_for_any(&["#found"]).await.unwrap();
        assert_eq!(session.text("#found").await.unwrap().unwrap().replace(" history", ""), ALL);
        session.release().await;
    }
    bench.browser.close().await;
}

#[tokio::test]
async fn a_tab_is_used_again_and_sends_no_old_cookie() {
    let bench = Bench::new().await;
    let mut targets = Vec::new();
    for _ in 0..2 {
        let session = bench.lease().await;
        session.open(&bench.site.authorize("http://127.0.0.1:1/")).await.unwrap();
        targets.push(session.tab().unwrap().target().to_owned());
        session.release().await;
    }
    assert_eq!(targets[0], targets[1]);
    let cookies: Vec<String> =
        bench.site.hits().into_iter().filter(|hit| hit.starts_with("/authorize")).collect();
    assert_eq!(cookies, ["/authorize ", "/authorize "]);
    let fresh = bench.browser.lease(bench.recorder.clone(), Fresh::Yes).await.unwrap();
    assert_ne!(fresh.tab().unwrap().target(), targets[0]);
    fresh.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn what_a_foreign_frame_kept_is_gone_too() {
    let bench = Bench::new().await;
    for _ in 0..2 {
        let session = bench.lease().await;
        session.open(&bench.site.url("/page/frame")).await.unwrap();
        session
            .open(&bench.site.url("/page/keep").replace("127.0.0.1", "localhost"))
            .await
            .unwrap();
        session.wait_for_any(&["#found"]).await.unwrap();
        let found = session.text("#found").await.unwrap().unwrap();
        assert!(!found.contains("localStorage"), "{found}");
        session.release().await;
    }
    bench.browser.close().await;
}

#[tokio::test]
async fn who_comes_too_late_waits_for_a_free_tab() {
    let bench = Bench::with(|options| options.tabs = 1).await;
    let first = bench.lease().await;
    let mut second = Box::pin(bench.lease());
    assert!(futures::poll!(second.as_mut()).is_pending());
    // Dropping gives the tab back as well, only later.
    drop(first);
    second.await.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn the_wait_for_a_free_tab_ends() {
    let bench = Bench::with(|options| {
        options.tabs = 1;
        options.queue = std::time::Duration::from_millis(20);
    })
    .await;
    let first = bench.lease().await;
    let told = bench.browser.lease(bench.recorder.clone(), Fresh::No).await.err().unwrap();
    assert_eq!(told.to_string(), "get a free tab within 0.02 s");
    first.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_crashed_tab_fails_its_own_scenario_only() {
    let bench = Bench::new().await;
    let (session, other) = (bench.lease().await, bench.lease().await);
    other.open(&bench.site.url("/page/plain")).await.unwrap();
    let error = session.open("chrome://crash").await.unwrap_err();
    assert!(matches!(error, BrowserError::Crashed), "{error}");
    let error = session.evaluate::<u8>("1").await.unwrap_err();
    assert!(matches!(error, BrowserError::Crashed), "{error}");
    assert_eq!(other.content_text().await.unwrap(), "plain");
    session.release().await;
    other.release().await;
    let session = bench.lease().await;
    assert_eq!(session.open(&bench.site.url("/hop/0")).await.unwrap().status, Some(200));
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn nothing_is_started_before_it_is_needed() {
    let browser = Browser::new(crate::browser::Options::within(std::env::temp_dir()));
    assert_eq!(browser.pid().await, None);
    assert_eq!(browser.version(), None);
    browser.close().await;
}
