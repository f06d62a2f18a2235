//! The documents in which a platform says where its endpoints are.

use std::time::SystemTime;

use serde_json::Value;
use url::Url;

use super::super::case::{Case, Platform};
use super::super::finding::{Finding, Severity, Sheet};
use super::clock;
use crate::http::{Answer, Call};
use crate::project::{Category, Place};
use crate::protocol::discovery::Discovery;

/// Reads the platform's documents; `None` if there is none to go on with.
pub(super) async fn examine(case: &Case<'_>, base: &Url, sheet: &mut Sheet) -> Option<Platform> {
    let address = case.target.discovery.clone().unwrap_or_else(|| Discovery::address(base));
    let about = "the discovery document";
    let place =
        || case.place(&[if case.target.discovery.is_some() { "discovery" } else { "platform" }]);
    let sent = SystemTime::now();
    let answer =
        match case.ask(Call::get(address.clone()).header("accept", "application/json")).await {
            Ok(answer) => answer,
            Err(error) => {
                sheet.find(
                    Finding::new(
                        Severity::Broken,
                        about,
                        format!("failed to {error}"),
                        "the host takes connections and does not answer a request",
                        "try again later; then ask whoever runs the platform",
                    )
                    .at(place()),
                );
                return None;
            }
        };
    clock::examine(&answer, (sent, SystemTime::now()), sheet);
    let document = match read(&answer) {
        Ok(document) => document,
        Err(_) if case.dialect.discovery.needs_token && answer.status == UNAUTHORIZED => {
            let seen = "it is shown to nobody without a token, as the dialect says";
            let cause = "what it announces cannot be compared";
            let fix = "nothing; `endpoints` of the target say where to ask";
            sheet.find(Finding::new(Severity::Untold, about, seen, cause, fix).at(place()));
            Value::Null
        }
        Err(why) => {
            let (cause, fix) = missing(case, base).await;
            let seen = format!("{address} {why}");
            sheet.find(Finding::new(Severity::Broken, about, seen, cause, fix).at(place()));
            return None;
        }
    };
    let platform = Platform { fhir_base: base.clone(), discovery: Discovery { document } };
    if !endpoints(case, &platform, place, sheet) {
        return None;
    }
    issuer(case, &platform, sheet).await;
    Some(platform)
}

/// The document of an answer, or what it did instead.
fn read(answer: &Answer) -> Result<Value, String> {
    if answer.status != 200 {
        return Err(format!("answers with status {}", answer.status));
    }
    let whole = answer.json().ok_or("answers with something that is not JSON")?;
    whole.is_object().then_some(whole).ok_or_else(|| "answers with JSON that is no object".into())
}

/// Why there is no discovery document below a FHIR base.
async fn missing(case: &Case<'_>, base: &Url) -> (String, String) {
    let mut metadata = base.clone();
    metadata.set_path(&format!("{}/metadata", base.path().trim_end_matches('/')));
    let asked = case.ask(Call::get(metadata).header("accept", "application/fhir+json")).await;
    let is_fhir = asked.ok().and_then(|answer| answer.member("resourceType"))
        == Some("CapabilityStatement".into());
    if is_fhir {
        (
            "a FHIR server is there: its /metadata answers. It publishes the document elsewhere, or not at all".to_owned(),
            "write where it is: `discovery: https://…/.well-known/smart-configuration`".to_owned(),
        )
    } else {
        (
            "no FHIR server answers at the base of the target: its /metadata is none either".to_owned(),
            "correct `platform`: it is the FHIR base that the platform's documents name, e.g. `https://host/fhir/r4`".to_owned(),
        )
    }
}

/// Whether the endpoints are there that the apps need.
fn endpoints(
    case: &Case<'_>,
    platform: &Platform,
    place: impl Fn() -> Place,
    sheet: &mut Sheet,
) -> bool {
    let has_users = case.apps.iter().any(|(_, app)| app.category != Category::TwoLegged);
    let needed = [("token_endpoint", !case.apps.is_empty()), ("authorization_endpoint", has_users)];
    let mut all = true;
    for (member, _) in needed.into_iter().filter(|(_, needed)| *needed) {
        let Some(endpoint) = case.endpoint(platform, member) else {
            let said = platform.discovery.document.get(member);
            let seen = match said {
                Some(said) => format!("its `{member}` is no absolute URL: {said}"),
                None => format!("it has no `{member}`"),
            };
            sheet.find(
                Finding::new(
                    Severity::Broken,
                    "the discovery document",
                    seen,
                    "the platform does not say where the apps have to ask",
                    format!("write it into the target: `endpoints: {{ {member}: https://… }}`"),
                )
                .at(place()),
            );
            all = false;
            continue;
        };
        if platform.fhir_base.scheme() == "https" && endpoint.scheme() != "https" {
            sheet.find(Finding::new(
                Severity::Warning,
                "the discovery document",
                format!("its `{member}` is `{endpoint}`, without TLS"),
                "the platform is behind a proxy that ends TLS, and does not know its own address",
                "tell whoever runs the platform; until then `endpoints` can name the right one",
            ));
        }
    }
    all
}

/// Compares the document with the one that the issuer publishes itself (OpenID Connect Discovery 1.0
/// §4.3).
async fn issuer(case: &Case<'_>, platform: &Platform, sheet: &mut Sheet) {
    let Some(issuer) = platform.discovery.text("issuer") else { return };
    let bare = issuer.trim_end_matches('/');
    let address = Url::parse(&format!("{bare}/.well-known/openid-configuration"));
    let mismatch = |seen: String, fix: &str| {
        let cause =
            "ID tokens are compared with the issuer letter by letter: they would be refused";
        Finding::new(Severity::Warning, "the issuer", seen, cause, fix)
    };
    let Ok(address) = address else {
        let seen = format!("`issuer` is no absolute URL: `{issuer}`");
        sheet.find(mismatch(seen, "tell whoever runs the platform"));
        return;
    };
    let own = match case.ask(Call::get(address.clone())).await {
        Ok(answer) => read(&answer),
        Err(error) => Err(format!("does not answer: failed to {error}")),
    };
    match own {
        Ok(own) if own["issuer"] == issuer => {
            sheet.well("the discovery document", "read, and its issuer says the same")
        }
        Ok(own) => sheet.find(mismatch(
            format!("the discovery names `{issuer}`, which calls itself {}", own["issuer"]),
            "use the FHIR base that belongs to this issuer, or tell whoever runs the platform",
        )),
        Err(why) => {
            let cause = "only apps that ask for ID tokens need it";
            let fix = "if yours do, tell whoever runs the platform";
            let seen = format!("{address} {why}");
            sheet.find(Finding::new(Severity::Warning, "the issuer", seen, cause, fix));
        }
    }
}

const UNAUTHORIZED: u16 = 401;
