//! Puts the dossier together.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, HtmlEscape, Value, context};

use super::cover::Cover;
use super::findings::findings;
use super::surroundings::surroundings;
use super::{addresses, calls, declared, evidence, requirements, scopes, unjudged};
use crate::record::{Chain, Run};
use crate::report::ReportError;

/// The dossier of a run as one HTML document without scripts; `chain` is that over its evidence, if it
/// has one.
///
/// # Errors
/// When the document cannot be put together, which is our bug.
pub fn render(run: &Run, chain: Option<&Chain>) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_filter("prose", prose);
    environment.add_template("dossier.html", PAGE)?;
    let margins = margins(run, chain);
    let document = environment.get_template("dossier.html")?.render(context! {
        policy => policy(&[STYLE, &margins]),
        style => Value::from_safe_string(STYLE.to_owned()),
        margins => Value::from_safe_string(margins),
        cover => Cover::of(run),
        apps => declared::apps(run),
        scopes => scopes::scopes(run),
        addresses => addresses::addresses(run),
        redirects => addresses::redirects(run),
        calls => calls::calls(run),
        areas => requirements::areas(run),
        departures => requirements::departures(run),
        findings => findings(run),
        unjudged => unjudged::unjudged(run),
        waivers => evidence::waivers(run),
        surroundings => surroundings(run),
        chain => chain.map(evidence::chain),
    })?;
    Ok(document)
}

/// A text whose parts between backticks are code; markup in it stays text.
fn prose(text: &str) -> Value {
    let escaped = |text: &str| HtmlEscape(text).to_string();
    let parts: Vec<&str> = text.split('`').collect();
    // A backtick without a partner is one.
    if parts.len().is_multiple_of(2) {
        return Value::from_safe_string(escaped(text));
    }
    let shown = parts.iter().enumerate().map(|(index, part)| match index % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    });
    Value::from_safe_string(shown.collect())
}

/// What stands at the foot of every printed page: which run it is of, and the head of its evidence.
///
/// Only letters, digits and hyphens come into the style.
fn margins(run: &Run, chain: Option<&Chain>) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '-').collect()
    };
    let head = chain.map(|chain| format!(" · evidence {}", plain(&chain.head()[..16])));
    let left = format!("Checkride · run {}{}", plain(&run.id), head.unwrap_or_default());
    format!("@page {{ @bottom-left {{ content: \"{left}\" }} }}")
}

/// Lets the document use its own styles, and nothing else.
fn policy(styles: &[&str]) -> String {
    let hash = |style: &&str| STANDARD.encode(digest(&SHA256, style.as_bytes()));
    let hashes: Vec<String> = styles.iter().map(|it| format!("'sha256-{}'", hash(it))).collect();
    let styles = hashes.join(" ");
    format!("default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'")
}

const PAGE: &str = include_str!("dossier.html");
const STYLE: &str = include_str!("dossier.css");

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::record::{Exchange, Registered, Registration, Waived, Waiver, WaiverState};
    use crate::report::sample;

    /// A run with an app that declares more, and less, than it does.
    pub(in crate::report::dossier) fn declared_run() -> Run {
        let mut run = sample::run();
        run.target.app = Some("scheduler".into());
        let texts = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect();
        let app = Registered {
            name: "scheduler".into(),
            category: "patient".into(),
            method: "client secret".into(),
            client_id: Some("0oa1".into()),
            scopes: texts(&["openid", "offline_access", "patient/Patient.read"]),
            endpoints: texts(&["GET /fhir/r4/Patient/*", "GET /fhir/r4/Observation"]),
            redirect_uris: texts(&["http://127.0.0.1:{port}/callback"]),
            ..Registered::default()
        };
        let of_project = ("revocation_endpoint".to_owned(), "https://as.example/revoke".to_owned());
        run.registration =
            Some(Registration { apps: vec![app], endpoints: [of_project].into_iter().collect() });
        let discovery = json!({
            "authorization_endpoint": "https://as.example/authorize",
            "token_endpoint": "https://as.example/token",
        });
        let fhir = "https://api.preview.platform.athenahealth.com/fhir/r4";
        let authorize = "https://as.example/authorize?response_type=code&client_id=0oa1&scope=openid+\
                         patient/Patient.read+patient/Observation.read&redirect_uri=\
                         http%3A%2F%2F127.0.0.1%3A4010%2Fcallback";
        let tokens =
            |scope: &str| json!({ "access_token": "[redacted:access_token]", "scope": scope });
        let redeem = "grant_type=authorization_code&code=[redacted:code]";
        let at = |path: &str| format!("{fhir}/{path}");
        let mut scenario = run.scenarios[0].clone();
        scenario.id = "features/app/a.feature:1".into();
        scenario.exchanges = vec![
            exchange("app", "GET", &at(".well-known/smart-configuration"), "", &discovery),
            exchange("browser", "GET", authorize, "", &Json::Null),
            exchange(
                "app",
                "POST",
                "https://as.example/token",
                redeem,
                &tokens("patient/Patient.read"),
            ),
            exchange(
                "app",
                "POST",
                "https://old.example/token",
                redeem,
                &tokens("patient/Patient.read user/*.read"),
            ),
            exchange("app", "GET", &at("Patient/1"), "", &Json::Null),
            exchange("app", "GET", &at("Patient/2"), "", &Json::Null),
            exchange("browser", "GET", &at("Encounter?patient=1"), "", &Json::Null),
        ];
        run.scenarios = vec![scenario];
        run
    }

    fn exchange(sender: &str, method: &str, url: &str, body: &str, answer: &Json) -> Exchange {
        let exchange = json!({
            "number": 1, "sender": sender, "started_ms": 0, "duration_ms": 1,
            "request": { "method": method, "url": url, "headers": [], "body": body },
            "response": { "status": 200, "headers": [], "body": answer.to_string() },
        });
        serde_json::from_value(exchange).unwrap()
    }

    fn chain() -> Chain {
        let link = crate::record::Link { file: "record.json".into(), digest: "ab".repeat(32) };
        Chain { run: sample::run().id, links: vec![link] }
    }

    #[test]
    fn a_dossier_has_all_that_is_asked_for_at_the_call() {
        let mut run = declared_run();
        run.scenarios.extend(sample::run().scenarios);
        run.waivers.push(Waived {
            waiver: Waiver {
                requirement: "TSEC-NO-STORE".into(),
                target: "preview".into(),
                reason: "the vendor mends it in March".into(),
                owner: "dana@app.example".into(),
                ticket: "APP-7".into(),
                until: "2027-03-31".parse().unwrap(),
            },
            state: WaiverState::Applied,
        });
        let chain = chain();
        let page = render(&run, Some(&chain)).unwrap();
        let text = page.replace("&#x2f;", "/");
        for told in [
            "<title>Validation dossier: scheduler</title>",
            "0oa1",
            "http://127.0.0.1:{port}/callback",
            "granted, not declared",
            "declared, never called",
            "RFC 6749 §5.2",
            "the vendor mends it in March",
            "31 March 2027",
            "JWT-27",
            "An assertion without jti is refused.",
            "Chromium 156.0",
            "Winter 2026",
            "*.platform.athenahealth.com",
            &"ab".repeat(32),
        ] {
            assert!(text.contains(told), "{told}");
        }
        let head = chain.head();
        let (first, last) = (&head[..8], &head[56..]);
        assert_eq!(page.matches(&format!(">{first} ")).count(), 2, "on the cover and at the end");
        assert!(page.contains(&format!(" {last}</code>")));
        assert!(page.contains(&format!("evidence {}\"", &head[..16])), "at the foot of each page");
    }

    #[test]
    fn the_dossier_of_a_platform_without_apps_or_chain_says_so() {
        let mut run = sample::run();
        run.scenarios.clear();
        run.connections.clear();
        let page = render(&run, None).unwrap();
        for told in [
            "No app was registered beforehand.",
            "nothing to compare with",
            "Nothing fails.",
            "There are none: no deviation was agreed to.",
            "Every scenario was judged.",
            "There is no chain over the evidence",
        ] {
            assert!(page.contains(told), "{told}");
        }
    }

    #[test]
    fn whatever_anybody_wrote_is_only_text() {
        let mut run = declared_run();
        run.id = "\"; } body { display: none } </style><script>alert(1)</script>".into();
        for hostile in PAYLOADS {
            run.target.app = Some(hostile.into());
            run.tool.browser = Some(hostile.into());
            let app = &mut run.registration.as_mut().unwrap().apps[0];
            app.scopes.push(hostile.into());
            app.redirect_uris.push(hostile.into());
            app.endpoints.push(hostile.into());
            let failing = &sample::run().scenarios[1];
            let mut scenario = failing.clone();
            (scenario.name, scenario.id) = (hostile.into(), hostile.into());
            for check in scenario.steps.iter_mut().flat_map(|step| &mut step.checks) {
                (check.actual, check.expected) = (hostile.into(), hostile.into());
                (check.statement, check.hint) = (hostile.into(), Some(hostile.into()));
            }
            run.scenarios.push(scenario);
            let mut left_out = sample::run().scenarios[8].clone();
            (left_out.strict, left_out.reason) = (None, Some(hostile.into()));
            run.scenarios.push(left_out);
            for requirement in run.requirements.values_mut() {
                (requirement.statement, requirement.source) = (hostile.into(), hostile.into());
                requirement.area = hostile.into();
            }
        }
        let page = render(&run, None).unwrap();
        let (hostile, harmless) = (tags(&page), tags(&render(&declared_run(), None).unwrap()));
        let known = ["article", "code", "ids"];
        let new = hostile.difference(&harmless).filter(|it| !known.contains(&it.as_str()));
        let new: Vec<_> = new.collect();
        assert!(new.is_empty(), "{new:?}");
        let styles: Vec<&str> =
            page.split("<style>").skip(1).map(|it| it.split("</style>").next().unwrap()).collect();
        assert_eq!(styles.len(), 2);
        let margins = "@page { @bottom-left { content: \"Checkride · run bodydisplaynonestylescriptalert1script\" } }";
        assert_eq!(styles[1], margins, "nothing else comes into the style");
    }

    #[test]
    fn the_document_has_no_script_and_uses_its_own_styles_alone() {
        let page = render(&declared_run(), Some(&chain())).unwrap();
        for word in
            ["<script", " style=", "javascript:", " onload", "http-equiv=\"refresh\"", "<img"]
        {
            assert!(!page.contains(word), "{word}");
        }
        let policy = page.split("content=\"").nth(1).unwrap().split('"').next().unwrap();
        let policy = policy.replace("&#x27;", "'").replace("&#x2f;", "/");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        for style in page.split("<style>").skip(1).map(|it| it.split("</style>").next().unwrap()) {
            let hash = STANDARD.encode(digest(&SHA256, style.as_bytes()));
            assert!(policy.contains(&format!("'sha256-{hash}'")), "{hash}: {policy}");
        }
    }

    /// The names of all elements of a page.
    fn tags(page: &str) -> std::collections::BTreeSet<String> {
        let names = page.split('<').skip(1).map(|rest| {
            let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '!').unwrap_or(0);
            rest[..end].to_owned()
        });
        names.filter(|name| !name.is_empty()).collect()
    }

    const PAYLOADS: [&str; 8] = [
        "</style><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "' onmouseover='alert(1)",
        "`<iframe srcdoc=x>`",
        "javascript:alert(1)",
        "{{ 7 * 7 }}{% include 'x' %}",
        "</table></section><base href=//evil.example>",
    ];
}
