//! The authorize endpoint: checks the request and sends the user to the login widget.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;

use super::check::{self, Prompt};
use super::delivery::{ReturnAddress, deliver_error};
use super::grant::Grant;
use super::refusal::Refusal;
use crate::mock::login;
use crate::mock::organization::Organization;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::{Parameters, Received};
use crate::protocol::ScopeSet;

/// An authorize request that passed every rule.
#[derive(Clone)]
pub(in crate::mock) struct AuthorizeRequest {
    pub(in crate::mock) app: Arc<App>,
    pub(in crate::mock) return_to: ReturnAddress,
    pub(in crate::mock) scope: ScopeSet,
    pub(in crate::mock) organization: Organization,
    /// The launch in athenaOne that it belongs to.
    pub(in crate::mock) launch: Option<String>,
    pub(in crate::mock) prompt: Prompt,
    pub(in crate::mock) login_hint: Option<String>,
    nonce: Option<String>,
    pub(super) challenge: Option<String>,
}

/// `GET {oauth}/authorize` (RFC 6749 §4.1.1).
pub(super) async fn by_query(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    authorize(&platform, &request, &request.query)
}

/// `POST {oauth}/authorize`, with the same parameters as a form.
pub(super) async fn by_form(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    if !request.is_form() {
        return login::error_page(StatusCode::BAD_REQUEST, "The request must be form-encoded.");
    }
    authorize(&platform, &request, &request.form)
}

fn authorize(platform: &Platform, request: &Received, parameters: &Parameters) -> Response {
    let known = check::registered_client(platform, parameters).and_then(|app| {
        let redirect_uri = check::registered_redirect_uri(platform, &app, parameters)?;
        Ok((app, redirect_uri))
    });
    let (app, redirect_uri) = match known {
        Ok(known) => known,
        Err(refusal) => {
            let why = refusal.error.description.unwrap_or_default();
            return login::error_page(StatusCode::BAD_REQUEST, &why);
        }
    };
    let state = parameters.get("state").filter(|_| !parameters.repeats("state"));
    let rules = &platform.dialect().authorize;
    let mode = check::response_mode(platform, parameters);
    let return_to = ReturnAddress {
        redirect_uri,
        // A mode that is not offered is refused in the first one that is.
        mode: mode.or(rules.response_modes.first().copied()).unwrap_or_default(),
        state: state.map(str::to_owned),
        issuer: rules.iss_in_answers.then(|| platform.issuer()),
    };
    match checked(platform, app, return_to.clone(), parameters) {
        Ok(authorization) => login::begin(platform, request, authorization),
        Err(refusal) => deliver_error(&return_to, &refusal.error),
    }
}

fn checked(
    platform: &Platform,
    app: Arc<App>,
    return_to: ReturnAddress,
    parameters: &Parameters,
) -> Result<AuthorizeRequest, Refusal> {
    check::once(platform, parameters)?;
    check::supported(platform, parameters)?;
    check::required(platform, parameters)?;
    check::response_type(platform, parameters)?;
    let scope = check::scope_of_authorization(platform, &app, parameters)?;
    let organization = check::audience(platform, parameters)?;
    let challenge = check::challenge(platform, &app, parameters)?;
    let launch = check::launch(platform, &app, &scope, &organization, parameters)?;
    let prompt = check::prompt(platform, parameters)?;
    Ok(AuthorizeRequest {
        app,
        return_to,
        scope,
        organization,
        launch,
        prompt,
        login_hint: parameters.get("login_hint").map(str::to_owned),
        nonce: parameters.get("nonce").map(str::to_owned),
        challenge,
    })
}

impl AuthorizeRequest {
    /// What a user grants by it.
    pub(in crate::mock) fn granted(
        &self,
        user: usize,
        auth_time: i64,
        scope: ScopeSet,
        patient: Option<String>,
    ) -> Grant {
        Grant {
            client_id: self.app.client_id.clone(),
            user,
            auth_time,
            scope,
            patient,
            encounter: None,
            organization: self.organization.clone(),
            launch: None,
            nonce: self.nonce.clone(),
            session: None,
            ended: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mock::testing::{
        ABSENT, CALLBACK, Tester, patient_browser, patient_web, provider_web, two_legged, with,
    };

    #[tokio::test]
    async fn before_app_and_address_are_known_nothing_is_redirected() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let service = tester.register(two_legged()).await;
        for change in [
            ("client_id", ABSENT),
            ("client_id", ""),
            ("client_id", "unknown"),
            ("client_id", &service.id),
            ("redirect_uri", ABSENT),
            ("redirect_uri", "https://elsewhere.example/callback"),
            ("redirect_uri", "http://127.0.0.1:2/callback?from=platform/"),
            ("redirect_uri", "http://127.0.0.1:2/callback"),
            ("redirect_uri", "http://127.0.0.1:2/Callback?from=platform"),
            ("redirect_uri", "http://127.0.0.1:3/callback?from=platform"),
            ("redirect_uri", "https://127.0.0.1:2/callback?from=platform"),
            ("redirect_uri", "http://127.0.0.1:2/callback?from=platform#top"),
        ] {
            let answer = tester.authorize(&app, &[change]).await;
            assert_eq!(answer.status.as_u16(), 400, "{change:?}");
            assert_eq!(answer.location(), "", "{change:?}");
            assert!(answer.text.contains("role=\"alert\""), "{change:?}");
        }
        let twice = format!(
            "/oauth2/v1/authorize?client_id={0}&redirect_uri={1}&redirect_uri={1}",
            app.id, "http%3A%2F%2F127.0.0.1%3A2%2Fcallback%3Ffrom%3Dplatform"
        );
        assert_eq!(tester.get(&twice, &[]).await.status.as_u16(), 400);
    }

    #[tokio::test]
    async fn a_wrong_request_goes_back_to_the_app_with_its_state() {
        let tester = Tester::with(|dialect| dialect.authorize.required.push("nonce".to_owned()));
        let app = tester.register(patient_web()).await;
        let challenge = "a".repeat(43);
        let short = "a".repeat(42);
        let rows: &[(&[(&str, &str)], &str)] = &[
            (&[("response_type", ABSENT)], "invalid_request"),
            (&[("response_type", "token")], "unsupported_response_type"),
            (&[("response_type", "code token")], "unsupported_response_type"),
            (&[("scope", ABSENT)], "invalid_scope"),
            (&[("scope", "")], "invalid_scope"),
            (&[("scope", "launch/patient")], "invalid_scope"),
            (&[("scope", "OpenID")], "invalid_scope"),
            (&[("scope", "openid patient/Condition.read")], "invalid_scope"),
            (&[("nonce", ABSENT)], "invalid_request"),
            (&[("aud", ABSENT)], "invalid_request"),
            (&[("aud", "https://elsewhere.example/fhir/r4")], "invalid_request"),
            (&[("aud", "http://127.0.0.1:1/80000/department/150/fhir/r4")], "invalid_request"),
            (&[("aud", "no address")], "invalid_request"),
            (&[("foo", "1"), ("foo", "2")], "invalid_request"),
            (&[("launch", "invented")], "invalid_request"),
            (&[("prompt", "none login")], "invalid_request"),
            (&[("prompt", "none")], "login_required"),
            (&[("code_challenge_method", "S256")], "invalid_request"),
            (&[("code_challenge", &challenge)], "invalid_request"),
            (
                &[("code_challenge", &challenge), ("code_challenge_method", "plain")],
                "invalid_request",
            ),
            (
                &[("code_challenge", &challenge), ("code_challenge_method", "s256")],
                "invalid_request",
            ),
            (&[("code_challenge", &short), ("code_challenge_method", "S256")], "invalid_request"),
        ];
        for (changes, code) in rows {
            let answer = tester.authorize(&app, changes).await;
            assert_eq!(answer.status.as_u16(), 303, "{changes:?}");
            assert!(answer.location().starts_with(CALLBACK), "{changes:?}");
            assert_eq!(answer.parameter("error").as_deref(), Some(*code), "{changes:?}");
            assert_eq!(answer.parameter("state").as_deref(), Some("st~ate %26+/é"), "{changes:?}");
            assert_eq!(answer.parameter("code"), None, "{changes:?}");
        }
        let stateless = tester.authorize(&app, &[("state", ABSENT)]).await;
        assert_eq!(stateless.parameter("error").as_deref(), Some("invalid_request"));
        assert_eq!(stateless.parameter("state"), None);
        let public = tester.register(patient_browser()).await;
        let without_pkce = tester.authorize(&public, &[]).await;
        assert_eq!(without_pkce.parameter("error").as_deref(), Some("invalid_request"));
    }

    #[tokio::test]
    async fn a_good_request_leads_to_the_widget() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        for changes in [
            vec![],
            vec![("nonce", ABSENT)],
            vec![("foo", "bar")],
            vec![("aud", "http://127.0.0.1:1/fhir/r4/")],
            vec![("aud", "http://127.0.0.1:1/80000/fhir/r4")],
            vec![("aud", "http://127.0.0.1:1/80000/brand/1/csg/1/fhir/r4")],
        ] {
            let answer = tester.authorize(&app, &changes).await;
            assert!(answer.location().starts_with("/login?ticket="), "{changes:?}");
        }
        let form = [
            ("response_type", "code"),
            ("client_id", &app.id),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "s"),
            ("aud", "http://127.0.0.1:1/fhir/r4"),
        ];
        let posted = tester.post("/oauth2/v1/authorize", &[], &form).await;
        assert!(posted.location().starts_with("/login?ticket="));
    }

    #[tokio::test]
    async fn production_credentials_are_unknown_in_preview() {
        let tester = Tester::new();
        let body = with(patient_web(), &[("environment", json!("production"))]);
        let app = tester.register(body).await;
        assert_eq!(tester.authorize(&app, &[]).await.status.as_u16(), 400);
        let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
        assert_eq!(tester.token(&app, &form).await.error(), (401, "invalid_client".to_owned()));
    }

    #[tokio::test]
    async fn an_app_launched_from_the_chart_learns_where_and_about_whom() {
        let tester = Tester::new();
        let app = tester.register(provider_web()).await;
        let patient_app = tester.register(patient_web()).await;
        let start = tester.get("/athenaone/chart/a-195900.E-60178", &[]).await;
        let chart = tester.log_in(start, "provider").await.location();
        let shown = tester.get(&chart, &[]).await;
        let open = format!("/athenaone/chart/a-195900.E-60178?client_id={}", app.id);
        assert_eq!(shown.text.matches(&open).count(), 2, "in the tab and in the dock");
        assert!(!shown.text.contains("<iframe") && !shown.text.contains(&patient_app.id));
        let shown = tester.get(&open, &[]).await;
        let link = format!("/athenaone/launch?client_id={}&patient=a-195900.E-60178", app.id);
        assert!(shown.text.contains(&format!("src=\"{}\"", link.replace('&', "&amp;"))));
        let place = "&patient=a-195900.E-60178&department=150";
        let launched = tester.launch(&app, place).await;
        assert!(launched.location().starts_with("http://127.0.0.1:2/launch?tenant=7&iss="));
        assert_eq!(launched.parameter("iss").as_deref(), Some("http://127.0.0.1:1/fhir/r4"));
        let launch = launched.parameter("launch").unwrap();
        let again = tester.launch(&app, place).await;
        assert_ne!(again.parameter("launch").as_deref(), Some(&*launch));
        let scope = ("scope", "openid fhirUser offline_access launch user/Patient.read");
        let wrong = tester.authorize(&app, &[scope]).await;
        assert_eq!(wrong.parameter("error").as_deref(), Some("invalid_request"), "no launch");
        let aud = ("aud", "http://127.0.0.1:1/195900/fhir/r4");
        let wrong = tester.authorize(&app, &[scope, aud, ("launch", &launch)]).await;
        assert_eq!(wrong.parameter("error").as_deref(), Some("invalid_request"), "another aud");
        let other = tester.register(provider_web()).await;
        let wrong = tester.authorize(&other, &[scope, ("launch", &launch)]).await;
        assert_eq!(wrong.parameter("error").as_deref(), Some("invalid_request"), "another app");
        // The session is there, so nothing is asked.
        let back = tester.authorize(&app, &[scope, ("launch", &launch)]).await;
        let code = back.parameter("code").unwrap();
        let again = tester.authorize(&app, &[scope, ("launch", &launch)]).await;
        assert_eq!(again.parameter("error").as_deref(), Some("invalid_request"), "used already");
        let form =
            [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        let tokens = tester.token(&app, &form).await.json();
        for (member, expected) in [
            ("patient", json!("a-195900.E-60178")),
            ("ah_practice", json!("a-1.Practice-195900")),
            ("ah_department", json!("a-195900.Department-150")),
            ("ah_brand", json!("a-195900.Brand-1")),
            ("ah_csg", json!("a-195900.CSG-1")),
            ("need_patient_banner", json!(true)),
            ("smart_style_url", json!("http://127.0.0.1:1/static/smart_stylesheet_v1.json")),
            ("fhir_user_reference", json!("Practitioner/a-195900.User-1001")),
        ] {
            assert_eq!(tokens[member], expected, "{member}");
        }
        let style = tester.get(tokens["smart_style_url"].as_str().unwrap(), &[]).await;
        assert_eq!(style.status.as_u16(), 200);
        let refresh = tokens["refresh_token"].as_str().unwrap();
        for (scope, has_context) in [("openid launch", true), ("openid user/Patient.read", false)] {
            let form =
                [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope)];
            let refreshed = tester.token(&app, &form).await.json();
            for member in ["patient", "ah_practice", "username"] {
                assert_eq!(refreshed.get(member).is_some(), has_context, "{scope}: {member}");
            }
        }
        let token = tokens["access_token"].as_str().unwrap();
        for (id, status) in
            [("a-195900.E-60178", 200), ("a-195900.E-60179", 200), ("a-80000.E-14545", 403)]
        {
            let read = tester.read(&format!("/fhir/r4/Patient/{id}"), token).await;
            assert_eq!(read.status.as_u16(), status, "{id}");
        }
    }

    #[tokio::test]
    async fn a_launch_is_its_own_providers() {
        let tester = Tester::new();
        let app = tester.register(provider_web()).await;
        tester.work().await;
        let launch = tester.launch(&app, "").await.parameter("launch").unwrap();
        let asked = [("scope", "openid launch"), ("launch", launch.as_str()), ("prompt", "login")];
        let start = tester.authorize(&app, &asked).await;
        let back = tester.log_in(start, "colleague").await;
        assert_eq!(back.parameter("error").as_deref(), Some("invalid_request"));
    }

    #[tokio::test]
    async fn a_launch_does_not_wait_for_ever() {
        let tester = Tester::new();
        let app = tester.register(provider_web()).await;
        tester.work().await;
        let launch = tester.launch(&app, "").await.parameter("launch").unwrap();
        tester.wait(300);
        let scope = ("scope", "openid launch");
        let late = tester.authorize(&app, &[scope, ("launch", &launch)]).await;
        assert_eq!(late.parameter("error").as_deref(), Some("invalid_request"));
    }
}
