//! The assertions by which the app authenticates (RFC 7523, SMART App Launch 2.2 §5).

use std::str::FromStr;

use cucumber::then;
use serde_json::Value;

use crate::mock::Entry;
use crate::protocol::jws::Jws;
use crate::protocol::{Algorithm, KeySet};
use crate::steps::app::sent::{Kind, judge, parameter};
use crate::steps::app::words::platform;
use crate::world::{Halt, Scene, World};

/// A part of a JWT: its header, or its claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "part", regex = "header|claim")]
pub enum Part {
    /// The header.
    Header,
    /// The claims.
    Claim,
}

/// Each assertion has this member, with this value; `{registered kid}` is any key of the app's set,
/// `{registered jku}` its address or no such member, `{audience}` what the platform takes as `aud`.
#[then(expr = "each assertion has the {part} {string} {string}")]
async fn has(world: &mut World, part: Part, name: String, expected: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let expected = match expected.as_str() {
        "{registered kid}" => {
            let keys = KeySet::parse(&scene.public_keys().await?);
            let keys = keys.map_err(|error| Halt::Inconclusive(error.to_string()))?;
            keys.keys().iter().map(|key| key.kid().to_owned()).collect::<Vec<_>>().join(" or ")
        }
        "{audience}" => platform(scene)?.assertion_audiences().join(" or "),
        "{registered jku}" => {
            scene.examinee()?.described.jwks_url.clone().unwrap_or_else(|| "(none)".to_owned())
        }
        other => other.to_owned(),
    };
    let is_optional = name == "jku";
    for entry in with_assertions(scene).await? {
        let jws = taken_apart(scene, &entry)?;
        let members = if part == Part::Header { &jws.header } else { &jws.claims };
        let what = format!("the assertion's `{name}` is as it should be");
        match members.get(&name) {
            None if is_optional => judge(scene, &what, None, "(none)")?,
            // An audience may be a list of one (RFC 7519 §4.1.3).
            Some(Value::Array(list)) if list.len() == 1 => {
                judge(scene, &what, list[0].as_str(), &expected)?;
            }
            Some(Value::String(text)) => judge(scene, &what, Some(text), &expected)?,
            other => {
                let text = other.map(ToString::to_string);
                judge(scene, &what, text.as_deref(), &expected)?;
            }
        }
    }
    Ok(())
}

/// The signature of each assertion is proven with the key of its `kid` in the app's set; `none` and
/// shared secrets are no signatures.
#[then("each assertion is signed by a registered key")]
async fn is_signed(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let keys = KeySet::from_foreign_text(&scene.public_keys().await?.to_string());
    let keys = keys.map_err(|error| Halt::Inconclusive(error.to_string()))?;
    for entry in with_assertions(scene).await? {
        let proven = taken_apart(scene, &entry)?.prove(&keys, &ALGORITHMS);
        let seen = proven.as_ref().map_or_else(ToString::to_string, |()| "it is".to_owned());
        let claim = scene.must("the assertion is signed by a key of the app's set");
        claim.clause("RFC 7523 §3").holds(proven.is_ok(), "it is", seen)?;
    }
    Ok(())
}

/// `exp` is a whole number, later than the request, and not too much.
#[then(expr = "each assertion expires within {int} seconds")]
async fn expires(world: &mut World, seconds: i64) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in with_assertions(scene).await? {
        let jws = taken_apart(scene, &entry)?;
        let exp = jws.claims.get("exp");
        let claim = scene.must("`exp` is a whole number of seconds");
        let shown = exp.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let number = exp.and_then(Value::as_i64);
        claim.holds(number.is_some(), "a whole number", shown)?;
        let ahead = number.unwrap_or_default() - entry.request.time.as_second();
        scene
            .must(format!("the assertion is over within {seconds} s"))
            .clause("SMART App Launch 2.2.0 § Client Authentication: Asymmetric")
            // Two clocks, and the way between them.
            .holds(
                (1..=seconds + LEEWAY).contains(&ahead),
                format!("1 to {seconds} s ahead"),
                format!("{ahead} s ahead"),
            )?;
    }
    Ok(())
}

/// No two assertions have this claim in common, and each has it.
#[then(expr = "each assertion has a {string} of its own")]
async fn has_own(world: &mut World, name: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let entries = with_assertions(scene).await?;
    let mut seen: Vec<(String, String)> = Vec::new();
    for entry in &entries {
        let value = taken_apart(scene, entry)?.claims.get(&name).map(ToString::to_string);
        let claim = scene.must(format!("each assertion has a `{name}`"));
        let value = claim.present(value)?;
        let whole = parameter(entry, "client_assertion").unwrap_or_default().to_owned();
        // The same assertion, sent again, is another scenario's.
        let again = seen.iter().any(|(other, known)| *other == value && *known != whole);
        let claim = scene.must(format!("no `{name}` comes twice"));
        claim.holds(!again, "another one each time", if again { "the same" } else { "another" })?;
        seen.push((value, whole));
    }
    match seen.len() {
        1 => Err(Halt::Inconclusive("there is one assertion to look at".to_owned())),
        _ => Ok(()),
    }
}

/// No assertion is sent twice.
#[then("each token request has an assertion of its own")]
async fn is_own(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let entries = with_assertions(scene).await?;
    let mut seen: Vec<&str> = Vec::new();
    for assertion in entries.iter().filter_map(|entry| parameter(entry, "client_assertion")) {
        let again = seen.contains(&assertion);
        let claim =
            scene.must("an assertion is used once").clause("SMART App Launch 2.2.0 § Request");
        claim.holds(!again, "another one", if again { "the same again" } else { "another one" })?;
        seen.push(assertion);
    }
    match seen.len() {
        1 => Err(Halt::Inconclusive("there is one token request to look at".to_owned())),
        _ => Ok(()),
    }
}

/// The token requests that bring an assertion.
async fn with_assertions(scene: &Scene) -> Result<Vec<Entry>, Halt> {
    let sent = Kind::Token.each(scene).await?;
    let with = |entry: &Entry| parameter(entry, "client_assertion").is_some();
    let with: Vec<Entry> = sent.into_iter().filter(with).collect();
    match with.is_empty() {
        true => Err(Halt::Inconclusive("the app sent no assertion".to_owned())),
        false => Ok(with),
    }
}

fn taken_apart<'a>(scene: &Scene, entry: &'a Entry) -> Result<Jws<'a>, Halt> {
    let jws = Jws::parse(parameter(entry, "client_assertion").unwrap_or_default());
    let seen = jws.as_ref().map_or_else(ToString::to_string, |_| "a JWT".to_owned());
    let claim = scene.must("the assertion is a JWT").clause("RFC 7523 §2.2");
    claim.equal("a JWT", seen)?;
    jws.map_err(|error| Halt::NotMet(error.to_string()))
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(if text == "header" { Self::Header } else { Self::Claim })
    }
}

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Es256, Algorithm::Es384];
/// Seconds.
const LEEWAY: i64 = 5;
