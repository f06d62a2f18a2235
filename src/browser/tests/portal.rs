//! The portal's pages, and those of staff, in a real browser.
//!
//! With `CHECKRIDE_PICTURES=<folder>` each page is also kept as a picture.

use std::sync::Arc;

use super::Bench;
use super::audit::look;
use crate::browser::{Fresh, Session};
use crate::clock::Clock;
use crate::mock::{Platform, start};
use crate::project::built_in;

async fn portal_of(dialect: &str) -> crate::mock::Server {
    let sandbox = Arc::new(built_in::sandbox(dialect).unwrap());
    let dialect = Arc::new(built_in::dialect(dialect).unwrap());
    start(Platform::new(dialect, sandbox, Clock::system()).unwrap()).await.unwrap()
}

async fn sign_up(session: &Session, portal: &str) {
    enter(session, portal, "sign-up").await;
    session.wait_for_any(&["a#create"]).await.unwrap();
}

async fn enter(session: &Session, portal: &str, page: &str) {
    session.open(&format!("{portal}/{page}")).await.unwrap();
    session.fill("#email", "dev@example.com").await.unwrap();
    session.fill("#password", "Correct-Horse-1").await.unwrap();
    session.click("main button").await.unwrap();
}

#[tokio::test]
async fn every_page_of_the_portal_can_be_used_on_every_screen() {
    let bench = Bench::new().await;
    let session = bench.browser.lease(bench.recorder.clone(), Fresh::Yes).await.unwrap();
    let server = portal_of("athenahealth").await;
    let portal = server.platform.portal();
    session.open(&format!("{portal}/sign-in")).await.unwrap();
    session.click("main button").await.unwrap();
    session.wait_for_any(&[".notice.bad"]).await.unwrap();
    look(&session, "portal-sign-in-wrong").await;
    session.open(&format!("{portal}/sign-up")).await.unwrap();
    look(&session, "portal-sign-up").await;
    sign_up(&session, &portal).await;
    look(&session, "portal-no-apps").await;
    session.click("a#create").await.unwrap();
    session.wait_for_any(&["#non_certified"]).await.unwrap();
    session.click("main button").await.unwrap();
    session.wait_for_any(&["#level-fault"]).await.unwrap();
    look(&session, "portal-level-wrong").await;
    session.click("#non_certified").await.unwrap();
    session.click("main button").await.unwrap();
    session.wait_for_any(&["#two_legged"]).await.unwrap();
    look(&session, "portal-category").await;
    session.click("#two_legged").await.unwrap();
    session.click("main button").await.unwrap();
    session.wait_for_any(&["#terms_accepted"]).await.unwrap();
    session.click("button#create").await.unwrap();
    session.wait_for_any(&["#terms_accepted-fault"]).await.unwrap();
    look(&session, "portal-details-wrong").await;
    session.fill("#name", "Nightly sync").await.unwrap();
    session.click("#token_auth_method-secret").await.unwrap();
    session.click("#terms_accepted").await.unwrap();
    session.click("button#create").await.unwrap();
    session.wait_for_any(&["#client-secret"]).await.unwrap();
    look(&session, "portal-credentials-once").await;
    let app = session.url().trim_end_matches("/credentials").to_owned();
    let id = app.rsplit('/').next().unwrap_or_default().to_owned();
    for tab in
        ["overview", "credentials", "keys", "environments", "confirm-rotate", "confirm-delete"]
    {
        session.open(&format!("{app}/{tab}")).await.unwrap();
        look(&session, &format!("portal-{tab}")).await;
    }
    session.open(&format!("{app}/scopes")).await.unwrap();
    session.click("input[value='system/Subscription.read']").await.unwrap();
    session.click("#confirm").await.unwrap();
    session.wait_for_any(&[".tag.production"]).await.unwrap();
    look(&session, "portal-scopes").await;
    session.open(&format!("{portal}/apps")).await.unwrap();
    look(&session, "portal-apps").await;
    session.click("a#create").await.unwrap();
    session.wait_for_any(&["#certified"]).await.unwrap();
    session.click("#certified").await.unwrap();
    session.click("main button").await.unwrap();
    session.wait_for_any(&["#three_legged_phr"]).await.unwrap();
    session.click("#three_legged_phr").await.unwrap();
    session.click("main button").await.unwrap();
    session.wait_for_any(&["#redirect_uris"]).await.unwrap();
    look(&session, "portal-details-of-users").await;

    session.open(&format!("{}/control/staff", server.base)).await.unwrap();
    look(&session, "staff-apps").await;
    session.open(&format!("{}/control/staff/apps/{id}", server.base)).await.unwrap();
    look(&session, "staff-app").await;
    assert_eq!(session.console(), [""; 0], "nothing that the pages need is refused");
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn the_pages_of_access_types_can_be_used_on_every_screen() {
    let bench = Bench::new().await;
    let session = bench.browser.lease(bench.recorder.clone(), Fresh::Yes).await.unwrap();
    let server = portal_of("1uphealth").await;
    let portal = server.platform.portal();
    enter(&session, &portal, "sign-up").await;
    session.wait_for_any(&["a[href*=verify]"]).await.unwrap();
    look(&session, "portal-verify").await;
    session.click("a[href*=verify]").await.unwrap();
    // The link leads to the sign-in, and another visit would break it off.
    session.wait_for_any(&["#email"]).await.unwrap();
    enter(&session, &portal, "sign-in").await;
    session.wait_for_any(&["a#create"]).await.unwrap();
    session.click("a#create").await.unwrap();
    session.wait_for_any(&["#access_type-patient-access"]).await.unwrap();
    look(&session, "portal-access-types").await;
    session.release().await;
    bench.browser.close().await;
}

#[tokio::test]
async fn a_developer_without_a_mouse_reaches_everything() {
    let bench = Bench::new().await;
    let session = bench.browser.lease(bench.recorder.clone(), Fresh::Yes).await.unwrap();
    let server = portal_of("athenahealth").await;
    let portal = server.platform.portal();
    sign_up(&session, &portal).await;
    for page in ["/sign-in", "/apps", "/apps/new/level"] {
        session.open(&format!("{portal}{page}")).await.unwrap();
        // One of a group of radio buttons is reached by Tab, the others by the arrows.
        let within: usize = session
            .evaluate("new Set([...document.querySelectorAll('a, button, input:not([type=hidden])')].map((it, at) => it.type === 'radio' ? it.name : at)).size")
            .await
            .unwrap();
        let mut reached = std::collections::BTreeSet::new();
        for _ in 0..within {
            session.press("Tab").await.unwrap();
            let at: String =
                session.evaluate("document.activeElement.outerHTML.slice(0, 120)").await.unwrap();
            let seen: bool = session
                .evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
                .await
                .unwrap();
            assert!(seen, "it cannot be seen where one is: {at}");
            reached.insert(at);
        }
        assert_eq!(reached.len(), within, "{page}: {reached:#?}");
    }
    session.release().await;
    bench.browser.close().await;
}
