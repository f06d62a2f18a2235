//! An app's credentials in each environment.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::{Map, Value, json};

use super::access::Condition;
use super::answer::{Answer, Refusal, optional_object};
use super::app::App;
use super::apps::{app_of, clients, keep, shown_once};
use super::credentials::method_elsewhere;
use super::developer::Developer;
use super::registration::edit;
use crate::mock::platform::{Environment, ID_LENGTH, Platform};
use crate::protocol::{Scope, ScopeSet, random};

/// `GET apps/{id}/environments`: which credentials the app has, and what others still need.
pub(super) async fn list(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    let app = app_of(&platform, &account, &id)?;
    let shown = Environment::ALL.into_iter().map(|environment| {
        let client = client_in(&platform, &app, environment);
        let missing = match (&client, environment) {
            (None, Environment::Production) => app.missing_for_production(&platform),
            _ => Vec::new(),
        };
        let missing: Vec<&str> = missing.into_iter().map(Condition::name).collect();
        let client_id = client.map(|client| client.client_id.clone());
        (environment.name().to_owned(), json!({"client_id": client_id, "missing": missing}))
    });
    Ok(Json(Value::Object(shown.collect())).into_response())
}

/// `POST apps/{id}/environments/{environment}`: credentials of that environment, shown this once.
///
/// The body may have redirect URIs, a launch URL and keys of their own; else they are the same.
pub(super) async fn issue(
    Developer { platform, account, request }: Developer,
    Path((id, environment)): Path<(String, String)>,
) -> Answer {
    let environment = Environment::read(&environment).ok_or(NO_ENVIRONMENT)?;
    let app = issue_for(&platform, &account, &id, environment, &optional_object(&request)?)?;
    Ok((StatusCode::CREATED, Json(shown_once(&app))).into_response())
}

/// `POST apps/{id}/environments/production/request`: the developer of an app of Certified APIs
/// only asks for Production.
pub(super) async fn request(
    Developer { platform, account, .. }: Developer,
    Path(id): Path<String>,
) -> Answer {
    request_production(&platform, &account, &id)?;
    let status = StatusCode::ACCEPTED;
    Ok((status, Json(json!({"production_request": true}))).into_response())
}

/// Makes credentials for an app in an environment where it has none, if it may have them.
pub(super) fn issue_for(
    platform: &Platform,
    account: &str,
    id: &str,
    environment: Environment,
    body: &Map<String, Value>,
) -> Result<Arc<App>, Refusal> {
    let app = app_of(platform, account, id)?;
    if environment == Environment::Production {
        platform.production().ok_or(NO_ENVIRONMENT)?;
        let missing = app.missing_for_production(platform);
        if !missing.is_empty() {
            return Err(Refusal::TooEarly(missing));
        }
    }
    if client_in(platform, &app, environment).is_some() {
        return Err(Refusal::Conflict("The app has credentials of this environment already."));
    }
    let mut client = App {
        client_id: random::alphanumeric(ID_LENGTH),
        environment,
        method: method_elsewhere(platform, &app.method, body)?,
        // Production is for what was tried before: nothing that is pending comes along.
        selected: app.approved.clone(),
        replaced_secret: None,
        ..App::clone(&app)
    };
    client.allowed = app.approved.iter().map(Scope::as_str).collect::<ScopeSet>();
    let details = body.iter().filter(|(field, _)| !KEYS.contains(&field.as_str()));
    edit(
        platform,
        &mut client,
        &details.map(|(field, value)| (field.clone(), value.clone())).collect(),
    )?;
    Ok(keep(platform, client))
}

/// Notes that the developer asks for Production.
pub(super) fn request_production(
    platform: &Platform,
    account: &str,
    id: &str,
) -> Result<(), Refusal> {
    let app = app_of(platform, account, id)?;
    if app.level != super::Level::Certified {
        return Err(Refusal::TooEarly(app.missing_for_production(platform)));
    }
    let mut console = platform.console();
    console.onboarding.entry(app.id.clone()).or_default().note(Condition::ProductionRequest, true);
    Ok(())
}

/// The client that an app has in an environment.
pub(super) fn client_in(
    platform: &Platform,
    app: &App,
    environment: Environment,
) -> Option<Arc<App>> {
    clients(platform, app).into_iter().find(|client| client.environment == environment)
}

const NO_ENVIRONMENT: Refusal = Refusal::NotFound("environment");
/// What a body may have beside the details that can be edited.
const KEYS: [&str; 2] = ["jwks", "jwks_uri"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::dialect::CertifiedProduction;
    use crate::mock::testing::{Answer, TestApp, Tester, patient_web, two_legged, with};

    async fn produce(tester: &Tester, app: &TestApp) -> Answer {
        let path = format!("apps/{}/environments/production", app.id);
        tester.portal("POST", &path, &json!({})).await
    }

    fn client(answer: &Answer) -> TestApp {
        let shown = answer.json();
        let text = |member: &str| shown[member].as_str().unwrap().to_owned();
        TestApp { id: text("client_id"), secret: text("client_secret") }
    }

    fn certified() -> Value {
        let scopes = json!("athena/service/Athenanet.MDP.* system/Patient.read");
        with(two_legged(), &[("level", json!("certified")), ("scopes", scopes)])
    }

    #[tokio::test]
    async fn an_app_of_certified_apis_gets_production_credentials_whenever_it_wants() {
        let mut tester = Tester::new();
        let preview = tester.register(certified()).await;
        let answer = produce(&tester, &preview).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
        let production = client(&answer);
        assert_ne!(production.id, preview.id);
        assert_ne!(production.secret, preview.secret);
        assert_eq!(produce(&tester, &preview).await.status.as_u16(), 409);
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        assert_eq!(tester.token(&production, &form).await.error(), (401, "invalid_client".into()));
        tester.platform = tester.platform.production().unwrap();
        assert_eq!(tester.token(&production, &form).await.status.as_u16(), 200);
        assert_eq!(tester.token(&preview, &form).await.error(), (401, "invalid_client".into()));
        let rename = json!({"name": "Renamed"});
        tester.portal("PATCH", &format!("apps/{}", preview.id), &rename).await;
        let other = tester.portal("GET", &format!("apps/{}", production.id), &json!({})).await;
        assert_eq!(other.json()["name"], "Renamed");
        tester.portal("DELETE", &format!("apps/{}", preview.id), &json!({})).await;
        assert_eq!(tester.token(&production, &form).await.error().0, 401);
    }

    #[tokio::test]
    async fn by_the_other_reading_a_certified_app_asks_first() {
        let tester = Tester::with(|dialect| {
            dialect.portal.certified_production = CertifiedProduction::ByRequest;
        });
        let app = tester.register(certified()).await;
        let early = produce(&tester, &app).await;
        assert_eq!(early.status.as_u16(), 403);
        assert_eq!(early.json()["missing"], json!(["production_request"]));
        let path = format!("apps/{}/environments/production/request", app.id);
        assert_eq!(tester.portal("POST", &path, &json!({})).await.status.as_u16(), 202);
        assert_eq!(produce(&tester, &app).await.status.as_u16(), 201);
        let beyond = tester.register(two_legged()).await;
        let path = format!("apps/{}/environments/production/request", beyond.id);
        assert_eq!(tester.portal("POST", &path, &json!({})).await.status.as_u16(), 403);
    }

    #[tokio::test]
    async fn beyond_certified_apis_each_step_to_production_is_needed() {
        let steps = [
            ("contract", "onboarding", json!({"contract": true})),
            ("tech_spec", "onboarding", json!({"tech_spec": true})),
            ("solution_validation", "onboarding", json!({"solution_validation": true})),
            ("requested", "practices/21001", json!({"requested": true})),
        ];
        for left_out in ["contract", "tech_spec", "solution_validation", "requested"] {
            let tester = Tester::new();
            let app = tester.register(two_legged()).await;
            for (_, path, body) in steps.iter().filter(|(step, ..)| *step != left_out) {
                let path = format!("apps/{}/{path}", app.id);
                assert_eq!(tester.control("PUT", &path, body).await.status.as_u16(), 200);
            }
            let early = produce(&tester, &app).await;
            assert_eq!(early.status.as_u16(), 403, "{left_out}");
            assert_eq!(early.json()["missing"], json!([left_out]));
            let (_, path, body) = steps.iter().find(|(step, ..)| *step == left_out).unwrap();
            tester.control("PUT", &format!("apps/{}/{path}", app.id), body).await;
            assert_eq!(produce(&tester, &app).await.status.as_u16(), 201, "{left_out}");
        }
    }

    #[tokio::test]
    async fn a_phr_app_has_both_environments_for_the_asking() {
        let tester = Tester::new();
        let production = with(patient_web(), &[("environment", json!("production"))]);
        let app = tester.register(production).await;
        let path = format!("apps/{}/environments", app.id);
        let shown = tester.portal("GET", &path, &json!({})).await.json();
        assert_eq!(shown["production"]["client_id"], app.id);
        assert_eq!(shown["preview"]["client_id"], Value::Null);
        let preview = tester.portal("POST", &format!("{path}/preview"), &json!({})).await;
        assert_eq!(preview.json()["environment"], "preview", "{}", preview.text);
        let nowhere = tester.portal("POST", &format!("{path}/moon"), &json!({})).await;
        assert_eq!(nowhere.status.as_u16(), 404);
    }

    #[tokio::test]
    async fn a_scope_that_is_added_in_production_waits_for_staff() {
        let mut tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let all = json!({"contract": true, "tech_spec": true, "solution_validation": true});
        tester.control("PUT", &format!("apps/{}/onboarding", app.id), &all).await;
        let path = format!("apps/{}/practices/21001", app.id);
        tester.control("PUT", &path, &json!({"requested": true})).await;
        let production = client(&produce(&tester, &app).await);
        let path = format!("apps/{}/scopes", production.id);
        let scopes = json!({"scopes": "system/Patient.read system/Goal.read"});
        tester.portal("PUT", &path, &scopes).await;
        let confirmed = tester.portal("POST", &format!("{path}/confirm"), &json!({})).await;
        assert_eq!(confirmed.json()["pending"], json!(["system/Goal.read"]));
        assert_eq!(confirmed.json()["approved"], json!(["system/Patient.read"]));
        tester.platform = tester.platform.production().unwrap();
        let form = [("grant_type", "client_credentials"), ("scope", "system/Goal.read")];
        assert_eq!(tester.token(&production, &form).await.error().0, 400);
        let path = format!("apps/{}/scopes/approve", production.id);
        tester.control("POST", &path, &json!({})).await;
        assert_eq!(tester.token(&production, &form).await.status.as_u16(), 200);
    }
}
