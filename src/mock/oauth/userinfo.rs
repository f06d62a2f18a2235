//! What the platform tells of a user: the UserInfo endpoint (OpenID Connect Core §5.3) and the claims
//! that an ID token shares with it.

use std::sync::Arc;

use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Map, Value};

use super::issue::subject;
use super::refusal::{Refusal, uncached};
use crate::dialect::{User, UserKind};
use crate::mock::bearer::{Bearer, BearerError};
use crate::mock::oauth::user_of;
use crate::mock::platform::Platform;
use crate::mock::request::Received;
use crate::protocol::ErrorCode::{InsufficientScope, InvalidRequest, InvalidToken};
use crate::protocol::ScopeSet;

/// `GET` and `POST {oauth}/userinfo`, with an access token that was granted `openid`.
pub(super) async fn userinfo(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let (code, why) = match bearer(&platform, &request) {
        Ok(bearer) => match about(&platform, &bearer) {
            Some(claims) => return uncached(Json(claims).into_response()),
            None => (InsufficientScope, "The scope openid of a user is needed."),
        },
        Err(BearerError::Missing) => (InvalidToken, "An access token is needed."),
        Err(BearerError::Invalid) => (InvalidToken, "The access token is not valid."),
        Err(BearerError::TwoWays) => (InvalidRequest, "The access token is sent in two ways."),
    };
    let brought =
        request.headers.contains_key("authorization") || request.form.get("access_token").is_some();
    Refusal::of_bearer(code, why, "userinfo", brought).into_response(&platform)
}

/// The token in the header or, posted, in the form (RFC 6750 §2.1, §2.2).
fn bearer(platform: &Platform, request: &Received) -> Result<Bearer, BearerError> {
    let in_form = request.form.get("access_token").filter(|_| request.method == Method::POST);
    match in_form {
        None => Bearer::of(platform, request),
        Some(_) if request.headers.contains_key("authorization") => Err(BearerError::TwoWays),
        Some(token) => Bearer::of_token(platform, token).ok_or(BearerError::Invalid),
    }
}

fn about(platform: &Platform, bearer: &Bearer) -> Option<Map<String, Value>> {
    let user = user_of(platform, bearer.grant.as_ref()?)?;
    let scope = &bearer.claims.scope;
    scope.contains("openid").then(|| {
        let mut claims = claims_of(platform, user, scope);
        claims.insert("sub".to_owned(), subject(user).into());
        claims
    })
}

/// The claims about a user that a scope asks for (OpenID Connect Core §5.4; SMART App Launch 2.2,
/// scopes for requesting identity data).
pub(super) fn claims_of(platform: &Platform, user: &User, scope: &ScopeSet) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut add = |name: &str, value: &str| claims.insert(name.to_owned(), value.into());
    if scope.contains("fhirUser") {
        add("fhirUser", &format!("{}/{}", platform.fhir_base(), user.fhir_user));
    }
    if scope.contains("profile") {
        add("preferred_username", &user.username);
        if let Some((given, family)) = platform.sandbox().name_of(user) {
            add("name", &format!("{given} {family}"));
            add("given_name", given);
            add("family_name", family);
        }
    }
    let own_address = (user.kind == UserKind::Patient).then_some(&user.username);
    if scope.contains("email")
        && let Some(address) = user.email.as_ref().or(own_address)
    {
        add("email", address);
        claims.insert("email_verified".to_owned(), true.into());
    }
    claims
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mock::testing::{Answer, Tester, patient_web, two_legged};
    use crate::protocol::Jws;

    const USERINFO: &str = "/oauth2/v1/userinfo";

    async fn posted(tester: &Tester, token: &str) -> Answer {
        tester.post(USERINFO, &[], &[("access_token", token)]).await
    }

    #[tokio::test]
    async fn a_user_is_told_of_as_far_as_the_scope_asks() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let rows: [(&str, &[&str]); 3] = [
            ("openid", &["sub"]),
            ("openid email", &["email", "email_verified", "sub"]),
            (
                "openid fhirUser profile",
                &["family_name", "fhirUser", "given_name", "name", "preferred_username", "sub"],
            ),
        ];
        for (scope, expected) in rows {
            let tokens = tester.patient_tokens(&app, &[("scope", scope)]).await;
            let token = tokens["access_token"].as_str().unwrap();
            let told = tester.read(USERINFO, token).await;
            assert_eq!(told.headers["content-type"], "application/json");
            assert_eq!(told.headers["cache-control"], "no-store");
            let header = [("authorization", &*format!("Bearer {token}"))];
            assert_eq!(tester.post(USERINFO, &header, &[]).await.text, told.text);
            assert_eq!(posted(&tester, token).await.text, told.text);
            let claims = told.json();
            let mut names: Vec<&str> = claims.as_object().unwrap().keys().map(|k| &**k).collect();
            names.sort_unstable();
            assert_eq!(names, expected, "{scope}");
            let id = Jws::parse(tokens["id_token"].as_str().unwrap()).unwrap().claims;
            for (name, value) in claims.as_object().unwrap() {
                assert_eq!(id.get(name), Some(value), "{name}");
            }
        }
        let tokens = tester.patient_tokens(&app, &[("scope", "openid profile email")]).await;
        let claims = tester.read(USERINFO, tokens["access_token"].as_str().unwrap()).await.json();
        assert_eq!(claims["name"], "Jake Medlock");
        assert_eq!(claims["email"], "jake.medlock@example.com");
    }

    #[tokio::test]
    async fn nobody_is_told_of_without_a_users_token() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let service = tester.register(two_legged()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let access = tokens["access_token"].as_str().unwrap();
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let narrow = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("scope", "launch/patient"),
        ];
        let narrow = tester.token(&app, &narrow).await.json()["access_token"].clone();
        let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];
        let own = tester.token(&service, &form).await.json()["access_token"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for (what, answer, status, challenge) in [
            ("nothing", tester.get(USERINFO, &[]).await, 401, "Bearer realm=\"userinfo\""),
            ("garbage", tester.read(USERINFO, "garbage").await, 401, "invalid_token"),
            ("a refresh token", tester.read(USERINFO, refresh).await, 401, "invalid_token"),
            (
                "an ID token",
                tester.read(USERINFO, &text(&tokens["id_token"])).await,
                401,
                "invalid_token",
            ),
            ("no openid", tester.read(USERINFO, &text(&narrow)).await, 403, "insufficient_scope"),
            ("an app's own", tester.read(USERINFO, &text(&own)).await, 403, "insufficient_scope"),
            (
                "in the address",
                tester.get(&format!("{USERINFO}?access_token={access}"), &[]).await,
                401,
                "Bearer realm=\"userinfo\"",
            ),
            (
                "in two ways",
                tester
                    .post(
                        USERINFO,
                        &[("authorization", &format!("Bearer {access}"))],
                        &[("access_token", access)],
                    )
                    .await,
                400,
                "invalid_request",
            ),
        ] {
            assert_eq!(answer.status.as_u16(), status, "{what}");
            let told = answer.headers["www-authenticate"].to_str().unwrap();
            assert!(told.starts_with("Bearer ") && told.contains(challenge), "{what}: {told}");
            assert!(answer.json()["error"].is_string(), "{what}");
        }
        tester.wait(3600);
        assert_eq!(posted(&tester, access).await.status.as_u16(), 401, "expired");
    }

    #[tokio::test]
    async fn a_provider_has_a_name_and_an_address_as_well() {
        let tester = Tester::new();
        let provider = tester.platform.sandbox().users.iter().find(|user| user.name == "provider");
        let scope = "openid profile email fhirUser".split(' ').collect();
        let claims = super::claims_of(&tester.platform, provider.unwrap(), &scope);
        assert_eq!(claims["preferred_username"], "p-achen");
        assert_eq!(claims["email_verified"], json!(true));
        for name in ["name", "given_name", "family_name", "email"] {
            assert!(claims[name].as_str().is_some_and(|text| text.is_ascii()), "{name}");
        }
        assert!(claims["fhirUser"].as_str().unwrap().contains("/Practitioner/"));
    }
}
