//! What others than the developer do for an app: the platform's staff, and practices.

use cucumber::when;
use serde_json::{Value, json};

use crate::mock::Environment;
use crate::world::{App, Halt, Scene, World};

/// The platform's staff note that this is done: `contract`, `tech_spec` or `solution_validation`; or
/// they approve the `scopes` that the app selected and confirming alone did not approve.
#[when(regex = r"^the platform's staff (note|approve) the (\w+)$")]
async fn note(world: &mut World, deed: String, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    if deed == "approve" {
        return tell(scene, "POST", &format!("{what}/approve"), json!({})).await;
    }
    tell(scene, "PUT", "onboarding", json!({ what: true })).await
}

/// A practice has `requested` the app, `enabled` it, or `admitted` it: agreed that it reads the data;
/// or it takes that back.
#[when(regex = r"^practice (\d+) has( no longer)? (\w+) the app$")]
async fn agree(
    world: &mut World,
    practice: u32,
    no_longer: String,
    what: String,
) -> Result<(), Halt> {
    // What a practice's decision is called where it is noted.
    let noted = if what == "admitted" { "consented".to_owned() } else { what };
    let path = format!("practices/{practice}");
    tell(world.scene()?, "PUT", &path, json!({ noted: no_longer.is_empty() })).await
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

async fn tell(scene: &mut Scene, method: &str, path: &str, body: Value) -> Result<(), Halt> {
    let path = format!("/control/apps/{}/{path}", scene.app()?.client_id);
    let answer = scene.portal()?.send_to_staff(method, &path, body).await?;
    scene.must("the platform takes note").equal(200, answer.status)
}
