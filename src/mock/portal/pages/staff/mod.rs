//! The pages of the other side: what the platform's staff and the practices say about apps.
//!
//! They stand below `/control`, and whoever may control the platform may use them: without a
//! control token everybody on this machine, else who signs in with it.

mod app;
mod session;

use axum::Router;
use axum::routing::{get, post};

/// The pages' routes, below their own path.
pub(in crate::mock::portal) fn router() -> Router {
    Router::new()
        .route("/", get(app::list))
        .route("/sign-in", get(session::show).post(session::sign_in))
        .route("/apps/{id}", get(app::show))
        .route("/apps/{id}/{action}", post(app::act))
}

/// Where they are, as browsers see it.
const PATH: &str = "/control/staff";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{Answer, Tester, provider_web, two_legged, with};
    use crate::secret::Secret;

    const HERE: (&str, &str) = ("host", "127.0.0.1:1");

    fn token(page: &Answer) -> String {
        let after = page.text.split("name=\"form_token\" value=\"").nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    }

    #[tokio::test]
    async fn staff_and_practices_let_an_app_in_by_their_pages() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let entered = tester.get("/control/staff", &[HERE]).await;
        assert_eq!(entered.location(), "/control/staff/sign-in");
        assert_eq!(tester.get(&entered.location(), &[HERE]).await.location(), "/control/staff");
        let list = tester.get("/control/staff", &[HERE]).await;
        assert!(list.text.contains(&app.id), "{}", list.text);
        let path = format!("/control/staff/apps/{}", app.id);
        let page = tester.get(&path, &[HERE]).await;
        assert!(page.text.contains("Closed Preview Clinic"), "{}", page.text);
        let token = token(&page);
        let said = async |action: &str, said: &[&str]| {
            let said = said.iter().map(|said| ("said", *said));
            let form: Vec<_> = [("form_token", &*token)].into_iter().chain(said).collect();
            tester.post(&format!("{path}/{action}"), &[HERE], &form).await
        };
        let onboarding = format!("apps/{}/onboarding", app.id);
        let saved = said("practices", &["preview.900100.consented"]).await;
        assert_eq!(saved.location(), path);
        let known = tester.control("GET", &onboarding, &json!(null)).await.json();
        let clinic = known["practices"].as_array().unwrap().iter();
        let clinic = clinic.filter(|one| one["consented"] == true).collect::<Vec<_>>();
        assert_eq!(clinic.len(), 1);
        assert_eq!(clinic[0]["practice"], 900_100);
        said("platform", &["contract", "tech_spec"]).await;
        said("practices", &[]).await;
        let known = tester.control("GET", &onboarding, &json!(null)).await.json();
        assert_eq!(known["contract"], true);
        assert_eq!(known["solution_validation"], false);
        let none = known["practices"].as_array().unwrap().iter();
        assert!(
            none.clone().all(|one| one["consented"] == false),
            "what is unticked is taken back"
        );
        let foreign = [("form_token", "guess"), ("said", "solution_validation")];
        tester.post(&format!("{path}/platform"), &[HERE], &foreign).await;
        let known = tester.control("GET", &onboarding, &json!(null)).await.json();
        assert_eq!(known["solution_validation"], false);
    }

    #[tokio::test]
    async fn scopes_that_wait_for_approval_are_approved_on_the_page() {
        let tester = Tester::new();
        let scopes = json!("system/Subscription.read system/Patient.read");
        let app = tester.register(with(two_legged(), &[("scopes", scopes)])).await;
        tester.get("/control/staff/sign-in", &[HERE]).await;
        let path = format!("/control/staff/apps/{}", app.id);
        let page = tester.get(&path, &[HERE]).await;
        assert!(page.text.contains("Subscription.read"), "{}", page.text);
        let form = [("form_token", &*token(&page)), ("scope", "system/Subscription.read")];
        tester.post(&format!("{path}/scopes"), &[HERE], &form).await;
        let shown = tester.portal("GET", &format!("apps/{}/scopes", app.id), &json!({})).await;
        assert_eq!(shown.json()["pending"], json!([]));
    }

    #[tokio::test]
    async fn only_who_may_control_the_platform_sees_the_pages() {
        let mut tester = Tester::new();
        let app = tester.register(provider_web()).await;
        let path = format!("/control/staff/apps/{}", app.id);
        assert_eq!(tester.get("/control/staff", &[]).await.status.as_u16(), 403, "rebinding");
        for foreign in [("origin", "https://app.example"), ("sec-fetch-site", "cross-site")] {
            let refused = tester.get("/control/staff/sign-in", &[HERE, foreign]).await;
            assert_eq!(refused.status.as_u16(), 403);
        }
        tester.platform = tester.platform.with_control_token(Secret::new("let-me-in"));
        assert_eq!(tester.get(&path, &[HERE]).await.location(), "/control/staff/sign-in");
        let form = tester.get("/control/staff/sign-in", &[HERE]).await;
        let wrong = [("form_token", &*token(&form)), ("control_token", "guess")];
        let refused = tester.post("/control/staff/sign-in", &[HERE], &wrong).await;
        assert!(refused.text.contains("That is not the control token."), "{}", refused.text);
        let form = tester.get("/control/staff/sign-in", &[HERE]).await;
        let foreign = [("form_token", "guess"), ("control_token", "let-me-in")];
        let refused = tester.post("/control/staff/sign-in", &[HERE], &foreign).await;
        assert!(refused.text.contains("too old"), "{}", refused.text);
        let right = [("form_token", &*token(&form)), ("control_token", "let-me-in")];
        let entered = tester.post("/control/staff/sign-in", &[HERE], &right).await;
        assert_eq!(entered.location(), "/control/staff");
        assert_eq!(tester.get(&path, &[HERE]).await.status.as_u16(), 200);
        tester.wait(tester.platform.dialect().lifetimes.session);
        assert_eq!(tester.get(&path, &[HERE]).await.location(), "/control/staff/sign-in");
    }
}
