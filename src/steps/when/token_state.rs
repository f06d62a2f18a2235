//! The app asks what is left of a token, and gives one back (RFC 7662, RFC 7009).

use cucumber::when;

use super::token::{request_of_app, swap_apps};
use crate::world::{Halt, Scene, TokenRequest, World};

/// Asks the introspection endpoint about its `access`, `refresh` or `ID` token.
#[when(expr = "the app introspects its {word} token")]
async fn introspect(world: &mut World, token: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    about(scene, &token).await?.send_to(scene, INTROSPECTION).await
}

/// Asks the introspection endpoint with one thing changed.
#[when(expr = "the app introspects its {word} token with the {string} {string}")]
async fn introspect_with(
    world: &mut World,
    token: String,
    name: String,
    value: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = about(scene, &token).await?;
    request.change(&name, &scene.say(&value)?)?;
    request.send_to(scene, INTROSPECTION).await
}

/// The other app asks the introspection endpoint about a token of the first one.
#[when(expr = "the other app introspects the {word} token")]
async fn other_introspects(world: &mut World, token: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    swap_apps(scene);
    about(scene, &token).await?.send_to(scene, INTROSPECTION).await?;
    swap_apps(scene);
    Ok(())
}

/// Gives its `access` or `refresh` token back.
#[when(expr = "the app revokes its {word} token")]
async fn revoke(world: &mut World, token: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    about(scene, &token).await?.send_to(scene, REVOCATION).await
}

/// Gives a token back, with one thing changed.
#[when(expr = "the app revokes its {word} token with the {string} {string}")]
async fn revoke_with(
    world: &mut World,
    token: String,
    name: String,
    value: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = about(scene, &token).await?;
    request.change(&name, &scene.say(&value)?)?;
    request.send_to(scene, REVOCATION).await
}

/// The other app tries to give back a token of the first one.
#[when(expr = "the other app revokes the {word} token")]
async fn other_revokes(world: &mut World, token: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    swap_apps(scene);
    about(scene, &token).await?.send_to(scene, REVOCATION).await?;
    swap_apps(scene);
    Ok(())
}

/// A request of the app about one of the tokens that were issued last.
async fn about(scene: &mut Scene, word: &str) -> Result<TokenRequest, Halt> {
    let token = scene.held_tokens()?.named(word)?.expose().to_owned();
    let hint = format!("{}_token", word.to_lowercase());
    request_of_app(scene, &[("token", token), ("token_type_hint", hint)]).await
}

const INTROSPECTION: &str = "introspection_endpoint";
const REVOCATION: &str = "revocation_endpoint";
