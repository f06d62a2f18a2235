//! The dossier as its users get it: a page, and a PDF that the program's own browser prints of it.

use std::fs;

use crate::stage::{Stage, wait};

#[test]
fn a_dossier_is_printed_beside_its_page_and_has_the_head_of_the_evidence() {
    let rows: String = (1..=60).map(|row| format!("      | {row} |\n")).collect();
    let stage = Stage::with_features(&[
        ("token/refused.feature", &format!("{FAILS}{rows}")),
        ("token/accepted.feature", PASSES),
    ]);
    stage.ends(1, &["run", "--report", "json,dossier"]);
    let chain = stage.read("reports/latest/evidence.sha256");
    let head = chain.lines().last().unwrap().strip_prefix("# head ").unwrap().to_owned();
    let page = stage.read("reports/latest/dossier.html");
    let printed = page.split("Head of the evidence</span> <code>").nth(1).unwrap();
    let printed = printed.split("</code>").next().unwrap().to_owned();
    assert_eq!(printed.replace(' ', ""), head);
    assert!(page.contains("What was judged is the mock platform in Checkride"));
    assert!(page.contains("No app was registered beforehand."));
    assert!(page.contains("Refused 60"));
    stage.ends(0, &["report", "--verify", "--head", &printed]);

    let pdf = Pdf::read(&stage, "reports/latest/dossier.pdf");
    assert_eq!(pdf.title(), "Validation dossier: mock");
    assert!(pdf.pages() > 4, "{} pages", pdf.pages());
    assert!(pdf.has("/StructTreeRoot") && pdf.has("/Outlines"), "it is tagged, and has an outline");

    let ended = stage.ends(0, &["report", "--format", "dossier", "--out", "call"]);
    assert_eq!(ended.stdout, "call/dossier.html\ncall/dossier.pdf\n");
    assert_eq!(stage.files("call"), ["dossier.html", "dossier.pdf"]);
    assert_eq!(stage.read("call/dossier.html"), page);
}

#[test]
fn without_a_browser_there_is_the_page_alone_and_a_sentence() {
    let stage = Stage::with_features(&[("token/accepted.feature", PASSES)]);
    stage.ends(0, &["run", "--report", "dossier"]);
    let blind = |arguments: &[&str]| {
        let mut command = stage.command(arguments);
        wait(command.env("CHECKRIDE_BROWSER", "/nowhere/chromium").spawn().unwrap())
    };
    let ended = blind(&["report", "--format", "dossier"]);
    assert_eq!(ended.code, Some(3), "{ended}");
    assert_eq!(ended.stdout.trim(), "reports/latest/dossier.html");
    assert!(
        ended.stderr.contains("`dossier.html` is written, but there is no PDF of it"),
        "{ended}"
    );
    assert!(ended.stderr.contains("/nowhere/chromium"), "{ended}");
    let has_pdf = || stage.files("reports/latest").contains(&"dossier.pdf".to_owned());
    assert!(!has_pdf(), "an older one would be taken for it");
    assert_eq!(blind(&["run", "--report", "dossier"]).code, Some(3));
    assert!(stage.read("reports/latest/dossier.html").contains("Validation dossier"));
    stage.ends(0, &["run", "--report", "dossier"]);
    assert!(has_pdf());
    stage.ends(0, &["run"]);
    assert!(!has_pdf(), "it was of an older run");
}

#[test]
fn what_an_app_declares_is_compared_with_what_it_does() {
    let stage = Stage::with_features(&[("app/declared.feature", DECLARED)]);
    let project = stage.read("checkride.yaml").replace(
        "scopes: [system/Patient.read]\n    endpoints: [GET /fhir/r4/Patient]",
        "scopes: [system/Patient.read]\n    endpoints: [GET /fhir/r4/Patient, GET /fhir/r4/Coverage]",
    );
    stage.write("checkride.yaml", &project);
    let app = ["--subject", "app", "--app", "demo backend"];
    stage.ends(0, &[&["run", "--report", "dossier"], &app[..]].concat());
    let registration = stage.record().registration.unwrap();
    assert_eq!(registration.apps[0].name, "demo backend");
    assert_eq!(registration.apps[0].jwks_url.as_deref(), Some("http://127.0.0.1:{port}/jwks.json"));
    let page = stage.read("reports/latest/dossier.html").replace("&#x2f;", "/");
    let row = |word: &str| {
        let rows = page.split("<tr").filter(|row| row.contains(word)).collect::<Vec<_>>();
        assert_eq!(rows.len(), 1, "{word}: {rows:#?}");
        rows[0].to_owned()
    };
    assert!(row("<code>system/Patient.read</code>").contains("as declared"));
    assert!(row("<code>GET /fhir/r4/Patient</code>").contains("as declared"));
    assert!(row("<code>GET /fhir/r4/Coverage</code>").contains("declared, never called"));
    assert!(row("<code>token_endpoint</code>").contains("discovery"));
    assert!(page.contains("own platform took no part."));
}

/// A PDF, as far as it can be read without inflating it.
struct Pdf(Vec<u8>);

impl Pdf {
    fn read(stage: &Stage, file: &str) -> Self {
        let bytes = fs::read(stage.project().join(file)).unwrap();
        assert!(bytes.starts_with(b"%PDF-"), "{:?}", &bytes[..8]);
        assert!(bytes.trim_ascii_end().ends_with(b"%%EOF"));
        Self(bytes)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    fn has(&self, word: &str) -> bool {
        self.text().contains(word)
    }

    fn title(&self) -> String {
        let text = self.text();
        let title = text.split("/Title (").nth(1).unwrap_or_default();
        title.split(')').next().unwrap_or_default().to_owned()
    }

    fn pages(&self) -> usize {
        let text = self.text();
        let of_kind = text.split("/Type /Page").skip(1);
        of_kind.filter(|rest| !rest.starts_with('s')).count()
    }
}

/// Rows are to be added.
const FAILS: &str = r#"Feature: Refused
  Scenario Outline: Refused <number>
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the request is refused with 400 "invalid_grant"

    Examples:
      | number |
"#;

const PASSES: &str = r#"Feature: Accepted
  Scenario: The right secret gets an access token
    Given a 2-legged app with a client secret
    When the app asks for a token
    Then the app gets an access token
"#;

const DECLARED: &str = r#"@app
Feature: What an app declares
  Scenario: The app does its work
    Given the app under test
    When the app is put to work
    Then each scope that the app uses is declared
"#;
