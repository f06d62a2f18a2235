//! The portal's pages: the same portal for people, without scripts.
//!
//! A page reads a form into what the API would be sent and calls the same function; what is wrong
//! with a field is told at the field.

mod app;
mod frame;
mod visit;
mod wizard;

use axum::Router;
use axum::routing::{get, post};

/// The pages' routes, below the portal's own path.
pub(in crate::mock::portal) fn router() -> Router {
    Router::new()
        .route("/", get(visit::home))
        .route("/style.css", get(frame::style))
        .route("/sign-up", get(visit::show_sign_up).post(visit::sign_up))
        .route("/sign-in", get(visit::show_sign_in).post(visit::sign_in))
        .route("/sign-out", post(visit::sign_out))
        .route("/apps", get(app::list))
        .route("/apps/new", get(wizard::begin))
        .route("/apps/new/{step}", get(wizard::show).post(wizard::submit))
        .route("/apps/{id}/{tab}", get(app::show).post(app::act))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{Answer, Tester};

    fn token(page: &Answer) -> String {
        let after = page.text.split("name=\"form_token\" value=\"").nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    }

    async fn signed_in(tester: &Tester) -> String {
        let account = [("email", "dev@example.com"), ("password", "Correct-Horse-1")];
        let entered = tester.post("/portal/sign-up", &[], &account).await;
        assert_eq!(entered.location(), "/portal/apps", "{}", entered.text);
        token(&tester.get("/portal/apps", &[]).await)
    }

    async fn send(tester: &Tester, path: &str, token: &str, form: &[(&str, &str)]) -> Answer {
        tester.post(path, &[], &[&[("form_token", token)], form].concat()).await
    }

    #[tokio::test]
    async fn an_app_is_made_step_by_step_and_its_secret_is_shown_once() {
        let tester = Tester::new();
        let token = signed_in(&tester).await;
        let begun = tester.get("/portal/apps/new", &[]).await;
        assert_eq!(begun.location(), "/portal/apps/new/level");
        let early = tester.get("/portal/apps/new/details", &[]).await;
        assert!(early.text.contains("Level of API access"), "{}", early.text);
        let none = send(&tester, "/portal/apps/new/level", &token, &[]).await;
        assert!(none.text.contains("level-fault"), "{}", none.text);
        let level = [("level", "certified")];
        let next = send(&tester, "/portal/apps/new/level", &token, &level).await;
        assert_eq!(next.location(), "/portal/apps/new/category");
        let category = [("category", "two_legged")];
        let next = send(&tester, "/portal/apps/new/category", &token, &category).await;
        assert_eq!(next.location(), "/portal/apps/new/details");
        let path = "/portal/apps/new/details";
        let details =
            [("name", "<b>Sync</b>"), ("environment", "preview"), ("token_auth_method", "secret")];
        let refused = send(&tester, path, &token, &details).await;
        assert!(refused.text.contains("terms_accepted-fault"), "{}", refused.text);
        assert!(refused.text.contains("&lt;b&gt;Sync"), "what was typed stays, as text");
        let agreed = [details.as_slice(), &[("terms_accepted", "true")]].concat();
        let made = send(&tester, path, &token, &agreed).await.location();
        assert!(made.ends_with("/credentials"), "{made}");
        let first = tester.get(&made, &[]).await;
        assert!(first.text.contains("id=\"client-secret\""), "{}", first.text);
        let again = tester.get(&made, &[]).await;
        assert!(!again.text.contains("id=\"client-secret\""), "{}", again.text);
        let app = made.trim_end_matches("/credentials");
        let scopes = [("scope", "system/Patient.read"), ("scope", "system/Goal.read")];
        send(&tester, &format!("{app}/scopes"), &token, &scopes).await;
        let shown = tester.get(&format!("{app}/scopes"), &[]).await;
        assert_eq!(shown.text.matches("approved</span>").count(), 2);
        assert!(tester.get(&format!("{app}/keys"), &[]).await.text.contains("has no keys"));
        let replaced = send(&tester, &format!("{app}/rotate"), &token, &[]).await.location();
        let replaced = tester.get(&replaced, &[]).await;
        assert!(replaced.text.contains("id=\"client-secret\""));
        let issued = send(&tester, &format!("{app}/issue-production"), &token, &[]).await;
        let issued = tester.get(&issued.location(), &[]).await;
        assert!(issued.text.contains("tag production"), "{}", issued.text);
        send(&tester, &format!("{app}/delete"), &token, &[]).await;
        let left = tester.get("/portal/apps", &[]).await;
        assert!(left.text.contains("You have no apps yet."), "{}", left.text);
    }

    #[tokio::test]
    async fn a_form_without_the_sessions_token_does_nothing() {
        let tester = Tester::new();
        let token = signed_in(&tester).await;
        let level = [("level", "certified")];
        let foreign = send(&tester, "/portal/apps/new/level", "guess", &level).await;
        assert_eq!(foreign.location(), "/portal/apps");
        send(&tester, "/portal/sign-out", &token, &[]).await;
        let gone = tester.get("/portal/apps", &[]).await;
        assert_eq!(gone.location(), "/portal/sign-in");
        let wrong = [("email", "dev@example.com"), ("password", "guess")];
        let refused = tester.post("/portal/sign-in", &[], &wrong).await;
        assert!(refused.text.contains("Email address or password is wrong."));
        let policy = refused.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        let api = tester.portal("GET", "apps", &json!({})).await;
        assert_eq!(api.status.as_u16(), 200, "the API goes on below the pages");
    }
}
