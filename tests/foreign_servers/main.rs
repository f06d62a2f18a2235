//! A platform that nobody here wrote: the certified OpenID Provider of npm, made a SMART on FHIR server
//! by the few things that SMART adds, and examined through the command line as any server would be.
//!
//! Every `fail` there was looked at by hand; `docs/reference/foreign-servers.md` tells them, and this
//! test holds the run against that list. It needs Node.js, and the network once, for `npm ci`. Where
//! there is no Node.js it says so and proves nothing; `CHECKRIDE_FOREIGN_SERVERS=required`, which the
//! build sets, forbids that.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed, and one that is left out says why"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const LIST: &str = include_str!("../../docs/reference/foreign-servers.md");

/// The server; it ends when this is dropped.
struct OidcProvider {
    process: Child,
    /// Kept, since a server whose output nobody takes would end.
    _output: BufReader<ChildStdout>,
    port: u64,
    private_key: Value,
}

impl OidcProvider {
    fn start() -> Self {
        let folder = format!("{ROOT}/tests/foreign_servers/oidc_provider");
        if !Path::new(&folder).join("node_modules/oidc-provider").is_dir() {
            let installed = Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--prefix", &folder])
                .status()
                .unwrap_or_else(|error| panic!("`npm` does not start: {error}"));
            assert!(installed.success(), "`npm ci --prefix {folder}` failed");
        }
        let mut process = Command::new("node")
            .arg("server.mjs")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!("the server did not start; `node server.mjs` in {folder} tells why")
        });
        Self {
            process,
            _output: output,
            port: told["port"].as_u64().unwrap(),
            private_key: told["private_key"].clone(),
        }
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn what_fails_on_a_certified_provider_is_what_was_found_by_hand() {
    if Command::new("node").arg("--version").stdout(Stdio::null()).status().is_err() {
        let required = std::env::var("CHECKRIDE_FOREIGN_SERVERS").is_ok_and(|it| it == "required");
        assert!(!required, "Node.js is missing");
        eprintln!("left out: there is no Node.js on this machine");
        return;
    }
    let server = OidcProvider::start();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "key.json", &server.private_key.to_string());
    write(folder.path(), "checkride.yaml", &project(server.port));
    let ended = Command::new(env!("CARGO_BIN_EXE_checkride"))
        .args(["run", "--report", "json", "--update-snapshots", "--jobs", "2"])
        .current_dir(folder.path())
        .env("CHECKRIDE_BROWSER_INSTALL", "auto")
        .env("BASIC_SECRET", "a secret of no worth, basic")
        .env("POST_SECRET", "a secret of no worth, post")
        .env("PASSWORD", "any password will do")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr) + String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    let results = std::fs::read(folder.path().join("reports/latest/results.json")).unwrap();
    let results: Value = serde_json::from_slice(&results).unwrap();
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for scenario in results["scenarios"].as_array().unwrap() {
        let verdict = scenario["verdict"].as_str().unwrap();
        found.entry(verdict).or_default().insert(scenario["name"].as_str().unwrap());
    }
    assert_eq!(found.get("error"), None, "{said}");
    let of = |verdict: &str| found.get(verdict).cloned().unwrap_or_default();
    assert_eq!(of("fail"), listed("Deviations"), "{said}");
    // A page may be late where the machine is busy; what can never be judged is listed.
    assert!(of("inconclusive").is_superset(&listed("What could not be judged")), "{said}");
    assert!(of("pass").len() >= 80, "{said}");
    for signs_in in
        ["A patient signs in and comes back with a code", "The right verifier gets tokens"]
    {
        assert!(of("pass").contains(signs_in), "{said}");
    }
}

/// The scenarios of the table under a heading of the list.
fn listed(heading: &str) -> BTreeSet<&'static str> {
    let (_, section) = LIST.split_once(&format!("## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.split('|').nth(1).unwrap().trim()).collect()
}

fn project(port: u64) -> String {
    format!(
        r#"default_target: op
features: {ROOT}/features
targets:
  op:
    platform: http://127.0.0.1:{port}/fhir
    dialect: smart
    allows: [revoke]
    login: {{ hosts: ["127.0.0.1:{port}"] }}
    examples: {{ record: p-1, chart: p-1 }}
    apps:
      system: {{ category: 2-legged, method: client secret, client_id: system, client_secret: {{ env: BASIC_SECRET }}, scopes: {SYSTEM} }}
      other system: {{ category: 2-legged, method: client secret, client_id: other-system, client_secret: {{ env: BASIC_SECRET }}, scopes: {SYSTEM} }}
      signing system: {{ category: 2-legged, method: imported key set, client_id: signing-system, private_key: {{ file: key.json }}, scopes: {SYSTEM} }}
      other signing system: {{ category: 2-legged, method: imported key set, client_id: other-signing-system, private_key: {{ file: key.json }}, scopes: {SYSTEM} }}
      web: {{ category: patient, method: client secret, client_id: web, client_secret: {{ env: POST_SECRET }}, credentials_in: body, scopes: {USER}, redirect_uris: ["https://app.example/callback"] }}
      other web: {{ category: patient, method: client secret, client_id: other-web, client_secret: {{ env: POST_SECRET }}, credentials_in: body, scopes: {USER}, redirect_uris: ["https://app.example/callback"] }}
      signing web: {{ category: patient, method: imported key set, client_id: signing-web, private_key: {{ file: key.json }}, scopes: {USER}, redirect_uris: ["https://app.example/callback"] }}
      phone: {{ category: patient, method: PKCE, client_id: phone, scopes: {USER}, redirect_uris: ["org.example.app:/callback"] }}
      other phone: {{ category: patient, method: PKCE, client_id: other-phone, scopes: {USER}, redirect_uris: ["org.example.other:/callback"] }}
    users:
      patient: {{ username: ada, password: {{ env: PASSWORD }} }}
"#
    )
}

const SYSTEM: &str = "[system/Patient.rs, system/Observation.rs]";
const USER: &str = "[openid, fhirUser, offline_access, launch/patient, patient/Patient.read, patient/Observation.read]";

/// Writes a file that only its owner may read.
fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }
}
