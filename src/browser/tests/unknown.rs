//! Pages that no script describes: they are understood, or left alone.

use std::time::{Duration, Instant};

use super::site::CODE;
use super::{Bench, values};
use crate::browser::open::Sign;
use crate::browser::script::Wants;
use crate::browser::{End, Played, Session, Values};
use crate::dialect::login::{Command, LoginPage, LoginScript, Value};
use crate::secret::Secret;

/// Nobody listens on port 1.
const BACK: &str = "http://127.0.0.1:1/callback";

/// The box of an error in any dialect.
const ALERT: &str = "[role=alert]";

/// Somebody who takes what is preset.
fn easy() -> Values {
    Values { denied: Vec::new(), record: None, ..values() }
}

async fn plays(bench: &Bench, session: &Session, start: &str, values: &Values) -> Played {
    let script = LoginScript {
        hosts: vec![bench.site.host()],
        pages: Vec::new(),
        error: vec![ALERT.into()],
    };
    session.catch_redirect(BACK).await.unwrap();
    session.open(&bench.site.url(start)).await.unwrap();
    session.play(&script, values).await.unwrap()
}

#[tokio::test]
async fn a_login_that_nobody_described_is_gone_through() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.authorize(BACK)).await.unwrap();
    let played = plays(&bench, &session, "/login", &values()).await;
    assert_eq!(played.pages, ["sign-in: user name", "sign-in: password", "consent"]);
    let End::Redirected(url) = played.end else { panic!("{:?}", played.end) };
    assert_eq!(url.as_str(), format!("{BACK}?code={CODE}&state=s"));
    assert_eq!(bench.site.consented(), "scope=openid&record=record-2");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn fields_are_found_by_what_html_says_of_them() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    for page in [
        "labels",
        "placeholders",
        "german",
        "shadow",
        "banner",
        "modal",
        "two-forms",
        "honeypot",
        "alone",
        "slow",
        "notice",
        "tick",
    ] {
        for by_keyboard in [false, true] {
            if by_keyboard && page == "modal" {
                continue;
            }
            let values = Values { by_keyboard, ..easy() };
            let played = plays(&bench, &session, &format!("/unknown/{page}"), &values).await;
            let came = matches!(&played.end, End::Redirected(url)
                if by_keyboard || url.as_str() == format!("{BACK}?user=ada&password=right"));
            assert!(came, "{page}, by keyboard: {by_keyboard}: {played:?}");
        }
    }
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn of_two_who_look_at_a_page_the_latest_makes_something_of_it() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/page/plain")).await.unwrap();
    let wants = Wants {
        record: None,
        denied: &[],
        kind: None,
        begun: false,
        described: None,
        understood: None,
    };
    let look = || session.wait_for_page(&[], Some(&wants), Duration::from_secs(60));
    let form = "void (document.body.innerHTML = \
                '<form><input name=login><input type=password><button>Log in</button></form>')";
    let (first, latest, changed) = tokio::join!(look(), look(), session.evaluate::<()>(form));
    changed.unwrap();
    assert!(matches!(first.unwrap(), Sign::Nothing));
    assert!(matches!(latest.unwrap(), Sign::Found(_)));
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_described_page_that_has_changed_is_understood_instead() {
    let bench = Bench::with(|options| options.deadline = Duration::from_secs(4)).await;
    let session = bench.lease().await;
    let fill = |at: &str, value| Command::Fill(at.to_owned(), value);
    let outdated = |commands| LoginScript {
        hosts: vec![bench.site.host()],
        pages: vec![LoginPage {
            name: "sign-in".into(),
            when: vec!["input[type=password]".into()],
            commands,
            decline: Vec::new(),
        }],
        error: Vec::new(),
    };
    for (commands, by_keyboard) in [
        (vec![fill(".u", Value::Username), fill("#pw", Value::Password)], false),
        (
            vec![
                fill(".u", Value::Username),
                fill(".p", Value::Password),
                Command::Click("#go".into()),
            ],
            false,
        ),
        (vec![fill("#user", Value::Username)], true),
    ] {
        session.catch_redirect(BACK).await.unwrap();
        session.open(&bench.site.url("/unknown/labels")).await.unwrap();
        let values = Values { by_keyboard, ..easy() };
        let played = session.play(&outdated(commands), &values).await.unwrap();
        let End::Redirected(url) = &played.end else { panic!("{played:?}") };
        assert_eq!(url.as_str(), format!("{BACK}?user=ada&password=right"));
        assert_eq!(played.pages, ["sign-in"]);
    }
    session.open(&bench.site.url("/unknown/code")).await.unwrap();
    let script = outdated(vec![Command::Click("#go".into())]);
    let script = LoginScript {
        pages: vec![LoginPage { when: vec!["form".into()], ..script.pages[0].clone() }],
        ..script
    };
    let told = session.play(&script, &easy()).await.unwrap_err();
    assert_eq!(told.to_string(), "find `#go` on the page");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_page_that_asks_something_else_is_left_alone() {
    let bench = Bench::hasty().await;
    let session = bench.lease().await;
    for page in ["code", "register", "newsletter", "error"] {
        let played = plays(&bench, &session, &format!("/unknown/{page}"), &easy()).await;
        assert!(matches!(played.end, End::Stuck { .. }), "{page}: {played:?}");
        assert_eq!(played.pages.len(), 0, "{page}");
        assert!(played.end.puzzle().unwrap().contains(&format!("/unknown/{page}")));
    }
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn what_a_page_does_not_offer_is_said_and_nothing_is_clicked() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    for (page, values, lack) in [
        (
            "consent",
            Values { denied: vec!["patient/Patient.read".into()], ..easy() },
            "scope patient/Patient.read",
        ),
        ("consent", Values { declines_at: Some("consent".into()), ..easy() }, "a way to decline"),
        ("records", Values { record: Some("p-9".into()), ..easy() }, "record p-9"),
    ] {
        let played = plays(&bench, &session, &format!("/unknown/{page}"), &values).await;
        let why = played.end.puzzle().unwrap_or_else(|| panic!("{page}: {played:?}"));
        assert!(why.ends_with(&format!("does not offer {lack}")), "{why}");
    }
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_page_that_was_given_up_is_given_up_at_once_when_it_comes_again() {
    let patience = Duration::from_secs(10);
    let bench = Bench::with(|options| options.patience = patience).await;
    let mut ends = Vec::new();
    for waits in [true, false] {
        let session = bench.lease().await;
        let began = Instant::now();
        ends.push(plays(&bench, &session, "/unknown/code", &easy()).await.end);
        assert_eq!(began.elapsed() >= patience, waits, "{:?}", began.elapsed());
        session.release().await;
    }
    assert!(matches!(&ends[0], End::Stuck { .. }) && ends[0] == ends[1], "{ends:?}");
    // One that is still to come is waited for, whatever was given up before.
    let session = bench.lease().await;
    for page in ["slow", "labels"] {
        let played = plays(&bench, &session, &format!("/unknown/{page}"), &easy()).await;
        assert!(matches!(played.end, End::Redirected(_)), "{page}: {played:?}");
    }
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn where_pages_may_go_on_later_none_is_given_up_at_once() {
    let bench = Bench::with(|options| {
        options.remembers = false;
        options.patience = Duration::from_secs(1);
    });
    let bench = bench.await;
    let session = bench.lease().await;
    for _ in 0..2 {
        let began = Instant::now();
        let played = plays(&bench, &session, "/unknown/code", &easy()).await;
        assert!(matches!(played.end, End::Stuck { .. }), "{played:?}");
        assert!(began.elapsed() >= Duration::from_secs(1));
    }
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_password_that_is_refused_on_an_unknown_page_is_not_tried_again() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.authorize(BACK)).await.unwrap();
    let wrong = Values { password: Secret::new("canary-wrong"), ..easy() };
    let played = plays(&bench, &session, "/login", &wrong).await;
    let message = "Wrong user name or password".to_owned();
    assert_eq!(played.end, End::Refused { message });
    assert_eq!(bench.site.passwords(), 1);
    // A page that answers in place, without a new document.
    let played = plays(&bench, &session, "/unknown/in-place", &wrong).await;
    assert_eq!(played.end, End::Refused { message: "That was wrong".into() });
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn an_unknown_page_of_a_host_that_is_not_named_gets_no_credentials() {
    let bench = Bench::new().await;
    let session = bench.lease().await;
    session.open(&bench.site.url("/unknown/labels")).await.unwrap();
    let script = LoginScript { hosts: Vec::new(), pages: Vec::new(), error: Vec::new() };
    let played = session.play(&script, &easy()).await.unwrap();
    assert_eq!(played.end, End::ForeignHost { host: bench.site.host() });
    assert_eq!(session.text("#a").await.unwrap().unwrap(), "");
    session.release().await;
    bench.browser.close().await;
}
