//! Each kind of fault changes what it says, as often as it says, and where it says.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::mock::testing::{Answer, TestApp, Tester, patient_web, two_legged, with};
use crate::protocol::{Algorithm, Jws, KeySet, jws};

const FORM: [(&str, &str); 2] =
    [("grant_type", "client_credentials"), ("scope", "system/Patient.read")];

/// Plants a fault that strikes once: its number.
async fn plant(tester: &Tester, at: Value, fault: Value) -> u64 {
    let body = json!({"at": at, "fault": fault, "times": 1});
    let answer = tester.control("POST", "faults", &body).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
    answer.json()["id"].as_u64().unwrap()
}

/// The answer that a fault strikes at the token endpoint, and the next one.
async fn struck(fault: Value) -> (Answer, Answer) {
    let tester = Tester::new();
    let app = tester.register(two_legged()).await;
    plant(&tester, json!({"endpoint": "token"}), fault).await;
    let struck = tester.token(&app, &FORM).await;
    (struck, tester.token(&app, &FORM).await)
}

/// The tokens of a login that a fault strikes.
async fn struck_login(fault: Value) -> (Tester, Value) {
    let tester = Tester::new();
    let app = tester.register(patient_web()).await;
    plant(&tester, json!({}), fault).await;
    let tokens = tester.patient_tokens(&app, &[]).await;
    (tester, tokens)
}

fn read(token: &Value) -> Jws<'_> {
    Jws::parse(token.as_str().unwrap()).unwrap()
}

async fn key_set(tester: &Tester) -> Value {
    tester.get("/oauth2/v1/keys?client_id=x", &[]).await.json()
}

#[tokio::test]
async fn a_status_comes_in_the_platforms_own_words_or_in_given_ones() {
    let (answer, next) = struck(json!({"kind": "status", "status": 429,
        "headers": {"Retry-After": "7"}}))
    .await;
    assert_eq!(answer.error(), (429, "Quota Exceeded.".to_owned()));
    assert_eq!(answer.json()["detailedmessage"], "Too Many Requests");
    assert_eq!(answer.headers["retry-after"], "7");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(next.status.as_u16(), 200);
    let (answer, _) = struck(json!({"kind": "status", "status": 400, "error": "invalid_grant",
        "description": "Gone."}))
    .await;
    assert_eq!(answer.text, r#"{"error":"invalid_grant","detailedmessage":"Gone."}"#);
    let (answer, _) =
        struck(json!({"kind": "status", "status": 502, "body": "<h1>Bad gateway</h1>"})).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (502, "<h1>Bad gateway</h1>"));
    assert_eq!(answer.headers["content-type"], "text/html");
    let (answer, _) = struck(json!({"kind": "status", "status": 202, "processed": true})).await;
    assert_eq!(answer.status.as_u16(), 202);
    assert!(answer.json()["access_token"].is_string());
    let tester = Tester::new();
    for (endpoint, path, kind) in [
        ("fhir", "/fhir/r4/Patient/1", "application/fhir+json; charset=utf-8"),
        ("v1", "/v1/195900/ping", "application/json"),
        ("authorize", "/oauth2/v1/authorize", "text/html; charset=utf-8"),
    ] {
        plant(&tester, json!({"endpoint": endpoint}), json!({"kind": "status", "status": 503}))
            .await;
        let answer = tester.get(path, &[]).await;
        assert_eq!(answer.status.as_u16(), 503, "{path}");
        assert_eq!(answer.headers["content-type"], kind, "{path}");
    }
}

#[tokio::test]
async fn a_code_is_spent_only_if_the_endpoint_did_its_work() {
    for processed in [false, true] {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let back = tester.log_in(tester.authorize(&app, &[]).await, "patient").await;
        let code = back.parameter("code").unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", crate::mock::testing::CALLBACK),
        ];
        let fault = json!({"kind": "status", "status": 500, "processed": processed, "error": "x"});
        plant(&tester, json!({"grant_type": "authorization_code"}), fault).await;
        assert_eq!(tester.token(&app, &form).await.error(), (500, "x".to_owned()));
        let again = if processed { 400 } else { 200 };
        assert_eq!(tester.token(&app, &form).await.status.as_u16(), again);
    }
}

#[tokio::test]
async fn a_body_and_its_headers_are_changed_as_asked() {
    let (answer, next) = struck(json!({"kind": "content_type", "value": "text/plain"})).await;
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert!(answer.json()["access_token"].is_string());
    assert_eq!(next.headers["content-type"], "application/json");
    let (answer, _) = struck(json!({"kind": "body", "body": "hello"})).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, "hello"));
    assert_eq!(answer.headers["content-type"], "application/json");
    let (answer, _) = struck(json!({"kind": "malformed_json"})).await;
    assert!(serde_json::from_str::<Value>(&answer.text).is_err(), "{}", answer.text);
    assert!(answer.text.contains("access_token"));
    let (answer, _) = struck(json!({"kind": "empty_body"})).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, ""));
    let (answer, _) =
        struck(json!({"kind": "member_set", "pointer": "/expires_in", "value": "soon"})).await;
    assert_eq!(answer.json()["expires_in"], "soon");
    assert_eq!(answer.json()["token_type"], "Bearer");
    let (answer, _) = struck(json!({"kind": "member_missing", "pointer": "/token_type"})).await;
    assert_eq!(answer.json().get("token_type"), None);
    let (answer, _) = struck(json!({"kind": "member_repeated", "pointer": "/scope",
        "value": "system/*.*"}))
    .await;
    assert!(answer.text.ends_with(r#""scope":"system/Patient.read","scope":"system/*.*"}"#));
    let (answer, _) = struck(json!({"kind": "header_set", "name": "Cache-Control",
        "value": "public, max-age=60"}))
    .await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    let (answer, next) = struck(json!({"kind": "header_missing", "name": "x-request-id"})).await;
    assert!(!answer.headers.contains_key("x-request-id"));
    assert!(next.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn a_delay_keeps_the_client_waiting() {
    let started = std::time::Instant::now();
    let (answer, _) = struck(json!({"kind": "delay", "milliseconds": 40})).await;
    assert!(started.elapsed().as_millis() >= 40);
    assert_eq!(answer.status.as_u16(), 200);
}

#[tokio::test]
async fn connections_are_dropped_and_answers_broken_off() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tester = Tester::at(&format!("http://{}", listener.local_addr().unwrap()));
    let server = crate::mock::serve(tester.platform.clone(), listener).unwrap();
    let address = format!("{}/fhir/r4/metadata", server.base);
    let get = async || reqwest::Client::new().get(&address).send().await;
    let at = || json!({"endpoint": "metadata"});
    let whole = get().await.unwrap().text().await.unwrap();
    plant(&tester, at(), json!({"kind": "drop"})).await;
    let dropped = get().await.unwrap_err();
    assert!(!dropped.is_connect(), "{dropped:?}");
    plant(&tester, at(), json!({"kind": "truncate", "bytes": 20})).await;
    let mut broken = get().await.unwrap();
    assert_eq!(broken.status().as_u16(), 200);
    assert_eq!(broken.content_length(), Some(whole.len() as u64));
    assert_eq!(broken.chunk().await.unwrap().unwrap(), &whole.as_bytes()[..20]);
    assert!(broken.chunk().await.is_err());
    assert_eq!(get().await.unwrap().text().await.unwrap(), whole);
    let kinds: Vec<String> = tester
        .platform
        .journal()
        .requests()
        .iter()
        .flat_map(|entry| entry.faults.iter().map(|struck| struck.kind.clone()))
        .collect();
    assert_eq!(kinds, ["drop", "truncate"]);
}

#[tokio::test]
async fn a_key_set_does_not_fit_the_tokens() {
    let tester = Tester::new();
    let own = key_set(&tester).await;
    tester.platform.rotate_keys(None).unwrap();
    let now = key_set(&tester).await;
    let set = async |serve: &str| {
        plant(&tester, json!({}), json!({"kind": "key_set", "serve": serve})).await;
        let set = key_set(&tester).await;
        assert_eq!(key_set(&tester).await, now, "once only");
        set
    };
    assert_eq!(set("empty").await, json!({"keys": []}));
    assert_eq!(set("without_current").await, own);
    assert_eq!(set("before_rotation").await, own);
    let current = set("only_current").await;
    assert_eq!(current["keys"], json!([now["keys"][0]]));
    let ahead = set("after_rotation").await;
    tester.platform.rotate_keys(Some(0)).unwrap();
    assert_eq!(key_set(&tester).await["keys"][0], ahead["keys"][0]);
}

#[tokio::test]
async fn a_claim_is_wrong_and_the_signature_right() {
    let now = 1_763_726_400 + 365 * 24 * 3600;
    for (fault, claim, expected) in [
        (json!({"kind": "claim_set", "claim": "nonce", "value": "other"}), "nonce", json!("other")),
        (json!({"kind": "claim_set", "claim": "aud", "value": ["a"]}), "aud", json!(["a"])),
        (json!({"kind": "claim_missing", "claim": "at_hash"}), "at_hash", Value::Null),
        (
            json!({"kind": "claim_moved", "claim": "auth_time", "seconds": -60}),
            "auth_time",
            json!(now - 60),
        ),
        (json!({"kind": "claim_moved", "claim": "nbf", "seconds": 60}), "nbf", json!(now + 60)),
        (json!({"kind": "token_expired"}), "exp", json!(now - 3600)),
        (json!({"kind": "token_not_yet_valid"}), "nbf", json!(now + 3600)),
        (json!({"kind": "token_header_set", "member": "typ", "value": "at+jwt"}), "sub", json!(0)),
    ] {
        let mut fault = fault;
        fault["token"] = "id_token".into();
        let (tester, tokens) = struck_login(fault.clone()).await;
        let keys = KeySet::parse(&key_set(&tester).await).unwrap();
        let token = tokens["id_token"].as_str().unwrap();
        let verified = jws::verify(token, &keys, &[Algorithm::Rs256]).unwrap();
        if fault["kind"] == "token_header_set" {
            assert_eq!(verified.header["typ"], "at+jwt");
        } else {
            assert_eq!(
                verified.claims.get(claim).cloned().unwrap_or_default(),
                expected,
                "{fault}"
            );
        }
        let access = tokens["access_token"].as_str().unwrap();
        let path = "/fhir/r4/Patient/a-80000.E-14545";
        assert_eq!(tester.read(path, access).await.status.as_u16(), 200, "the other token");
    }
}

#[tokio::test]
async fn a_token_is_signed_wrongly_or_not_at_all() {
    for (fault, error) in [
        (json!({"kind": "signature_wrong"}), "Signature"),
        (json!({"kind": "key_unknown"}), "UnknownKey"),
        (json!({"kind": "alg_none"}), "AlgorithmNotAllowed(\"none\")"),
        (json!({"kind": "token_header_set", "member": "kid", "value": "x"}), "UnknownKey(\"x\")"),
        (json!({"kind": "token_header_set", "member": "alg", "value": "HS256"}), "AlgorithmNot"),
    ] {
        let mut fault = fault;
        fault["token"] = "access_token".into();
        let (tester, tokens) = struck_login(fault.clone()).await;
        let keys = KeySet::parse(&key_set(&tester).await).unwrap();
        let verify = |name: &str| {
            let token = tokens[name].as_str().unwrap().to_owned();
            jws::verify(&token, &keys, &[Algorithm::Rs256]).map_err(|error| format!("{error:?}"))
        };
        let told = verify("access_token").unwrap_err();
        assert!(told.starts_with(error), "{fault}: {told}");
        assert!(verify("id_token").is_ok(), "{fault}");
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(access.ends_with('.'), fault["kind"] == "alg_none");
        let path = "/fhir/r4/Patient/a-80000.E-14545";
        assert_eq!(tester.read(path, access).await.status.as_u16(), 401, "{fault}");
    }
    let fault = json!({"kind": "token_header_missing", "token": "id_token", "member": "kid"});
    let (_, tokens) = struck_login(fault).await;
    assert_eq!(read(&tokens["id_token"]).header_text("kid"), None);
    assert!(read(&tokens["access_token"]).header_text("kid").is_some());
}

#[tokio::test]
async fn the_way_back_to_the_app_is_wrong() {
    let tester = Tester::new();
    let app = tester.register(patient_web()).await;
    let back = async |fault: Value| {
        plant(&tester, json!({"endpoint": "authorize"}), fault).await;
        tester.log_in(tester.authorize(&app, &[("prompt", "login")]).await, "patient").await
    };
    let set = |name: &str, value: &str| json!({"kind": "redirect_parameter_set", "parameter": name, "value": value});
    let answer = back(set("state", "other")).await;
    assert_eq!(answer.parameter("state").as_deref(), Some("other"));
    assert!(answer.parameter("code").is_some());
    let answer = back(set("iss", "https://elsewhere.example")).await;
    assert_eq!(answer.parameter("iss").as_deref(), Some("https://elsewhere.example"));
    let missing = json!({"kind": "redirect_parameter_missing", "parameter": "state"});
    assert_eq!(back(missing).await.parameter("state"), None);
    let twice = json!({"kind": "redirect_parameter_repeated", "parameter": "code"});
    assert_eq!(back(twice).await.location().matches("code=").count(), 2);
    let error = json!({"kind": "redirect_error", "error": "server_error", "description": "Sorry"});
    let answer = back(error).await;
    assert_eq!(answer.parameter("error").as_deref(), Some("server_error"));
    assert_eq!(answer.parameter("error_description").as_deref(), Some("Sorry"));
    assert_eq!(answer.parameter("code"), None);
    assert!(answer.parameter("state").is_some());
    let right = tester.authorize(&app, &[]).await;
    assert!(right.parameter("code").is_some() && right.parameter("error").is_none());
}

#[tokio::test]
async fn a_fault_strikes_at_its_place_only() {
    let tester = Tester::new();
    let app = tester.register(two_legged()).await;
    let other = tester.register(two_legged()).await;
    let status = json!({"kind": "status", "status": 503});
    let is_struck = async |at: Value, request: Probe<'_>| {
        let id = plant(&tester, at, status.clone()).await;
        let answer = request.send(&tester).await;
        tester.platform.faults().remove(id);
        answer.status.as_u16() == 503
    };
    let token = || Probe::Token(&app);
    for (at, probe, struck) in [
        (json!({}), token(), true),
        (json!({"endpoint": "keys"}), token(), false),
        (json!({"client_id": app.id}), token(), true),
        (json!({"client_id": other.id}), token(), false),
        (json!({"grant_type": "client_credentials"}), token(), true),
        (json!({"grant_type": "refresh_token"}), token(), false),
        (json!({"environment": "production"}), token(), false),
        (json!({"method": "post"}), token(), true),
        (json!({"method": "GET"}), token(), false),
        (json!({"path": "/oauth2/v1/to"}), token(), true),
        (json!({"path": "/token"}), token(), false),
        (json!({"resource_type": "Patient"}), token(), false),
        (json!({"resource_type": "Patient"}), Probe::Get("/fhir/r4/Patient/1"), true),
        (json!({"resource_type": "Patient"}), Probe::Get("/fhir/r4/Observation/1"), false),
        (json!({"endpoint": "fhir"}), Probe::Get("/80000/fhir/r4/Patient"), true),
        (
            json!({"endpoint": "smart-configuration"}),
            Probe::Get("/fhir/r4/.well-known/smart-configuration"),
            true,
        ),
        (json!({}), Probe::Preflight, false),
        (json!({"method": "OPTIONS"}), Probe::Preflight, true),
    ] {
        assert_eq!(is_struck(at.clone(), probe).await, struck, "{at}");
    }
    plant(&tester, json!({}), status.clone()).await;
    assert_eq!(tester.control("GET", "clock", &json!(null)).await.status.as_u16(), 200);
    let elsewhere = Tester::new();
    assert_eq!(elsewhere.get("/fhir/r4/metadata", &[]).await.status.as_u16(), 200);
    assert_eq!(tester.get("/fhir/r4/metadata", &[]).await.status.as_u16(), 503);
}

/// A request that a fault may strike.
enum Probe<'a> {
    Token(&'a TestApp),
    Get(&'a str),
    Preflight,
}

impl Probe<'_> {
    async fn send(&self, tester: &Tester) -> Answer {
        match self {
            Self::Token(app) => tester.token(app, &FORM).await,
            Self::Get(path) => tester.get(path, &[]).await,
            Self::Preflight => {
                let request = Request::options("/oauth2/v1/token")
                    .header("origin", "https://app.example")
                    .header("access-control-request-method", "POST");
                tester.send(request.body(Body::empty()).unwrap()).await
            }
        }
    }
}

#[tokio::test]
async fn a_fault_strikes_as_often_as_it_says_and_the_journal_shows_it() {
    let tester = Tester::new();
    let body = json!({"at": {"endpoint": "metadata"}, "fault": {"kind": "status", "status": 500},
                      "skip": 1, "times": 2});
    let id = tester.control("POST", "faults", &body).await.json()["id"].as_u64().unwrap();
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(tester.get("/fhir/r4/metadata", &[]).await.status.as_u16());
    }
    assert_eq!(seen, [200, 500, 500, 200, 200]);
    let shown = tester.control("GET", &format!("faults/{id}"), &json!(null)).await.json();
    assert_eq!((&shown["passed"], &shown["struck"]), (&json!(1), &json!(2)));
    let journal = tester.control("GET", "journal?since=1&limit=1", &json!(null)).await.json();
    assert_eq!(journal["entries"][0]["faults"], json!([{"id": id, "kind": "status"}]));
    let until_removed = json!({"fault": {"kind": "empty_body"}});
    let id = tester.control("POST", "faults", &until_removed).await.json()["id"].clone();
    for _ in 0..3 {
        assert_eq!(tester.get("/fhir/r4/metadata", &[]).await.text, "");
    }
    let left = tester.control("DELETE", &format!("faults/{id}"), &json!(null)).await.json();
    assert_eq!(left["faults"].as_array().unwrap().len(), 1);
    assert_ne!(tester.get("/fhir/r4/metadata", &[]).await.text, "");
    let none = tester.control("DELETE", "faults", &json!(null)).await;
    assert_eq!(none.json(), json!({"faults": []}));
    for (method, path) in [("GET", "faults/7"), ("DELETE", "faults/7"), ("GET", "faults/x")] {
        let answer = tester.control(method, path, &json!(null)).await;
        assert_eq!(answer.error(), (404, "not_found".to_owned()), "{method} {path}");
    }
}

#[tokio::test]
async fn two_faults_on_one_answer_are_both_applied() {
    let tester = Tester::new();
    plant(&tester, json!({}), json!({"kind": "status", "status": 503})).await;
    plant(&tester, json!({}), json!({"kind": "header_set", "name": "retry-after", "value": "1"}))
        .await;
    let answer = tester.get("/fhir/r4/metadata", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["retry-after"]),
        (503, &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn an_answer_is_chosen_by_its_status() {
    let tester = Tester::new();
    let at = json!({"endpoint": "fhir", "answer_status": 401});
    plant(&tester, at, json!({"kind": "header_missing", "name": "www-authenticate"})).await;
    tester.get("/fhir/r4/metadata", &[]).await;
    let struck = tester.get("/fhir/r4/Patient/1", &[]).await;
    assert!(!struck.headers.contains_key("www-authenticate"));
    assert!(tester.get("/fhir/r4/Patient/1", &[]).await.headers.contains_key("www-authenticate"));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_member() {
    let tester = Tester::new();
    let status = json!({"kind": "status", "status": 503});
    let claim = json!({"kind": "claim_missing", "token": "id_token", "claim": "sub"});
    for (body, field) in [
        (json!({}), ""),
        (json!({"fault": {"kind": "earthquake"}}), "fault.kind"),
        (json!({"fault": {"kind": "status", "status": 503, "colour": 1}}), "fault"),
        (json!({"fault": {"kind": "empty_body", "colour": 1}}), "fault"),
        (json!({"fault": {"kind": "status", "status": 99}}), "fault.status"),
        (json!({"fault": status, "times": -1}), "times"),
        (json!({"fault": status, "at": {"endpoint": "tokens"}}), "at.endpoint"),
        (json!({"fault": status, "at": {"endpoint": "control"}}), "at.endpoint"),
        (json!({"fault": status, "at": {"answer_status": 200}}), "at.answer_status"),
        (json!({"fault": claim, "at": {"endpoint": "fhir"}}), "at.endpoint"),
        (json!({"fault": {"kind": "delay", "milliseconds": 600_001}}), "fault.milliseconds"),
        (json!({"fault": {"kind": "header_set", "name": "a b", "value": "c"}}), "fault.name"),
        (json!({"fault": {"kind": "header_set", "name": "a", "value": "\n"}}), "fault.value"),
        (json!({"fault": {"kind": "member_missing", "pointer": "scope"}}), "fault.pointer"),
    ] {
        let answer = tester.control("POST", "faults", &body).await;
        assert_eq!(answer.error(), (422, "invalid_field".to_owned()), "{body}");
        assert_eq!(answer.json()["field"], field, "{}", answer.text);
    }
    assert!(tester.platform.faults().list().is_empty());
}

#[tokio::test]
async fn a_fault_strikes_where_an_app_or_what_it_sends_is_of_a_kind() {
    let tester = Tester::new();
    let app = tester.register(two_legged()).await;
    let fault = json!({"kind": "status", "status": 503});
    for (at, strikes) in [
        (json!({"app": {"category": "two_legged", "end_users": null}}), true),
        (json!({"app": {"category": "three_legged_phr"}}), false),
        (json!({"sent": {"scope": "system/Patient.read", "code": null}}), true),
        (json!({"sent": {"scope": "system/Goal.read"}}), false),
        (json!({"path": "/*/v1/token"}), true),
        (json!({"path": "/*/v2/token"}), false),
    ] {
        let id = plant(&tester, at.clone(), fault.clone()).await;
        let status = tester.token(&app, &FORM).await.status.as_u16();
        assert_eq!(status, if strikes { 503 } else { 200 }, "{at}");
        tester.control("DELETE", &format!("faults/{id}"), &json!({})).await;
    }
    plant(&tester, json!({"sent": {"name": "Struck"}}), fault).await;
    let registration = with(two_legged(), &[("name", json!("Struck"))]);
    let answer = tester.portal("POST", "apps", &registration).await;
    assert_eq!(answer.status.as_u16(), 503);
}
