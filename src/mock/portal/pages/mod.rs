//! The portal's pages: the same portal for people, without scripts.
//!
//! A page reads a form into what the API would be sent and calls the same function; what is wrong
//! with a field is told at the field.

mod app;
mod frame;
mod staff;
mod visit;
mod wizard;

use axum::Router;
use axum::routing::{get, post};

pub(in crate::mock::portal) use staff::router as staff_router;

/// The pages' routes, below the portal's own path.
pub(in crate::mock::portal) fn router() -> Router {
    Router::new()
        .route("/", get(visit::home))
        .route("/style.css", get(frame::style))
        .route("/sign-up", get(visit::show_sign_up).post(visit::sign_up))
        .route("/verify", get(visit::verify))
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

    use crate::mock::testing::{Answer, CALLBACK, Tester};
    use crate::project::built_in;

    fn token(page: &Answer) -> String {
        let after = page.text.split("name=\"form_token\" value=\"").nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    }

    async fn signed_in(tester: &Tester) -> String {
        let entry = token(&tester.get("/portal/sign-up", &[]).await);
        let account = [
            ("form_token", &*entry),
            ("email", "dev@example.com"),
            ("password", "Correct-Horse-1"),
        ];
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
        let own = signed_in(&tester).await;
        let level = [("level", "certified")];
        let foreign = send(&tester, "/portal/apps/new/level", "guess", &level).await;
        assert_eq!(foreign.location(), "/portal/apps");
        send(&tester, "/portal/sign-out", &own, &[]).await;
        let gone = tester.get("/portal/apps", &[]).await;
        assert_eq!(gone.location(), "/portal/sign-in");
        let known = [("email", "dev@example.com"), ("password", "Correct-Horse-1")];
        let bare = tester.post("/portal/sign-in", &[], &known).await;
        assert!(bare.text.contains("too old, or of another page"), "{}", bare.text);
        let entry = token(&tester.get("/portal/sign-in", &[]).await);
        let foreign = [&known[..], &[("form_token", "guess")]].concat();
        let foreign = tester.post("/portal/sign-in", &[], &foreign).await;
        assert!(foreign.text.contains("too old, or of another page"), "{}", foreign.text);
        let wrong = [("form_token", &*entry), ("email", "dev@example.com"), ("password", "guess")];
        let refused = tester.post("/portal/sign-in", &[], &wrong).await;
        assert!(refused.text.contains("Email address or password is wrong."));
        let policy = refused.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        let api = tester.portal("GET", "apps", &json!({})).await;
        assert_eq!(api.status.as_u16(), 200, "the API goes on below the pages");
    }

    #[tokio::test]
    async fn where_access_types_are_chosen_the_form_asks_for_one() {
        let tester = Tester::with(|dialect| {
            dialect.registration = built_in::dialect("1uphealth").unwrap().registration;
        });
        let token = signed_in(&tester).await;
        let path = tester.get("/portal/apps/new", &[]).await.location();
        assert_eq!(path, "/portal/apps/new/details");
        let form = tester.get(&path, &[]).await;
        for access in ["patient-access", "provider-access", "payer-to-payer"] {
            assert!(form.text.contains(&format!("name=\"access_type\" value=\"{access}\"")));
        }
        let details = [
            ("name", "Diary"),
            ("environment", "preview"),
            ("token_auth_method", "secret"),
            ("redirect_uris", CALLBACK),
            ("client_type", "web"),
            ("terms_accepted", "true"),
        ];
        let refused = send(&tester, &path, &token, &details).await;
        assert!(refused.text.contains("access_type-fault"), "{}", refused.text);
        let chosen = [&details[..], &[("access_type", "patient-access")]].concat();
        let made = send(&tester, &path, &token, &chosen).await.location();
        let overview = made.replace("/credentials", "/overview");
        let shown = tester.get(&overview, &[]).await;
        assert!(shown.text.contains("<dd>patient-access</dd>"), "{}", shown.text);
        assert!(shown.text.contains("not before the platform has made the app known"));
        let id = overview.split('/').nth(3).unwrap();
        let here = ("host", "127.0.0.1:1");
        tester.get("/control/staff/sign-in", &[here]).await;
        let page = tester.get(&format!("/control/staff/apps/{id}"), &[here]).await;
        assert!(page.text.contains("Make it known"), "{}", page.text);
        let form = [("form_token", &*self::token(&page))];
        tester.post(&format!("/control/staff/apps/{id}/sync"), &[here], &form).await;
        let page = tester.get(&format!("/control/staff/apps/{id}"), &[here]).await;
        assert!(!page.text.contains("Make it known"), "{}", page.text);
    }
}
