//! The app of a scenario, registered and ready.

use cucumber::given;

use crate::protocol::Algorithm;
use crate::world::{Halt, Kind, Method, Need, World};

/// An app of this kind, registered with the scopes that are usual for it.
#[given(expr = "a {kind} app with {method}")]
async fn an_app(world: &mut World, kind: Kind, method: Method) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.app = Some(scene.obtain(Need::new(kind, method)).await?);
    Ok(())
}

/// An app of this kind that authenticates in the platform's usual way.
#[given(expr = "a {kind} app")]
async fn some_app(world: &mut World, kind: Kind) -> Result<(), Halt> {
    let scene = world.scene()?;
    let method = scene.context.usual_method(kind);
    let method = method.ok_or_else(|| Halt::error("the target has no such app"))?;
    scene.app = Some(scene.obtain(Need::new(kind, method)).await?);
    Ok(())
}

/// An app of this kind that was registered with just these scopes.
#[given(expr = "a {kind} app with {method} and the scopes {string}")]
async fn an_app_with_scopes(
    world: &mut World,
    kind: Kind,
    method: Method,
    scopes: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let scopes = scopes.split_whitespace().map(str::to_owned).collect();
    let need = Need { scopes: Some(scopes), ..Need::new(kind, method) };
    scene.app = Some(scene.obtain(need).await?);
    Ok(())
}

/// An app that may call other APIs than the Certified ones too, registered with just these scopes.
#[given(expr = "a {kind} app for all APIs with {method} and the scopes {string}")]
async fn an_app_for_all_apis(
    world: &mut World,
    kind: Kind,
    method: Method,
    scopes: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let scopes = scopes.split_whitespace().map(str::to_owned).collect();
    let need = Need { scopes: Some(scopes), certified: false, ..Need::new(kind, method) };
    scene.app = Some(scene.obtain(need).await?);
    Ok(())
}

/// An app with several keys of one algorithm in its key set.
#[given(expr = "a {kind} app with {method} of {int} {word} key(s)")]
async fn an_app_with_keys(
    world: &mut World,
    kind: Kind,
    method: Method,
    keys: usize,
    algorithm: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let algorithm = algorithm
        .parse::<Algorithm>()
        .map_err(|error| Halt::error(format!("failed to {error}")))?;
    let need = Need { keys, algorithm, ..Need::new(kind, method) };
    scene.app = Some(scene.obtain(need).await?);
    Ok(())
}

/// An app that the EHR shows inside its own pages.
#[given(expr = "an embedded {kind} app with {method}")]
async fn an_embedded_app(world: &mut World, kind: Kind, method: Method) -> Result<(), Halt> {
    let scene = world.scene()?;
    let need = Need { embedded: true, ..Need::new(kind, method) };
    scene.app = Some(scene.obtain(need).await?);
    Ok(())
}

/// A second app, of another developer or of the same, that has nothing to do with the first.
#[given(expr = "another {kind} app with {method}")]
async fn another_app(world: &mut World, kind: Kind, method: Method) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.other_app = Some(scene.obtain(Need::new(kind, method)).await?);
    Ok(())
}
