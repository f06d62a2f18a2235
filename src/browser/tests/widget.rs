//! The mock's own pages in a real browser: by keyboard alone, on a phone, on light and dark screens.
//!
//! With `CHECKRIDE_PICTURES=<folder>` each page is also kept as a picture.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Bench;
use super::audit::look;
use crate::browser::{End, Fresh, Values};
use crate::clock::Clock;
use crate::dialect::Skin;
use crate::dialect::login::LoginScript;
use crate::mock::{Platform, Server, start};
use crate::project::built_in;
use crate::secret::Secret;

/// A served platform with an app of each kind.
struct Stage {
    server: Server,
    patient_app: String,
    provider_app: String,
}

impl Stage {
    async fn with(skin: Skin, user_name_first: bool) -> Self {
        let mut dialect = built_in::dialect("athenahealth").unwrap();
        (dialect.login.skin, dialect.login.user_name_first) = (skin, user_name_first);
        let sandbox = Arc::new(built_in::sandbox("athenahealth").unwrap());
        let clock = Clock::frozen_at(Clock::system().now());
        let platform = Platform::new(Arc::new(dialect), sandbox, clock).unwrap();
        let server = start(platform).await.unwrap();
        let patient = json!({
            "name": "Health Diary", "level": "certified", "category": "three_legged_phr",
            "environment": "preview", "end_users": "patients", "client_type": "web",
            "token_auth_method": "secret", "redirect_uris": [BACK], "terms_accepted": true,
            "scopes": SCOPES,
        });
        let mut provider = patient.clone();
        for (member, value) in [
            ("name", json!("Chart Helper")),
            ("category", json!("three_legged_other")),
            ("end_users", json!("providers")),
            ("launch_url", json!("https://app.example/launch")),
            ("embedded", json!(true)),
            ("scopes", json!("openid fhirUser launch user/Patient.read")),
        ] {
            provider[member] = value;
        }
        let patient_app = register(&server.platform, &patient).await;
        let provider_app = register(&server.platform, &provider).await;
        Self { server, patient_app, provider_app }
    }

    fn script(&self) -> LoginScript {
        let mut script = self.server.platform.dialect().login.script();
        script.hosts.push(self.server.base.strip_prefix("http://").unwrap().to_owned());
        script
    }

    fn authorize(&self, more: &[(&str, &str)]) -> String {
        let mut url = url::Url::parse(&self.server.platform.oauth("authorize")).unwrap();
        url.query_pairs_mut()
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", self.patient_app.as_str()),
                ("redirect_uri", BACK),
                ("scope", SCOPES),
                ("state", "a-state-that-nobody-can-guess"),
                ("aud", self.server.platform.fhir_base().as_str()),
            ])
            .extend_pairs(more);
        url.into()
    }
}

async fn register(platform: &Platform, app: &Value) -> String {
    let answer = reqwest::Client::new()
        .post(format!("{}/apps", platform.portal_api()))
        .bearer_auth(platform.developer_session().expose())
        .json(app)
        .send();
    let shown: Value = answer.await.unwrap().json().await.unwrap();
    shown["client_id"].as_str().unwrap_or_else(|| panic!("{shown}")).to_owned()
}

fn user(platform: &Platform, name: &str) -> Values {
    let user = platform.sandbox().users.iter().find(|user| user.name == name).unwrap();
    Values {
        username: user.username.clone(),
        password: Secret::new(user.password.as_str()),
        denied: vec!["offline_access".into()],
        record: Some("a-80000.E-14545".into()),
        declines_at: None,
        by_keyboard: true,
    }
}

#[tokio::test]
async fn a_user_without_a_mouse_gets_through_every_form() {
    let bench = Bench::new().await;
    for (skin, in_two, pages) in [
        (Skin::Classic, true, ["sign-in (classic)", "", "record choice", "consent"]),
        (
            Skin::IdentityEngine,
            true,
            [
                "sign-in, user name (Identity Engine)",
                "sign-in, password (Identity Engine)",
                "record choice",
                "consent",
            ],
        ),
        (
            Skin::IdentityEngine,
            false,
            ["sign-in (Identity Engine)", "", "record choice", "consent"],
        ),
    ] {
        let stage = Stage::with(skin, in_two).await;
        let session = bench.browser.lease(bench.recorder.clone(), Fresh::Yes).await.unwrap();
        session.catch_redirect(BACK).await.unwrap();
        session.open(&stage.authorize(&[])).await.unwrap();
        let values = user(&stage.server.platform, "parent");
        let played = session.play(&stage.script(), &values).await.unwrap();
        let End::Redirected(back) = &played.end else { panic!("{played:?}") };
        assert!(back.query().unwrap().contains("code="), "{back}");
        let expected: Vec<&str> = pages.into_iter().filter(|page| !page.is_empty()).collect();
        assert_eq!(played.pages, expected);
        assert_eq!(session.console(), [""; 0], "nothing that the page needs is refused");
        session.release().await;
    }
    bench.browser.close().await;
}

#[tokio::test]
async fn every_page_can_be_used_on_every_screen() {
    let bench = Bench::new().await;
    let session = bench.browser.lease(bench.recorder.clone(), Fresh::Yes).await.unwrap();
    let stage = Stage::with(Skin::Classic, true).await;
    let platform = &stage.server.platform;
    let parent = user(platform, "parent");
    session.catch_redirect(BACK).await.unwrap();

    session.open(&stage.authorize(&[])).await.unwrap();
    look(&session, "sign-in").await;
    session.click("#okta-signin-submit").await.unwrap();
    session.wait_for_any(&[".field-error"]).await.unwrap();
    look(&session, "sign-in-empty").await;
    session.fill("#okta-signin-username", &parent.username).await.unwrap();
    session.fill("#okta-signin-password", "wrong").await.unwrap();
    session.click("#okta-signin-submit").await.unwrap();
    session.wait_for_any(&[".okta-form-infobox-error"]).await.unwrap();
    assert_eq!(session.text("#okta-signin-password").await.unwrap().unwrap(), "");
    look(&session, "sign-in-wrong").await;
    session.fill("#okta-signin-password", parent.password.expose()).await.unwrap();
    session.click("#okta-signin-submit").await.unwrap();
    session.wait_for_any(&["form#records"]).await.unwrap();
    look(&session, "records").await;
    session.click("input[value='a-80000.E-14546']").await.unwrap();
    session.click("[value=continue]").await.unwrap();
    session.wait_for_any(&["form#consent"]).await.unwrap();
    look(&session, "consent").await;
    let visit = session.url();
    platform.clock().advance(SignedDuration::from_secs(3600));
    session.open(&visit).await.unwrap();
    look(&session, "too-long").await;

    session.open(&platform.oauth("logout")).await.unwrap();
    look(&session, "signed-out").await;
    session.open(&stage.authorize(&[("prompt", "login")])).await.unwrap();
    let mut newcomer = user(platform, "newcomer");
    newcomer.by_keyboard = false;
    session.play(&stage.script(), &newcomer).await.unwrap();
    look(&session, "no-record").await;
    let mut button = url::Url::parse(&stage.server.base).unwrap();
    button.set_path("/login/button");
    let start = stage.authorize(&[]);
    button.query_pairs_mut().extend_pairs([("client_id", &stage.patient_app), ("start", &start)]);
    session.open(button.as_str()).await.unwrap();
    look(&session, "button").await;
    session.open(&stage.authorize(&[("client_id", "nobody")])).await.unwrap();
    look(&session, "error").await;

    let engine = |in_two| {
        let mut dialect = (*platform.dialect()).clone();
        (dialect.login.skin, dialect.login.user_name_first) = (Skin::IdentityEngine, in_two);
        platform.set_dialect(dialect);
    };
    engine(false);
    session.open(&stage.authorize(&[("prompt", "login")])).await.unwrap();
    look(&session, "engine-one-page").await;
    engine(true);
    session.open(&stage.authorize(&[("prompt", "login")])).await.unwrap();
    look(&session, "engine-user-name").await;
    session.fill("#identifier", &parent.username).await.unwrap();
    session.click("input[type=submit]").await.unwrap();
    session.wait_for_any(&["#passcode"]).await.unwrap();
    look(&session, "engine-password").await;

    platform.reset_dialect();
    let mut provider = user(platform, "provider");
    provider.by_keyboard = false;
    let ehr = format!("{}/athenaone", stage.server.base);
    session.open(&ehr).await.unwrap();
    look(&session, "provider-sign-in").await;
    session.fill("#okta-signin-username", &provider.username).await.unwrap();
    session.fill("#okta-signin-password", provider.password.expose()).await.unwrap();
    session.click("#okta-signin-submit").await.unwrap();
    session.wait_for_any(&[".dock"]).await.unwrap();
    look(&session, "ehr-home").await;
    session.open(&format!("{ehr}/chart/a-195900.E-60178")).await.unwrap();
    look(&session, "ehr-chart").await;
    session.open(&format!("{ehr}/encounters/a-195900.encounter-46318")).await.unwrap();
    look(&session, "ehr-encounter").await;
    session.catch_redirect("https://app.example/launch").await.unwrap();
    let open = format!("{ehr}/chart/a-195900.E-60178?client_id={}", stage.provider_app);
    session.open(&open).await.unwrap();
    look(&session, "ehr-app").await;
    session.release().await;
    bench.browser.close().await;
}

const BACK: &str = "https://app.example/callback";
const SCOPES: &str = "openid fhirUser offline_access launch/patient patient/Patient.read \
                      patient/Observation.read patient/MedicationRequest.read";
