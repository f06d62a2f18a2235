//! `checkride doctor`: each mistake in a configuration gives one finding, with its cause and its fix.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::{Ended, Stage, wait};
use crate::standalone::{Key, StandaloneMock};

#[test]
fn of_the_embedded_mock_all_is_well() {
    let ended = Stage::of_this_repository().ends(0, &["doctor"]);
    assert!(ended.stdout.contains("\nNothing was found. "), "{ended}");
    assert!(ended.stdout.contains("the browser: "), "{ended}");
    assert_eq!(ended.stderr, "");
}

#[test]
fn where_the_browser_should_be_is_told_without_what_opens_it() {
    let stage = Stage::of_this_repository();
    let mut command = stage.command(&["doctor"]);
    let address = "ws://c4nary-user:c4nary-word@127.0.0.1:1/devtools?token=c4nary-token";
    let ended = wait(command.env("CHECKRIDE_BROWSER", address).spawn().unwrap());
    assert!(ended.stdout.contains("the browser at `ws://127.0.0.1:1/devtools`"), "{ended}");
    assert!(!format!("{ended}").contains("c4nary"), "{ended}");
}

#[test]
fn an_app_that_is_set_up_rightly_is_well_without_a_token_request() {
    let clinic = Clinic::of_robot();
    let (found, ended) = clinic.doctor(0);
    assert_eq!(found["findings"], json!([]), "{ended}");
    assert_eq!(found["requests"]["for_tokens"], 0, "{ended}");
    assert!(ended.stdout.contains("introspection of an invented token tells it"), "{ended}");
    let clinic = Clinic::of_diary();
    let (found, ended) = clinic.doctor(0);
    assert_eq!(found["findings"], json!([]), "{ended}");
    assert!(ended.stdout.contains("client id and redirect URI are known"), "{ended}");
    assert!(ended.stdout.contains("where passwords may be typed"), "{ended}");
}

#[test]
fn a_wrong_secret_gives_one_finding_and_is_not_shown() {
    let clinic = Clinic::of_robot().with("client_secret", "c4nary-wrong-secret");
    let (found, ended) = clinic.doctor(2);
    let one = only(&found, &ended);
    assert_eq!((&one["severity"], &one["about"]), (&"wrong".into(), &"the app `robot`".into()));
    has(one, "seen", "refuses its client secret: HTTP 401, error `invalid_client`");
    has(one, "cause", "the secret is not the one of this app");
    has(one, "fix", "copy the secret");
    clinic.points_at(one, "client_secret: { file: secret }");
    assert_eq!(found["requests"]["for_tokens"], 1, "{ended}");
    assert!(!ended.stdout.contains("c4nary"), "{ended}");
    let text = clinic.run(&["doctor"]);
    assert_eq!(text.code, Some(2), "{text}");
    for part in ["wrong    the app `robot`\n", "\n  seen   ", "\n  cause  ", "\n  fix    "] {
        assert!(text.stdout.contains(part), "{text}");
    }
    let last = text.stdout.lines().last().unwrap();
    assert!(last.starts_with("1 wrong. ") && last.ends_with(" 1 of them for a token."), "{text}");
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(text.stderr, "");
}

#[test]
fn an_unknown_client_id_gives_one_finding() {
    for clinic in [Clinic::of_robot(), Clinic::of_diary()] {
        let clinic = clinic.with("client_id", "0oa-of-production");
        let (found, ended) = clinic.doctor(2);
        let one = only(&found, &ended);
        has(one, "seen", "does not know its client id");
        has(one, "fix", "copy the id");
        clinic.points_at(one, "client_id: ");
    }
}

#[test]
fn a_redirect_uri_in_another_spelling_gives_one_finding_with_the_registered_one() {
    for written in [
        "https://app.example/callback/",
        "https://app.example/Callback",
        "http://app.example/callback",
    ] {
        let clinic = Clinic::of_diary().with("redirect_uri", written);
        let (found, ended) = clinic.doctor(2);
        let one = only(&found, &ended);
        has(one, "seen", &format!("`{written}` is refused as redirect URI"));
        has(one, "fix", "write `redirect_uris: [https://app.example/callback]`");
        clinic.points_at(one, "redirect_uris: ");
    }
    let clinic = Clinic::of_diary().with("redirect_uri", "https://other.example/");
    let (found, ended) = clinic.doctor(2);
    has(only(&found, &ended), "cause", "it is not registered for this app");
}

#[test]
fn a_misspelt_scope_and_one_of_another_category_give_one_finding_each() {
    for (scope, seen, fix) in [
        (
            "system/Patients.read",
            "which FHIR R4 does not have",
            "did you mean `system/Patient.read`?",
        ),
        ("system/Patient.raed", "begins like a FHIR scope", "did you mean `system/Patient.read`?"),
        ("athena/service/Athenanet.MPD.*", "knows the scope", "Athenanet.MDP.*"),
        ("system/*.read", "all resource types", "one by one"),
        ("patient/Patient.read", "no scope of an app without users", "`system/Patient.read`"),
        ("openid", "no scope of an app without users", "leave it out"),
    ] {
        let clinic = Clinic::of_robot().with("scopes", &format!("system/Patient.read, {scope}"));
        let (found, ended) = clinic.doctor(2);
        let one = only(&found, &ended);
        has(one, "seen", seen);
        has(one, "fix", fix);
        clinic.points_at(one, "scopes: ");
    }
}

#[test]
fn a_misspelt_scope_of_an_app_with_users_is_found_once_and_what_it_has_to_ask_for_as_well() {
    for (scopes, seen) in [
        (format!("{DIARY_SCOPES}, patient/Observaton.read"), "FHIR R4 does not have"),
        (DIARY_SCOPES.replace("openid, ", ""), "does not ask for `openid`"),
        (DIARY_SCOPES.replace("offline_access", "offline_acces"), "knows the scope"),
    ] {
        let (found, ended) = Clinic::of_diary().with("scopes", &scopes).doctor(2);
        has(only(&found, &ended), "seen", seen);
    }
}

#[test]
fn what_is_written_is_examined_though_the_platform_is_down() {
    let clinic = Clinic::of_robot()
        .with("platform", "https://no-such-host.invalid/fhir/r4")
        .with("scopes", "system/Patients.read");
    let (found, ended) = clinic.doctor(2);
    let severities: Vec<&Value> =
        found["findings"].as_array().unwrap().iter().map(|one| &one["severity"]).collect();
    assert_eq!(severities, ["wrong", "broken"], "{ended}");
}

#[test]
fn a_scope_that_was_not_approved_is_named() {
    let clinic = Clinic::of_diary();
    let scopes = format!("{DIARY_SCOPES}, patient/Goal.read");
    let (found, ended) = clinic.with("scopes", &scopes).doctor(2);
    let one = only(&found, &ended);
    has(one, "seen", "refuses `patient/Goal.read`: `invalid_scope`");
}

#[test]
fn a_secret_or_a_key_that_cannot_be_used_gives_one_finding() {
    let clinic = Clinic::of_robot().with("authentication", "client_secret: { env: NOT_SET }");
    let (found, ended) = clinic.doctor(2);
    let one = only(&found, &ended);
    has(one, "seen", "`NOT_SET` is not set");
    clinic.points_at(one, "client_secret: ");
    assert_eq!(found["requests"]["for_tokens"], 0);

    let clinic = Clinic::of_robot();
    #[cfg(unix)]
    {
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(clinic.stage.project().join("secret"), open).unwrap();
        let (found, ended) = clinic.doctor(2);
        has(only(&found, &ended), "fix", "chmod 600 secret");
    }

    for (alg, text, seen) in [
        ("", "no key".to_owned(), "is neither a PEM nor a JWK"),
        ("\n        alg: RS384", Key::new().pem, "does not sign by RS384"),
    ] {
        let key = format!("private_key: {{ file: secret }}\n        kid: mine{alg}");
        let clinic = Clinic::of_robot()
            .with("method", "imported key set")
            .with("authentication", &key)
            .with("client_secret", &text);
        let (found, ended) = clinic.doctor(2);
        has(only(&found, &ended), "seen", seen);
    }
}

#[test]
fn a_key_that_is_not_in_the_published_set_gives_one_finding() {
    let (key, other) = (Key::new(), Key::new());
    let mut renamed = key.public.clone();
    renamed["kid"] = "theirs".into();
    let mut exchanged = other.public.clone();
    exchanged["kid"] = "mine".into();
    for (published, expected) in [
        (json!({ "keys": [key.public] }), None),
        (json!({ "keys": [renamed] }), Some("it has no key `mine`, but `theirs`")),
        (json!({ "keys": [exchanged] }), Some("does not belong to the private key")),
        (json!({ "keys": [] }), Some("its member `keys` is empty")),
    ] {
        let host = serve(move |_| (200, published.to_string()));
        let clinic = Clinic::of(&json!({
            "token_auth_method": "jwks_uri", "jwks_uri": format!("{host}/jwks.json")
        }));
        let authentication = format!(
            "private_key: {{ file: secret }}\n        kid: mine\n        jwks_url: {host}/jwks.json"
        );
        let clinic = clinic
            .with("method", "hosted key set")
            .with("authentication", &authentication)
            .with("client_secret", &key.pem);
        match expected {
            None => {
                let (found, ended) = clinic.doctor(0);
                assert_eq!(found["findings"], json!([]), "{ended}");
            }
            Some(seen) => {
                let (found, ended) = clinic.doctor(2);
                let one = only(&found, &ended);
                has(one, "seen", seen);
                clinic.points_at(one, "jwks_url: ");
            }
        }
    }
}

#[test]
fn an_imported_key_that_the_platform_does_not_have_gives_one_finding() {
    let key = Key::new();
    let clinic = Clinic::of(&json!({
        "token_auth_method": "jwks", "jwks": { "keys": [key.public] }
    }));
    let authentication = "private_key: { file: secret }\n        kid: another";
    let clinic = clinic
        .with("method", "imported key set")
        .with("authentication", authentication)
        .with("client_secret", &key.pem);
    let (found, ended) = clinic.doctor(2);
    let one = only(&found, &ended);
    has(one, "seen", "refuses its signed assertion");
    has(one, "cause", "under `another`");
}

#[test]
fn each_fault_of_a_certificate_gives_one_finding() {
    let folder = Stage::empty();
    let ca = folder.project().join("ca");
    let mock = StandaloneMock::start(&["--tls-ca", ca.to_str().unwrap()]);
    let clinic = Clinic::at(mock, &json!({}));
    let (found, ended) = clinic.doctor(3);
    has(only(&found, &ended), "fix", "`certificate_authority: ca.pem`");

    let pem = std::fs::read_to_string(ca.join("ca.pem")).unwrap();
    clinic.stage.write("ca.pem", &pem);
    let clinic = clinic.with("target", "certificate_authority: ca.pem");
    let (found, ended) = clinic.doctor(0);
    assert_eq!(found["findings"], json!([]), "{ended}");
    assert!(ended.stdout.contains("certificate issued by `Checkride mock CA"), "{ended}");

    for (kind, seen) in [
        ("expired", "it ended on"),
        ("not-yet-valid", "it is good from"),
        ("wrong-host", "it is for `wrong-host.invalid`, not for 127.0.0.1"),
        ("self-signed", "signed it itself"),
        ("unknown-ca", "whom this machine does not know"),
    ] {
        clinic.mock.control("tls", &json!({ "certificate": kind }));
        let (found, ended) = clinic.doctor(3);
        let one = only(&found, &ended);
        assert_eq!(one["severity"], "broken", "{ended}");
        has(one, "seen", seen);
        clinic.points_at(one, "platform: ");
    }
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(10 * 24 + 1);
    clinic.mock.control("tls", &json!({ "certificate": "renewed", "not_after": soon }));
    let (found, ended) = clinic.doctor(0);
    let one = only(&found, &ended);
    assert_eq!(one["severity"], "warning", "{ended}");
    has(one, "seen", "in 10 days");
}

#[test]
fn clocks_that_differ_give_one_finding() {
    let clinic = Clinic::of_robot();
    clinic.mock.control("clock/advance", &json!({ "by": 600 }));
    let (found, ended) = clinic.doctor(0);
    let one = only(&found, &ended);
    assert_eq!(
        (&one["severity"], &one["about"]),
        (&"warning".into(), &"the platform's clock".into())
    );
    has(one, "seen", " s ahead of this machine's");
    has(one, "cause", "signed assertions");
}

#[test]
fn a_dead_host_and_an_unknown_name_give_one_finding_each_and_soon() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = listener.local_addr().unwrap();
    drop(listener);
    for (base, seen) in [
        (format!("http://{dead}/fhir/r4"), "the connection was refused"),
        ("https://no-such-host.invalid/fhir/r4".to_owned(), "failed to find an address"),
    ] {
        let clinic = Clinic::of_robot().with("platform", &base);
        let begun = Instant::now();
        let (found, ended) = clinic.doctor(3);
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
        let one = only(&found, &ended);
        assert_eq!(one["severity"], "broken");
        has(one, "seen", seen);
        clinic.points_at(one, "platform: ");
        assert_eq!(found["requests"]["all"], 0);
    }
}

#[test]
fn a_host_behind_a_proxy_is_untold_and_all_else_is_examined_through_it() {
    let clinic = Clinic::of_robot();
    let (proxy, passed) = pipe(clinic.mock.fhir_base.split('/').nth(2).unwrap());
    let through = |no_proxy: &str| {
        let mut command = clinic.stage.command(&["doctor", "--format", "json"]);
        for name in ["HTTP_PROXY", "all_proxy", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name);
        }
        command.env("http_proxy", &proxy).env("no_proxy", no_proxy);
        clinic.read(&wait(command.spawn().unwrap()), 0)
    };
    let found = through("other.example");
    let one = found["findings"].as_array().unwrap();
    assert_eq!(one.len(), 1, "{found:#}");
    assert_eq!(one[0]["severity"], "untold");
    has(&one[0], "seen", "requests go through the proxy of `http_proxy`");
    has(&one[0], "fix", "add the host to `NO_PROXY`: `127.0.0.1:");
    assert!(found["well"].to_string().contains("introspection of an invented token tells it"));
    let seen = passed.load(Ordering::Relaxed);
    assert!(seen > 0);

    let found = through("127.0.0.1");
    assert_eq!(found["findings"], json!([]));
    assert_eq!(passed.load(Ordering::Relaxed), seen);
}

#[test]
fn a_base_without_a_discovery_document_says_whether_a_fhir_server_is_there() {
    let robot = Clinic::of_robot();
    let elsewhere = robot.mock.fhir_base.replace("/fhir/r4", "/nowhere");
    let clinic = robot.with("platform", &elsewhere);
    let (found, ended) = clinic.doctor(3);
    has(only(&found, &ended), "cause", "no FHIR server answers");

    let host = serve(|path| match path {
        "/fhir/metadata" => (200, json!({ "resourceType": "CapabilityStatement" }).to_string()),
        _ => (404, String::new()),
    });
    let clinic = clinic.with("platform", &format!("{host}/fhir"));
    let (found, ended) = clinic.doctor(3);
    let broken = found["findings"].as_array().unwrap();
    let broken = broken.iter().find(|one| one["severity"] == "broken").unwrap();
    has(broken, "cause", "a FHIR server is there");
    assert!(ended.stdout.contains("write where it is: `discovery:"), "{ended}");
}

#[test]
fn what_a_platform_says_wrongly_of_itself_gives_one_finding() {
    let smart =
        |fault: Value| json!({ "at": { "endpoint": "smart-configuration" }, "fault": fault });
    let own =
        |fault: Value| json!({ "at": { "endpoint": "openid-configuration" }, "fault": fault });
    for (fault, code, severity, seen) in [
        (
            own(
                json!({ "kind": "member_set", "pointer": "/issuer", "value": "https://other.example" }),
            ),
            0,
            "warning",
            "which calls itself \"https://other.example\"",
        ),
        (own(json!({ "kind": "status", "status": 404 })), 0, "warning", "answers with status 404"),
        (
            smart(json!({ "kind": "member_missing", "pointer": "/token_endpoint" })),
            3,
            "broken",
            "it has no `token_endpoint`",
        ),
        (
            smart(json!({ "kind": "member_set", "pointer": "/token_endpoint", "value": "token" })),
            3,
            "broken",
            "its `token_endpoint` is no absolute URL",
        ),
        (
            smart(
                json!({ "kind": "member_set", "pointer": "/token_endpoint", "value": "http://127.0.0.1:1/token" }),
            ),
            3,
            "broken",
            "the connection was refused",
        ),
        (smart(json!({ "kind": "malformed_json" })), 3, "broken", "something that is not JSON"),
        (
            smart(json!({
                "kind": "member_set", "pointer": "/capabilities", "value": ["client-public", "permission-v1"],
            })),
            0,
            "warning",
            "it needs `client-confidential-symmetric`",
        ),
    ] {
        let clinic = Clinic::of_robot();
        clinic.mock.control("faults", &fault);
        let (found, ended) = clinic.doctor(code);
        let findings = found["findings"].as_array().unwrap();
        let worse: Vec<&Value> = findings.iter().filter(|one| one["severity"] != "note").collect();
        assert_eq!(worse.len(), 1, "{ended}");
        assert_eq!(worse[0]["severity"], severity, "{ended}");
        has(worse[0], "seen", seen);
    }
}

#[test]
fn a_platform_that_answers_everybody_alike_cannot_be_read() {
    for (status, expected, code) in [(200, "untold", 0), (400, "wrong", 2)] {
        let host = serve(move |path| match path {
            "/fhir/.well-known/smart-configuration" => (200, String::new()),
            "/authorize" => (status, "Sorry".to_owned()),
            _ => (404, String::new()),
        });
        let document = json!({
            "capabilities": ["client-public"], "token_endpoint": format!("{host}/token"),
            "authorization_endpoint": format!("{host}/authorize"),
        });
        // Its own address is known only now.
        let front = serve(move |path| match path {
            "/fhir/.well-known/smart-configuration" => (200, document.to_string()),
            _ => (404, String::new()),
        });
        let clinic = Clinic::of_diary()
            .with("platform", &format!("{front}/fhir"))
            .with("dialect", "smart")
            .with("method", "PKCE")
            .with("scopes", "launch/patient")
            .with("authentication", "");
        let (found, ended) = clinic.doctor(code);
        let findings = found["findings"].as_array().unwrap();
        let of_app = |one: &&Value| {
            one["about"].as_str().unwrap().contains("`app`") && one["severity"] == expected
        };
        let one = findings.iter().find(of_app).unwrap_or_else(|| panic!("{ended}"));
        match status {
            200 => has(one, "seen", "goes on with invented ones too"),
            _ => has(one, "cause", "which one cannot be told"),
        }
    }
}

#[test]
fn a_sign_in_on_a_host_that_nobody_allowed_gives_one_finding() {
    let clinic = Clinic::of_diary().with("hosts", "login.example");
    let (found, ended) = clinic.doctor(2);
    let one = only(&found, &ended);
    has(one, "seen", "passwords are not typed there");
    has(one, "fix", "write `login: { hosts: [\"127.0.0.1:");
    clinic.points_at(one, "hosts: ");
}

#[test]
fn a_budget_above_the_documented_one_gives_a_finding_without_a_platform() {
    let stage = Stage::empty();
    stage.write(
        "checkride.yaml",
        "targets:
  mock: { platform: embedded, dialect: athenahealth }
  preview:
    # Nobody is there, so nothing is asked.
    platform: https://api.preview.platform.athenahealth.com:1/fhir/r4
    dialect: athenahealth
    limits: { tokens_per_minute: 60 }
",
    );
    let ended = stage.ends(3, &["doctor", "--target", "preview"]);
    assert!(ended.stdout.contains("allows 60 in a minute; the platform documents 5"), "{ended}");
}

#[test]
fn one_app_can_be_chosen_and_an_unknown_one_is_a_mistake() {
    let clinic = Clinic::of_robot().with("client_secret", "wrong");
    let ended = clinic.run(&["doctor", "--app", "another"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stdout.is_empty() && ended.stderr.contains("cannot find the app `another`"));
    let ended = clinic.run(&["doctor", "--app", "robot", "--target", "preview"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stdout.contains("the app `robot`"), "{ended}");
}

#[test]
fn an_app_under_test_is_started_looked_at_and_ended() {
    let stage = Stage::of_this_repository();
    let mark = format!("mark-of-{}", stage.project().display());
    let mut command = stage.command(&["doctor", "--app", "demo backend"]);
    let ended = wait(command.env("A_MARK", &mark).spawn().unwrap());
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stdout.starts_with("the app `demo backend` on mock (embedded)\n"), "{ended}");
    for part in ["the start of `demo backend`: ready in", "fetched, with the key", "with a token"] {
        assert!(ended.stdout.contains(part), "{part}: {ended}");
    }
    assert!(ended.stdout.contains("\nNothing was found. "), "{ended}");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let marked = processes.filter(|entry| {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&mark)
    });
    assert_eq!(marked.count(), 0);
}

#[test]
fn each_slip_in_the_description_of_an_app_gives_one_finding() {
    let backend = "demo backend";
    let patient = "demo patient app";
    for (app, right, wrong, code, seen, at) in [
        (backend, "demo-app, backend]", "demo-app, backed]", 3, "it said last: ", "start:"),
        (
            backend,
            "[\"{checkride}\", demo-app, backend]",
            "[nothing-of-this-name]",
            2,
            "no program",
            "start:",
        ),
        (
            backend,
            "system/Patient.read]\n    endpoints:",
            "system/Pateint.read]\n    endpoints:",
            2,
            "does not have",
            "scopes:",
        ),
        (backend, "/jwks.json\n    scopes", "/keys.json\n    scopes", 3, "status 404", "jwks_url:"),
        (
            backend,
            "FHIR_BASE: \"{fhir_base}\"\n        CLIENT_ID: \"{client_id}\"\n        METHOD: keys",
            "FHIR_BASE: http://127.0.0.1:1/\n        CLIENT_ID: \"{client_id}\"\n        METHOD: keys",
            3,
            "status 502",
            "trigger:",
        ),
        (
            patient,
            "{port}/callback\"]\n    post_logout",
            "{port}/callback#x\"]\n    post_logout",
            2,
            "has a fragment",
            "redirect_uris:",
        ),
        (
            patient,
            "{ selector: \"#log-in\" }",
            "{ selector: \"#log-out\" }",
            2,
            "`#log-out`",
            "log_in:",
        ),
        (
            patient,
            "start_url: http://127.0.0.1:{port}/",
            "start_url: http://127.0.0.1:{port}/x",
            2,
            "status 404",
            "start_url:",
        ),
        (
            patient,
            "GET /fhir/r4/Observation]\n",
            "GET /fhir/r4/Observatoin]\n",
            2,
            "does not have",
            "endpoints:",
        ),
    ] {
        let stage = Stage::of_this_repository();
        let file = stage.read("checkride.yaml");
        assert_eq!(file.matches(right).count(), 1, "{right}");
        stage.write("checkride.yaml", &file.replace(right, wrong));
        let ended =
            stage.ends(code, &["doctor", "--subject", "app", "--app", app, "--format", "json"]);
        let found: Value = serde_json::from_str(&ended.stdout).unwrap();
        let findings = found["findings"].as_array().unwrap();
        let findings: Vec<&Value> =
            findings.iter().filter(|one| one["about"] != "the browser").collect();
        assert_eq!(findings.len(), 1, "{wrong}: {ended}");
        has(findings[0], "seen", seen);
        let line = usize::try_from(findings[0]["place"]["line"].as_u64().unwrap()).unwrap();
        let file = stage.read("checkride.yaml");
        let shown = file.lines().nth(line - 1).unwrap().trim_start();
        let is_there = shown.starts_with(at) || at == "start:" && shown.starts_with("command:");
        assert!(is_there, "{wrong}: {ended}");
    }
}

/// A mock by itself, and a project with one app there.
struct Clinic {
    mock: StandaloneMock,
    stage: Stage,
    words: Vec<(&'static str, String)>,
}

impl Clinic {
    /// A 2-legged app with a secret.
    fn of_robot() -> Self {
        Self::of(&json!({}))
    }

    fn of(app: &Value) -> Self {
        Self::at(StandaloneMock::start(&[]), app)
    }

    fn at(mock: StandaloneMock, app: &Value) -> Self {
        let app = mock.register(app);
        let secret = app["client_secret"].as_str().unwrap_or_default().to_owned();
        let words = vec![
            ("name", "robot".to_owned()),
            ("platform", mock.fhir_base.clone()),
            ("dialect", "athenahealth".to_owned()),
            ("target", "examples: {}".to_owned()),
            ("category", "2-legged".to_owned()),
            ("method", "client secret".to_owned()),
            ("client_id", app["client_id"].as_str().unwrap().to_owned()),
            ("client_secret", secret),
            ("authentication", "client_secret: { file: secret }".to_owned()),
            ("scopes", "system/Patient.read".to_owned()),
            ("redirect_uri", String::new()),
            ("hosts", "login.example".to_owned()),
        ];
        let clinic = Self { mock, stage: Stage::empty(), words };
        clinic.write();
        clinic
    }

    /// A patient's app with a secret, and a patient.
    fn of_diary() -> Self {
        let redirect_uri = "https://app.example/callback";
        let clinic = Self::of(&json!({
            "name": "Diary", "category": "three_legged_phr", "end_users": "patients",
            "client_type": "web", "redirect_uris": [redirect_uri],
            "scopes": DIARY_SCOPES.replace(',', ""),
        }));
        let host = clinic.mock.fhir_base.trim_start_matches("http://");
        let host = host.split('/').next().unwrap().to_owned();
        clinic
            .with("name", "app")
            .with("category", "patient")
            .with("scopes", DIARY_SCOPES)
            .with("redirect_uri", redirect_uri)
            .with("hosts", &host)
    }

    /// The same project with this in it.
    fn with(mut self, word: &'static str, value: &str) -> Self {
        let place = self.words.iter_mut().find(|(known, _)| *known == word).unwrap();
        value.clone_into(&mut place.1);
        self.write();
        self
    }

    fn write(&self) {
        let word = |name: &str| {
            let found = self.words.iter().find(|(known, _)| *known == name);
            found.unwrap().1.as_str()
        };
        self.stage.write("secret", word("client_secret"));
        self.stage.write("password", "c4nary-password");
        let mut file = format!(
            "default_target: preview
targets:
  preview:
    platform: {}
    dialect: {}
    {}
    apps:
      {}:
        category: {}
        method: {}
        client_id: {}
        {}
        scopes: [{}]
",
            word("platform"),
            word("dialect"),
            word("target"),
            word("name"),
            word("category"),
            word("method"),
            word("client_id"),
            word("authentication"),
            word("scopes")
        );
        if !word("redirect_uri").is_empty() {
            file.push_str(&format!(
                "        redirect_uris: [{}]
    login:
      hosts: [\"{}\"]
    users:
      patient: {{ username: x, password: {{ file: password }} }}
",
                word("redirect_uri"),
                word("hosts")
            ));
        }
        self.stage.write("checkride.yaml", &file);
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        wait(self.stage.command(arguments).env("NO_PROXY", "*").spawn().unwrap())
    }

    /// What the doctor finds, who ends with this code.
    fn doctor(&self, code: i32) -> (Value, Ended) {
        let ended = self.run(&["doctor", "--format", "json"]);
        (self.read(&ended, code), ended)
    }

    fn read(&self, ended: &Ended, code: i32) -> Value {
        assert_eq!(ended.code, Some(code), "{ended}");
        let mut found: Value = serde_json::from_str(&ended.stdout).unwrap();
        // A machine that is busy with other tests may start no browser in time.
        let findings = found["findings"].as_array_mut().unwrap();
        findings.retain(|one| one["about"] != "the browser");
        found
    }

    /// The finding names the line of the project file that begins so.
    fn points_at(&self, finding: &Value, begin: &str) {
        let file = self.stage.read("checkride.yaml");
        let line = finding["place"]["line"].as_u64().unwrap();
        let shown = file.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
        assert!(shown.trim_start().starts_with(begin), "{finding:#} is at `{shown}`");
        assert_eq!(finding["place"]["file"], "checkride.yaml");
    }
}

/// The one thing that was found.
fn only<'a>(found: &'a Value, ended: &Ended) -> &'a Value {
    let findings = found["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{ended}");
    &findings[0]
}

fn has(finding: &Value, part: &str, words: &str) {
    assert!(finding[part].as_str().unwrap().contains(words), "`{words}` in {part}: {finding:#}");
}

/// A host that answers by path: status and body.
fn serve(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0; 8192];
            let read = stream.read(&mut asked).unwrap_or_default();
            let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
            let path = asked.split_whitespace().nth(1).unwrap_or_default();
            let (status, body) = answer(path.split('?').next().unwrap_or_default());
            let date = httpdate::fmt_http_date(std::time::SystemTime::now());
            let _ = write!(
                stream,
                "HTTP/1.1 {status} Answer\r\ncontent-type: application/json\r\ndate: {date}\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    format!("http://{address}")
}

/// A proxy for requests without TLS that all go to one host, and how many connections it took.
fn pipe(host: &str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (host, passed) = (host.to_owned(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&passed);
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::Relaxed);
            let far = TcpStream::connect(&host).unwrap();
            for (mut from, mut to) in
                [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)]
            {
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            }
        }
    });
    (format!("http://{address}"), passed)
}

const DIARY_SCOPES: &str = "openid, fhirUser, offline_access, launch/patient, patient/Patient.read, patient/Observation.read";
