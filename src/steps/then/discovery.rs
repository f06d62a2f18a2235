//! What the platform says of itself (SMART App Launch 2.2 §2).

use cucumber::then;
use regex::Regex;
use serde_json::Value;
use url::Url;

use crate::protocol::discovery::Discovery;
use crate::world::{Halt, Scene, World};

/// The document is there, anonymous, as JSON.
#[then("the platform publishes a discovery document")]
fn is_published(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let must = |statement: &str| scene.must(statement).clause("SMART App Launch 2.2 §2.1");
    must("everybody can read the document").equal(200, answer.status)?;
    must("the document is JSON").equal("application/json", answer.media_type())?;
    let document = answer.json().filter(Value::is_object);
    must("the document is an object").present(document).map(|_| ())
}

/// These members are absolute URLs.
#[then(expr = "it names the {string} as an absolute address")]
fn names_endpoint(world: &mut World, member: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let text = discovery.text(&member).unwrap_or("absent");
    let absolute = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    scene.must(format!("`{member}` is an absolute URL")).clause("SMART App Launch 2.2 §2.1").holds(
        absolute,
        "an absolute URL",
        text,
    )
}

/// A member is this text.
#[then(expr = "its {string} is {string}")]
fn member_is(world: &mut World, member: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (value, discovery) = (scene.say(&value)?, discovery(scene)?);
    let actual = discovery.text(&member).unwrap_or("absent");
    scene.must(format!("`{member}` is as documented")).equal(value, actual)
}

/// A member is a text that matches this pattern.
#[then(expr = "its {string} matches {string}")]
fn member_matches(world: &mut World, member: String, pattern: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let regex = Regex::new(&pattern).map_err(|error| Halt::error(error.to_string()))?;
    let actual = discovery.text(&member).unwrap_or("absent");
    let claim = scene.must(format!("`{member}` has the documented form"));
    claim.holds(regex.is_match(actual), pattern, actual)
}

/// A list has this value.
#[then(expr = "its {string} has {string}")]
fn list_has(world: &mut World, member: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let list = discovery.list(&member);
    scene.must(format!("`{member}` has `{value}`")).clause("SMART App Launch 2.2 §2.1").holds(
        list.contains(&value.as_str()),
        value,
        list.join(", "),
    )
}

/// A list does not have this value.
#[then(expr = "its {string} does not have {string}")]
fn list_lacks(world: &mut World, member: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let discovery = discovery(scene)?;
    let list = discovery.list(&member);
    scene
        .must(format!("`{member}` does not have `{value}`"))
        .clause("SMART App Launch 2.2 §2.1")
        .holds(!list.contains(&value.as_str()), format!("without {value}"), list.join(", "))
}

/// The key set has keys, each with an id and without private parts.
#[then("the platform's keys are public and have ids")]
fn keys_are_public(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let must = |statement: &str| scene.must(statement).clause("RFC 7517 §4, §5");
    must("everybody can read the keys").equal(200, answer.status)?;
    let keys = answer.member("keys").and_then(|it| it.as_array().cloned()).unwrap_or_default();
    must("there is a key at least").holds(!keys.is_empty(), "1 or more", keys.len())?;
    for key in &keys {
        for member in ["kid", "kty"] {
            must(&format!("a key has `{member}`")).present(key[member].as_str())?;
        }
        let private: Vec<&str> =
            PRIVATE.into_iter().filter(|member| key.get(member).is_some()).collect();
        must("a key has no private part").equal("[]", format!("{private:?}"))?;
    }
    Ok(())
}

fn discovery(scene: &Scene) -> Result<Discovery, Halt> {
    let document = scene.answer()?.json();
    Ok(Discovery { document: document.ok_or_else(|| Halt::error("no document was read"))? })
}

const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];
