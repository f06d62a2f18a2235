//! Somebody reads what the platform says of itself.

use cucumber::{given, when};
use url::Url;

use crate::http::Call;
use crate::world::{Halt, Scene, World};

/// Fetches the smart-configuration of the platform's FHIR base, the configuration that the issuer
/// publishes itself (OpenID Connect Discovery 1.0 §4), or the platform's public keys.
#[when(
    regex = "^the app reads the (platform's discovery document|issuer's own configuration|platform's keys)$"
)]
async fn read(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let address = match what.as_str() {
        "platform's keys" => {
            scene.answer = Some(scene.platform_keys().await?);
            return Ok(());
        }
        "issuer's own configuration" => issuers_own(scene).await?,
        _ => scene.discovery_address(),
    };
    scene.send(Call::get(address)).await
}

/// Fetches the smart-configuration, asking for this media type.
#[when(expr = "the app reads the platform's discovery document as {string}")]
async fn read_as(world: &mut World, media_type: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = Call::get(scene.discovery_address()).header("accept", media_type);
    scene.send(call).await
}

/// A script of a page of the app fetches the smart-configuration (Fetch Standard, CORS protocol).
#[when("a script in a browser reads the platform's discovery document")]
async fn read_by_script(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = Call::get(scene.discovery_address()).header("origin", scene.origin());
    scene.send(call).await
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

/// Where the issuer publishes its own configuration.
pub(in crate::steps) async fn issuers_own(scene: &mut Scene) -> Result<Url, Halt> {
    let discovery = scene.discover().await?;
    if discovery.text("issuer").is_none() && !discovery.signs_in() {
        let why = "the platform announces no `issuer`, and nothing of OpenID Connect";
        return Err(Halt::NotOffered(why.to_owned()));
    }
    let issuer = discovery.text("issuer").unwrap_or_default().to_owned();
    let issuer = issuer.trim_end_matches('/');
    let address = Url::parse(&format!("{issuer}/.well-known/openid-configuration")).ok();
    scene.must("`issuer` is an absolute URL").present(address)
}
