//! The app signs an assertion that differs from a conforming one in one point.

use cucumber::when;
use serde_json::{Value, json};

use super::token::client_credentials;
use crate::protocol::assertion::Assertion;
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

/// Asks for a token with an assertion that says nothing of its algorithm but `none`, unsigned.
#[when("the app asks for a token with an unsigned assertion")]
async fn ask_unsigned(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut assertion = conforming(scene).await?;
    assertion.header["alg"] = json!("none");
    let signed = assertion.sign(scene.app()?.key()?);
    let bare = signed.expose().rsplit_once('.').map_or("", |(bare, _)| bare);
    let unsigned = Secret::new(format!("{bare}."));
    ask(scene, &unsigned).await
}

/// Asks for a token with an assertion whose claims were changed after it was signed.
#[when("the app asks for a token with an assertion that was changed after it was signed")]
async fn ask_tampered(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let assertion = conforming(scene).await?;
    let signed = assertion.sign(scene.app()?.key()?);
    let mut later = assertion;
    later.claims["jti"] = json!(changed(later.claims["jti"].as_str().unwrap_or_default()));
    let other = later.sign(scene.app()?.key()?);
    let (body, _) = other.expose().rsplit_once('.').unwrap_or_default();
    let (_, signature) = signed.expose().rsplit_once('.').unwrap_or_default();
    let tampered = Secret::new(format!("{body}.{signature}"));
    ask(scene, &tampered).await
}

/// Asks for a token with an assertion signed by a key that is in no key set.
#[when("the app asks for a token with an assertion signed by a foreign key")]
async fn ask_foreign(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let assertion = conforming(scene).await?;
    let key = scene.context.keys.lend(scene.app()?.key()?.alg(), FOREIGN).await?;
    let signed = assertion.sign(&key);
    ask(scene, &signed).await
}

/// Asks for a token with an assertion signed by a key that stands in its header, where anybody can
/// put one.
#[when("the app asks for a token with an assertion that brings its own key")]
async fn ask_with_own_key(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut assertion = conforming(scene).await?;
    let key = scene.context.keys.lend(scene.app()?.key()?.alg(), FOREIGN).await?;
    assertion.header["jwk"] = key.public_jwk();
    let signed = assertion.sign(&key);
    ask(scene, &signed).await
}

/// Asks for a token with an HS256 assertion whose secret is the app's public key, written as a
/// `JWK` or as `PEM`.
#[when(
    expr = "the app asks for a token with an assertion whose secret is its public key as {word}"
)]
async fn ask_with_public_key_as_secret(world: &mut World, form: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut assertion = conforming(scene).await?;
    let key = scene.app()?.key()?;
    let secret = match form.as_str() {
        "JWK" => key.public_jwk().to_string(),
        "PEM" => key.public_pem(),
        _ => return Err(Halt::error(format!("`{form}` is no form of a key; known are JWK, PEM"))),
    };
    assertion.header["alg"] = json!("HS256");
    let authenticated = assertion.authenticate(secret.as_bytes());
    ask(scene, &authenticated).await
}

/// Asks for a token with an assertion that names the first key but is signed by the second.
#[when(
    "the app asks for a token with an assertion that names its first key but is signed by its second"
)]
async fn ask_confused(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let assertion = conforming(scene).await?;
    let second = scene.app()?.keys.get(1);
    let second = second.ok_or_else(|| Halt::error("the app has one key only"))?;
    let signed = assertion.sign(second);
    ask(scene, &signed).await
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
    if let Some(count) = text.strip_prefix("in ").and_then(seconds) {
        return Some(json!(now + count));
    }
    if let Some(count) = text.strip_suffix(" seconds ago").and_then(seconds) {
        return Some(json!(now - count));
    }
    Some(serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
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
        assert_eq!(understand("60 seconds ago", 1000), Some(json!(940)));
        assert_eq!(understand("[\"x\"]", 0), Some(json!(["x"])));
        assert_eq!(understand("https://x.example", 0), Some(json!("https://x.example")));
        assert_eq!(understand("(none)", 0), None);
    }
}
