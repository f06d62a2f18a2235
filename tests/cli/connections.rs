//! What a record tells of the TLS of the hosts that its run talked to.

use checkride::record::{Connection, Run};
use serde_json::json;

use crate::stage::{Stage, record};
use crate::standalone::StandaloneMock;

#[test]
fn a_record_tells_what_the_hosts_showed_of_their_tls() {
    let (mock, stage) = platform();
    stage.ends(0, &["run"]);
    let run = stage.record();
    let [seen] = connections(&run, 1);
    assert_eq!(seen.host, host(&mock));
    let tls = seen.tls.unwrap();
    assert_eq!(tls.version, "TLS 1.3");
    assert_eq!(tls.speaks, ["TLS 1.2", "TLS 1.3"]);
    assert_eq!(tls.refuses, ["TLS 1.0", "TLS 1.1"]);
    assert_eq!(tls.distrust, None);
    let own = &tls.chain[0];
    assert_eq!(
        (own.key_kind.as_str(), own.signature.as_str()),
        ("EC prime256v1", "ecdsa-with-SHA256")
    );
    assert!(own.hosts.contains(&"127.0.0.1".to_owned()), "{own:?}");
    assert!(own.issuer.starts_with("Checkride mock CA "), "{own:?}");
    assert!(own.days_left(run.started) > 300, "{own:?}");
    assert!(stage.read("reports/latest/index.html").contains(&own.key.replace('/', "&#x2f;")));
}

#[test]
fn a_certificate_that_changed_between_two_runs_of_a_record_stands_beside_the_old() {
    let (mock, stage) = platform();
    stage.ends(0, &["run", "--shard", "1/2", "--out", "one"]);
    mock.control("tls", &json!({ "certificate": "renewed" }));
    stage.ends(0, &["run", "--shard", "2/2", "--out", "two"]);
    stage.ends(0, &["merge", "one", "two", "--out", "both"]);
    let [old, new] = connections(&record(&stage.project().join("both")), 2);
    assert_eq!(old.host, new.host);
    assert!(old.at < new.at);
    let key = |seen: &Connection| seen.tls.clone().unwrap().chain[0].key.clone();
    assert_ne!(key(&old), key(&new));

    stage.write("features/token/fails.feature", FAILS);
    stage.ends(1, &["run"]);
    mock.control("tls", &json!({ "certificate": "renewed" }));
    stage.ends(1, &["run", "--rerun", "failed"]);
    let [old, new] = connections(&stage.record(), 2);
    assert_ne!(key(&old), key(&new));
}

#[test]
fn the_mock_of_this_program_leaves_no_hosts_behind() {
    let stage = Stage::with_features(&[("authorize/found.feature", FOUND)]);
    stage.ends(0, &["run"]);
    let [] = connections(&stage.record(), 0);
}

/// A mock over TLS, and a project with a target that it is.
fn platform() -> (StandaloneMock, Stage) {
    let stage = Stage::with_features(&[
        ("authorize/found.feature", FOUND),
        ("authorize/found_again.feature", FOUND),
    ]);
    let authority = stage.project().join("ca");
    let mock = StandaloneMock::start(&["--tls", "--tls-ca", authority.to_str().unwrap()]);
    let project = format!(
        "default_target: preview
targets:
  preview:
    platform: {}
    dialect: athenahealth
    certificate_authority: ca/ca.pem
",
        mock.fhir_base
    );
    stage.write("checkride.yaml", &project);
    (mock, stage)
}

fn host(mock: &StandaloneMock) -> String {
    let address = mock.fhir_base.trim_start_matches("https://");
    address.split('/').next().unwrap().to_owned()
}

fn connections<const N: usize>(run: &Run, count: usize) -> [Connection; N] {
    assert_eq!(run.connections.len(), count, "{:?}", run.connections);
    run.connections.clone().try_into().unwrap()
}

const FOUND: &str = "Feature: Finding the endpoints
  Scenario: The platform publishes its endpoints
    When the app reads the platform's discovery document
    Then the platform publishes a discovery document
";
const FAILS: &str = "Feature: Finding something else
  Scenario: The platform publishes what nobody has
    When the app reads the platform's discovery document
    Then its \"capabilities\" has \"what-nobody-has\"
";
