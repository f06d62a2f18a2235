//! Somebody reads what the platform says of itself.

use cucumber::{given, when};
use url::Url;

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

/// Fetches the smart-configuration, asking for this media type.
#[when(expr = "the app reads the platform's discovery document as {string}")]
async fn read_as(world: &mut World, media_type: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = Call::get(Discovery::address(&scene.fhir_base)).header("accept", media_type);
    scene.send(call).await
}

/// A script of a page of the app fetches the smart-configuration (Fetch Standard, CORS protocol).
#[when("a script in a browser reads the platform's discovery document")]
async fn read_by_script(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = Call::get(Discovery::address(&scene.fhir_base)).header("origin", ORIGIN);
    scene.send(call).await
}

/// Fetches the configuration that the issuer publishes itself (OpenID Connect Discovery 1.0 §4).
#[when("the app reads the issuer's own configuration")]
async fn read_issuer(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let issuer = scene.discover().await?.text("issuer").unwrap_or_default().to_owned();
    let issuer = issuer.trim_end_matches('/');
    let address = Url::parse(&format!("{issuer}/.well-known/openid-configuration")).ok();
    let address = scene.must("`issuer` is an absolute URL").present(address)?;
    scene.send(Call::get(address)).await
}

/// Knows the platform's endpoints, so that `{issuer}` and `{token endpoint}` can be said.
#[given("the app knows the platform's endpoints")]
async fn know_the_endpoints(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    // Where the document is not for everybody, the endpoints are known without it.
    if !scene.context.dialect.discovery.needs_token {
        scene.discover().await?;
    }
    Ok(())
}

/// Fetches the platform's public keys.
#[when("the app fetches the platform's keys")]
async fn fetch_keys(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.answer = Some(scene.platform_keys().await?);
    Ok(())
}

/// Where the pages of an app are.
const ORIGIN: &str = "https://app.example";
