//! What the ID token has to say (OpenID Connect Core §2, §3.1.3.7).

use cucumber::then;
use regex::Regex;
use serde_json::Value;

use crate::protocol::id_token::{at_hash, verify};
use crate::world::{Halt, Scene, World};

/// Signature, issuer, audience, times, nonce and `at_hash` are right.
#[then("the ID token can be trusted")]
async fn can_be_trusted(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let claims = verified_claims(scene).await?;
    let issuer = scene.discover().await?.text("issuer").unwrap_or("absent").to_owned();
    let scene = &*scene;
    let must = |statement: &str| scene.must(statement).clause("OpenID Connect Core §3.1.3.7");
    must("`iss` is the issuer of the discovery").equal(issuer, text(&claims, "iss"))?;
    must("`aud` is the app").holds(
        names(&claims["aud"], &scene.app()?.client_id),
        &scene.app()?.client_id,
        &claims["aud"],
    )?;
    let (now, iat, exp) = (scene.clock.unix(), number(&claims, "iat"), number(&claims, "exp"));
    must("`exp` is in the future").holds(exp > now, format!("after {now}"), exp)?;
    must("`iat` is not in the future").holds(
        iat > 0 && iat <= now + FORGIVEN,
        format!("at most {now}"),
        iat,
    )?;
    must("`sub` names the user").holds(!text(&claims, "sub").is_empty(), "a text", "empty")?;
    let sent = scene.authorization.as_ref().and_then(|it| it.value("nonce"));
    must("`nonce` comes back as it was sent")
        .equal(sent.unwrap_or("absent"), claims["nonce"].as_str().unwrap_or("absent"))?;
    if let Some(hash) = claims["at_hash"].as_str() {
        must("`at_hash` belongs to the access token")
            .equal(at_hash(&scene.tokens()?.access), hash)?;
    }
    Ok(())
}

/// A claim is a text that matches this pattern.
#[then(expr = "the ID token's {word} matches {string}")]
async fn claim_matches(world: &mut World, claim: String, pattern: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let claims = verified_claims(scene).await?;
    let regex = Regex::new(&pattern).map_err(|error| Halt::error(error.to_string()))?;
    let actual = claims[&claim].as_str().unwrap_or("absent");
    scene.must(format!("`{claim}` of the ID token is as documented")).holds(
        regex.is_match(actual),
        pattern,
        actual,
    )
}

/// A claim is not there.
#[then(expr = "the ID token has no {word}")]
async fn claim_is_absent(world: &mut World, claim: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let claims = verified_claims(scene).await?;
    let actual = if claims.get(&claim).is_some() { "present" } else { "absent" };
    scene.must(format!("the ID token has no `{claim}`")).equal("absent", actual)
}

/// The claims, once the signature was verified with the platform's published keys.
async fn verified_claims(scene: &mut Scene) -> Result<Value, Halt> {
    let keys = scene.platform_keys().await?;
    let keys = scene
        .must("the platform publishes its keys")
        .clause("OpenID Connect Core §10.1")
        .present(keys.json().filter(|_| keys.status == 200))?;
    let token = scene.tokens()?.id.as_ref();
    let token = scene.must("the answer has an ID token").present(token)?;
    let outcome = verify(token, &keys);
    let actual =
        outcome.as_ref().err().map_or("it is".to_owned(), |error| format!("failed to {error}"));
    scene
        .must("the ID token is signed by a key of the platform")
        .clause("OpenID Connect Core §3.1.3.7")
        .equal("it is", actual)?;
    outcome.map(|(_, claims)| claims).map_err(|error| Halt::NotMet(error.to_string()))
}

fn names(audience: &Value, client_id: &str) -> bool {
    match audience {
        Value::String(one) => one == client_id,
        Value::Array(all) => all.iter().any(|one| one == client_id),
        _ => false,
    }
}

fn text(claims: &Value, name: &str) -> String {
    claims[name].as_str().unwrap_or_default().to_owned()
}

fn number(claims: &Value, name: &str) -> i64 {
    claims[name].as_i64().unwrap_or_default()
}

/// Seconds that two clocks may differ.
const FORGIVEN: i64 = 60;
