//! What others than the developer do for an app: the platform's staff, and practices.

use cucumber::when;
use serde_json::{Value, json};

use crate::mock::Environment;
use crate::world::{App, Halt, Scene, World};

/// The platform's staff note that this is done: `contract`, `tech_spec` or `solution_validation`.
#[when(expr = "the platform's staff note the {word}")]
async fn note(world: &mut World, what: String) -> Result<(), Halt> {
    tell(world.scene()?, "PUT", "onboarding", json!({ what: true })).await
}

/// A practice has `requested` the app, `enabled` it, or `admitted` it: agreed that it reads the data.
#[when(expr = "practice {int} has {word} the app")]
async fn agree(world: &mut World, practice: u32, what: String) -> Result<(), Halt> {
    tell(world.scene()?, "PUT", &format!("practices/{practice}"), json!({ said(&what): true }))
        .await
}

/// A practice takes back what it said of the app.
#[when(expr = "practice {int} has no longer {word} the app")]
async fn revoke(world: &mut World, practice: u32, what: String) -> Result<(), Halt> {
    tell(world.scene()?, "PUT", &format!("practices/{practice}"), json!({ said(&what): false }))
        .await
}

/// Asks for credentials of Production; the answer is judged, whatever it is.
#[when("the developer asks for Production credentials")]
async fn ask_for_production(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let path = format!("apps/{}/environments/production", scene.app()?.client_id);
    scene.answer = Some(scene.portal()?.send("POST", &path, None).await?);
    Ok(())
}

/// Asks that the app be let into Production, which some platforms want before they give credentials.
#[when("the developer requests Production")]
async fn request_production(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let path = format!("apps/{}/environments/production/request", scene.app()?.client_id);
    scene.answer = Some(scene.portal()?.send("POST", &path, None).await?);
    Ok(())
}

/// Looks up which environments the app has credentials of, and what it lacks for others.
#[when("the developer looks at the app's environments")]
async fn look_at_environments(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let path = format!("apps/{}/environments", scene.app()?.client_id);
    scene.answer = Some(scene.portal()?.send("GET", &path, None).await?);
    Ok(())
}

/// The app goes on with the credentials that the portal has just shown.
#[when("the app takes over the new credentials")]
fn take_over(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let app = scene.app()?;
    let (need, scopes) = (app.need.clone(), app.scopes.clone());
    let fresh = App::registered(need, scopes, scene.answer()?, scene.recorder.redactor());
    let fresh = scene.must("the portal shows new credentials").present(fresh)?;
    if let Some(app) = &mut scene.app {
        (app.client_id, app.secret) = (fresh.client_id, fresh.secret);
    }
    Ok(())
}

/// The app goes on in `Preview` or in `Production`, with what it has.
#[when(expr = "the app turns to {word}")]
fn turn_to(world: &mut World, environment: String) -> Result<(), Halt> {
    let known = Environment::read(&environment.to_lowercase());
    let known = known
        .ok_or_else(|| Halt::error(format!("`{environment}` is neither Preview nor Production")))?;
    world.scene()?.turn_to(known)
}

/// The platform's staff approve what the app selected and confirming alone did not approve.
#[when("the platform's staff approve the scopes")]
async fn approve_scopes(world: &mut World) -> Result<(), Halt> {
    tell(world.scene()?, "POST", "scopes/approve", json!({})).await
}

/// What a practice's decision is called where it is noted.
fn said(what: &str) -> &str {
    if what == "admitted" { "consented" } else { what }
}

async fn tell(scene: &mut Scene, method: &str, path: &str, body: Value) -> Result<(), Halt> {
    let path = format!("/control/apps/{}/{path}", scene.app()?.client_id);
    let answer = scene.portal()?.send_to_staff(method, &path, body).await?;
    scene.must("the platform takes note").equal(200, answer.status)
}
