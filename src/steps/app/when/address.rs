//! Somebody opens an address of the app, with parameters of their own.

use cucumber::when;
use url::Url;

use crate::browser::Fresh;
use crate::steps::app::words::filled;
use crate::world::{Halt, Scene, World};

/// The user's browser opens an address of the app with this query: its `callback`, its `launch
/// address` or its `start address`.
#[when(
    regex = r#"^the browser opens the app's (callback|launch address|start address)(?: with "([^"]*)")?$"#
)]
async fn opens(world: &mut World, which: String, query: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let address = address(scene, &which, &query)?;
    scene.look_from_here()?;
    if scene.browser.is_none() {
        let browser = scene.context.browser.lease(scene.recorder.clone(), Fresh::No).await?;
        scene.browser = Some(browser);
    }
    visit(scene, &address).await
}

/// Somebody else, whose browser knows nothing of the user's, opens the app's callback with this query.
#[when(expr = "another browser opens the app's callback with {string}")]
async fn another_opens(world: &mut World, query: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let address = address(scene, "callback", &query)?;
    scene.look_from_here()?;
    let other = scene.context.browser.lease(scene.recorder.clone(), Fresh::Yes).await?;
    // The user's own is given back, so that what is seen from here on is what the other one sees.
    if let Some(own) = scene.browser.replace(other) {
        own.release().await;
    }
    visit(scene, &address).await
}

async fn visit(scene: &mut Scene, address: &str) -> Result<(), Halt> {
    // Whether the app answers at all, and what, is what the scenario judges.
    let _ = scene.tab()?.open(address).await;
    scene.see_what_it_shows().await
}

fn address(scene: &mut Scene, which: &str, query: &str) -> Result<String, Halt> {
    let query = filled(scene, query)?;
    let described = &scene.examinee()?.described;
    let base = match which {
        "callback" => described.redirect_uris.first().cloned(),
        "launch address" => described.launch_url.clone(),
        _ => described.start_url.clone().or_else(|| described.launch_url.clone()),
    };
    let base = base.ok_or_else(|| Halt::error(format!("the app has no {which}")))?;
    let mut url = Url::parse(&base)
        .map_err(|error| Halt::error(format!("`{base}` is no address: {error}")))?;
    // As it is written: what has to be encoded is the scenario's affair.
    let joined = [url.query().unwrap_or_default(), &query].into_iter().filter(|it| !it.is_empty());
    let joined: Vec<&str> = joined.collect();
    let joined = (!joined.is_empty()).then(|| joined.join("&"));
    url.set_query(joined.as_deref());
    Ok(url.into())
}
