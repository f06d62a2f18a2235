use super::*;
use crate::clock::Clock;
use crate::dialect::{Dialect, Rule};
use crate::mock::{Kind, Platform, Server, Tls, start};
use crate::project::built_in;
use crate::protocol::tls::old::{OldReply, OldVersion};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

async fn platform() -> (Server, Tls) {
    played(built_in::dialect("smart").unwrap()).await
}

async fn overlooking(rule: Rule) -> (Server, Tls) {
    let mut dialect = built_in::dialect("smart").unwrap();
    dialect.overlooks.insert(rule);
    played(dialect).await
}

async fn played(dialect: Dialect) -> (Server, Tls) {
    let dialect = Arc::new(dialect);
    let sandbox = Arc::new(built_in::sandbox("smart").unwrap());
    let tls = Tls::in_memory(&[]).unwrap();
    let platform = Platform::new(dialect, sandbox, Clock::system()).unwrap();
    (start(platform.with_tls(tls.clone())).await.unwrap(), tls)
}

fn connector(tls: &Tls) -> Connector {
    Connector::new(Duration::from_secs(5), Some(tls.ca_pem().as_bytes())).unwrap()
}

async fn failure(url: &str) -> Unconnected {
    let connector = Connector::new(Duration::from_secs(5), None).unwrap();
    connector.connect(&Url::parse(url).unwrap()).await.unwrap_err()
}

#[tokio::test]
async fn each_fault_of_a_certificate_is_told_from_the_others() {
    let (server, tls) = platform().await;
    let url = Url::parse(&server.base).unwrap();
    let connector = connector(&tls);
    for (kind, expected) in [
        (Kind::Renewed, None),
        (Kind::Expired, Some(Distrust::Ended)),
        (Kind::NotYetValid, Some(Distrust::NotBegun)),
        (Kind::WrongHost, Some(Distrust::OtherHost)),
        (Kind::SelfSigned, Some(Distrust::UnknownIssuer)),
        (Kind::UnknownCa, Some(Distrust::UnknownIssuer)),
    ] {
        let shown = tls.show(kind, None).unwrap();
        let seen = connector.connect(&url).await.unwrap().handshake.unwrap();
        assert_eq!(seen.distrust, expected, "{kind:?}");
        let own = &seen.chain[0];
        assert_eq!((&own.issuer, &own.hosts), (&shown.issuer, &shown.hosts));
        assert_eq!(own.not_after.as_second(), shown.not_after.as_second());
        assert_eq!(own.by_itself, kind == Kind::SelfSigned);
    }
}

#[tokio::test]
async fn each_version_in_use_can_be_asked_for_by_itself() {
    let (server, tls) = platform().await;
    let url = Url::parse(&server.base).unwrap();
    for version in [TlsVersion::V1_2, TlsVersion::V1_3] {
        let seen = connector(&tls).connect_by_version(&url, version).await.unwrap();
        assert_eq!(seen.handshake.unwrap().version, version);
    }
}

#[tokio::test]
async fn a_platform_refuses_what_is_out_of_use_unless_it_passes_that_rule_over() {
    let (server, tls) = platform().await;
    let url = Url::parse(&server.base).unwrap();
    for version in OldVersion::ALL {
        let reply = connector(&tls).offer(&url, version).await.unwrap();
        assert!(matches!(reply, OldReply::Alert(_)), "{reply:?}");
    }
    let (server, tls) = overlooking(Rule::TlsVersion).await;
    let url = Url::parse(&server.base).unwrap();
    for version in OldVersion::ALL {
        let reply = connector(&tls).offer(&url, version).await.unwrap();
        assert_eq!(reply, OldReply::Agrees(version));
    }
    let usual = connector(&tls).connect(&url).await.unwrap().handshake.unwrap();
    assert_eq!((usual.version, usual.distrust), (TlsVersion::V1_3, None));
}

#[tokio::test]
async fn a_platform_can_show_another_hosts_certificate_and_answer_without_tls() {
    let (server, tls) = overlooking(Rule::CertificateHost).await;
    let url = Url::parse(&server.base).unwrap();
    let seen = connector(&tls).connect(&url).await.unwrap().handshake.unwrap();
    assert_eq!(seen.distrust, Some(Distrust::OtherHost));
    for (rule, expected) in [(Rule::CertificateHost, 400), (Rule::TlsOnly, 200)] {
        let (server, _) = overlooking(rule).await;
        let plain = server.base.replace("https://", "http://");
        let discovery = format!("{plain}/fhir/.well-known/smart-configuration");
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        assert_eq!(client.get(discovery).send().await.unwrap().status(), expected, "{rule:?}");
    }
}

#[tokio::test]
async fn a_host_that_closes_the_connection_or_says_something_else_does_not_agree() {
    for (said, expected) in [(&b""[..], OldReply::Closed), (b"HTTP/1.1 400", OldReply::Other)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(said).await.unwrap();
        });
        let connector = Connector::new(Duration::from_secs(5), None).unwrap();
        let reply = connector.offer(&Url::parse(&url).unwrap(), OldVersion::V1_0).await;
        assert_eq!(reply, Ok(expected));
    }
}

#[tokio::test]
async fn what_keeps_from_a_connection_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let refused = failure(&format!("https://{address}/")).await;
    assert_eq!(refused, Unconnected::Refused { address });
    let unnamed = failure("https://no-such-host.invalid/").await;
    assert!(matches!(&unnamed, Unconnected::Name { host, .. } if host == "no-such-host.invalid"));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    });
    let plain = failure(&format!("https://{address}/")).await;
    assert!(matches!(plain, Unconnected::Tls { .. }), "{plain}");
}

#[tokio::test]
async fn a_plain_address_is_only_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connector = Connector::new(Duration::from_secs(5), None).unwrap();
    let url = Url::parse(&format!("http://{address}/")).unwrap();
    let connected = connector.connect(&url).await.unwrap();
    assert_eq!(connected.address, address);
    assert!(connected.handshake.is_none());
}
