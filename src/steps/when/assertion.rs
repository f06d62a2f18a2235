//! The app signs an assertion that differs from a conforming one in one point.

use std::str::FromStr;

use cucumber::when;
use serde_json::{Value, json};

use super::token::client_credentials;
use crate::protocol::assertion::Assertion;
use crate::protocol::signing_key::SigningKey;
use crate::secret::Secret;
use crate::world::{Halt, Scene, World, changed};

/// Asks for a token with an assertion in which one member differs.
///
/// `alg`, `typ`, `kid`, `jku` and `crit` are members of the header, all others are claims. A value
/// is a text, JSON, `(none)`, or a time: `in 300 seconds`, `60 seconds ago`.
#[when(expr = "the app asks for a token with an assertion whose {word} is {string}")]
async fn ask_with_member(world: &mut World, member: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let value = scene.say(&value)?;
    let mut assertion = conforming(scene).await?;
    let part = if HEADER.contains(&member.as_str()) {
        &mut assertion.header
    } else {
        &mut assertion.claims
    };
    match understand(&value, scene.clock.unix()) {
        Some(value) => part[&member] = value,
        None => {
            if let Some(members) = part.as_object_mut() {
                members.shift_remove(&member);
            }
        }
    }
    let key = scene.app()?.key()?;
    // Another algorithm of the same kind of key is really used, so that nothing else is wrong.
    let named = assertion.header["alg"].as_str().and_then(|alg| alg.parse().ok());
    let other = named.and_then(|algorithm| key.signing_by(algorithm));
    let signed = assertion.sign(other.as_ref().unwrap_or(key));
    ask(scene, &signed).await
}

/// Asks for a token with an assertion that is not what a conforming app could have signed.
#[when(expr = "the app asks for a token with an assertion {forged}")]
async fn ask_forged(world: &mut World, forgery: Forgery) -> Result<(), Halt> {
    let scene = world.scene()?;
    let assertion = conforming(scene).await?;
    let forged = match forgery {
        Forgery::Unsigned => unsigned(assertion, scene.app()?.key()?),
        Forgery::Tampered => tampered(assertion, scene.app()?.key()?),
        Forgery::ForeignKey => assertion.sign(&foreign_key(scene).await?),
        Forgery::OwnKey => bringing(assertion, &foreign_key(scene).await?),
        Forgery::OtherKey => {
            let second = scene.app()?.keys.get(1);
            assertion.sign(second.ok_or_else(|| Halt::error("the app has one key only"))?)
        }
        Forgery::PublicJwk => {
            let public = scene.app()?.key()?.public_jwk().to_string();
            authenticated(assertion, &public)
        }
        Forgery::PublicPem => authenticated(assertion, &scene.app()?.key()?.public_pem()),
    };
    ask(scene, &forged).await
}

/// Asks for two tokens with one and the same assertion.
#[when("the app asks for two tokens with the same assertion")]
async fn ask_twice(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let assertion = conforming(scene).await?;
    let signed = assertion.sign(scene.app()?.key()?);
    ask(scene, &signed).await?;
    let first = scene.answer()?.status;
    scene.must("the first use of the assertion is accepted").equal(200, first)?;
    ask(scene, &signed).await
}

/// Says nothing of its algorithm but `none`, and has no signature.
fn unsigned(mut assertion: Assertion, key: &SigningKey) -> Secret {
    assertion.header["alg"] = json!("none");
    let signed = assertion.sign(key);
    let bare = signed.expose().rsplit_once('.').map_or("", |(bare, _)| bare);
    Secret::new(format!("{bare}."))
}

/// Was changed after it was signed.
fn tampered(assertion: Assertion, key: &SigningKey) -> Secret {
    let signed = assertion.sign(key);
    let mut later = assertion;
    later.claims["jti"] = json!(changed(later.claims["jti"].as_str().unwrap_or_default()));
    let other = later.sign(key);
    let (body, _) = other.expose().rsplit_once('.').unwrap_or_default();
    let (_, signature) = signed.expose().rsplit_once('.').unwrap_or_default();
    Secret::new(format!("{body}.{signature}"))
}

/// Is signed by a key that stands in its header, where anybody can put one.
fn bringing(mut assertion: Assertion, key: &SigningKey) -> Secret {
    assertion.header["jwk"] = key.public_jwk();
    assertion.sign(key)
}

/// Has an HS256 signature whose secret is a public key.
fn authenticated(mut assertion: Assertion, public_key: &str) -> Secret {
    assertion.header["alg"] = json!("HS256");
    assertion.authenticate(public_key.as_bytes())
}

/// A key that is in no key set.
async fn foreign_key(scene: &Scene) -> Result<SigningKey, Halt> {
    scene.context.keys.lend(scene.app()?.key()?.alg(), FOREIGN).await
}

async fn conforming(scene: &mut Scene) -> Result<Assertion, Halt> {
    let aud = scene.assertion_audience().await?;
    let app = scene.app()?;
    Ok(Assertion::new(app.key()?, &app.client_id, &aud, scene.clock.unix()))
}

async fn ask(scene: &mut Scene, assertion: &Secret) -> Result<(), Halt> {
    let mut request = client_credentials(scene).await?;
    request.set_assertion(assertion);
    request.send(scene).await
}

/// The value that a text stands for; `None` takes the member away.
fn understand(text: &str, now: i64) -> Option<Value> {
    let seconds = |text: &str| text.split_whitespace().next().and_then(|it| it.parse::<i64>().ok());
    if text == "(none)" {
        return None;
    }
    if let Some(later) = text.strip_prefix("in ").and_then(|later| moment(later, now)) {
        return Some(later);
    }
    if let Some(count) = text.strip_suffix(" seconds ago").and_then(seconds) {
        return Some(json!(now - count));
    }
    Some(serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}

/// The time in `300 seconds` or `60.5 seconds`, as JSON has it.
fn moment(later: &str, now: i64) -> Option<Value> {
    let count = later.split_whitespace().next()?;
    let (whole, part) = count.split_at(count.find('.').unwrap_or(count.len()));
    let whole = now + whole.parse::<i64>().ok()?;
    serde_json::from_str(&format!("{whole}{part}")).ok()
}

/// How an assertion is forged.
#[derive(Clone, Copy, Debug, cucumber::Parameter)]
#[param(
    name = "forged",
    regex = "that is unsigned|that was changed after it was signed|signed by a foreign key|that brings its own key|that names its first key but is signed by its second|whose secret is its public key as JWK|whose secret is its public key as PEM"
)]
enum Forgery {
    Unsigned,
    Tampered,
    ForeignKey,
    OwnKey,
    OtherKey,
    PublicJwk,
    PublicPem,
}

impl FromStr for Forgery {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "that is unsigned" => Self::Unsigned,
            "that was changed after it was signed" => Self::Tampered,
            "signed by a foreign key" => Self::ForeignKey,
            "that brings its own key" => Self::OwnKey,
            "that names its first key but is signed by its second" => Self::OtherKey,
            "whose secret is its public key as JWK" => Self::PublicJwk,
            "whose secret is its public key as PEM" => Self::PublicPem,
            other => return Err(format!("`{other}` is no way to forge an assertion")),
        })
    }
}

const HEADER: [&str; 5] = ["alg", "typ", "kid", "jku", "crit"];
/// Number of a key that no app of a scenario has.
const FOREIGN: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_time_json_or_a_text() {
        assert_eq!(understand("in 300 seconds", 1000), Some(json!(1300)));
        assert_eq!(understand("in 60.5 seconds", 1000), Some(json!(1060.5)));
        assert_eq!(understand("60 seconds ago", 1000), Some(json!(940)));
        assert_eq!(understand("[\"x\"]", 0), Some(json!(["x"])));
        assert_eq!(understand("https://x.example", 0), Some(json!("https://x.example")));
        assert_eq!(understand("(none)", 0), None);
    }
}
