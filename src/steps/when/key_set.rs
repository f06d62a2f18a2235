//! The app's keys change: published, withdrawn, signed with.

use cucumber::when;
use serde_json::{Value, json};

use crate::http::{AppHost, Page};
use crate::world::{App, Halt, Scene, World};

/// Signs with its second key from now on.
#[when("the app signs with its second key")]
fn sign_with_second(world: &mut World) -> Result<(), Halt> {
    let app = world.scene()?.app.as_mut().ok_or_else(|| Halt::error("there is no app"))?;
    if app.keys.len() < 2 {
        return Err(Halt::error("the app has one key only"));
    }
    app.keys.swap(0, 1);
    Ok(())
}

/// Makes a second key and publishes it beside the first one; the first one still signs.
#[when("the app adds a second key to its key set")]
async fn add_key(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let key = scene.context.keys.lend(scene.app()?.key()?.alg(), 2).await?;
    let app = scene.app.as_mut().ok_or_else(|| Halt::error("there is no app"))?;
    app.keys.push(key);
    publish(scene).await
}

/// Takes the key out of the key set that it signed with first; that key still signs.
#[when("the app takes its first key out of its key set")]
async fn remove_key(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let first = scene.app()?.key()?.public_jwk();
    let keys: Vec<Value> =
        public_keys(scene.app()?).into_iter().filter(|key| *key != first).collect();
    publish_keys(scene, keys).await
}

/// The app's host answers with this status instead of the key set.
#[when(expr = "the app's host answers with status {int}")]
fn host_fails(world: &mut World, status: u16) -> Result<(), Halt> {
    let scene = world.scene()?;
    let body = "sorry".to_owned();
    let page = Page { status, content_type: "text/plain", max_age: None, location: None, body };
    host(scene)?.show(page);
    Ok(())
}

/// The app's host sends whoever comes for its key set to that of the other app, which has the same
/// key in it.
#[when("the app's host redirects to the key set of the other app")]
fn host_redirects(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let other = scene.other_app()?.host.as_ref().map(|host| host.url().clone());
    let location = Some(other.ok_or_else(|| Halt::error("the other app hosts no key set"))?);
    host(scene)?.show(Page { status: 302, location, ..Page::key_set(&[]) });
    Ok(())
}

/// The app's host serves this text where its key set was.
#[when(expr = "the app's host serves {string} instead of its key set")]
fn host_serves(world: &mut World, body: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    host(scene)?.show(Page { body, ..Page::key_set(&[]) });
    Ok(())
}

/// The app's host allows its key set to be kept for some seconds.
#[when(expr = "the app's host lets its key set be cached for {int} seconds")]
fn host_allows_caching(world: &mut World, seconds: u32) -> Result<(), Halt> {
    let scene = world.scene()?;
    let keys = public_keys(scene.app()?);
    host(scene)?.show(Page { max_age: Some(seconds), ..Page::key_set(&keys) });
    Ok(())
}

fn public_keys(app: &App) -> Vec<Value> {
    app.keys.iter().map(|key| key.public_jwk()).collect()
}

fn host(scene: &Scene) -> Result<&AppHost, Halt> {
    scene.app()?.host.as_ref().ok_or_else(|| Halt::error("the app hosts no key set"))
}

async fn publish(scene: &mut Scene) -> Result<(), Halt> {
    let keys = public_keys(scene.app()?);
    publish_keys(scene, keys).await
}

/// Publishes keys where the app's registration has them: on its own host, or in the portal.
async fn publish_keys(scene: &mut Scene, keys: Vec<Value>) -> Result<(), Halt> {
    if let Some(host) = &scene.app()?.host {
        host.show(Page::key_set(&keys));
        return Ok(());
    }
    let path = format!("apps/{}/jwks", scene.app()?.client_id);
    let answer =
        scene.portal()?.send("PUT", &path, Some(json!({ "jwks": { "keys": keys } }))).await?;
    scene.must("the portal takes the new key set").equal(200, answer.status)
}
