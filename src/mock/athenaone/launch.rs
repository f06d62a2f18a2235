//! The launch of an app out of the chart (SMART App Launch 2.2, EHR launch).

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

use super::apps::launchable;
use super::desk::Desk;
use crate::dialect::{Rule, User};
use crate::mock::login;
use crate::mock::organization::Organization;
use crate::mock::platform::{Platform, SESSION_LENGTH};
use crate::mock::request::Received;
use crate::protocol::random;

/// A launch that waits for its app's authorize request: good for one, and not for long.
pub(in crate::mock) struct Launch {
    pub(in crate::mock) client_id: String,
    /// Index of the provider in the sandbox.
    pub(in crate::mock) user: usize,
    pub(in crate::mock) context: LaunchContext,
    /// What the FHIR base names that the app was told.
    pub(in crate::mock) organization: Organization,
    pub(in crate::mock) expires: i64,
    /// An app has got a code for it.
    pub(in crate::mock) used: bool,
}

/// Where in the EHR, and about whom, an app was launched.
#[derive(Clone, Debug)]
pub(in crate::mock) struct LaunchContext {
    pub(in crate::mock) patient: Option<String>,
    pub(in crate::mock) encounter: Option<String>,
    pub(in crate::mock) practice: u32,
    pub(in crate::mock) department: u32,
    pub(in crate::mock) brand: u32,
    pub(in crate::mock) chart_sharing_group: u32,
    /// What the app is to do (SMART App Launch 2.2, `intent`).
    pub(in crate::mock) intent: Option<String>,
}

/// `GET {ehr}/launch`: opens the app at its registered address, which is told the FHIR base
/// as `iss` and a new identifier as `launch`.
pub(super) async fn launch(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let refuse = |why: &str| login::error_page(StatusCode::BAD_REQUEST, why);
    let Some(desk) = Desk::of(&platform, &request) else {
        return login::begin_page(&platform, &request);
    };
    let Some(context) = LaunchContext::of(&desk) else {
        return refuse(
            "There is no such patient, visit, practice or department for this provider.",
        );
    };
    let client_id = request.query.get("client_id").unwrap_or_default();
    let apps = launchable(&platform, context.practice);
    let Some(app) = apps.iter().find(|app| app.client_id == client_id) else {
        return refuse("This app is not enabled here.");
    };
    let dialect = platform.dialect();
    let Some(ehr) = dialect.ehr.as_ref() else {
        return refuse("There is no EHR here.");
    };
    if context.patient.is_none() && !ehr.launch_without_patient {
        return refuse("This app is launched from a patient's record.");
    }
    let base = format!("{}{}{}", platform.base(), context.placed(&ehr.iss), dialect.paths.fhir);
    let (Some(mut url), Some(organization)) =
        (app.launch_url.clone(), Organization::of_base(&platform, &base))
    else {
        return refuse("This app has no launch URL, or the platform no such FHIR base.");
    };
    let id = random::alphanumeric(SESSION_LENGTH);
    let launch = Launch {
        client_id: app.client_id.clone(),
        user: desk.index,
        context,
        organization,
        expires: platform.clock().unix() + dialect.lifetimes.launch,
        used: false,
    };
    platform.state().launches.insert(id.clone(), launch);
    if url.query().is_some() && platform.overlooks(Rule::LaunchUrlKeepsQuery) {
        url.set_query(None);
    }
    url.query_pairs_mut().append_pair("iss", &base).append_pair("launch", &id);
    login::redirect(url.as_str())
}

impl LaunchContext {
    /// The place that a launch names by `encounter`, `patient` or, without either, `practice`, and
    /// by `department`; `None` if these do not belong together or to the provider's practices.
    fn of(desk: &Desk<'_>) -> Option<Self> {
        let query = &desk.request.query;
        let sandbox = desk.platform.sandbox();
        let encounter = match query.get("encounter") {
            Some(id) => Some(sandbox.encounter(id)?),
            None => None,
        };
        let of_visit = encounter.map(|visit| visit.patient.as_str());
        let patient = match query.get("patient").or(of_visit) {
            Some(id) => Some(desk.patient(id).filter(|_| of_visit.is_none_or(|it| it == id))?),
            None => None,
        };
        let practice = match (patient, query.get("practice")) {
            (Some(patient), _) => patient.practice,
            (None, Some(number)) => number.parse().ok()?,
            (None, None) => *desk.provider.practices.first()?,
        };
        let practice = sandbox.practice(practice)?;
        if !desk.provider.practices.contains(&practice.id) {
            return None;
        }
        let department = match (query.get("department"), encounter) {
            (Some(number), _) => number.parse().ok()?,
            (None, Some(visit)) => visit.department,
            (None, None) => *practice.departments.first()?,
        };
        practice.departments.contains(&department).then_some(())?;
        Some(Self {
            patient: patient.map(|patient| patient.id.clone()),
            encounter: encounter.map(|visit| visit.id.clone()),
            practice: practice.id,
            department,
            brand: *practice.brands.first()?,
            chart_sharing_group: *practice.chart_sharing_groups.first()?,
            intent: query.get("intent").map(str::to_owned),
        })
    }

    /// A text of the dialect with the numbers of this place.
    fn placed(&self, text: &str) -> String {
        text.replace("{practice}", &self.practice.to_string())
            .replace("{department}", &self.department.to_string())
            .replace("{brand}", &self.brand.to_string())
            .replace("{csg}", &self.chart_sharing_group.to_string())
    }

    /// Members of the dialect, their texts filled in with this place and the user who launched.
    pub(in crate::mock) fn filled_in(
        &self,
        platform: &Platform,
        user: Option<&User>,
        members: &Map<String, Value>,
    ) -> Map<String, Value> {
        let fill = |text: &str| {
            self.placed(text)
                .replace("{username}", user.map_or("", |user| user.username.as_str()))
                .replace("{fhir_user}", user.map_or("", |user| user.fhir_user.as_str()))
                .replace("{style}", &platform.style_address())
        };
        members.iter().map(|(name, value)| (name.clone(), filled(value, &fill))).collect()
    }
}

/// A value with all texts in it filled in.
fn filled(value: &Value, fill: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => fill(text).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, fill)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members.map(|(name, value)| (name.clone(), filled(value, fill))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{CALLBACK, TestApp, Tester, provider_web, with};

    const SCOPE: (&str, &str) = ("scope", "openid launch user/Patient.read");

    async fn signed_in(tester: &Tester) -> TestApp {
        tester.work().await;
        tester.register(provider_web()).await
    }

    /// What stands beside the tokens of an app that was launched by this link.
    async fn context(tester: &Tester, app: &TestApp, link: &str) -> Value {
        let launched = tester.launch(app, link).await;
        let launch = launched.parameter("launch").unwrap();
        let aud = launched.parameter("iss").unwrap();
        let back = tester.authorize(app, &[SCOPE, ("launch", &launch), ("aud", &aud)]).await;
        let code = back.parameter("code").unwrap();
        let form =
            [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        tester.token(app, &form).await.json()
    }

    #[tokio::test]
    async fn the_place_of_the_launch_is_told_beside_the_tokens() {
        let tester = Tester::new();
        let app = signed_in(&tester).await;
        let visit = ("encounter", json!("a-195900.encounter-46318"));
        let ada = ("patient", json!("a-195900.E-60178"));
        let absent = |name: &'static str| (name, Value::Null);
        for (link, expected) in [
            ("&patient=a-195900.E-60178", vec![ada.clone(), absent("encounter")]),
            ("&encounter=a-195900.encounter-46318", vec![ada.clone(), visit.clone()]),
            (
                "&patient=a-195900.E-60178&encounter=a-195900.encounter-46318&intent=reconcile",
                vec![
                    ada,
                    visit,
                    ("ah_department", json!("a-195900.Department-150")),
                    ("intent", json!("reconcile")),
                ],
            ),
            (
                "",
                vec![
                    absent("patient"),
                    ("ah_practice", json!("a-1.Practice-195900")),
                    ("ah_csg", json!("a-195900.CSG-1")),
                    ("need_patient_banner", json!(true)),
                    ("username", json!("p-achen")),
                    absent("intent"),
                ],
            ),
        ] {
            let told = context(&tester, &app, link).await;
            for (member, value) in expected {
                assert_eq!(told[member], value, "{link}: {member}");
            }
        }
    }

    #[tokio::test]
    async fn what_does_not_belong_together_is_not_launched() {
        let tester = Tester::new();
        let app = signed_in(&tester).await;
        for link in [
            "&patient=a-80000.E-14545",
            "&patient=nobody",
            "&encounter=a-195900.encounter-1",
            "&encounter=a-80000.encounter-7101",
            "&patient=a-195900.E-60179&encounter=a-195900.encounter-46318",
            "&patient=a-195900.E-60178&department=7",
            "&practice=80000",
            "&practice=x",
        ] {
            let refused = tester.launch(&app, link).await;
            assert_eq!(refused.status.as_u16(), 400, "{link}");
        }
    }

    #[tokio::test]
    async fn an_app_may_be_told_the_base_of_an_organization() {
        let base = "http://127.0.0.1:1/195900/brand/1/csg/1/fhir/r4";
        let tester = Tester::with(|dialect| {
            let ehr = dialect.ehr.as_mut().unwrap();
            ehr.iss = "/{practice}/brand/{brand}/csg/{csg}".to_owned();
            ehr.launch_without_patient = false;
        });
        let app = signed_in(&tester).await;
        let launched = tester.launch(&app, "&patient=a-195900.E-60178").await;
        assert_eq!(launched.parameter("iss").as_deref(), Some(base));
        let launch = launched.parameter("launch").unwrap();
        for aud in ["http://127.0.0.1:1/fhir/r4", "http://127.0.0.1:1/195900/fhir/r4"] {
            let wrong = tester.authorize(&app, &[SCOPE, ("launch", &launch), ("aud", aud)]).await;
            assert_eq!(wrong.parameter("error").as_deref(), Some("invalid_request"), "{aud}");
        }
        let told = context(&tester, &app, "&patient=a-195900.E-60178").await;
        assert_eq!(told["patient"], "a-195900.E-60178");
        assert_eq!(tester.launch(&app, "").await.status.as_u16(), 400);
        let home = tester.get("/athenaone", &[]).await.text;
        assert!(home.contains("Needs a patient"), "{home}");
        let document = format!("{base}/.well-known/smart-configuration");
        assert_eq!(tester.get(&document, &[]).await.status.as_u16(), 200);
    }

    #[tokio::test]
    async fn providers_find_their_patients_and_visits_and_nobody_elses() {
        let tester = Tester::new();
        let app = signed_in(&tester).await;
        let home = tester.get("/athenaone?q=whit", &[]).await.text;
        assert!(home.contains("Ada Whitcomb</a>") && !home.contains("Omar Reyes</a>"), "{home}");
        assert!(home.contains("/athenaone/encounters/a-195900.encounter-46318"));
        for (path, status) in [
            ("/athenaone/chart/a-80000.E-14545", 404),
            ("/athenaone/encounters/a-80000.encounter-7101", 404),
            ("/athenaone/chart/a-195900.E-60178?tab=visits", 200),
        ] {
            assert_eq!(tester.get(path, &[]).await.status.as_u16(), status, "{path}");
        }
        let visit = format!("/athenaone/encounters/a-195900.encounter-46318?client_id={}", app.id);
        let page = tester.get(&visit, &[]).await;
        assert!(page.text.contains("<h3>Reason for Visit</h3>"), "{}", page.text);
        assert!(
            page.text.contains("&amp;encounter=a-195900.encounter-46318\" sandbox=\"allow-forms ")
        );
        assert!(!page.text.contains("allow-top-navigation"));
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-src http: https:;"), "{policy}");
        assert_eq!(page.headers["x-frame-options"], "DENY");
    }

    #[tokio::test]
    async fn an_app_for_a_tab_of_its_own_is_linked_and_not_framed() {
        let tester = Tester::new();
        let start = tester.get("/athenaone/chart/a-195900.E-60178", &[]).await;
        let chart = tester.log_in(start, "provider").await.location();
        let app = tester.register(with(provider_web(), &[("embedded", json!(false))])).await;
        let link = format!(
            "href=\"/athenaone/launch?client_id={}&amp;patient=a-195900.E-60178\" target=\"_blank\"",
            app.id
        );
        let page = tester.get(&format!("{chart}?client_id={}", app.id), &[]).await.text;
        assert!(page.contains(&link) && !page.contains("<iframe"), "{page}");
    }

    #[tokio::test]
    async fn an_app_inside_the_ehr_may_show_the_sign_in_there() {
        let tester = Tester::new();
        let app = signed_in(&tester).await;
        let launch = tester.launch(&app, "").await.parameter("launch").unwrap();
        for (more, frames) in [(Some(("launch", &*launch)), "'self'"), (None, "'none'")] {
            let scope = if more.is_some() { SCOPE } else { ("scope", "openid") };
            let asked: Vec<_> = [scope, ("prompt", "login")].into_iter().chain(more).collect();
            let start = tester.authorize(&app, &asked).await;
            let page = tester.get(&start.location(), &[]).await;
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.ends_with(&format!("frame-ancestors {frames}")), "{policy}");
        }
    }
}
