//! Acting on pages, reading them, and pages that get in the way.

use std::time::Duration;

use super::Bench;
use crate::browser::{BrowserError, Seen};

#[tokio::test]
async fn fields_are_filled_ticked_and_sent_as_by_a_user() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/fields")).await.unwrap();
    session.fill("#name", "Ada Lovelace ☂").await.unwrap();
    session.fill("#area", "").await.unwrap();
    session.check("#box", true).await.unwrap();
    session.check("#box", true).await.unwrap();
    assert_eq!(session.text("#name").await.unwrap().unwrap(), "Ada Lovelace ☂");
    assert_eq!(session.text("#area").await.unwrap().unwrap(), "");
    assert!(session.evaluate::<bool>("document.querySelector('#box').checked").await.unwrap());
    session.click("button").await.unwrap();
    assert_eq!(session.evaluate::<String>("document.title").await.unwrap(), "sent");
    // Leaving the field told the page that it changed.
    let changed: String = session.evaluate("document.body.dataset.changed").await.unwrap();
    assert_eq!(changed, "Ada Lovelace ☂");
    session
        .evaluate::<()>("document.title = ''; document.querySelector('#name').focus()")
        .await
        .unwrap();
    session.press("!").await.unwrap();
    session.press("Enter").await.unwrap();
    assert_eq!(session.evaluate::<String>("document.title").await.unwrap(), "sent");
    assert!(session.text("#name").await.unwrap().unwrap().contains('!'));
    assert!(!session.exists("#nothing").await.unwrap());
    assert_eq!(session.text("#nothing").await.unwrap(), None);
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn what_comes_late_or_after_navigations_is_waited_for() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/late")).await.unwrap();
    assert_eq!(session.wait_for_any(&["#end", "#late"]).await.unwrap(), Seen::Selector(1));
    let waiting = session.wait_for_any(&["#end"]);
    let moving = session.evaluate::<()>("void (location = '/hop/5')");
    let (seen, moved) = tokio::join!(waiting, moving);
    moved.unwrap();
    assert_eq!(seen.unwrap(), Seen::Selector(0));
    assert_eq!(session.url(), bench.site.url("/hop/0"));
    assert_eq!(session.content_text().await.unwrap(), "there");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn an_error_status_is_a_landing_and_a_dead_address_is_not() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    let landing = session.open(&bench.site.url("/page/teapot")).await.unwrap();
    assert_eq!(landing.status, Some(418));
    let error = session.open("http://127.0.0.1:1/x?code=1").await.unwrap_err();
    let told = error.to_string();
    assert_eq!(told, "load `http://127.0.0.1:1/x`: net::ERR_UNSAFE_PORT");
    // The tab is as good as before.
    assert_eq!(session.open(&bench.site.url("/hop/1")).await.unwrap().status, Some(200));
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn dialogs_and_popups_do_no_harm() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/popup")).await.unwrap();
    session.click("#one").await.unwrap();
    session.click("#two").await.unwrap();
    assert!(session.content_text().await.unwrap().contains("done"));
    session.release().await;
    let session = bench.lease().await;
    assert_eq!(session.open(&bench.site.url("/hop/0")).await.unwrap().status, Some(200));
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_script_that_fails_says_why() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/plain")).await.unwrap();
    let error = session.evaluate::<u8>("missing.name").await.unwrap_err().to_string();
    assert!(error.contains("missing is not defined"), "{error}");
    let error = session.evaluate::<u8>("'text'").await.unwrap_err().to_string();
    assert!(error.contains("its value is not as asked"), "{error}");
    let error = session.exists("p[").await.unwrap_err().to_string();
    assert!(error.contains("not a valid selector"), "{error}");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn what_does_not_come_ends_at_the_deadline() {
    let bench = Bench::with(|options| options.deadline = Duration::from_secs(4)).await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/plain")).await.unwrap();
    let error = session.wait_for_any(&["#never", "#ever"]).await.unwrap_err();
    assert_eq!(error.to_string(), "get any of `#never`, `#ever` within 4 s");
    let error = session.click("#never").await.unwrap_err();
    assert!(matches!(error, BrowserError::NoElement { .. }), "{error}");
    let error = session.open(&bench.site.url("/slow?token=x")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("get the page `{}` within 4 s", bench.site.url("/slow")));
    session.release().await;
    bench.site.release();
    let session = bench.lease().await;
    assert_eq!(session.open(&bench.site.url("/hop/0")).await.unwrap().status, Some(200));
    session.release().await;
    bench.browser.close().await;
}
