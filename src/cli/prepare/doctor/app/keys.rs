//! The keys of an app that signs: its algorithm, and what it publishes of them.

use url::Url;

use super::super::case::{Case, Platform};
use super::super::finding::{Finding, Severity, Sheet};
use super::super::platform::reach;
use super::secrets::Ready;
use crate::http::Call;
use crate::project::{Method, RegisteredApp, nearest};
use crate::protocol::reach::{is_of_this_machine, leads_outside};
use crate::protocol::{KeySet, SigningKey};

/// Looks at the key of an app, and at the set that it publishes; whether nothing is wrong.
pub(super) async fn examine(
    case: &Case<'_>,
    platform: &Platform,
    (name, app): (&str, &RegisteredApp),
    own: &Ready,
    sheet: &mut Sheet,
) -> bool {
    let Some(key) = &own.key else { return true };
    if let Some(finding) = algorithm(case, platform, (name, app), key) {
        sheet.find(finding);
        return false;
    }
    if app.method != Method::HostedKeys {
        return true;
    }
    let about = format!("the key set of `{name}`");
    let Some(address) = &app.jwks_url else {
        let seen = "it has no `jwks_url`";
        let cause = "without the address nobody knows where the platform fetches the set";
        let fix = "write the address that was registered: `jwks_url: https://…`; until then its scenarios are skipped";
        let finding = Finding::new(Severity::Warning, about, seen, cause, fix);
        sheet.find(finding.at(case.place(&["apps", name])));
        return true;
    };
    let place = || case.place_in(name, "jwks_url");
    if let Some((seen, cause, fix)) = out_of_reach(case, platform, address).await {
        sheet.find(Finding::new(Severity::Wrong, about, seen, cause, fix).at(place()));
        return false;
    }
    let found = sheet.findings.len();
    if !reach::examine(case, address, place, sheet).await {
        // It is the app's own host, not the target's.
        for finding in &mut sheet.findings[found..] {
            finding.severity = Severity::Wrong;
        }
        return false;
    }
    match published(case, address, key).await {
        Ok(()) => {
            sheet.well(about, format!("fetched, and has the key `{}`", key.kid()));
            true
        }
        Err((seen, cause, fix)) => {
            sheet.find(Finding::new(Severity::Wrong, about, seen, cause, fix).at(place()));
            false
        }
    }
}

type Words = (String, &'static str, String);

/// An algorithm that the platform does not take.
fn algorithm(
    case: &Case<'_>,
    platform: &Platform,
    (name, app): (&str, &RegisteredApp),
    key: &SigningKey,
) -> Option<Finding> {
    let announced = platform.discovery.list("token_endpoint_auth_signing_alg_values_supported");
    let (known, whose) = match announced.is_empty() {
        true => {
            let of_dialect = &case.dialect.client_assertion.algorithms;
            (of_dialect.iter().map(String::as_str).collect(), "the dialect says")
        }
        false => (announced, "the platform announces"),
    };
    let alg = key.alg().name();
    if known.is_empty() || known.contains(&alg) {
        return None;
    }
    let cause = match app.alg {
        Some(_) => "`alg` names an algorithm that the platform does not take",
        None => "an RSA key signs by RS384 and a curve by its own, where `alg` does not say more",
    };
    Some(
        Finding::new(
            Severity::Wrong,
            format!("the key of `{name}`"),
            format!("it signs by {alg}; {whose} {}", known.join(", ")),
            cause,
            format!("write `alg: {}`, with a key of its kind", known[0]),
        )
        .at(case.place_in(name, "alg")),
    )
}

/// Why the platform could not fetch a set from this address.
async fn out_of_reach(case: &Case<'_>, platform: &Platform, address: &Url) -> Option<Words> {
    // A platform on this machine reaches what is on it.
    if is_of_this_machine(&platform.fhir_base) && is_of_this_machine(address) {
        return None;
    }
    if address.scheme() != "https" {
        return Some((
            format!("`{address}` is not https"),
            "SMART App Launch requires TLS for key sets: whoever sits in between could exchange the keys",
            "publish it over https, and register that address".to_owned(),
        ));
    }
    if !leads_outside(&platform.fhir_base) {
        return None;
    }
    if !leads_outside(address) {
        return Some((
            format!("`{address}` leads to this machine or a private network"),
            "the platform fetches the set from the internet, and cannot get there",
            "publish it at a public address, e.g. as a static file, and register that".to_owned(),
        ));
    }
    let private = case.connector.private_address(address).await?;
    Some((
        format!("`{address}` leads to {private}, an address of a private network"),
        "the name is public, the machine behind it is not, or this network has its own answer for it",
        "look the name up from outside; publish the set where everybody gets to".to_owned(),
    ))
}

/// Whether the set at an address has the public half of this key.
async fn published(case: &Case<'_>, address: &Url, key: &SigningKey) -> Result<(), Words> {
    let asked = case.ask(Call::get(address.clone()).header("accept", "application/json")).await;
    let answer = asked.map_err(|error| {
        let fix = format!("open {address} with a browser, and mend its host");
        (format!("failed to {error}"), "the host takes connections and does not answer", fix)
    })?;
    if answer.status != 200 {
        return Err((
            format!("{address} answers with status {}", answer.status),
            "there is no document at the address, or not for everybody",
            "correct `jwks_url`, or publish the set there".to_owned(),
        ));
    }
    let set = KeySet::from_foreign_text(&answer.body).map_err(|error| {
        let fix = "publish a JWK Set with public keys only: `{ \"keys\": [ … ] }`".to_owned();
        (format!("failed to {error}"), "the document is no JWK Set that a platform can use", fix)
    })?;
    let kid = key.kid();
    let mut named = set.find(kid).peekable();
    if named.peek().is_none() {
        let known: Vec<&str> = set.keys().iter().map(|key| key.kid()).collect();
        let fix = match nearest(kid, known.iter().copied()) {
            Some(near) => format!("did you mean `kid: {near}`?"),
            None => {
                "publish the public half of the key, or write the `kid` of the one that is there"
                    .to_owned()
            }
        };
        return Err((
            format!("it has no key `{kid}`, but `{}`", known.join("`, `")),
            "the platform looks for the key by its `kid`, and refuses what it signs",
            fix,
        ));
    }
    let proof = key.sign_bytes(PROOF);
    if named.any(|public| public.verify(key.alg(), PROOF, &proof)) {
        return Ok(());
    }
    Err((
        format!("the key `{kid}` there does not belong to the private key of the project"),
        "the published key is another one, has another `alg`, or is not for signatures",
        "publish the public half of the private key that the project names".to_owned(),
    ))
}

const PROOF: &[u8] = b"the two halves of one key";
