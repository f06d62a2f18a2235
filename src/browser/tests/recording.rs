//! What a session leaves in the record, and what it must not.

use super::site::{CODE, PASSWORD};
use super::{Bench, values};
use crate::browser::Fresh;
use crate::record::{Recorder, Sender};
use crate::secret::{Redactor, Secret};

const BACK: &str = "http://127.0.0.1:1/callback";

#[tokio::test]
async fn a_login_is_recorded_hop_by_hop_without_its_secrets() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.catch_redirect(BACK).await.unwrap();
    session.open(&bench.site.authorize(BACK)).await.unwrap();
    session.play(&bench.script(), &values()).await.unwrap();
    session.picture("the end").await.unwrap();
    session.release().await;
    let mut evidence = bench.recorder.evidence();
    evidence.exchanges.sort_by_key(|(started, _)| *started);
    let lines: Vec<String> = evidence
        .exchanges
        .iter()
        .map(|(_, exchange)| {
            assert_eq!(exchange.sender, Sender::Browser);
            let path = exchange.request.url.replace(&bench.site.url(""), "");
            let path = path.split('?').next().unwrap();
            let status = exchange.response.as_ref().map_or(0, |response| response.status);
            format!("{} {path} {status}", exchange.request.method)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "GET /authorize 303",
            "GET /login 200",
            "POST /login 303",
            "GET /password 200",
            "POST /password 303",
            "GET /consent 200",
            "POST /consent 303",
            "GET http://127.0.0.1:1/callback 0",
        ]
    );
    let caught = &evidence.exchanges[7].1;
    assert!(caught.request.url.contains("code=[redacted:code]&state=s"), "{}", caught.request.url);
    assert!(evidence.exchanges[4].1.request.body.starts_with("password=[redacted"));
    let all = format!("{:?}", evidence.exchanges);
    assert!(!all.contains("canary"), "{all}");
    assert!(bench.recorder.redactor().finds_in(CODE));
    assert_eq!(evidence.pictures.len(), 1);
    bench.browser.close().await;
}

#[tokio::test]
async fn what_scripts_fetch_is_recorded_with_its_body() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/fetch")).await.unwrap();
    session.wait_for_any(&["#done"]).await.unwrap();
    session.release().await;
    let evidence = bench.recorder.evidence();
    let api = evidence.exchanges.iter().find(|(_, one)| one.request.url.ends_with("/api")).unwrap();
    assert_eq!(api.1.response.as_ref().unwrap().body, r#"{"answer":42}"#);
    let page =
        evidence.exchanges.iter().find(|(_, one)| one.request.url.ends_with("/fetch")).unwrap();
    assert!(page.1.response.as_ref().unwrap().body.contains("fetch('/api')"));
    bench.browser.close().await;
}

#[tokio::test]
async fn a_request_without_an_answer_is_recorded_as_such() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/plain")).await.unwrap();
    session.evaluate::<()>("void fetch('/slow')").await.unwrap();
    session.release().await;
    let evidence = bench.recorder.evidence();
    let slow =
        evidence.exchanges.iter().find(|(_, one)| one.request.url.ends_with("/slow")).unwrap();
    assert_eq!(slow.1.error.as_deref(), Some("no answer before the end"));
    bench.browser.close().await;
}

#[tokio::test]
async fn errors_of_the_page_are_told_without_secrets() {
    let bench = Bench::new().await;
    bench.recorder.redactor().learn("password", &Secret::new(PASSWORD));
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/errors")).await.unwrap();
    let told = session.console();
    assert!(told.iter().any(|it| it == "[redacted:password] is wrong 7"), "{told:?}");
    assert!(told.iter().any(|it| it.starts_with("Error: broken")), "{told:?}");
    let missing = told.iter().find(|it| it.ends_with("/missing.png"));
    assert!(missing.is_some_and(|it| it.contains("404")), "{told:?}");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_picture_shows_no_secret_and_leaves_the_page_as_it_was() {
    let bench = Bench::new().await;
    let recorder = Recorder::new(Redactor::new());
    recorder.redactor().learn("code", &Secret::new("canary42"));
    let session = bench.browser.lease(recorder, Fresh::No).await.unwrap();
    let mut pictures = Vec::new();
    // Plain, in two elements, in a field, and as a value that only its form gives away.
    for text in [
        "canary42",
        "<b>cana</b><i>ry42</i>",
        "<input value=canary42>",
        "<iframe srcdoc=canary42></iframe>",
        "x&nbsp;",
        "<input type=password>",
        "<input type=password value=canary style='background:none;color:red;border:0'>",
        "<input type=password value=something style='background:none;color:red;border:0'>",
        "<style>i::after { content: attr(title) }</style><i title=canary42></i>",
        "<img alt=canary42>",
    ] {
        let path: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        session
            .open(&bench.site.url(&format!("/page/{}", path.replace('+', "%20"))))
            .await
            .unwrap();
        let before: String = session.evaluate("document.body.innerHTML").await.unwrap();
        pictures.push(session.screenshot().await.unwrap());
        let after: String = session.evaluate("document.body.innerHTML").await.unwrap();
        assert_eq!(before, after);
    }
    // What is hidden alone leaves the same picture, whatever it was.
    session.open(&bench.site.url("/page/<b>&nbsp;<%2Fb>")).await.unwrap();
    let empty = session.screenshot().await.unwrap();
    assert_eq!(pictures[0], empty, "the secret in one element");
    assert_ne!(pictures[4], empty, "what is no secret is shown");
    assert_ne!(pictures[5], empty, "a password field can be seen");
    assert_eq!(pictures[6], pictures[7], "but nothing of what it holds");
    session.open("about:blank").await.unwrap();
    let blank = session.screenshot().await.unwrap();
    assert_eq!(pictures[1], blank, "a secret over several elements hides the whole page");
    assert_eq!(pictures[2], empty, "the secret in a field");
    assert_eq!(pictures[3], empty, "the secret in a frame");
    assert_eq!(pictures[8], empty, "the secret that a style shows");
    assert_eq!(pictures[9], empty, "the secret in place of an image");
    // Width and height stand in the head of a PNG.
    assert_eq!(&empty[16..24], [0, 0, 5, 0, 0, 0, 3, 132]);
    session.release().await;
    bench.browser.close().await;
}
