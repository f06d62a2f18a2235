//! The platform through its port, as clients meet it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use reqwest::{Certificate as Trusted, Client};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Kind, Root, Server, Tls, TlsError, start};
use crate::clock::Clock;
use crate::mock::Platform;
use crate::mock::testing::Tester;
use crate::project::built_in;

fn platform() -> Platform {
    let dialect = Arc::new(built_in::dialect("athenahealth").unwrap());
    let sandbox = Arc::new(built_in::sandbox("athenahealth").unwrap());
    Platform::new(dialect, sandbox, Clock::system()).unwrap()
}

async fn over_tls() -> (Server, Tls) {
    let tls = Tls::in_memory(&[]).unwrap();
    (start(platform().with_tls(tls.clone())).await.unwrap(), tls)
}

/// A client that trusts the authority in use, and nobody else.
fn trusting(tls: &Tls) -> Client {
    let ca = Trusted::from_pem(tls.ca_pem().as_bytes()).unwrap();
    Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap()
}

/// What a client gets, or how it explains that it refuses.
async fn get(client: &Client, url: &str) -> Result<Value, String> {
    match client.get(url).send().await {
        Ok(answer) => Ok(answer.json().await.unwrap()),
        Err(error) => Err(format!("{error:?}")),
    }
}

async fn change(client: &Client, server: &Server, wanted: &Value) -> Value {
    let url = format!("{}/control/tls", server.base);
    let answer = client.post(url).json(wanted).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{wanted}");
    answer.json().await.unwrap()
}

fn discovery(base: &str) -> String {
    format!("{base}/fhir/r4/.well-known/smart-configuration")
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_tls_only_over_tls() {
    let (server, tls) = over_tls().await;
    let answer = trusting(&tls).get(discovery(&server.base)).send().await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=300");
    let plain = start(platform()).await.unwrap();
    let answer = reqwest::get(discovery(&plain.base)).await.unwrap();
    assert!(!answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn every_address_of_a_platform_over_tls_is_https() {
    let (server, tls) = over_tls().await;
    assert!(server.base.starts_with("https://127.0.0.1:"), "{}", server.base);
    let client = trusting(&tls);
    let document = get(&client, &discovery(&server.base)).await.unwrap();
    let members = document.as_object().unwrap();
    let addresses = members.iter().filter(|(name, _)| {
        ["issuer", "jwks_uri"].contains(&name.as_str()) || name.ends_with("_endpoint")
    });
    let addresses: Vec<&str> = addresses.map(|(_, value)| value.as_str().unwrap()).collect();
    assert!(addresses.len() > 4, "{document}");
    for address in addresses {
        assert!(address.starts_with(&server.base), "{address}");
    }
    let port = server.base.rsplit_once(':').unwrap().1;
    for host in ["localhost", "127.0.0.1"] {
        get(&client, &discovery(&format!("https://{host}:{port}"))).await.unwrap();
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_trusts_nobody_refuses() {
    let (server, _tls) = over_tls().await;
    let client = Client::builder().no_proxy().build().unwrap();
    let refused = get(&client, &discovery(&server.base)).await.unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
}

#[tokio::test]
async fn another_certificate_is_met_by_the_next_request() {
    let (server, tls) = over_tls().await;
    let url = discovery(&server.base);
    let before = trusting(&tls);
    let first = tls.certificate();
    get(&before, &url).await.unwrap();

    let wanted = json!({"certificate": "renewed", "not_after": "2040-01-01T00:00:00Z"});
    let renewed = change(&before, &server, &wanted).await;
    assert_ne!(renewed["sha256"], first.sha256);
    assert_eq!(renewed["issuer"], first.issuer);
    assert_eq!(renewed["not_after"], "2040-01-01T00:00:00Z");
    assert_eq!(get(&before, &format!("{}/control/tls", server.base)).await.unwrap(), renewed);

    change(&before, &server, &json!({"certificate": "new-ca"})).await;
    let refused = get(&before, &url).await.unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
    let after = trusting(&tls);
    get(&after, &url).await.unwrap();
    let published = after.get(format!("{}/control/ca.pem", server.base)).send().await.unwrap();
    assert_eq!(published.text().await.unwrap(), tls.ca_pem());
}

#[tokio::test]
async fn a_certificate_that_must_be_refused_is_refused_for_its_reason() {
    let (server, tls) = over_tls().await;
    let url = discovery(&server.base);
    let client = trusting(&tls);
    for (kind, reason) in [
        (Kind::Expired, "Expired"),
        (Kind::NotYetValid, "NotValidYet"),
        (Kind::WrongHost, "NotValidForName"),
        (Kind::SelfSigned, "UnknownIssuer"),
        (Kind::UnknownCa, "UnknownIssuer"),
    ] {
        get(&client, &url).await.unwrap();
        change(&client, &server, &json!({"certificate": kind})).await;
        let refused = get(&client, &url).await.unwrap_err();
        assert!(refused.contains(reason), "{kind:?}: {refused}");
        tls.show(Kind::Renewed, None).unwrap();
    }
    let over = json!({"certificate": "renewed", "not_after": "2020-01-01T00:00:00Z"});
    change(&client, &server, &over).await;
    let refused = get(&client, &url).await.unwrap_err();
    assert!(refused.contains("Expired"), "{refused}");
}

#[tokio::test]
async fn another_intermediate_authority_leads_to_the_same_root() {
    let root = Root::new().unwrap();
    let tls = Tls::under(&root).unwrap();
    let server = start(platform().with_tls(tls.clone())).await.unwrap();
    let url = discovery(&server.base);
    assert!(root.pem().starts_with(&tls.ca_pem()));
    for kind in [Kind::Renewed, Kind::NewIntermediate, Kind::NewIntermediate] {
        let before = tls.certificate();
        let shown = tls.show(kind, None).unwrap();
        assert_ne!(shown.sha256, before.sha256);
        assert_eq!(shown.issuer == before.issuer, kind == Kind::Renewed, "{shown:?}");
        // A connection that was open could be met at its end.
        get(&trusting(&tls), &url).await.unwrap();
    }
    tls.show(Kind::Expired, None).unwrap();
    let refused = get(&trusting(&tls), &url).await.unwrap_err();
    assert!(refused.contains("Expired"), "{refused}");
}

#[tokio::test]
async fn what_is_no_certificate_is_refused_and_changes_nothing() {
    let (server, tls) = over_tls().await;
    let client = trusting(&tls);
    let first = tls.certificate();
    for body in [
        json!({}),
        json!({"certificate": "golden"}),
        json!({"certificate": "renewed", "until": "tomorrow"}),
        json!({"certificate": "renewed", "not_after": "tomorrow"}),
        json!({"certificate": "renewed", "not_after": "-009000-01-01T00:00:00Z"}),
        json!({"certificate": "renewed", "not_after": "9999-12-01T00:00:00Z"}),
    ] {
        let url = format!("{}/control/tls", server.base);
        let answer = client.post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{body}");
    }
    assert_eq!(tls.certificate(), first);
}

#[tokio::test]
async fn without_tls_there_is_no_certificate() {
    let server = start(platform()).await.unwrap();
    for path in ["tls", "ca.pem"] {
        let answer = reqwest::get(format!("{}/control/{path}", server.base)).await.unwrap();
        assert_eq!(answer.status(), 404);
    }
}

#[tokio::test]
async fn whoever_speaks_http_to_the_port_of_tls_is_told() {
    let (server, _tls) = over_tls().await;
    let told = answer_to(&server, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 400 "), "{told}");
    assert!(told.contains(&server.base), "{told}");
}

/// A connection to a platform's port.
async fn connect(server: &Server) -> TcpStream {
    let (_, host) = server.base.split_once("//").unwrap();
    TcpStream::connect(host).await.unwrap()
}

/// What a connection gives until its end, which comes soon.
async fn to_end(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let end = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    let _ = end.expect("the platform ends the connection");
    String::from_utf8(answer).unwrap()
}

async fn answer_to(server: &Server, request: &str) -> String {
    let mut stream = connect(server).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    to_end(stream).await
}

const TOKEN: &str = "POST /oauth2/v1/token HTTP/1.1\r\nhost: a\r\n";

#[tokio::test]
async fn what_is_too_large_is_refused_with_its_status() {
    let server = start(platform()).await.unwrap();
    let large = "a".repeat(300 * 1024);
    for (request, status) in [
        (
            format!("{TOKEN}content-length: {}\r\nconnection: close\r\n\r\n{large}", large.len()),
            413,
        ),
        (format!("{TOKEN}x: {large}\r\n\r\n"), 431),
        (format!("{TOKEN}{}\r\n", "x: y\r\n".repeat(300)), 431),
        (format!("GET /{large} HTTP/1.1\r\nhost: a\r\n\r\n"), 431),
        (format!("{TOKEN}content-length: many\r\n\r\n"), 400),
        (format!("{TOKEN}transfer-encoding: chunked\r\nconnection: close\r\n\r\nzz\r\n"), 400),
    ] {
        let answer = answer_to(&server, &request).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{expected}: {answer:.99} to {request:.60}");
    }
}

#[tokio::test]
async fn a_slow_client_is_given_up_and_keeps_nobody_waiting() {
    let server = start(platform()).await.unwrap();
    let mut slow = Vec::new();
    for said in ["", "POST /oauth2", TOKEN, &format!("{TOKEN}content-length: 9\r\n\r\ngrant")] {
        for _ in 0..30 {
            let mut stream = connect(&server).await;
            stream.write_all(said.as_bytes()).await.unwrap();
            slow.push((said.to_owned(), stream));
        }
    }
    let client = Client::builder().no_proxy().build().unwrap();
    get(&client, &discovery(&server.base)).await.unwrap();
    for (said, stream) in slow {
        let answer = to_end(stream).await;
        let told = if said.ends_with("grant") { "HTTP/1.1 408 " } else { "" };
        assert!(answer.starts_with(told), "{answer} to {said}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_shake_hands_is_given_up() {
    let (server, tls) = over_tls().await;
    let mut streams = Vec::new();
    for said in [&b""[..], &[22, 3, 1], &[22, 3, 1, 2, 0, 1, 0, 1, 252]] {
        let mut stream = connect(&server).await;
        stream.write_all(said).await.unwrap();
        streams.push(stream);
    }
    get(&trusting(&tls), &discovery(&server.base)).await.unwrap();
    for mut stream in streams {
        let end = timeout(Duration::from_secs(20), stream.read_to_end(&mut Vec::new())).await;
        assert!(end.is_ok(), "the platform ends the connection");
    }
}

#[tokio::test]
async fn the_end_does_not_wait_for_silent_clients() {
    let server = start(platform()).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    get(&client, &discovery(&server.base)).await.unwrap();
    let mut half = connect(&server).await;
    half.write_all(TOKEN.as_bytes()).await.unwrap();
    let base = server.base.clone();
    timeout(Duration::from_secs(20), server.stop()).await.unwrap().unwrap();
    let refused = get(&client, &discovery(&base)).await;
    assert!(refused.is_err(), "nobody listens any more: {refused:?}");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_refused_with_those_that_it_has() {
    let tester = Tester::new();
    let send = async |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        tester.send(request).await
    };
    for (method, path, status, allow) in [
        ("GET", "/oauth2/v1/token", 405, "POST"),
        ("DELETE", "/oauth2/v1/token", 405, "POST"),
        ("BREW", "/oauth2/v1/authorize", 405, "GET,HEAD,POST"),
        ("POST", "/fhir/r4/metadata", 405, "GET,HEAD"),
        ("PATCH", "/portal/api/accounts", 405, "POST"),
        ("HEAD", "/fhir/r4/metadata", 200, ""),
        ("HEAD", "/oauth2/v1/token", 405, "POST"),
        ("OPTIONS", "/portal/api/accounts", 405, "POST"),
        ("HEAD", "/nowhere", 404, ""),
    ] {
        let answer = send(method, path).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        let allowed = answer.headers.get("allow").map_or("", |allow| allow.to_str().unwrap());
        assert_eq!(allowed, allow, "{method} {path}");
        assert!(method != "HEAD" || answer.text.is_empty(), "{}", answer.text);
    }
}

#[test]
fn a_kept_authority_is_the_same_the_next_time() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path().join("new");
    let first = Tls::kept_in(&folder, &[]).unwrap();
    let second = Tls::kept_in(&folder, &["mock.example".to_owned()]).unwrap();
    assert_eq!(first.ca_pem(), second.ca_pem());
    assert_eq!(first.certificate().issuer, second.certificate().issuer);
    assert_eq!(
        second.certificate().hosts,
        ["localhost", "127.0.0.1", "::1", "mock.example"].map(str::to_owned)
    );
    assert_eq!(fs::read_to_string(folder.join("ca.pem")).unwrap(), first.ca_pem());
    let mode = |file: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(folder.join(file)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode("ca-key.pem"), 0o600);
}

#[test]
fn what_is_no_authority_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let kept_in = |folder: &TempDir| Tls::kept_in(folder.path(), &[]);
    kept_in(&one).unwrap();
    kept_in(&other).unwrap();
    let key = one.path().join("ca-key.pem");
    fs::copy(other.path().join("ca.pem"), one.path().join("ca.pem")).unwrap();
    assert!(matches!(kept_in(&one), Err(TlsError::Unfit { .. })), "another's certificate");
    fs::write(one.path().join("ca.pem"), "no PEM").unwrap();
    assert!(matches!(kept_in(&one), Err(TlsError::Unfit { .. })), "no certificate");
    fs::write(&key, "no PEM").unwrap();
    assert!(matches!(kept_in(&one), Err(TlsError::NoKey(_))));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(kept_in(&one), Err(TlsError::OpenToOthers(_))));
    fs::remove_file(&key).unwrap();
    assert!(matches!(kept_in(&one), Err(TlsError::File { .. })), "half an authority");
}

#[test]
fn no_key_is_printed() {
    let shown = format!("{:?}", Tls::in_memory(&[]).unwrap());
    assert!(shown.starts_with("Tls(Certificate {"), "{shown}");
    assert!(!shown.to_lowercase().contains("key"), "{shown}");
}
