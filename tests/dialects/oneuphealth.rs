//! 1upHealth: Provider Access, Payer-to-Payer, Patient Access and user management.

use serde_json::{Value, json};
use url::Url;

use crate::bench::{App, Bench, CALLBACK, parameter, told};

const REALM: &str = "/auth/realms/dev-portal/protocol/openid-connect/token";
const SCOPE: &str = "bulk-data|user/*.rs";

fn client(access_type: &str) -> Value {
    json!({"access_type": access_type, "name": "Payer data", "terms_accepted": true})
}

fn patient_client() -> Value {
    let mut body = client("patient-access");
    body["redirect_uris"] = json!([CALLBACK]);
    body
}

#[tokio::test]
async fn a_client_is_created_by_choosing_its_access_type() {
    let bench = Bench::of("1uphealth").await;
    for missing in ["access_type", "name"] {
        let mut body = client("provider-access");
        body.as_object_mut().unwrap().remove(missing);
        assert_eq!(bench.portal("apps", &body).await.status(), 422, "{missing}");
    }
    assert_eq!(bench.portal("apps", &client("gold")).await.status(), 422);
    for access_type in ["provider-access", "payer-to-payer"] {
        let answer = bench.portal("apps", &client(access_type)).await;
        let (status, shown) = told(answer).await;
        assert_eq!((status, &shown["access_type"]), (201, &json!(access_type)));
        assert_eq!(shown["scopes"]["approved"], SCOPE);
        assert_eq!(shown["client_secret"].as_str().unwrap().len(), 40);
    }
}

#[tokio::test]
async fn a_realm_gives_tokens_for_credentials_in_the_body() {
    let bench = Bench::of("1uphealth").await;
    let grant = ("grant_type", "client_credentials");
    let scope = ("scope", SCOPE);
    for access_type in ["provider-access", "payer-to-payer"] {
        let app = bench.register(client(access_type)).await;
        let (status, tokens) = bench.token(REALM, &app, &[grant, scope]).await;
        assert_eq!(status, 200, "{tokens}");
        assert_eq!((&tokens["scope"], &tokens["expires_in"]), (&json!(SCOPE), &json!(7200)));
        let token = tokens["access_token"].as_str().unwrap();
        let answer = bench.read("/fhir/r4/Patient/f2a1c7d0b3e4", token).await;
        let (status, outcome) = told(answer).await;
        assert_eq!((status, &outcome["resourceType"]), (403, &json!("OperationOutcome")));
        let wrong = App { id: app.id.clone(), secret: "wrong".to_owned() };
        let unknown = App { id: "unknown".to_owned(), secret: app.secret.clone() };
        let keycloak = json!({
            "error": "invalid_client",
            "error_description": "Invalid client or Invalid client credentials",
        });
        for app in [&wrong, &unknown] {
            let refused = bench.token(REALM, app, &[grant, scope]).await;
            assert_eq!(refused, (401, keycloak.clone()));
        }
        let other = bench.token(REALM, &app, &[grant, ("scope", "user/*.rs")]).await;
        let keycloak = json!({
            "error": "invalid_scope", "error_description": "Invalid scopes: user/*.rs",
        });
        assert_eq!(other, (400, keycloak));
        for (form, code) in [
            (vec![scope], "invalid_request"),
            (vec![("grant_type", "password"), scope], "unsupported_grant_type"),
        ] {
            let (status, body) = bench.token(REALM, &app, &form).await;
            assert_eq!((status, &body["error"]), (400, &json!(code)));
        }
        let elsewhere = REALM.replace("dev-portal", "other");
        assert_eq!(bench.token(&elsewhere, &app, &[grant, scope]).await.0, 404);
        assert_eq!(bench.get(&bench.at(REALM)).await.status(), 405);
        let (status, body) = bench.token("/oauth2/token", &app, &[grant, scope]).await;
        assert_eq!((status, &body["error"]), (400, &json!("unsupported_grant_type")));
    }
}

#[tokio::test]
async fn a_pipe_may_separate_scopes() {
    let bench = Bench::with(|dialect| dialect.scopes.split_on_pipe = true, "1uphealth").await;
    let app = bench.register(client("provider-access")).await;
    let form = [("grant_type", "client_credentials"), ("scope", "user/*.rs")];
    assert_eq!(bench.token(REALM, &app, &form).await.0, 200);
}

fn authorize(bench: &Bench, app: &App, plan: &str, more: &[(&str, &str)]) -> Url {
    let mut url = Url::parse(&bench.at(&format!("/oauth2/authorize/{plan}"))).unwrap();
    url.query_pairs_mut()
        .append_pair("client_id", &app.id)
        .append_pair("redirect_uri", CALLBACK)
        .extend_pairs(more);
    url
}

#[tokio::test]
async fn a_member_signs_in_at_the_demo_plan_and_refresh_tokens_rotate() {
    let bench = Bench::of("1uphealth").await;
    let app = bench.register(patient_client()).await;
    let start = authorize(&bench, &app, "demoplan", &[]);
    assert_eq!(bench.get(start.as_str()).await.status(), 400, "before it is synced");
    let sync = format!("apps/{}/sync", app.id);
    assert_eq!(bench.portal(&sync, &json!({})).await.status(), 200);
    let nowhere = authorize(&bench, &app, "noplan", &[]);
    assert_eq!(bench.get(nowhere.as_str()).await.status(), 404);
    for plan in ["test", "demoplan", "digitalinsurance", "payer2payer"] {
        let back =
            bench.log_in(&authorize(&bench, &app, plan, &[("state", "s")]), "patient", "").await;
        assert_eq!(parameter(&back, "state").as_deref(), Some("s"), "{plan}");
        assert!(parameter(&back, "code").is_some(), "{plan}");
    }
    let redeem = |code: &str| {
        vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", CALLBACK.to_owned()),
        ]
    };
    let send = async |form: Vec<(&'static str, String)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, it)| (*name, it.as_str())).collect();
        bench.token("/oauth2/token", &app, &form).await
    };
    let late = parameter(&bench.log_in(&start, "patient", "").await, "code").unwrap();
    bench.wait(301);
    assert_eq!(send(redeem(&late)).await.0, 400, "after five minutes");
    let back = bench.log_in(&start, "patient", "").await;
    assert_eq!(parameter(&back, "state"), None);
    let code = parameter(&back, "code").unwrap();
    bench.wait(299);
    let (status, tokens) = send(redeem(&code)).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["scope"], "patient/*.read");
    assert_eq!(tokens["expires_in"], 7200);
    let token = tokens["access_token"].as_str().unwrap();
    for (id, expected) in [("f2a1c7d0b3e4", 200), ("9c04e1b87a25", 403)] {
        let answer = bench.read(&format!("/fhir/r4/Patient/{id}"), token).await;
        assert_eq!(answer.status().as_u16(), expected, "{id}");
    }
    let refresh = |tokens: &Value| {
        vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap().to_owned()),
        ]
    };
    let (status, second) = send(refresh(&tokens)).await;
    assert_eq!(status, 200, "{second}");
    assert_ne!(second["refresh_token"], tokens["refresh_token"]);
    let (status, body) = send(refresh(&tokens)).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "the old one");
}

#[tokio::test]
async fn an_app_manages_users_three_hundred_times_an_hour() {
    let bench = Bench::of("1uphealth").await;
    let app = bench.register(patient_client()).await;
    let call = async |path: &str, name: &str, secret: &str| {
        let form = [("client_id", &*app.id), ("client_secret", secret), ("app_user_id", name)];
        let address = bench.at(&format!("/user-management/v1/{path}"));
        told(bench.post(&address, &form).await).await
    };
    assert_eq!(call("user", "member-1", "wrong").await.0, 401);
    let (status, made) = call("user", "member-1", &app.secret).await;
    assert_eq!((status, &made["success"], &made["active"]), (200, &json!(true), &json!(true)));
    assert_eq!(made["app_user_id"], "member-1");
    let (_, again) = call("user", "member-1", &app.secret).await;
    assert_eq!(
        (&again["success"], &again["oneup_user_id"]),
        (&json!(false), &made["oneup_user_id"])
    );
    let (status, code) = call("user/auth-code", "member-1", &app.secret).await;
    assert_eq!((status, &code["oneup_user_id"]), (200, &made["oneup_user_id"]));
    assert_eq!(call("user/auth-code", "nobody", &app.secret).await.0, 404);
    for code in [&made, &code] {
        let code = code["code"].as_str().unwrap();
        let form = [("grant_type", "authorization_code"), ("code", code)];
        let (status, tokens) = bench.token("/oauth2/token", &app, &form).await;
        assert_eq!(status, 200, "{tokens}");
        assert!(tokens["refresh_token"].is_string());
        let token = tokens["access_token"].as_str().unwrap();
        let foreign = bench.read("/fhir/r4/Patient/f2a1c7d0b3e4", token).await;
        assert!(matches!(foreign.status().as_u16(), 403 | 404), "it has no record");
        assert_eq!(bench.token("/oauth2/token", &app, &form).await.0, 400, "the second use");
    }
    for _ in 4..300 {
        assert_eq!(call("user/auth-code", "member-1", &app.secret).await.0, 200);
    }
    assert_eq!(call("user/auth-code", "member-1", &app.secret).await.0, 429);
    bench.wait(3600);
    assert_eq!(call("user/auth-code", "member-1", &app.secret).await.0, 200);
}
