//! Logins played by a script, and redirects caught.

use std::time::Duration;

use super::site::CODE;
use super::{Bench, values};
use crate::browser::{End, Seen};
use crate::dialect::login::{Command, LoginPage};
use crate::secret::Secret;

/// Nobody listens on port 1.
const BACK: &str = "http://127.0.0.1:1/callback";

#[tokio::test]
async fn a_script_goes_through_a_login_to_the_caught_redirect() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.catch_redirect(BACK).await.unwrap();
    let landing = session.open(&bench.site.authorize(BACK)).await.unwrap();
    assert_eq!((landing.url, landing.status), (bench.site.url("/login"), Some(200)));
    let played = session.play(&bench.script(), &values()).await.unwrap();
    assert_eq!(played.pages, ["user", "password", "consent"]);
    let End::Redirected(url) = played.end else { panic!("{:?}", played.end) };
    assert_eq!(url.as_str(), format!("{BACK}?code={CODE}&state=s"));
    // The denied scope was unticked, the other one ticked, the named record picked.
    assert_eq!(bench.site.consented(), "scope=openid&record=record-2");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_redirect_to_an_apps_own_scheme_is_caught() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.catch_redirect("myapp://cb").await.unwrap();
    session.open(&bench.site.authorize("myapp://cb")).await.unwrap();
    let played = session.play(&bench.script(), &values()).await.unwrap();
    let caught = format!("myapp://cb?code={CODE}&state=s").parse().unwrap();
    assert_eq!(played.end, End::Redirected(caught));

    // A script in the page that goes there is caught as well, and forgets the first redirect.
    session.open(&bench.site.url("/page/scheme")).await.unwrap();
    session.click("button").await.unwrap();
    let caught = format!("myapp://cb?code={CODE}").parse().unwrap();
    assert_eq!(session.wait_for_any(&["#never"]).await.unwrap(), Seen::Redirect(caught));
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_redirect_ends_the_opening_itself() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    for back in [bench.site.url("/hop/0"), "http://127.0.0.1:1/hop/0".into()] {
        session.catch_redirect(&back).await.unwrap();
        let start = if back.contains(":1/") { back.clone() } else { bench.site.url("/hop/3") };
        let landing = session.open(&start).await.unwrap();
        assert_eq!(landing.redirect.unwrap().as_str(), back);
    }
    assert!(!bench.site.hits().iter().any(|hit| hit.starts_with("/hop/0")));
    session.catch_redirect("myapp://cb").await.unwrap();
    let landing = session.open("myapp://cb?code=1234").await.unwrap();
    assert_eq!(landing.redirect.unwrap().as_str(), "myapp://cb?code=1234");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_refused_password_is_told_and_not_tried_again() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.catch_redirect(BACK).await.unwrap();
    session.open(&bench.site.authorize(BACK)).await.unwrap();
    let mut wrong = values();
    wrong.password = Secret::new("canary-wrong");
    let played = session.play(&bench.script(), &wrong).await.unwrap();
    let message = "Wrong user name or password".to_owned();
    assert_eq!(played.end, End::Refused { message });

    // Without a known error box the page merely comes back; still nothing is typed twice.
    session.open(&bench.site.authorize(BACK)).await.unwrap();
    let mut script = bench.script();
    script.error.clear();
    let played = session.play(&script, &wrong).await.unwrap();
    let stuck = End::Stuck {
        url: bench.site.url("/password"),
        title: "Password".into(),
        status: Some(200),
    };
    assert_eq!((played.pages, played.end), (vec!["user".into(), "password".into()], stuck));
    assert_eq!(bench.site.passwords(), 2);
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_page_on_the_way_that_cannot_be_fetched_is_named_with_the_reason() {
    let bench = Bench::with(|options| options.patience = Duration::from_secs(2)).await;
    let session = bench.lease().await;
    // Nobody listens on a port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let link = format!("<a id=go href=\"http://{free}/there?a=b\">Go</a>");
    let link: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
    let page = bench.site.url(&format!("/page/{}", link.replace('+', "%20")));
    session.open(&page).await.unwrap();
    let mut script = bench.script();
    script.pages.push(LoginPage {
        name: "link".to_owned(),
        when: vec!["#go".to_owned()],
        commands: vec![Command::Click("#go".to_owned())],
        decline: Vec::new(),
    });
    let error = session.play(&script, &values()).await.unwrap_err();
    let expected = format!("load `http://{free}/there`: net::ERR_CONNECTION_REFUSED");
    assert_eq!(error.to_string(), expected);
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn an_unknown_page_stops_the_script() {
    let bench = Bench::hasty().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/plain")).await.unwrap();
    let played = session.play(&bench.script(), &values()).await.unwrap();
    let stuck =
        End::Stuck { url: bench.site.url("/page/plain"), title: String::new(), status: Some(200) };
    assert_eq!((played.pages.len(), played.end), (0, stuck));
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_host_that_is_not_named_gets_no_credentials() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/login")).await.unwrap();
    let mut script = bench.script();
    script.hosts = vec!["*.platform.example".into()];
    let played = session.play(&script, &values()).await.unwrap();
    assert_eq!(played.end, End::ForeignHost { host: bench.site.host() });
    assert_eq!(session.text("#username").await.unwrap().unwrap(), "");
    session.release().await;
    bench.browser.close().await;
}
