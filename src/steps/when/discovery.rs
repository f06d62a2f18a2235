//! Somebody reads what the platform says of itself.

use cucumber::{given, when};

use crate::http::Call;
use crate::protocol::discovery::Discovery;
use crate::world::{Halt, World};

/// Fetches the smart-configuration of the platform's FHIR base.
#[when("the app reads the platform's discovery document")]
async fn read_discovery(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = Call::get(Discovery::address(&scene.fhir_base));
    scene.send(call).await
}

/// Knows the platform's endpoints, so that `{issuer}` and `{token endpoint}` can be said.
#[given("the app knows the platform's endpoints")]
async fn know_the_endpoints(world: &mut World) -> Result<(), Halt> {
    world.scene()?.discover().await?;
    Ok(())
}

/// Fetches the platform's public keys.
#[when("the app fetches the platform's keys")]
async fn fetch_keys(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.answer = Some(scene.platform_keys().await?);
    Ok(())
}
