//! What happened to an app outside the portal: contract, validation, and what practices agreed to.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::access::{Condition, to_launch, to_production, to_read};
use super::app::App;
use crate::dialect::{Practice, PracticeAccess};
use crate::mock::platform::{Environment, Platform};

/// What happened to one app.
#[derive(Clone, Default)]
pub(in crate::mock) struct Onboarding {
    /// What concerns the app as a whole.
    done: Vec<Condition>,
    /// What a practice of an environment agreed to.
    agreed: HashMap<(Environment, u32), Vec<Condition>>,
}

/// What staff of the platform say about an app.
pub(super) const BY_STAFF: [Condition; 3] =
    [Condition::Contract, Condition::TechSpec, Condition::Validation];
/// What a practice says about an app.
pub(super) const BY_PRACTICE: [Condition; 3] =
    [Condition::PracticeRequest, Condition::Enablement, Condition::Consent];

impl Onboarding {
    /// Notes that something happened, or that it holds no longer.
    pub(super) fn note(&mut self, condition: Condition, holds: bool) {
        note(&mut self.done, condition, holds);
    }

    /// Notes what a practice agreed to, or revoked.
    pub(super) fn note_of(
        &mut self,
        practice: (Environment, u32),
        condition: Condition,
        holds: bool,
    ) {
        note(self.agreed.entry(practice).or_default(), condition, holds);
    }

    /// Whether something happened; what a practice has to do, was done by this one.
    pub(super) fn holds(&self, condition: Condition, practice: (Environment, u32)) -> bool {
        let agreed = self.agreed.get(&practice);
        self.done.contains(&condition) || agreed.is_some_and(|done| done.contains(&condition))
    }

    /// Whether something happened; what a practice has to do, was done by any of Production.
    fn holds_for_production(&self, condition: Condition) -> bool {
        self.done.contains(&condition)
            || self.agreed.iter().any(|((environment, _), done)| {
                *environment == Environment::Production && done.contains(&condition)
            })
    }

    /// What staff say, by its word.
    pub(super) fn by_staff(&self) -> Value {
        words(&BY_STAFF, &self.done)
    }

    /// What a practice says, by its word.
    pub(super) fn by_practice(&self, practice: (Environment, u32)) -> Value {
        words(&BY_PRACTICE, self.agreed.get(&practice).map_or(&[], Vec::as_slice))
    }
}

impl App {
    /// Whether it may read the data of a practice.
    pub(in crate::mock) fn may_read(&self, platform: &Platform, practice: &Practice) -> bool {
        self.missing_to_read(platform, practice).is_empty()
    }

    /// What is missing before it may read the data of a practice.
    pub(super) fn missing_to_read(
        &self,
        platform: &Platform,
        practice: &Practice,
    ) -> Vec<Condition> {
        let needed = to_read(self.standing(), access(self.environment, practice));
        self.missing(platform, needed, practice)
    }

    /// Whether providers may launch it from the charts of a practice.
    pub(in crate::mock) fn may_be_launched(
        &self,
        platform: &Platform,
        practice: &Practice,
    ) -> bool {
        let in_public_sandbox = platform.dialect().portal.launch_in_public_sandbox;
        let access = access(self.environment, practice);
        let needed = to_launch(self.standing(), access, in_public_sandbox);
        self.missing(platform, needed, practice).is_empty()
    }

    /// What is missing on the shortest way to credentials of Production; nothing, if it may have
    /// them.
    pub(super) fn missing_for_production(&self, platform: &Platform) -> Vec<Condition> {
        let certified = platform.dialect().portal.certified_production;
        let console = platform.console();
        let happened = console.onboarding.get(&self.id);
        let missing = |way: &&[Condition]| -> Vec<Condition> {
            let holds = |one: &Condition| {
                happened.is_some_and(|it| it.holds_for_production(*one))
                    || platform.overlooks(one.rule())
            };
            way.iter().copied().filter(|one| !holds(one)).collect()
        };
        let ways = to_production(self.standing(), certified).iter().map(missing);
        ways.min_by_key(Vec::len).unwrap_or_default()
    }

    fn missing(
        &self,
        platform: &Platform,
        needed: &[Condition],
        practice: &Practice,
    ) -> Vec<Condition> {
        if needed.is_empty() {
            return Vec::new();
        }
        let console = platform.console();
        let happened = console.onboarding.get(&self.id);
        let practice = (self.environment, practice.id);
        let holds = |one: &Condition| {
            happened.is_some_and(|it| it.holds(*one, practice)) || platform.overlooks(one.rule())
        };
        needed.iter().copied().filter(|one| !holds(one)).collect()
    }
}

/// Who gets at a practice: in Production each one is a customer.
fn access(environment: Environment, practice: &Practice) -> PracticeAccess {
    match environment {
        Environment::Preview => practice.access,
        Environment::Production => PracticeAccess::Customer,
    }
}

fn note(done: &mut Vec<Condition>, condition: Condition, holds: bool) {
    done.retain(|one| *one != condition);
    if holds {
        done.push(condition);
    }
}

fn words(all: &[Condition], done: &[Condition]) -> Value {
    let words = all.iter().map(|one| (one.name().to_owned(), json!(done.contains(one))));
    Value::Object(words.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{
        CALLBACK, TestApp, Tester, patient_web, provider_web, two_legged, with,
    };

    /// What a 2-legged app's token is answered at a practice.
    async fn ping(tester: &Tester, app: &TestApp, practice: u32) -> u16 {
        let form =
            [("grant_type", "client_credentials"), ("scope", "athena/service/Athenanet.MDP.*")];
        let token = tester.token(app, &form).await.json();
        let token = token["access_token"].as_str().unwrap();
        let path = tester.platform.path(&format!("/v1/{practice}/ping"));
        tester.read(&path, token).await.status.as_u16()
    }

    async fn say(tester: &Tester, app: &TestApp, path: &str, body: Value) -> Value {
        let answer = tester.control("PUT", &format!("apps/{}/{path}", app.id), &body).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
        answer.json()
    }

    #[tokio::test]
    async fn a_customers_preview_opens_with_consent_and_closes_when_it_is_revoked() {
        let tester = Tester::new();
        for level in ["certified", "non_certified"] {
            let scopes = json!("athena/service/Athenanet.MDP.*");
            let body = with(two_legged(), &[("level", json!(level)), ("scopes", scopes)]);
            let app = tester.register(body).await;
            assert_eq!(ping(&tester, &app, 80000).await, 200);
            assert_eq!(ping(&tester, &app, 900_100).await, 401);
            say(&tester, &app, "practices/900100", json!({"consented": true})).await;
            assert_eq!(ping(&tester, &app, 900_100).await, 200);
            say(&tester, &app, "practices/900100", json!({"consented": false})).await;
            assert_eq!(ping(&tester, &app, 900_100).await, 401);
        }
    }

    #[tokio::test]
    async fn a_private_preview_needs_contract_and_request() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        say(&tester, &app, "practices/900200", json!({"requested": true})).await;
        assert_eq!(ping(&tester, &app, 900_200).await, 401);
        say(&tester, &app, "onboarding", json!({"contract": true})).await;
        assert_eq!(ping(&tester, &app, 900_200).await, 200);
        say(&tester, &app, "onboarding", json!({"contract": false})).await;
        assert_eq!(ping(&tester, &app, 900_200).await, 401);
    }

    #[tokio::test]
    async fn in_production_a_practice_enables_a_certified_app_for_itself_alone() {
        let mut tester = Tester::new();
        let scopes = json!("athena/service/Athenanet.MDP.*");
        let body = with(two_legged(), &[("level", json!("certified")), ("scopes", scopes)]);
        let preview = tester.register(body).await;
        let path = format!("apps/{}/environments/production", preview.id);
        let shown = tester.portal("POST", &path, &json!({})).await.json();
        let text = |member: &str| shown[member].as_str().unwrap().to_owned();
        let app = TestApp { id: text("client_id"), secret: text("client_secret") };
        tester.platform = tester.platform.production().unwrap();
        assert_eq!(ping(&tester, &app, 21001).await, 401);
        say(&tester, &app, "practices/21001", json!({"enabled": true})).await;
        assert_eq!(ping(&tester, &app, 21001).await, 200);
        assert_eq!(ping(&tester, &app, 21002).await, 401);
    }

    #[tokio::test]
    async fn a_providers_app_is_launched_where_the_customer_asked_for_it() {
        let tester = Tester::new();
        let app = tester.register(provider_web()).await;
        let chart = "&patient=a-900100.E-77";
        let start = tester.launch(&app, chart).await;
        tester.log_in(start, "customer").await;
        assert_eq!(tester.launch(&app, chart).await.status.as_u16(), 400);
        assert!(!tester.get("/athenaone/chart/a-900100.E-77", &[]).await.text.contains(&app.id));
        say(&tester, &app, "practices/900100", json!({"requested": true})).await;
        assert!(tester.get("/athenaone/chart/a-900100.E-77", &[]).await.text.contains(&app.id));
        assert_eq!(tester.launch(&app, chart).await.status.as_u16(), 303);
    }

    #[tokio::test]
    async fn what_was_said_is_shown_and_what_nobody_knows_is_refused() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let shown = say(&tester, &app, "onboarding", json!({"tech_spec": true})).await;
        let staff = [&shown["contract"], &shown["tech_spec"], &shown["solution_validation"]];
        assert_eq!(staff, [&json!(false), &json!(true), &json!(false)]);
        let shown = say(&tester, &app, "practices/21002", json!({"enabled": true})).await;
        let practices = shown["practices"].as_array().unwrap();
        let enabled: Vec<&Value> = practices.iter().filter(|one| one["enabled"] == true).collect();
        assert_eq!(enabled.len(), 1);
        assert_eq!(
            (&enabled[0]["practice"], &enabled[0]["environment"]),
            (&json!(21002), &json!("production"))
        );
        for (path, body, status) in [
            (format!("apps/{}/onboarding", app.id), json!({"contract": 1}), 422),
            (format!("apps/{}/onboarding", app.id), json!({"enabled": true}), 422),
            (format!("apps/{}/practices/5", app.id), json!({"enabled": true}), 404),
            ("apps/nobody/onboarding".to_owned(), json!({"contract": true}), 404),
        ] {
            assert_eq!(
                tester.control("PUT", &path, &body).await.status.as_u16(),
                status,
                "{path} {body}"
            );
        }
    }

    #[tokio::test]
    async fn an_app_with_known_credentials_is_there_after_one_call() {
        let tester = Tester::new();
        let body = with(two_legged(), &[("client_secret", json!("known & fixed/secret"))]);
        let path = "apps/nightly-ci";
        assert_eq!(tester.control("PUT", path, &body).await.status.as_u16(), 201);
        let app = TestApp { id: "nightly-ci".into(), secret: "known & fixed/secret".into() };
        assert_eq!(ping(&tester, &app, 80000).await, 200);
        let other = with(body.clone(), &[("client_secret", json!("another"))]);
        let answer = tester.control("PUT", path, &other).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert!(!answer.text.contains("another"), "{}", answer.text);
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        assert_eq!(tester.token(&app, &form).await.error().0, 401);
        let phr = with(patient_web(), &[("client_secret", json!("s"))]);
        for (field, body) in [
            ("client_secret", two_legged()),
            ("client_secret", with(body.clone(), &[("client_secret", json!("a\tb"))])),
            ("redirect_uris", with(phr.clone(), &[("redirect_uris", json!(["http://a.example"]))])),
            ("scopes", with(phr.clone(), &[("scopes", json!("system/Patient.read"))])),
            ("owner", with(phr.clone(), &[("owner", json!("nobody@example.com"))])),
        ] {
            let refused = tester.control("PUT", "apps/another", &body).await;
            assert_eq!(refused.json()["field"], field, "{}", refused.text);
        }
        let account = json!({"email": "Dev@example.com", "password": "Correct-Horse-1"});
        tester.portal("POST", "accounts", &account).await;
        let owned =
            with(phr, &[("owner", json!("dev@example.com")), ("environment", json!("production"))]);
        let answer = tester.control("PUT", "apps/phr", &owned).await;
        assert_eq!(answer.json()["redirect_uris"], json!([CALLBACK]), "{}", answer.text);
    }
}
