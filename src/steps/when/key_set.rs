//! The app's keys change: published, withdrawn, signed with.

use cucumber::when;
use serde_json::{Value, json};

use crate::http::{AppHost, Page};
use crate::world::{Halt, Scene, World};

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

/// Publishes a second key, which it makes, or withdraws the first one; the first one still signs.
#[when(regex = "^the app (adds a second key to|takes its first key out of) its key set$")]
async fn change_keys(world: &mut World, change: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let first = scene.app()?.key()?;
    if change.starts_with("takes") {
        let first = first.public_jwk();
        let rest = scene.app()?.public_keys().into_iter().filter(|key| *key != first).collect();
        return publish(scene, rest).await;
    }
    let key = scene.context.keys.lend(first.alg(), 2).await?;
    let app = scene.app.as_mut().ok_or_else(|| Halt::error("there is no app"))?;
    app.keys.push(key);
    let keys = app.public_keys();
    scene.recorder.know_keys(keys.clone());
    publish(scene, keys).await
}

/// The app's host answers with this status, with this text, or by a redirect to where the other app
/// has its key set, which has the same key in it.
#[when(
    regex = r#"^the app's host (answers with status \d+|serves "[^"]*"|redirects to the other app's) instead of its key set$"#
)]
fn host_answers(world: &mut World, answer: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let page = if let Some(body) = answer.strip_prefix("serves ") {
        Page { body: body.trim_matches('"').to_owned(), ..Page::key_set(&[]) }
    } else if let Some(status) = answer.strip_prefix("answers with status ") {
        let status = status.parse().map_err(|_| Halt::error(format!("`{status}` is no status")))?;
        let (content_type, body) = ("text/plain", "sorry".to_owned());
        Page { status, content_type, max_age: None, location: None, body }
    } else {
        let other = scene.other_app()?.host.as_ref().map(|host| host.url().clone());
        let location = Some(other.ok_or_else(|| Halt::error("the other app hosts no key set"))?);
        Page { status: 302, location, ..Page::key_set(&[]) }
    };
    host(scene)?.show(page);
    Ok(())
}

/// The app's host allows its key set to be kept for some seconds.
#[when(expr = "the app's host lets its key set be cached for {int} seconds")]
fn host_allows_caching(world: &mut World, seconds: u32) -> Result<(), Halt> {
    let scene = world.scene()?;
    let keys = scene.app()?.public_keys();
    host(scene)?.show(Page { max_age: Some(seconds), ..Page::key_set(&keys) });
    Ok(())
}

fn host(scene: &Scene) -> Result<&AppHost, Halt> {
    scene.app()?.host.as_ref().ok_or_else(|| Halt::error("the app hosts no key set"))
}

/// Publishes keys where the app's registration has them: on its own host, or in the portal.
async fn publish(scene: &mut Scene, keys: Vec<Value>) -> Result<(), Halt> {
    if let Some(host) = &scene.app()?.host {
        host.show(Page::key_set(&keys));
        return Ok(());
    }
    let path = format!("apps/{}/jwks", scene.app()?.client_id);
    let answer =
        scene.portal()?.send("PUT", &path, Some(json!({ "jwks": { "keys": keys } }))).await?;
    scene.must("the portal takes the new key set").equal(200, answer.status)
}
