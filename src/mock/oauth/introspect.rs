//! Token introspection (RFC 7662), by POST and, as the platform documents it, by GET.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::ALLOW;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

use super::check;
use super::issue::{context, subject, user_of};
use super::refusal::{Answer, Refusal, uncached};
use super::userinfo::claims_of;
use crate::dialect::Rule;
use crate::mock::bearer::{Bearer, claims};
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::{Parameters, Received};
use crate::protocol::ErrorCode::{InsufficientScope, InvalidRequest, InvalidToken};

/// `POST {oauth}/introspect`.
pub(super) async fn by_form(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let answer = match check::form(&platform, &request) {
        Ok(form) => introspect(&platform, &request, form).await,
        Err(refusal) => Err(refusal),
    };
    answer.unwrap_or_else(|refusal| refusal.into_response(&platform))
}

/// `GET {oauth}/introspect`, where the dialect has it.
pub(super) async fn by_query(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    if !platform.dialect().introspection.by_get {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")]).into_response();
    }
    let answer = match check::once(&platform, &request.query) {
        Ok(()) => introspect(&platform, &request, &request.query).await,
        Err(refusal) => Err(refusal),
    };
    answer.unwrap_or_else(|refusal| refusal.into_response(&platform))
}

async fn introspect(platform: &Platform, request: &Received, parameters: &Parameters) -> Answer {
    let bearer = request.authorization("bearer");
    let bearer = bearer.filter(|_| platform.dialect().introspection.by_bearer);
    let asker = match bearer {
        Some(token) => by_bearer(platform, token)?,
        None => Asker::App(check::client_authentication(platform, request, parameters).await?),
    };
    let missing = |name: &str| Refusal::new(InvalidRequest, &format!("{name} is missing."));
    let token = parameters.get("token").ok_or_else(|| missing("token"))?;
    let has_hint = parameters.get("token_type_hint").is_some();
    let may_lack = !platform.dialect().introspection.hint_required;
    platform
        .demand(Rule::IntrospectionHintSent, has_hint || may_lack, || missing("token_type_hint"))?;
    // The hint only says where to look first (RFC 7662 §2.1).
    let known = access_token(platform, &asker, token)
        .or_else(|| refresh_token(platform, &asker, token))
        .or_else(|| id_token(platform, &asker, token));
    let answer = known.unwrap_or_else(|| json!({"active": false}));
    Ok(uncached(Json(answer).into_response()))
}

/// Who asks about a token.
enum Asker {
    /// An app that proved itself: it is told of its own tokens.
    App(Arc<App>),
    /// A system by its access token: it is told of every app's.
    System,
}

impl Asker {
    fn may_know_of(&self, client_id: &str) -> bool {
        match self {
            Self::App(app) => app.client_id == client_id,
            Self::System => true,
        }
    }
}

/// Who asks by an access token (SMART App Launch 2.2, token introspection): a system, which no user
/// stands behind.
fn by_bearer(platform: &Platform, token: &str) -> Result<Asker, Refusal> {
    let refusal = |code, why| Refusal::of_bearer(code, why, "introspect", true);
    let bearer = Bearer::of_token(platform, token);
    let bearer = bearer.ok_or_else(|| refusal(InvalidToken, "The access token is not valid."))?;
    if bearer.grant.is_some() {
        return Err(refusal(InsufficientScope, "A system's access token is needed."));
    }
    Ok(Asker::System)
}

fn access_token(platform: &Platform, asker: &Asker, token: &str) -> Option<Value> {
    let bearer = Bearer::of_token(platform, token)?;
    let claims = &bearer.claims;
    let is_own = asker.may_know_of(&claims.client_id);
    platform.demand(Rule::IntrospectionOwnToken, is_own, || ()).ok()?;
    let mut answer = Map::new();
    for (name, value) in [
        ("active", true.into()),
        ("scope", claims.scope.to_string().into()),
        ("client_id", claims.client_id.as_str().into()),
        ("token_type", "Bearer".into()),
        ("iat", claims.issued.into()),
        ("exp", claims.expires.into()),
        ("sub", claims.subject.as_str().into()),
        ("aud", platform.base().into()),
        ("iss", platform.issuer().into()),
        ("jti", claims.id.as_str().into()),
    ] {
        answer.insert(name.to_owned(), value);
    }
    // Of a user's token: who it is, as in the ID token, and the context of the launch (SMART App
    // Launch 2.2, token introspection).
    if let Some(grant) = &bearer.grant
        && let Some(user) = user_of(platform, grant)
    {
        answer.extend(context(platform, grant, &claims.scope));
        answer.insert("sub".to_owned(), subject(user).into());
        answer.insert("username".to_owned(), user.username.as_str().into());
        if let Some(fhir_user) = claims_of(platform, user, &claims.scope).remove("fhirUser") {
            answer.insert("fhirUser".to_owned(), fhir_user);
        }
    }
    Some(Value::Object(answer))
}

fn refresh_token(platform: &Platform, asker: &Asker, token: &str) -> Option<Value> {
    let now = platform.clock().unix();
    let state = platform.state();
    let refresh = state.refresh_tokens.get(token)?;
    let grant = state.grants.get(&refresh.grant)?;
    let active = refresh.expires > now
        && refresh.replaced.is_none()
        && !grant.ended
        && asker.may_know_of(&grant.client_id);
    active.then(|| {
        json!({
            "active": true,
            "scope": grant.scope.to_string(),
            "client_id": grant.client_id,
            "exp": refresh.expires,
        })
    })
}

fn id_token(platform: &Platform, asker: &Asker, token: &str) -> Option<Value> {
    let claims = claims(platform, token)?;
    let client_id = claims.get("aud")?.as_str()?;
    let active =
        asker.may_know_of(client_id) && claims.get("exp")?.as_i64()? > platform.clock().unix();
    active.then(|| {
        json!({"active": true, "client_id": client_id, "exp": claims["exp"],
               "iat": claims["iat"], "sub": claims["sub"], "iss": claims["iss"]})
    })
}

#[cfg(test)]
mod tests {
    use crate::mock::testing::{Answer, TestApp, Tester, patient_browser, patient_web, two_legged};
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
    async fn introspection_tells_who_and_about_whom() {
        let tester = Tester::with(|dialect| dialect.introspection.hint_required = true);
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let access = tokens["access_token"].as_str().unwrap();
        let form = [("token", access), ("token_type_hint", "access_token")];
        let known = call(&tester, INTROSPECT, &app, &form).await.json();
        let id = crate::protocol::Jws::parse(tokens["id_token"].as_str().unwrap()).unwrap().claims;
        for member in ["sub", "iss", "fhirUser"] {
            assert_eq!(known[member], id[member], "{member}");
        }
        assert_eq!(known["patient"], tokens["patient"]);
        assert_eq!(known["username"], "jake.medlock@example.com");
        assert_eq!(known["exp"].as_i64().unwrap() - known["iat"].as_i64().unwrap(), 3600);
        let unhinted = call(&tester, INTROSPECT, &app, &form[..1]).await;
        assert_eq!(unhinted.error(), (400, "invalid_request".to_owned()));
    }

    #[tokio::test]
    async fn a_systems_token_may_ask_about_any_token_where_the_dialect_has_it() {
        for (by_bearer, told, refused) in [(true, 200, 403), (false, 401, 401)] {
            let tester = Tester::with(|dialect| dialect.introspection.by_bearer = by_bearer);
            let system = tester.register(two_legged()).await;
            let user = tester.register(patient_web()).await;
            let tokens = tester.patient_tokens(&user, &[]).await;
            let access = tokens["access_token"].as_str().unwrap();
            let asking = tester.system_token(&system, "system/Patient.read").await;
            let ask = async |bearer: &str| {
                let header = format!("Bearer {bearer}");
                tester.post(INTROSPECT, &[("authorization", &header)], &[("token", access)]).await
            };
            let answer = ask(&asking).await;
            assert_eq!(answer.status.as_u16(), told);
            assert_eq!(answer.json()["active"] == true, by_bearer);
            assert_eq!(ask(access).await.status.as_u16(), refused, "a user's token");
            let unknown = ask("2YotnFZFEjr1zCsicMWpAA").await;
            assert_eq!(unknown.status.as_u16(), 401);
            let scheme = if by_bearer { "Bearer" } else { "Basic" };
            let challenge = unknown.headers["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with(scheme), "{challenge}");
        }
    }

    #[tokio::test]
    async fn introspection_takes_every_request_once_and_get_where_the_dialect_has_it() {
        for (by_get, status) in [(true, 400), (false, 405)] {
            let tester = Tester::with(|dialect| dialect.introspection.by_get = by_get);
            let app = tester.register(patient_web()).await;
            let header = basic::encode(&app.id, &Secret::new(app.secret.as_str()));
            let header = [("authorization", header.expose())];
            let twice = tester.get(&format!("{INTROSPECT}?token=a&token=b"), &header).await;
            assert_eq!(twice.status.as_u16(), status);
        }
    }

    #[tokio::test]
    async fn an_id_token_cannot_be_revoked_and_a_public_client_revokes_by_its_name() {
        let tester = Tester::new();
        let app = tester.register(patient_browser()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let text = |member: &str| tokens[member].as_str().unwrap().to_owned();
        let revoke = async |token: &str| {
            let form = [("client_id", &*app.id), ("token", token), ("token_type_hint", "unknown")];
            tester.post(REVOKE, &[("origin", "https://app.example")], &form).await
        };
        let refused = revoke(&text("id_token")).await;
        assert_eq!(refused.error(), (400, "unsupported_token_type".to_owned()));
        assert_eq!(refused.headers["access-control-allow-origin"], "*");
        let revoked = revoke(&text("refresh_token")).await;
        assert_eq!((revoked.status.as_u16(), revoked.text.as_str()), (200, ""));
        assert_eq!(revoked.headers["access-control-allow-origin"], "*");
        let read = tester.read("/fhir/r4/Patient/a-80000.E-14545", &text("access_token")).await;
        assert_eq!(read.status.as_u16(), 401, "the whole family ends");
    }
}
