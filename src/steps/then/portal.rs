//! What the portal accepts and refuses.

use cucumber::then;
use serde_json::Value;

use crate::world::{Halt, World};

/// The registration gave credentials.
#[then("the app is registered")]
fn is_registered(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    scene
        .must("the portal accepts the registration")
        .hint("the body of the answer names the field that it did not accept")
        .equal(201, answer.status)?;
    let client_id = answer.member("client_id").filter(Value::is_string);
    scene.must("the app gets a client id").present(client_id).map(|_| ())
}

/// The portal refused because of this field, and gave no credentials.
#[then(expr = "the portal refuses because of {string}")]
fn is_refused(world: &mut World, field: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    scene.must("the portal refuses").equal(422, answer.status)?;
    let named = answer.member("field");
    let named = named.as_ref().and_then(Value::as_str).unwrap_or("no field").to_owned();
    scene.must("the portal names the field").equal(&field, named)?;
    let credentials = ["client_id", "client_secret"]
        .into_iter()
        .find(|member| answer.member(member).is_some())
        .unwrap_or("none");
    scene.must("no credentials are made").equal("none", credentials)
}

/// The platform, or its portal, answered with this status.
#[then(expr = "the platform/portal answers with status {int}")]
fn answers(world: &mut World, status: u16) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.must("the platform answers as documented").equal(status, scene.answer()?.status)
}

/// The answer shows a client secret, this once; or neither the secret nor its first half is anywhere
/// in it.
#[then(regex = "^the client secret is( not)? shown$")]
fn secret_is_shown(world: &mut World, not: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let member = answer.member("client_secret");
    if not.is_empty() {
        let secret = member.filter(Value::is_string);
        return scene.must("the answer has the client secret").present(secret).map(|_| ());
    }
    let secret = scene.app()?.secret.as_ref().map(|it| it.expose().to_owned()).unwrap_or_default();
    let half = &secret[..secret.len() / 2];
    let shown = member.is_some() || (!half.is_empty() && answer.body.contains(half));
    scene
        .must("a secret is never shown again")
        .equal("not shown", if shown { "shown" } else { "not shown" })
}

/// The list names this many apps.
#[then(expr = "there is/are {int} app(s) in the list")]
fn lists(world: &mut World, expected: usize) -> Result<(), Halt> {
    let scene = world.scene()?;
    let body = scene.answer()?.json().unwrap_or_default();
    let apps = body.as_array().or_else(|| body["apps"].as_array());
    scene.must("the portal lists the apps of the account").equal(expected, apps.map_or(0, Vec::len))
}

/// The list shows a client id and a client secret of each app.
#[then("each app in the list has its client id and secret")]
fn lists_credentials(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let body = scene.answer()?.json().unwrap_or_default();
    let apps = body.as_array().or_else(|| body["apps"].as_array()).cloned().unwrap_or_default();
    for member in ["client_id", "client_secret"] {
        let with = apps.iter().filter(|app| app[member].is_string()).count();
        scene.must(format!("each app in the list has `{member}`")).equal(apps.len(), with)?;
    }
    Ok(())
}

/// The portal gave no credentials, and named the one thing that is missing.
#[then(expr = "the portal says that the {word} is missing")]
fn says_what_is_missing(world: &mut World, missing: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    scene.must("the portal gives no credentials yet").equal(403, answer.status)?;
    let named = answer.member("missing").unwrap_or_default();
    let expected = serde_json::json!([missing]);
    scene.must("the portal names what is missing").equal(expected.to_string(), named.to_string())
}
