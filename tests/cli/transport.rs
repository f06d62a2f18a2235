//! The transport of a platform elsewhere, judged by the same scenarios as the mock's own.

use std::path::Path;

use checkride::protocol::private_key;
use checkride::record::Verdict;
use checkride::secret::Secret;
use serde_json::json;

use crate::stage::{Stage, wait};
use crate::standalone::StandaloneMock;

#[test]
fn the_transport_of_a_platform_elsewhere_is_judged_where_there_is_one() {
    let folder = Stage::empty();
    let ca = folder.project().join("ca");
    let mock = StandaloneMock::start(&["--dialect", "smart", "--tls-ca", ca.to_str().unwrap()]);
    let pem = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap().serialize_pem();
    let key = private_key::read(&Secret::new(pem.as_str()), Some("mine"), None).unwrap();
    let app = mock.register(&json!({
        "token_auth_method": "jwks", "jwks": { "keys": [key.public_jwk()] },
        "scopes": "system/Patient.rs",
    }));
    let feature =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("features/authorize/transport.feature");
    let feature = std::fs::read_to_string(feature).unwrap();
    let stage = Stage::with_features(&[("authorize/transport.feature", &feature)]);
    stage.write("key.pem", &pem);
    stage.write("ca.pem", &std::fs::read_to_string(ca.join("ca.pem")).unwrap());
    let file = format!(
        "default_target: elsewhere
targets:
  elsewhere:
    platform: {}
    dialect: smart
    certificate_authority: ca.pem
    apps:
      robot:
        category: 2-legged
        method: imported key set
        client_id: {}
        private_key: {{ file: key.pem }}
        kid: mine
        scopes: [system/Patient.rs]
",
        mock.fhir_base,
        app["client_id"].as_str().unwrap()
    );
    let judged = |file: &str, code: i32| {
        stage.write("checkride.yaml", file);
        let ended = wait(stage.command(&["run"]).env("NO_PROXY", "*").spawn().unwrap());
        assert_eq!(ended.code, Some(code), "{ended}");
        let run = stage.record();
        run.scenarios.iter().map(|one| one.verdict).collect::<Vec<_>>()
    };
    assert_eq!(judged(&file, 0), [Verdict::Pass; 3]);
    assert_eq!(judged(&file.replace("https://", "http://"), 4), [Verdict::Skipped; 3]);

    mock.control("tls", &json!({ "certificate": "expired" }));
    assert_eq!(judged(&file, 1), [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive]);
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(10 * 24);
    mock.control("tls", &json!({ "certificate": "renewed", "not_after": soon }));
    assert_eq!(judged(&file, 0), [Verdict::Pass, Verdict::Warn, Verdict::Pass]);
}
