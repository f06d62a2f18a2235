//! The choice of a visit, for an app that is to work on one (SMART App Launch 2.2, `launch/encounter`).

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;

use super::notice::no_visit;
use super::session::{Ticket, session};
use super::step::{Step, authorized, deny, look, next, step, ticket};
use crate::mock::platform::Platform;
use crate::mock::request::Received;

/// `GET {login}/encounters`.
pub(super) async fn show(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.query.get("ticket").unwrap_or_default();
    let session = session(&platform, &request);
    match (ticket(&platform, id), choices(&platform, session, id)) {
        (Some(visit), Some(encounters)) => form(&platform, &visit, id, &encounters),
        (None, _) => no_visit(&platform, id),
        _ => next(&platform, session, id),
    }
}

/// `POST {login}/encounters`.
pub(super) async fn submit(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let id = request.form.get("ticket").unwrap_or_default();
    if request.form.get("decision") == Some("cancel") {
        return deny(&platform, id);
    }
    let session = session(&platform, &request);
    let chosen = request.form.get("encounter");
    let offered = choices(&platform, session, id).unwrap_or_default();
    let chosen = offered.into_iter().find(|encounter| Some(encounter.as_str()) == chosen);
    if let Some(visit) = platform.state().tickets.get_mut(id) {
        visit.encounter = chosen.or(visit.encounter.take());
    }
    next(&platform, session, id)
}

fn choices(platform: &Platform, session: Option<&str>, id: &str) -> Option<Vec<String>> {
    let visit = ticket(platform, id)?;
    match step(platform, session, &visit, authorized(&visit)?) {
        Step::ChooseEncounter(encounters) => Some(encounters),
        _ => None,
    }
}

fn form(platform: &Platform, visit: &Ticket, id: &str, encounters: &[String]) -> Response {
    let sandbox = platform.sandbox();
    let encounters: Vec<_> = encounters.iter().filter_map(|id| sandbox.encounter(id)).collect();
    let patient = encounters.first().and_then(|first| sandbox.patient(&first.patient));
    let shown: Vec<_> = encounters
        .iter()
        .map(|encounter| {
            context! {
                id => encounter.id,
                reason => encounter.reason,
                day => encounter.start.strftime("%Y-%m-%d").to_string(),
                status => encounter.status,
            }
        })
        .collect();
    let context = context! {
        title => "Select a visit",
        app => authorized(visit).map(|asked| &asked.app.name),
        record => patient.map(|patient| patient.name()),
        login => platform.login_path(),
        ticket => id,
        encounters => shown,
    };
    look(platform, visit).page(StatusCode::OK, "encounters.html", context)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{Answer, CALLBACK, TestApp, Tester, provider_web, with};

    const SCOPE: &str = "openid launch/patient launch/encounter user/Patient.read";

    async fn tester_and_app() -> (Tester, TestApp) {
        let tester = Tester::with(|dialect| {
            dialect.login.encounter_asked = true;
            dialect.scopes.login.push("launch/encounter".to_owned());
        });
        let app = tester.register(with(provider_web(), &[("scopes", json!(SCOPE))])).await;
        (tester, app)
    }

    /// Goes to the choice of a visit, signed in, with the record of Ada Whitcomb.
    async fn at_the_choice(tester: &Tester, app: &TestApp) -> (String, Answer) {
        tester.work().await;
        let asked = tester.authorize(app, &[("scope", SCOPE)]).await;
        let ticket = asked.location().split_once("ticket=").unwrap().1.to_owned();
        let record = [("ticket", ticket.as_str()), ("record", "a-195900.E-60178")];
        let answer = tester.post("/login/records", &[], &record).await;
        assert!(answer.location().starts_with("/login/encounters?"), "{}", answer.location());
        (ticket.clone(), tester.get(&answer.location(), &[]).await)
    }

    async fn redeemed(tester: &Tester, app: &TestApp, back: &Answer) -> Value {
        let code = back.parameter("code").unwrap();
        let form =
            [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        tester.token(app, &form).await.json()
    }

    #[tokio::test]
    async fn the_chosen_visit_is_told_beside_the_tokens() {
        let (tester, app) = tester_and_app().await;
        let (ticket, page) = at_the_choice(&tester, &app).await;
        assert!(page.text.contains("Blood pressure follow-up"), "{}", page.text);
        assert!(!page.text.contains("Seasonal allergies"), "another patient's: {}", page.text);
        let post = async |encounter: &str| {
            let form = [("ticket", ticket.as_str()), ("encounter", encounter)];
            tester.post("/login/encounters", &[], &form).await
        };
        for foreign in ["a-195900.encounter-46320", "a-80000.encounter-7101", "nonsense"] {
            let again = post(foreign).await;
            assert!(again.location().starts_with("/login/encounters?"), "{foreign}");
        }
        let back = post("a-195900.encounter-46190").await;
        let tokens = redeemed(&tester, &app, &back).await;
        assert_eq!(tokens["patient"], "a-195900.E-60178");
        assert_eq!(tokens["encounter"], "a-195900.encounter-46190");
    }

    #[tokio::test]
    async fn who_chooses_no_visit_brings_no_code() {
        let (tester, app) = tester_and_app().await;
        let (ticket, _) = at_the_choice(&tester, &app).await;
        let form = [("ticket", ticket.as_str()), ("decision", "cancel")];
        let back = tester.post("/login/encounters", &[], &form).await;
        assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
        let over = tester.get(&format!("/login/encounters?ticket={ticket}"), &[]).await;
        assert!(!over.text.contains("name=\"encounter\""), "{}", over.text);
    }

    #[tokio::test]
    async fn nobody_is_asked_where_there_is_no_choice_or_the_dialect_asks_nobody() {
        for (asked, record, visit) in [
            (true, "a-195900.E-60180", None),
            (false, "a-195900.E-60178", Some("a-195900.encounter-46318")),
        ] {
            let (tester, app) = tester_and_app().await;
            let mut dialect = (*tester.platform.dialect()).clone();
            dialect.login.encounter_asked = asked;
            tester.platform.set_dialect(dialect);
            tester.work().await;
            let start = tester.authorize(&app, &[("scope", SCOPE)]).await;
            let ticket = start.location().split_once("ticket=").unwrap().1.to_owned();
            let record = [("ticket", ticket.as_str()), ("record", record)];
            let back = tester.post("/login/records", &[], &record).await;
            let tokens = redeemed(&tester, &app, &back).await;
            assert_eq!(tokens["encounter"].as_str(), visit, "{tokens}");
        }
    }
}
