//! The app asks what is left of a token, and gives one back (RFC 7662, RFC 7009).

use cucumber::gherkin::Step;
use cucumber::when;

use super::token::request_of_app;
use crate::steps::table::Changes;
use crate::steps::who::Who;
use crate::world::{Halt, Scene, TokenRequest, World};

/// Asks the introspection endpoint about an `access`, `refresh` or `ID` token; the other app asks
/// about one of the first app's.
#[when(expr = "{app} introspects its/the {word} token")]
async fn introspect(world: &mut World, who: Who, token: String) -> Result<(), Halt> {
    send(world.scene()?, who, &token, INTROSPECTION).await
}

/// Asks the introspection endpoint, but for the changes.
#[when(expr = "the app introspects its {word} token with {changes}")]
async fn introspect_with(
    world: &mut World,
    token: String,
    changes: Changes,
    step: &Step,
) -> Result<(), Halt> {
    send_changed(world.scene()?, &token, &changes, step, INTROSPECTION).await
}

/// Gives an `access` or `refresh` token back; the other app tries it with one of the first app's.
#[when(expr = "{app} revokes its/the {word} token")]
async fn revoke(world: &mut World, who: Who, token: String) -> Result<(), Halt> {
    send(world.scene()?, who, &token, REVOCATION).await
}

/// Gives a token back, but for the changes.
#[when(expr = "the app revokes its {word} token with {changes}")]
async fn revoke_with(
    world: &mut World,
    token: String,
    changes: Changes,
    step: &Step,
) -> Result<(), Halt> {
    send_changed(world.scene()?, &token, &changes, step, REVOCATION).await
}

async fn send(scene: &mut Scene, who: Who, token: &str, endpoint: &str) -> Result<(), Halt> {
    who.acts(scene, async |scene| about(scene, token).await?.send_to(scene, endpoint).await).await
}

async fn send_changed(
    scene: &mut Scene,
    token: &str,
    changes: &Changes,
    step: &Step,
    endpoint: &str,
) -> Result<(), Halt> {
    let request = about(scene, token).await?;
    request.changed(changes.read(scene, step)?)?.send_to(scene, endpoint).await
}

/// A request of the app about one of the tokens that were issued last.
async fn about(scene: &mut Scene, word: &str) -> Result<TokenRequest, Halt> {
    let token = scene.held_tokens()?.named(word)?.expose().to_owned();
    let hint = format!("{}_token", word.to_lowercase());
    request_of_app(scene, &[("token", token), ("token_type_hint", hint)]).await
}

const INTROSPECTION: &str = "introspection_endpoint";
const REVOCATION: &str = "revocation_endpoint";
