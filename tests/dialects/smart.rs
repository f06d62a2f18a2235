//! Strict SMART App Launch 2.2: what it gives, and what each of its rules refuses.

use checkride::http::{AppHost, Page};
use checkride::protocol::pkce::Verifier;
use checkride::protocol::{Algorithm, Jws, SigningKey, random};
use serde_json::{Value, json};
use url::Url;

use crate::bench::{App, Bench, CALLBACK, key_set, parameter, told};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn backend(method: (&str, Value)) -> Value {
    json!({
        "name": "Nightly export", "token_auth_method": method.0, method.0: method.1,
        "terms_accepted": true, "scopes": "system/*.rs system/Patient.read",
    })
}

fn browser_app(scope: &str) -> Value {
    json!({
        "name": "Growth chart", "client_type": "browser", "token_auth_method": "pkce",
        "redirect_uris": [CALLBACK], "launch_url": "http://127.0.0.1:9/launch",
        "terms_accepted": true, "scopes": scope,
    })
}

/// A client assertion with some claims changed; `null` takes one out.
fn assertion(bench: &Bench, key: &SigningKey, app: &App, changes: &[(&str, Value)]) -> String {
    let mut header = key.header();
    let mut claims = json!({
        "iss": app.id, "sub": app.id, "aud": bench.at("/auth/token"), "exp": bench.now() + 300,
        "jti": random::alphanumeric(20),
    });
    for (name, value) in changes {
        let part = if matches!(*name, "kid" | "typ") { &mut header } else { &mut claims };
        match value {
            Value::Null => drop(part.as_object_mut().unwrap().remove(*name)),
            value => part[*name] = value.clone(),
        }
    }
    key.sign(&header, &claims)
}

async fn ask(bench: &Bench, assertion: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "system/*.rs"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    told(bench.post(&bench.at("/auth/token"), &form).await).await
}

#[tokio::test]
async fn a_backend_service_proves_itself_by_hosted_or_imported_keys() {
    let bench = Bench::of("smart").await;
    for algorithm in [Algorithm::Rs384, Algorithm::Es384] {
        let key = SigningKey::generate(algorithm, "key-1").unwrap();
        let host = AppHost::start(Page::key_set(&[key.public_jwk()])).await.unwrap();
        for method in [("jwks_uri", json!(host.url())), ("jwks", key_set(&[&key]))] {
            let app = bench.register(backend(method)).await;
            let (status, tokens) = ask(&bench, &assertion(&bench, &key, &app, &[])).await;
            assert_eq!(status, 200, "{tokens}");
            assert_eq!(tokens["expires_in"], 300);
            assert_eq!(tokens["scope"], "system/*.rs");
            let token = tokens["access_token"].as_str().unwrap();
            let (status, patient) = told(bench.read("/fhir/Patient/pat-9001", token).await).await;
            assert_eq!((status, &patient["id"]), (200, &json!("pat-9001")));
            bench.wait(300);
            assert_eq!(bench.read("/fhir/Patient/pat-9001", token).await.status(), 401);
        }
    }
}

#[tokio::test]
async fn an_assertion_is_refused_by_each_rule_that_it_breaks() {
    let bench = Bench::of("smart").await;
    let key = SigningKey::generate(Algorithm::Rs384, "key-1").unwrap();
    let app = bench.register(backend(("jwks", key_set(&[&key])))).await;
    let other = SigningKey::generate(Algorithm::Rs384, "key-1").unwrap();
    let weak = key.signing_by(Algorithm::Rs256).unwrap();
    let used = assertion(&bench, &key, &app, &[]);
    assert_eq!(ask(&bench, &used).await.0, 200, "without a change it is good");
    let signed =
        |key: &SigningKey, changes: &[(&str, Value)]| assertion(&bench, key, &app, changes);
    for (what, assertion) in [
        ("used twice", used.clone()),
        ("301 seconds", signed(&key, &[("exp", json!(bench.now() + 301))])),
        ("expired", signed(&key, &[("exp", json!(bench.now() - 10))])),
        ("no exp", signed(&key, &[("exp", Value::Null)])),
        ("no jti", signed(&key, &[("jti", Value::Null)])),
        ("no kid", signed(&key, &[("kid", Value::Null)])),
        ("no typ", signed(&key, &[("typ", Value::Null)])),
        ("RS256", signed(&weak, &[])),
        ("another key", signed(&other, &[])),
        ("the issuer as aud", signed(&key, &[("aud", json!(bench.server.base))])),
        ("another sub", signed(&key, &[("sub", json!("somebody"))])),
    ] {
        let (status, body) = ask(&bench, &assertion).await;
        assert!(matches!(status, 400 | 401), "{what}: {status}");
        assert_eq!(body["error"], "invalid_client", "{what}");
        assert!(body["error_description"].is_string() && body.get("detailedmessage").is_none());
    }
    let secret = json!({"name": "S", "token_auth_method": "secret", "terms_accepted": true});
    assert_eq!(bench.portal("apps", &secret).await.status(), 422, "no secrets for systems");
}

fn authorize(bench: &Bench, app: &App, scope: &str, changes: &[(&str, &str)]) -> Url {
    let mut url = Url::parse(&bench.at("/auth/authorize")).unwrap();
    let aud = bench.at("/fhir");
    let good = [
        ("response_type", "code"),
        ("client_id", &app.id),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "s7ate"),
        ("aud", &aud),
    ];
    let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let added = changes.iter().filter(|(_, value)| !value.is_empty());
    url.query_pairs_mut().extend_pairs(kept.chain(added));
    url
}

#[tokio::test]
async fn an_authorization_needs_state_aud_and_an_s256_challenge() {
    let bench = Bench::of("smart").await;
    let scope = "launch/patient patient/*.rs";
    let public = bench.register(browser_app(scope)).await;
    let web = json!({"client_type": "web", "token_auth_method": "secret", "name": "Web",
                     "redirect_uris": [CALLBACK], "terms_accepted": true, "scopes": scope});
    let confidential = bench.register(web).await;
    let challenge = Verifier::generate().challenge();
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    for app in [&public, &confidential] {
        let rows: [(&[(&str, &str)], bool); 5] = [
            (&pkce, true),
            (&[], false),
            (&[pkce[0], ("code_challenge_method", "plain")], false),
            (&[pkce[0], pkce[1], ("state", "")], false),
            (&[pkce[0], pkce[1], ("aud", "")], false),
        ];
        for (changes, good) in rows {
            let answer = bench.get(authorize(&bench, app, scope, changes).as_str()).await;
            let location = answer.headers()["location"].to_str().unwrap().to_owned();
            assert_eq!(location.contains("error=invalid_request"), !good, "{changes:?}");
            assert_eq!(location.starts_with("/login"), good, "{changes:?}: {location}");
        }
    }
}

/// The tokens of a login.
async fn tokens(bench: &Bench, app: &App, start: &Url, user: &str, record: &str) -> Value {
    let verifier = Verifier::generate();
    let mut start = start.clone();
    start
        .query_pairs_mut()
        .append_pair("code_challenge", &verifier.challenge())
        .append_pair("code_challenge_method", "S256");
    let back = bench.log_in(&start, user, record).await;
    assert_eq!(parameter(&back, "state").as_deref(), Some("s7ate"), "{back}");
    let code = parameter(&back, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier.secret().expose()),
    ];
    let (status, tokens) = bench.token("/auth/token", app, &form).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

#[tokio::test]
async fn a_patient_picks_a_record_and_the_app_reads_that_one_alone() {
    let bench = Bench::of("smart").await;
    let scope = "openid fhirUser launch/patient patient/*.rs offline_access";
    let app = bench.register(browser_app(scope)).await;
    let start = authorize(&bench, &app, scope, &[]);
    let tokens = tokens(&bench, &app, &start, "parent", "pat-4712").await;
    assert_eq!(tokens["patient"], "pat-4712");
    assert_eq!(tokens["expires_in"], 3600);
    let id_token = Jws::parse(tokens["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(id_token.claims["iss"], bench.server.base);
    assert_eq!(id_token.claims["fhirUser"], bench.at("/fhir/RelatedPerson/rel-77"));
    let token = tokens["access_token"].as_str().unwrap();
    for (path, status) in [("Patient/pat-4712", 200), ("Patient/pat-4711", 403)] {
        let answer = bench.read(&format!("/fhir/{path}"), token).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, again) = bench.token("/auth/token", &app, &form).await;
    assert_eq!((status, &again["patient"]), (200, &json!("pat-4712")));
    assert_ne!(again["refresh_token"], tokens["refresh_token"]);
}

#[tokio::test]
async fn nothing_of_another_platform_shows() {
    let bench = Bench::of("smart").await;
    let key = SigningKey::generate(Algorithm::Es384, "key-1").unwrap();
    let app = bench.register(backend(("jwks", key_set(&[&key])))).await;
    let (_, tokens) = ask(&bench, &assertion(&bench, &key, &app, &[])).await;
    let token = tokens["access_token"].as_str().unwrap();
    for path in [
        "/.well-known/openid-configuration",
        "/fhir/.well-known/smart-configuration",
        "/v1/195900/ping",
        "/nowhere",
    ] {
        let answer = bench.read(path, token).await;
        let mut headers = answer.headers().clone();
        // That scripts may read a header does not mean that it is there.
        headers.remove("access-control-expose-headers");
        // Letters of chance.
        headers.remove("etag");
        headers.remove("x-request-id");
        let headers = format!("{headers:?}").to_lowercase();
        let body = answer.text().await.unwrap().to_lowercase();
        for word in ["athena", "ah-", "ah_", "ratelimit", "gateway", "okta", "195900\""] {
            assert!(!headers.contains(word), "{path}: {word} in {headers}");
            assert!(!body.contains(word), "{path}: {word} in {body}");
        }
    }
    assert_eq!(bench.read("/v1/195900/ping", token).await.status(), 404);
    let address = bench.at("/fhir/.well-known/smart-configuration");
    let (_, discovery) = told(bench.get(&address).await).await;
    assert_eq!(discovery["issuer"], bench.server.base);
    assert!(discovery["scopes_supported"].as_array().unwrap().contains(&json!("launch/encounter")));
}

#[tokio::test]
async fn online_access_lasts_as_long_as_the_session() {
    let bench = Bench::of("smart").await;
    let scope = "openid launch/encounter patient/*.rs online_access";
    let app = bench.register(browser_app(scope)).await;
    let start = authorize(&bench, &app, scope, &[]);
    let mut tokens = tokens(&bench, &app, &start, "patient", "").await;
    assert_eq!(
        (&tokens["patient"], &tokens["encounter"]),
        (&json!("pat-4711"), &json!("enc-31007"))
    );
    for (seconds, expected) in [(28_000, 200), (801, 400)] {
        bench.wait(seconds);
        let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
        let (status, answer) = bench.token("/auth/token", &app, &form).await;
        assert_eq!(status, expected, "after {seconds} seconds: {answer}");
        tokens = answer;
    }
}
