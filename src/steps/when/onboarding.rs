//! What others than the developer do for an app: the platform's staff, and practices.

use cucumber::when;
use serde_json::{Value, json};

use crate::world::{Halt, Scene, World};

/// The platform's staff note that this is done: `contract`, `tech_spec` or `solution_validation`.
#[when(expr = "the platform's staff note the {word}")]
async fn note(world: &mut World, what: String) -> Result<(), Halt> {
    control(world.scene()?, "onboarding", json!({ what: true })).await
}

/// A practice has `requested` the app, `enabled` it, or `admitted` it: agreed that it reads the data.
#[when(expr = "practice {int} has {word} the app")]
async fn agree(world: &mut World, practice: u32, what: String) -> Result<(), Halt> {
    control(world.scene()?, &format!("practices/{practice}"), json!({ said(&what): true })).await
}

/// A practice takes back what it said of the app.
#[when(expr = "practice {int} has no longer {word} the app")]
async fn revoke(world: &mut World, practice: u32, what: String) -> Result<(), Halt> {
    control(world.scene()?, &format!("practices/{practice}"), json!({ said(&what): false })).await
}

/// Asks for credentials of Production; the answer is judged, whatever it is.
#[when("the developer asks for Production credentials")]
async fn ask_for_production(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let path = format!("apps/{}/environments/production", scene.app()?.client_id);
    scene.answer = Some(scene.portal()?.send("POST", &path, None).await?);
    Ok(())
}

/// What a practice's decision is called where it is noted.
fn said(what: &str) -> &str {
    if what == "admitted" { "consented" } else { what }
}

async fn control(scene: &mut Scene, path: &str, body: Value) -> Result<(), Halt> {
    let path = format!("/control/apps/{}/{path}", scene.app()?.client_id);
    let answer = scene.portal()?.send_to_staff(&path, body).await?;
    scene.must("the platform takes note").equal(200, answer.status)
}
