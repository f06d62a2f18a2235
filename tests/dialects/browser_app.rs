//! A browser app on the public SMART client library `fhirclient` finds its way through the mock,
//! launched by itself and by the EHR, with no setting but its client id and scope.

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use checkride::browser::{Browser, End, Fresh, Install, Options, Values};
use checkride::clock::Clock;
use checkride::dialect::login::{Command, LoginPage};
use checkride::record::Recorder;
use checkride::secret::{Redactor, Secret};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::bench::{Bench, parameter};

/// How the app is launched, and by whom.
enum Launch {
    /// It opens by itself, and the user picks this record.
    Standalone { user: &'static str, record: &'static str },
    /// The EHR opens it from the chart of this patient.
    Ehr { user: &'static str, patient: &'static str },
}

/// The app's pages. What it is told by the library ends at an address where the browser is caught.
async fn app_pages(listener: TcpListener, settings: Value) {
    let launch = format!(
        "<!doctype html><title>launch</title><script src=\"/fhir-client.js\"></script>\
         <script>FHIR.oauth2.authorize({settings}).catch(e => location = \
         '{DONE}?error=' + encodeURIComponent(e))</script>"
    );
    let library = format!("{}/node_modules/fhirclient/build/fhir-client.js", APP);
    let library = std::fs::read_to_string(library).unwrap();
    let pages =
        Router::new()
            .route("/launch.html", get(move || async move { Html(launch) }))
            .route("/index.html", get(|| async { Html(include_str!("app/index.html")) }))
            .route(
                "/fhir-client.js",
                get(move || async move {
                    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], library)
                }),
            )
            .route("/{*path}", get(|Path(path): Path<String>| async move { path }));
    axum::serve(listener, pages).await.unwrap();
}

async fn completes(dialect: &str, launch: Launch, scope: &str, registration: Value) -> Value {
    let bench = Bench::with_clock(dialect, Clock::system()).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let home = format!("http://{}", listener.local_addr().unwrap());
    let mut registration = registration;
    registration["redirect_uris"] = json!([format!("{home}/index.html")]);
    registration["scopes"] = json!(scope);
    if matches!(launch, Launch::Ehr { .. }) {
        registration["launch_url"] = json!(format!("{home}/launch.html"));
    }
    let app = bench.register(registration).await;
    let mut settings = json!({
        "clientId": app.id, "scope": scope, "redirectUri": format!("{home}/index.html"),
    });
    if !app.secret.is_empty() {
        settings["clientSecret"] = json!(app.secret);
    }
    let platform = &bench.server.platform;
    let behaviour = platform.dialect();
    let mut script = behaviour.login.script();
    let host = Url::parse(&bench.server.base).unwrap();
    script.hosts.push(format!("127.0.0.1:{}", host.port().unwrap()));
    let (start, user, record) = match launch {
        Launch::Standalone { user, record } => {
            settings["iss"] = json!(platform.fhir_base());
            (format!("{home}/launch.html"), user, Some(record.to_owned()))
        }
        Launch::Ehr { user, patient } => {
            let link = format!("a[href*='client_id={}']", app.id);
            script.pages.push(LoginPage {
                name: "chart".into(),
                when: vec![link.clone()],
                commands: vec![Command::Click(link)],
                decline: Vec::new(),
            });
            let ehr = behaviour.ehr.as_ref().unwrap();
            (bench.at(&format!("{}/chart/{patient}", ehr.path)), user, None)
        }
    };
    let user = platform.sandbox().users.iter().find(|known| known.name == user).unwrap();
    let values = Values {
        username: user.username.clone(),
        password: Secret::new(user.password.clone()),
        denied: Vec::new(),
        record,
        declines_at: None,
        by_keyboard: false,
    };
    let pages = tokio::spawn(app_pages(listener, settings));
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::new(Options {
        install: Install::Auto,
        profiles: folder.path().to_owned(),
        patience: Duration::from_secs(10),
        ..Options::within(std::env::temp_dir())
    });
    let session = browser.lease(Recorder::new(Redactor::new()), Fresh::No).await.unwrap();
    session.catch_redirect(DONE).await.unwrap();
    session.open(&start).await.unwrap();
    let played = session.play(&script, &values).await.unwrap();
    let console = session.console();
    let End::Redirected(done) = &played.end else {
        panic!("the app did not come to its end: {played:?}, console: {console:?}");
    };
    assert_eq!(parameter(done, "error"), None, "{played:?}, console: {console:?}");
    let told = serde_json::from_str(&parameter(done, "told").unwrap()).unwrap();
    session.release().await;
    browser.close().await;
    pages.abort();
    told
}

fn expect(told: &Value, patient: &str, user: &str) {
    assert_eq!(told["read"], patient, "{told}");
    assert_eq!(told["read_after_refresh"], patient, "{told}");
    assert_eq!(told["refreshed"], true, "{told}");
    assert_eq!(told["expires_in_seconds"], true, "{told}");
    assert_eq!(told["fhir_user"], user, "{told}");
    assert_eq!(told["pkce"], true, "{told}");
}

fn public() -> Value {
    json!({"name": "Growth chart", "client_type": "browser", "token_auth_method": "pkce",
           "terms_accepted": true})
}

fn confidential() -> Value {
    json!({"name": "Growth chart", "client_type": "web", "token_auth_method": "secret",
           "terms_accepted": true})
}

fn with(mut registration: Value, more: Value) -> Value {
    registration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    registration
}

#[tokio::test]
#[ignore = "needs npm: CONTRIBUTING.md has the command"]
async fn on_strict_smart_the_app_launches_alone_reads_and_refreshes() {
    let scope = "launch/patient openid fhirUser offline_access patient/*.rs";
    for registration in [public(), confidential()] {
        let launch = Launch::Standalone { user: "parent", record: "pat-4712" };
        let told = completes("smart", launch, scope, registration).await;
        expect(&told, "pat-4712", "RelatedPerson/rel-77");
    }
}

#[tokio::test]
#[ignore = "needs npm: CONTRIBUTING.md has the command"]
async fn on_strict_smart_the_ehr_launches_the_app_which_reads_and_refreshes() {
    let scope = "launch openid fhirUser online_access patient/*.read";
    for registration in [public(), confidential()] {
        let launch = Launch::Ehr { user: "provider", patient: "pat-5203" };
        let told = completes("smart", launch, scope, registration).await;
        expect(&told, "pat-5203", "Practitioner/prac-12");
    }
}

#[tokio::test]
#[ignore = "needs npm: CONTRIBUTING.md has the command"]
async fn on_athenahealth_the_app_launches_alone_reads_and_refreshes() {
    let scope = "launch/patient openid fhirUser offline_access patient/Patient.read";
    let category = json!({"level": "certified", "category": "three_legged_phr",
                          "environment": "preview", "end_users": "patients"});
    for registration in [public(), confidential()] {
        let launch = Launch::Standalone { user: "parent", record: "a-80000.E-14546" };
        let registration = with(registration, category.clone());
        let told = completes("athenahealth", launch, scope, registration).await;
        expect(&told, "a-80000.E-14546", "RelatedPerson/a-80000.RelatedPerson-31");
    }
}

#[tokio::test]
#[ignore = "needs npm: CONTRIBUTING.md has the command"]
async fn on_athenahealth_the_ehr_launches_the_app_which_reads_and_refreshes() {
    let scope = "launch openid fhirUser offline_access user/Patient.read";
    let category = json!({"level": "certified", "category": "three_legged_other",
                          "environment": "preview", "end_users": "providers"});
    for registration in [public(), confidential()] {
        let launch = Launch::Ehr { user: "provider", patient: "a-195900.E-60178" };
        let registration = with(registration, category.clone());
        let told = completes("athenahealth", launch, scope, registration).await;
        expect(&told, "a-195900.E-60178", "Practitioner/a-195900.User-1001");
    }
}

const DONE: &str = "https://app.example/done";
const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialects/app");
