//! Token introspection (RFC 7662), by POST and, as the platform documents it, by GET.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::check;
use super::refusal::{Answer, Refusal, uncached};
use crate::mock::bearer::{Bearer, claims};
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::{Parameters, Received};
use crate::protocol::ErrorCode::InvalidRequest;

/// `POST {oauth}/introspect`.
pub(super) async fn by_form(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let answer = match check::form(&request) {
        Ok(form) => introspect(&platform, &request, form).await,
        Err(refusal) => Err(refusal),
    };
    answer.unwrap_or_else(|refusal| refusal.into_response(&platform))
}

/// `GET {oauth}/introspect`.
pub(super) async fn by_query(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let answer = introspect(&platform, &request, &request.query).await;
    answer.unwrap_or_else(|refusal| refusal.into_response(&platform))
}

async fn introspect(platform: &Platform, request: &Received, parameters: &Parameters) -> Answer {
    let app = check::client_authentication(platform, request, parameters).await?;
    let missing = |name: &str| Refusal::new(InvalidRequest, &format!("{name} is missing."));
    let token = parameters.get("token").ok_or_else(|| missing("token"))?;
    if platform.dialect().introspection.hint_required && parameters.get("token_type_hint").is_none()
    {
        return Err(missing("token_type_hint"));
    }
    // The hint only says where to look first (RFC 7662 §2.1).
    let known = access_token(platform, &app, token)
        .or_else(|| refresh_token(platform, &app, token))
        .or_else(|| id_token(platform, &app, token));
    let answer = known.unwrap_or_else(|| json!({"active": false}));
    Ok(uncached(Json(answer).into_response()))
}

fn access_token(platform: &Platform, app: &App, token: &str) -> Option<Value> {
    let bearer = Bearer::of_token(platform, token)?;
    let claims = &bearer.claims;
    (claims.client_id == app.client_id).then(|| {
        json!({
            "active": true,
            "scope": claims.scope.to_string(),
            "client_id": claims.client_id,
            "token_type": "Bearer",
            "iat": claims.issued,
            "exp": claims.expires,
            "sub": claims.subject,
            "iss": platform.issuer(),
            "jti": claims.id,
        })
    })
}

fn refresh_token(platform: &Platform, app: &App, token: &str) -> Option<Value> {
    let now = platform.clock().unix();
    let state = platform.state();
    let refresh = state.refresh_tokens.get(token)?;
    let grant = state.grants.get(&refresh.grant)?;
    let active = refresh.expires > now
        && !refresh.replaced
        && !grant.ended
        && grant.client_id == app.client_id;
    active.then(|| {
        json!({
            "active": true,
            "scope": grant.scope.to_string(),
            "client_id": grant.client_id,
            "exp": refresh.expires,
        })
    })
}

fn id_token(platform: &Platform, app: &App, token: &str) -> Option<Value> {
    let claims = claims(platform, token)?;
    let active = claims.get("aud")? == app.client_id.as_str()
        && claims.get("exp")?.as_i64()? > platform.clock().unix();
    active.then(|| {
        json!({"active": true, "client_id": app.client_id, "exp": claims["exp"],
               "iat": claims["iat"], "sub": claims["sub"], "iss": claims["iss"]})
    })
}

#[cfg(test)]
mod tests {
    use crate::mock::testing::{Answer, TestApp, Tester, patient_browser, patient_web};
    use crate::protocol::basic;
    use crate::secret::Secret;

    async fn call(tester: &Tester, path: &str, app: &TestApp, form: &[(&str, &str)]) -> Answer {
        let header = basic::encode(&app.id, &Secret::new(app.secret.as_str()));
        tester.post(path, &[("authorization", header.expose())], form).await
    }

    const INTROSPECT: &str = "/oauth2/v1/introspect";
    const REVOKE: &str = "/oauth2/v1/revoke";

    #[tokio::test]
    async fn a_token_is_active_for_its_own_app_only() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let other = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        for (member, hint) in [
            ("access_token", "access_token"),
            ("refresh_token", "refresh_token"),
            ("id_token", "id_token"),
            ("access_token", "refresh_token"),
        ] {
            let form = [("token", tokens[member].as_str().unwrap()), ("token_type_hint", hint)];
            let known = call(&tester, INTROSPECT, &app, &form).await.json();
            assert_eq!(known["active"], true, "{member}");
            assert!(known["exp"].is_i64(), "{member}");
            let foreign = call(&tester, INTROSPECT, &other, &form).await;
            assert_eq!(foreign.text, r#"{"active":false}"#, "{member}");
        }
        let access = tokens["access_token"].as_str().unwrap();
        let path = format!("{INTROSPECT}?token={access}");
        let header = basic::encode(&app.id, &Secret::new(app.secret.as_str()));
        let by_get = tester.get(&path, &[("authorization", header.expose())]).await.json();
        assert_eq!(by_get["scope"], tokens["scope"]);
        assert_eq!(tester.get(&path, &[]).await.error().0, 401);
        let form = [("token", access)];
        assert_eq!(tester.post(INTROSPECT, &[], &form).await.error().0, 401);
        assert_eq!(call(&tester, INTROSPECT, &app, &[]).await.error().0, 400);
        tester.wait(3600);
        let expired = call(&tester, INTROSPECT, &app, &form).await;
        assert_eq!(expired.text, r#"{"active":false}"#);
    }

    #[tokio::test]
    async fn a_revoked_token_is_good_for_nothing() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let other = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let access = tokens["access_token"].as_str().unwrap();
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let path = "/fhir/r4/Patient/a-80000.E-14545";
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        assert_eq!(tester.post(REVOKE, &[], &[("token", access)]).await.error().0, 401);
        for (revoker, token, read, refreshed) in [
            (&app, "unknown", 200, 200),
            (&other, refresh, 200, 200),
            (&other, access, 200, 200),
            (&app, access, 401, 200),
            (&app, refresh, 401, 400),
        ] {
            let answer = call(&tester, REVOKE, revoker, &[("token", token)]).await;
            assert_eq!(answer.status.as_u16(), 200);
            assert_eq!(tester.read(path, access).await.status.as_u16(), read);
            assert_eq!(tester.token(&app, &form).await.status.as_u16(), refreshed);
        }
    }

    #[tokio::test]
    async fn logging_out_ends_the_session_and_returns_to_registered_addresses_only() {
        let tester = Tester::new();
        let app = tester.register(patient_browser()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let logout = "/oauth2/v1/logout";
        let bye = "post_logout_redirect_uri=http://127.0.0.1:2/bye";
        for query in [
            format!("id_token_hint={hint}&post_logout_redirect_uri=https://elsewhere.example/"),
            format!("id_token_hint={hint}x&{bye}"),
            bye.to_owned(),
        ] {
            let answer = tester.get(&format!("{logout}?{query}"), &[]).await;
            assert_eq!((answer.status.as_u16(), answer.location().as_str()), (400, ""), "{query}");
        }
        let scope = [("scope", "openid"), ("code_challenge_method", "S256")];
        let challenge = "a".repeat(43);
        let changes = [&scope[..], &[("code_challenge", &challenge)]].concat();
        assert!(tester.authorize(&app, &changes).await.parameter("code").is_some());
        let answer = tester.get(&format!("{logout}?id_token_hint={hint}&{bye}&state=s"), &[]).await;
        assert_eq!(answer.location(), "http://127.0.0.1:2/bye?state=s");
        let start = tester.authorize(&app, &changes).await;
        assert!(start.location().starts_with("/login?"));
        assert_eq!(tester.get(logout, &[]).await.status.as_u16(), 200, "without a session");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        assert_eq!(tester.token(&app, &form).await.status.as_u16(), 200, "refreshing goes on");
    }
}
