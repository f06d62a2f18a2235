//! The key set that the app hosts (RFC 7517; SMART App Launch 2.2 §5.1.3).

use cucumber::{then, when};
use serde_json::Value;

use crate::protocol::KeySet;
use crate::world::{Halt, Scene, World};

/// The platform fetches the key set that the app hosts, without credentials.
#[when("the platform asks for the app's key set")]
async fn is_asked(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.ask_for_key_set().await?;
    scene.answer = Some(answer);
    Ok(())
}

/// Whoever asks gets status 200 and a JSON document.
#[then("the app's key set is answered with 200 and JSON")]
fn is_json(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let seen = match answer.json() {
        Some(_) => format!("status {} and JSON", answer.status),
        None => format!("status {} and something else", answer.status),
    };
    scene.must("the key set is there for everybody").equal("status 200 and JSON", seen)
}

/// The answer has this header.
#[then(expr = "the app's key set comes with {string}")]
fn comes_with(world: &mut World, name: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let value = scene.answer()?.header(&name.to_lowercase()).map(str::to_owned);
    let seen = if value.is_some() { "it does" } else { "it does not" };
    scene.should(format!("the key set comes with `{name}`")).equal("it does", seen)
}

/// Each key has `kty`, `kid` and the members of its kind (RFC 7518 §6); shows no private half and is no
/// shared secret; or has a `kid` of its own and can be used: RSA of 2048 bits or more, or a known curve.
#[then(
    regex = "^each key of the app's set is (complete|public|strong and can be told from the others)$"
)]
fn is_good(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let document = scene.must("the key set is JSON").present(scene.answer()?.json())?;
    if what.starts_with("strong") {
        let set = KeySet::parse(&document);
        let seen = set.as_ref().map_or_else(ToString::to_string, |_| "each".to_owned());
        return scene.must("each key has its own `kid` and is strong enough").equal("each", seen);
    }
    for (index, key) in keys(scene, &document)?.iter().enumerate() {
        let number = index + 1;
        if what == "public" {
            let shown: Vec<&str> = PRIVATE.into_iter().filter(|it| key.get(it).is_some()).collect();
            let claim = scene.must(format!("key {number} of the set has no private member"));
            claim.clause("RFC 7517 §9.2").equal("[]", format!("{shown:?}"))?;
            continue;
        }
        let needed: &[&str] = match key["kty"].as_str() {
            Some("RSA") => &["kty", "kid", "n", "e"],
            Some("EC") => &["kty", "kid", "crv", "x", "y"],
            _ => &["kty", "kid"],
        };
        let lacking = needed.iter().filter(|it| !key[**it].is_string()).copied();
        let claim = scene.must(format!("key {number} of the set lacks no member"));
        claim.clause("RFC 7517 §4").equal("[]", format!("{:?}", lacking.collect::<Vec<_>>()))?;
    }
    Ok(())
}

/// The set has so many keys.
#[then(expr = "the app's key set has {int} to {int} keys")]
fn has_keys(world: &mut World, least: usize, most: usize) -> Result<(), Halt> {
    let scene = world.scene()?;
    let document = scene.must("the key set is JSON").present(scene.answer()?.json())?;
    let count = keys(scene, &document)?.len();
    let claim = scene.should(format!("the set has {least} to {most} keys"));
    claim.holds((least..=most).contains(&count), format!("{least} to {most}"), count)
}

fn keys<'a>(scene: &Scene, document: &'a Value) -> Result<&'a Vec<Value>, Halt> {
    scene.must("the document has `keys`").present(document["keys"].as_array())
}

const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
