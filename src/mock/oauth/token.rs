//! The token endpoint.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};

use super::check;
use super::issue;
use super::refusal::{Answer, Refusal, uncached};
use crate::dialect::Rule;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::{Parameters, Received};
use crate::protocol::ErrorCode;

/// `POST {oauth}/token` (RFC 6749 §3.2).
pub(super) async fn token(
    Extension(platform): Extension<Platform>,
    Extension(request): Extension<Arc<Received>>,
) -> Response {
    let dialect = platform.dialect();
    let answer = exchange(&platform, &request, &dialect.token.grants).await;
    answer.unwrap_or_else(|refusal| refusal.into_response(&platform))
}

/// Answers a token request at an endpoint that takes these grant types.
pub(super) async fn exchange(platform: &Platform, request: &Received, grants: &[String]) -> Answer {
    let parameters = check::form(platform, request)?;
    let app = check::client_authentication(platform, request, parameters).await?;
    let Some(share) = check::quota(platform, &app) else {
        return granted(platform, &app, parameters, grants);
    };
    let answer = share.allow(platform).and_then(|()| granted(platform, &app, parameters, grants));
    let mut response = answer.unwrap_or_else(|refusal| refusal.into_response(platform));
    share.tell(platform, &mut response);
    Ok(response)
}

fn granted(platform: &Platform, app: &App, parameters: &Parameters, grants: &[String]) -> Answer {
    match parameters.get("grant_type") {
        Some(named) if !grants.iter().any(|grant| grant == named) => {
            Err(Refusal::new(ErrorCode::UnsupportedGrantType, "The grant type is not supported."))
        }
        None => Err(Refusal::new(ErrorCode::InvalidRequest, "grant_type is missing.")),
        Some("client_credentials") => client_credentials(platform, app, parameters),
        Some("authorization_code") => authorization_code(platform, app, parameters),
        Some("refresh_token") => refresh(platform, app, parameters),
        Some(_) => {
            Err(Refusal::new(ErrorCode::UnsupportedGrantType, "The grant type is not supported."))
        }
    }
}

fn client_credentials(platform: &Platform, app: &App, parameters: &Parameters) -> Answer {
    platform.demand(Rule::UserAppGrant, !app.is_three_legged(), || {
        not_configured(platform, "authorization_code, refresh_token")
    })?;
    let scope = check::scope_of_client(platform, app, parameters)?;
    Ok(uncached(Json(issue::to_client(platform, app, &scope)).into_response()))
}

fn authorization_code(platform: &Platform, app: &App, parameters: &Parameters) -> Answer {
    platform.demand(Rule::SystemAppGrant, app.is_three_legged(), || {
        not_configured(platform, "client_credentials")
    })?;
    let (number, grant) = check::code(platform, app, parameters)?;
    let answer = issue::after_login(platform, app, number, &grant);
    Ok(uncached(Json(answer).into_response()))
}

fn refresh(platform: &Platform, app: &App, parameters: &Parameters) -> Answer {
    platform.demand(Rule::SystemAppGrant, app.is_three_legged(), || {
        not_configured(platform, "client_credentials")
    })?;
    let (number, grant) = check::refresh_token(platform, app, parameters)?;
    let scope = check::scope_of_refresh(platform, &grant, parameters)?;
    let spent = check::spend(platform, app, parameters)?;
    if !grant.scope.is_subset(&scope) && platform.overlooks(Rule::RefreshKeepsGrant) {
        let mut state = platform.state();
        state.grants.entry(number).and_modify(|grant| grant.scope.clone_from(&scope));
    }
    let answer = issue::after_refresh(platform, app, number, &grant, &scope, spent);
    Ok(uncached(Json(answer).into_response()))
}

fn not_configured(platform: &Platform, types: &str) -> Refusal {
    if platform.dialect().errors.policy_refusals {
        return Refusal::by_policy();
    }
    let why = format!(
        "The client is not authorized to use the provided grant type. Configured grant types: \
         [{types}]."
    );
    Refusal::new(ErrorCode::UnauthorizedClient, &why)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use serde_json::json;

    use crate::mock::testing::{
        Answer, CALLBACK, PATIENT_SCOPES, TestApp, Tester, patient_browser, patient_web,
        two_legged, with,
    };
    use crate::protocol::basic;
    use crate::protocol::pkce::Verifier;
    use crate::secret::Secret;

    type Form<'a> = &'a [(&'a str, &'a str)];

    const CC: (&str, &str) = ("grant_type", "client_credentials");
    const SYSTEM: (&str, &str) = ("scope", "system/Patient.read");

    fn expect(answer: &Answer, status: u16, code: &str, what: &str) {
        assert_eq!(answer.error(), (status, code.to_owned()), "{what}: {}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
        assert!(!answer.text.contains("access_token"), "{what}");
    }

    #[tokio::test]
    async fn a_two_legged_app_gets_an_access_token_and_nothing_else() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let scope = ("scope", "system/Patient.read athena/service/Athenanet.MDP.*");
        let answer = tester.token(&app, &[CC, scope, ("foo", "bar")]).await;
        let body = answer.json();
        let members: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["token_type", "expires_in", "access_token", "scope"]);
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["expires_in"], 3600);
        assert_eq!(body["scope"], scope.1);
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let again = tester.token(&app, &[CC, scope]).await.json();
        assert_ne!(body["access_token"], again["access_token"]);
    }

    #[tokio::test]
    async fn a_wrong_token_request_is_refused_by_its_rule() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let three_legged = tester.register(patient_web()).await;
        let rows: &[(Form<'_>, &str)] = &[
            (&[SYSTEM], "invalid_request"),
            (&[("grant_type", ""), SYSTEM], "invalid_request"),
            (&[CC, CC, SYSTEM], "invalid_request"),
            (&[CC, SYSTEM, SYSTEM], "invalid_request"),
            (&[("grant_type", "password"), SYSTEM], "unsupported_grant_type"),
            (&[("grant_type", "Client_Credentials"), SYSTEM], "unsupported_grant_type"),
            (&[("grant_type", "authorization_code"), ("code", "x")], "unauthorized_client"),
            (&[("grant_type", "refresh_token"), ("refresh_token", "x")], "unauthorized_client"),
            (&[CC], "invalid_scope"),
            (&[CC, ("scope", "")], "invalid_scope"),
            (&[CC, ("scope", "system/Patient.read openid")], "invalid_scope"),
            (&[CC, ("scope", "system/Patient.read,system/Encounter.r")], "invalid_scope"),
            (&[CC, ("scope", "System/patient.READ")], "invalid_scope"),
            (&[CC, ("scope", "system/*.read")], "invalid_scope"),
            (&[CC, ("scope", "system/Observation.read system/Patient.read")], "invalid_scope"),
            (&[CC, ("scope", "athena/service/Athenanet.MDP.")], "invalid_scope"),
            (&[CC, ("scope", "a\"b")], "invalid_scope"),
        ];
        for (form, code) in rows {
            expect(&tester.token(&app, form).await, 400, code, &format!("{form:?}"));
        }
        let refused = tester.token(&three_legged, &[CC, ("scope", "openid")]).await;
        expect(&refused, 400, "unauthorized_client", "client_credentials by a 3-legged app");
        let code = [("grant_type", "authorization_code")];
        for (more, expected) in [
            (vec![], "invalid_request"),
            (vec![("code", ""), ("redirect_uri", CALLBACK)], "invalid_request"),
            (vec![("code", "invented")], "invalid_request"),
            (vec![("code", "invented"), ("redirect_uri", CALLBACK)], "invalid_grant"),
        ] {
            let form = [&code[..], &more].concat();
            expect(&tester.token(&three_legged, &form).await, 400, expected, &format!("{more:?}"));
        }
    }

    #[tokio::test]
    async fn a_body_that_is_no_form_is_refused() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let header = basic::encode(&app.id, &Secret::new(app.secret.as_str()));
        let query = "/oauth2/v1/token?grant_type=client_credentials&scope=system/Patient.read";
        let form = "grant_type=client_credentials&scope=system/Patient.read";
        let urlencoded = "application/x-www-form-urlencoded";
        for (path, kind, body, status) in [
            ("/oauth2/v1/token", urlencoded, form, 200),
            ("/oauth2/v1/token", "application/x-www-form-urlencoded;charset=UTF-8", form, 200),
            ("/oauth2/v1/token", "application/json", r#"{"grant_type":"client_credentials"}"#, 400),
            ("/oauth2/v1/token", "multipart/form-data; boundary=x", "--x--", 400),
            (query, urlencoded, "", 400),
            ("/oauth2/token", urlencoded, form, 404),
        ] {
            let request = Request::post(path)
                .header("authorization", header.expose())
                .header("content-type", kind);
            let answer = tester.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {kind}");
        }
        assert_eq!(tester.get(query, &[]).await.status.as_u16(), 405);
    }

    #[tokio::test]
    async fn a_client_proves_itself_by_its_registered_method_and_by_no_other() {
        let tester = Tester::new();
        let app = tester.register(two_legged()).await;
        let other = tester.register(two_legged()).await;
        let public = tester.register(patient_browser()).await;
        let form = [CC, SYSTEM];
        let basic =
            |id: &str, secret: &str| basic::encode(id, &Secret::new(secret)).expose().to_owned();
        let right = basic(&app.id, &app.secret);
        let headers = [
            (right.clone(), 200),
            (right.replace("Basic", "basic"), 200),
            (right.replace("Basic", "Bearer"), 401),
            (basic(&app.id, "wrong"), 401),
            (basic(&app.id, ""), 401),
            (basic(&app.id, &app.secret[1..]), 401),
            (basic(&app.id, &format!("{}0", app.secret)), 401),
            (basic(&app.id, &other.secret), 401),
            (basic("unknown", &app.secret), 401),
            (basic(&app.secret, &app.id), 401),
            (basic(&public.id, "invented"), 401),
            (basic(&public.id, ""), 401),
            ("Basic bm9jb2xvbg==".to_owned(), 401),
            ("Basic %%%".to_owned(), 401),
        ];
        let mut texts = std::collections::BTreeSet::new();
        for (header, status) in headers {
            let answer =
                tester.post("/oauth2/v1/token", &[("authorization", &header)], &form).await;
            assert_eq!(answer.status.as_u16(), status, "{header}");
            if status == 401 {
                let challenge = answer.headers["www-authenticate"].to_str().unwrap();
                assert!(challenge.starts_with("Basic "), "{challenge}");
                texts.insert(answer.text);
            }
        }
        assert_eq!(texts.len(), 1, "the answer does not say what was wrong: {texts:?}");
        let id = ("client_id", app.id.as_str());
        let secret = ("client_secret", app.secret.as_str());
        let verifier = Verifier::generate();
        let rows: &[(Form<'_>, bool, u16, &str)] = &[
            (&[], false, 401, "invalid_client"),
            (&[id], false, 401, "invalid_client"),
            (&[id, secret], false, 401, "invalid_client"),
            (&[id, ("code_verifier", verifier.secret().expose())], false, 401, "invalid_client"),
            (&[("username", &app.id), ("password", &app.secret)], false, 401, "invalid_client"),
            (&[id], true, 200, ""),
            (&[id, secret], true, 400, "invalid_request"),
            (&[("client_id", other.id.as_str())], true, 400, "invalid_request"),
            (&[("client_assertion", "a.b.c")], true, 400, "invalid_request"),
        ];
        for (more, with_header, status, code) in rows {
            let header = [("authorization", right.as_str())];
            let headers = if *with_header { &header[..] } else { &[] };
            let form = [&form[..], more].concat();
            let answer = tester.post("/oauth2/v1/token", headers, &form).await;
            assert_eq!(answer.error(), (*status, (*code).to_owned()), "{more:?}");
            let challenged = answer.headers.contains_key("www-authenticate");
            assert!(!challenged, "only a client that used the header is challenged");
        }
        let in_body = Tester::with(|dialect| dialect.token.client_secret_post = true);
        let app = in_body.register(two_legged()).await;
        let form = [&form[..], &[("client_id", &app.id), ("client_secret", &app.secret)]].concat();
        assert_eq!(in_body.post("/oauth2/v1/token", &[], &form).await.status.as_u16(), 200);
    }

    async fn code_for(tester: &Tester, app: &TestApp, more: &[(&str, &str)]) -> String {
        let back = tester.log_in(tester.authorize(app, more).await, "patient").await;
        back.parameter("code").unwrap()
    }

    fn redeem<'a>(code: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        [&[("grant_type", "authorization_code"), ("code", code)], more].concat()
    }

    const RETURN: (&str, &str) = ("redirect_uri", CALLBACK);

    #[tokio::test]
    async fn a_code_can_be_redeemed_once_and_its_replay_ends_its_tokens() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let other = tester.register(patient_web()).await;
        let code = code_for(&tester, &app, &[]).await;
        let form = redeem(&code, &[RETURN]);
        expect(&tester.token(&other, &form).await, 400, "invalid_grant", "another client");
        let tokens = tester.token(&app, &form).await.json();
        let access = tokens["access_token"].as_str().unwrap();
        let path = "/fhir/r4/Patient/a-80000.E-14545";
        assert_eq!(tester.read(path, access).await.status.as_u16(), 200);
        expect(&tester.token(&app, &form).await, 400, "invalid_grant", "the second use");
        assert_eq!(tester.read(path, access).await.status.as_u16(), 401);
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        expect(&tester.token(&app, &form).await, 400, "invalid_grant", "its refresh token");
    }

    #[tokio::test]
    async fn a_code_needs_its_own_redirect_uri_and_verifier_in_time() {
        let tester = Tester::new();
        let mut body = patient_web();
        body["redirect_uris"] = json!([CALLBACK, "http://127.0.0.1:2/other"]);
        let app = tester.register(body).await;
        let (verifier, stranger) = (Verifier::generate(), Verifier::generate());
        let challenge = verifier.challenge();
        let pkce = [("code_challenge", &*challenge), ("code_challenge_method", "S256")];
        let right = ("code_verifier", verifier.secret().expose());
        let wrong = ("code_verifier", stranger.secret().expose());
        let slash = format!("{CALLBACK}/");
        let rows: &[(Form<'_>, Form<'_>, &str)] = &[
            (&[], &[("redirect_uri", "http://127.0.0.1:2/other")], "invalid_grant"),
            (&[], &[("redirect_uri", &slash)], "invalid_grant"),
            (&[], &[], "invalid_request"),
            (&pkce, &[RETURN, wrong], "invalid_grant"),
            (&pkce, &[RETURN], "invalid_grant"),
            (&pkce, &[RETURN, ("code_verifier", "short")], "invalid_grant"),
            (&[], &[RETURN, right], "invalid_grant"),
        ];
        for (asked, sent, expected) in rows {
            let code = code_for(&tester, &app, asked).await;
            let refused = tester.token(&app, &redeem(&code, sent)).await;
            expect(&refused, 400, expected, &format!("{sent:?}"));
            let good: &[_] = if asked.is_empty() { &[RETURN] } else { &[RETURN, right] };
            let answer = tester.token(&app, &redeem(&code, good)).await;
            assert_eq!(answer.status.as_u16(), 200, "one failed attempt is forgiven: {sent:?}");
        }
        let code = code_for(&tester, &app, &pkce).await;
        for _ in 0..3 {
            tester.token(&app, &redeem(&code, &[RETURN, wrong])).await;
        }
        let late = tester.token(&app, &redeem(&code, &[RETURN, right])).await;
        expect(&late, 400, "invalid_grant", "guessing has an end");
        let code = code_for(&tester, &app, &[]).await;
        tester.wait(300);
        let late = tester.token(&app, &redeem(&code, &[RETURN])).await;
        expect(&late, 400, "invalid_grant", "an expired code");
    }

    #[tokio::test]
    async fn a_login_gives_tokens_and_the_chosen_record() {
        let tester = Tester::new();
        let app = tester.register(patient_browser()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        assert_eq!(tokens["patient"], "a-80000.E-14545");
        assert_eq!(tokens["scope"], PATIENT_SCOPES);
        let jws = crate::protocol::Jws::parse(tokens["id_token"].as_str().unwrap()).unwrap();
        let claims = &jws.claims;
        assert_eq!(claims["iss"], "http://127.0.0.1:1/oauth2/aus2hfei6ookPyyCA297");
        assert_eq!(claims["aud"], app.id.as_str());
        assert_eq!(claims["nonce"], "n0nce");
        assert_eq!(claims["fhirUser"], "http://127.0.0.1:1/fhir/r4/Patient/a-80000.E-14545");
        let without = [("scope", "openid")];
        let tokens = tester.patient_tokens(&app, &without).await;
        for absent in ["refresh_token", "patient"] {
            assert!(tokens.get(absent).is_none(), "{absent}");
        }
        let jws = crate::protocol::Jws::parse(tokens["id_token"].as_str().unwrap()).unwrap();
        assert!(!jws.claims.contains_key("fhirUser"));
    }

    #[tokio::test]
    async fn a_refresh_token_lives_ninety_days_from_its_last_use() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        for _ in 0..2 {
            tester.wait(80 * DAY);
            let answer = tester.token(&app, &form).await;
            assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
            assert!(answer.json().get("refresh_token").is_none());
        }
        tester.wait(90 * DAY + 1);
        expect(&tester.token(&app, &form).await, 400, "invalid_grant", "unused for 90 days");
    }

    #[tokio::test]
    async fn a_refresh_keeps_within_its_grant() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let other = tester.register(patient_web()).await;
        let scope = ("scope", "openid offline_access launch/patient patient/Patient.rs");
        let tokens = tester.patient_tokens(&app, &[scope]).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let base = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        for (scope, expected) in [
            (Some("openid"), "openid"),
            (None, scope.1),
            (Some("openid patient/Patient.rs"), "openid patient/Patient.rs"),
        ] {
            let scope = scope.map(|scope| ("scope", scope));
            let form = [&base[..], scope.as_slice()].concat();
            assert_eq!(tester.token(&app, &form).await.json()["scope"], expected);
        }
        for (scope, id_token, patient) in [
            ("openid launch/patient", true, true),
            ("openid patient/Patient.rs", true, false),
            ("launch/patient", false, true),
        ] {
            let form = [&base[..], &[("scope", scope)]].concat();
            let answer = tester.token(&app, &form).await.json();
            assert_eq!(answer.get("id_token").is_some(), id_token, "{scope}");
            assert_eq!(answer.get("patient").is_some(), patient, "{scope}");
        }
        let wider = [&base[..], &[("scope", "openid patient/Observation.read")]].concat();
        expect(&tester.token(&app, &wider).await, 400, "invalid_scope", "a wider scope");
        expect(&tester.token(&other, &base).await, 400, "invalid_grant", "another client");
        let unproven = [&base[..], &[("client_id", app.id.as_str())]].concat();
        let answer = tester.post("/oauth2/v1/token", &[], &unproven).await;
        expect(&answer, 401, "invalid_client", "a confidential client without its secret");
        for token in [tokens["access_token"].as_str().unwrap(), "garbage"] {
            let form = [base[0], ("refresh_token", token)];
            expect(&tester.token(&app, &form).await, 400, "invalid_grant", "no refresh token");
        }
        expect(&tester.token(&app, &base[..1]).await, 400, "invalid_request", "none at all");
    }

    #[tokio::test]
    async fn a_public_clients_refresh_token_is_replaced_and_its_replay_ends_the_family() {
        let tester = Tester::new();
        let app = tester.register(patient_browser()).await;
        let first = tester.patient_tokens(&app, &[]).await["refresh_token"].clone();
        let first = first.as_str().unwrap();
        let refresh = |token: &str| {
            vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.to_owned())]
        };
        let send = async |token: &str| {
            let form = refresh(token);
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            // The token alone names a public client, as the official client sends it.
            tester.post("/oauth2/v1/token", &[], &form).await
        };
        let second = send(first).await.json()["refresh_token"].as_str().unwrap().to_owned();
        assert_ne!(first, second);
        expect(&send(first).await, 400, "invalid_grant", "the replaced token");
        expect(&send(&second).await, 400, "invalid_grant", "its successor, after the replay");
    }

    #[tokio::test]
    async fn a_replaced_refresh_token_is_good_for_a_while_where_the_dialect_says_so() {
        let tester = Tester::with(|dialect| {
            dialect.token.rotate_confidential_refresh_tokens = true;
            dialect.token.rotation_grace = 30;
        });
        let app = tester.register(patient_web()).await;
        let first = tester.patient_tokens(&app, &[]).await["refresh_token"].clone();
        let first = first.as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", first)];
        let second = tester.token(&app, &form).await.json()["refresh_token"].clone();
        tester.wait(29);
        let third = tester.token(&app, &form).await.json()["refresh_token"].clone();
        assert!(third.is_string() && third != second, "the answer may have been lost");
        tester.wait(1);
        expect(&tester.token(&app, &form).await, 400, "invalid_grant", "after the grace");
        for token in [second, third] {
            let form = [form[0], ("refresh_token", token.as_str().unwrap())];
            expect(&tester.token(&app, &form).await, 400, "invalid_grant", "the whole family");
        }
    }

    #[tokio::test]
    async fn a_public_client_names_itself_where_the_dialect_says_so() {
        let tester = Tester::with(|dialect| {
            dialect.token.public_client_known_by_refresh_token = false;
        });
        let app = tester.register(patient_browser()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let token = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let unnamed = tester.post("/oauth2/v1/token", &[], &form).await;
        expect(&unnamed, 401, "invalid_client", "nobody is named");
        assert_eq!(tester.token(&app, &form).await.status.as_u16(), 200);
    }

    #[tokio::test]
    async fn an_opaque_access_token_is_as_good_as_a_jwt() {
        let tester = Tester::with(|dialect| dialect.token.opaque_access_tokens = true);
        let app = tester.register(patient_web()).await;
        let tokens = tester.patient_tokens(&app, &[]).await;
        let token = tokens["access_token"].as_str().unwrap();
        assert!(!token.contains('.'), "{token}");
        let path = "/fhir/r4/Patient/a-80000.E-14545";
        assert_eq!(tester.read(path, token).await.status.as_u16(), 200);
        assert_eq!(tester.read(path, &token[1..]).await.status.as_u16(), 401);
        let claims = crate::protocol::Jws::parse(tokens["id_token"].as_str().unwrap()).unwrap();
        let hash = crate::protocol::id_token::at_hash(&Secret::new(token));
        assert_eq!(claims.claims["at_hash"], hash.as_str());
        tester.wait(3600);
        assert_eq!(tester.read(path, token).await.status.as_u16(), 401);
    }

    #[tokio::test]
    async fn the_gateways_words_are_used_where_the_dialect_says_so() {
        let tester = Tester::with(|dialect| {
            dialect.errors.writes_phrases = true;
            dialect.errors.policy_refusals = true;
        });
        let app = tester.register(two_legged()).await;
        let three_legged = tester.register(patient_web()).await;
        let refused = tester.token(&app, &[CC, ("scope", "system/Goal.read")]).await;
        expect(&refused, 400, "Invalid Scope", "a scope that is not approved");
        expect(&tester.token(&app, &[CC]).await, 401, "access_denied", "no scope");
        let refused = tester.token(&three_legged, &[CC, SYSTEM]).await;
        expect(&refused, 401, "access_denied", "a 3-legged app for itself");
        let refused = tester.token(&app, &[SYSTEM]).await;
        expect(&refused, 400, "invalid_request", "no phrase for it");
    }

    #[tokio::test]
    async fn an_unconfirmed_scope_and_a_removed_one_are_refused() {
        let tester = Tester::new();
        let app = tester.register(with(two_legged(), &[("scopes", json!(null))])).await;
        expect(&tester.token(&app, &[CC, SYSTEM]).await, 400, "invalid_scope", "before selection");
        let path = format!("apps/{}/scopes", app.id);
        tester.portal("PUT", &path, &json!({"scopes": ["system/Patient.read"]})).await;
        expect(&tester.token(&app, &[CC, SYSTEM]).await, 400, "invalid_scope", "not confirmed");
        tester.portal("POST", &format!("{path}/confirm"), &json!({})).await;
        assert_eq!(tester.token(&app, &[CC, SYSTEM]).await.status.as_u16(), 200);
        tester.portal("PUT", &path, &json!({"scopes": ["system/Goal.read"]})).await;
        expect(&tester.token(&app, &[CC, SYSTEM]).await, 400, "invalid_scope", "removed");
    }

    const DAY: i64 = 24 * 60 * 60;
}
