//! Tabs that pages open: a sign-in is followed there, and others do no harm.

use super::{Bench, values};
use crate::browser::{Attention, End, Session};

const SHOWN: &str = "document.querySelector('#data')?.innerText ?? null";

async fn following() -> Bench {
    Bench::with(|options| options.attention = Attention::Full).await
}

/// What is seen in any tab, as soon as it is seen.
async fn seen(session: &Session) -> String {
    for _ in 0..1000 {
        if let Some(text) = session.find_everywhere::<String>(SHOWN).await.unwrap() {
            return text;
        }
    }
    panic!("nothing is seen: {:?}", session.addresses());
}

/// Waits until the user is at an address.
async fn until_at(session: &Session, url: &str) {
    for _ in 0..1000 {
        if session.url() == url {
            return;
        }
        seen(session).await;
    }
    panic!("the user is at {:?}", session.addresses());
}

#[tokio::test]
async fn a_sign_in_is_followed_into_a_window_and_back() {
    let bench = following().await;
    for _ in 0..2 {
        let session = bench.lease().await;
        session.await_redirect(&bench.site.url("/page/back")).unwrap();
        session.open(&bench.site.url("/page/opener")).await.unwrap();
        session.click("#window").await.unwrap();
        let played = session.play(&bench.script(), &values()).await.unwrap();
        assert_eq!(played.pages, ["user", "password", "consent"]);
        assert!(matches!(played.end, End::Redirected(_)), "{played:?}");
        // The window says it as well, until it is closed.
        until_at(&session, &bench.site.url("/page/opener")).await;
        assert_eq!(seen(&session).await, "signed in");
        session.release().await;
    }
    let evidence = bench.recorder.evidence();
    let sent: Vec<&str> =
        evidence.exchanges.iter().map(|(_, it)| it.request.url.as_str()).collect();
    for path in ["/authorize", "/login", "/password", "/consent", "/page/back"] {
        let url = bench.site.url(path);
        let times = sent.iter().filter(|it| it.split('?').next() == Some(&url)).count();
        let expected =
            if path == "/login" || path == "/password" || path == "/consent" { 4 } else { 2 };
        assert_eq!(times, expected, "{path} in {sent:#?}");
    }
    bench.browser.close().await;
}

#[tokio::test]
async fn an_app_that_goes_on_in_another_tab_is_seen_there() {
    let bench = following().await;
    let session = bench.lease().await;
    session.await_redirect(&bench.site.url("/page/back")).unwrap();
    session.open(&bench.site.url("/page/opener")).await.unwrap();
    session.click("#tab").await.unwrap();
    let played = session.play(&bench.script(), &values()).await.unwrap();
    assert!(matches!(played.end, End::Redirected(_)), "{played:?}");
    assert_eq!(seen(&session).await, "signed in");
    assert!(session.url().starts_with(&bench.site.url("/page/back")), "{}", session.url());
    assert_eq!(session.addresses().len(), 2);
    session.close_other_tabs().await.unwrap();
    assert_eq!(session.addresses(), [bench.site.url("/page/opener")]);
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn windows_without_end_are_few_and_hold_nobody_up() {
    let bench = following().await;
    for _ in 0..2 {
        let session = bench.lease().await;
        session.open(&bench.site.url("/page/adverts")).await.unwrap();
        session.evaluate::<()>("document.querySelector('button').click()").await.unwrap();
        assert_eq!(seen(&session).await, "news");
        assert!(session.addresses().len() <= 5, "{:?}", session.addresses());
        session.release().await;
    }
    let session = bench.lease().await;
    assert_eq!(session.open(&bench.site.url("/hop/0")).await.unwrap().status, Some(200));
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_user_goes_on_in_another_tab_and_comes_back() {
    let bench = following().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/adverts")).await.unwrap();
    let first = session.front_tab().unwrap();
    session.open_another_tab().await.unwrap();
    let landing = session.open(&bench.site.url("/hop/1")).await.unwrap();
    assert_eq!((landing.url, landing.status), (bench.site.url("/hop/0"), Some(200)));
    session.go_back_to(&first).unwrap();
    assert_eq!(session.addresses(), ["/page/adverts", "/hop/0"].map(|path| bench.site.url(path)));
    session.release().await;
    bench.browser.close().await;
}
