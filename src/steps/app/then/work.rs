//! How the app's work ends: done, or told to have failed; and what it must not do.

use cucumber::then;

use crate::mock::Endpoint;
use crate::world::{Halt, Since, Work, World};

/// Users see data; or the trigger of an app without users says that the work was done.
#[then("the app's work is done")]
fn is_done(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let work = scene.examinee()?.work()?.clone();
    let seen = match &work {
        Work::Done => "done".to_owned(),
        Work::Failed(words) => format!("the app tells an error: {words}"),
        Work::Unclear(what) => what.clone(),
    };
    let api = scene.sent(API, Since::LastLook)?;
    scene.must("the app does its work").hint(format!("it called the API: {api}")).holds(
        work == Work::Done,
        "done",
        seen,
    )
}

/// Users are told of an error by the app; or the trigger of an app without users says that the work
/// was not done. The app does not act as if all were well, and is not silent.
#[then("the app tells that it failed")]
fn tells_failure(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let work = scene.examinee()?.work()?.clone();
    let seen = match &work {
        Work::Done => "it acts as if all were well".to_owned(),
        Work::Failed(words) => format!("an error: {words}"),
        Work::Unclear(what) => what.clone(),
    };
    scene
        .must("the app tells that it failed")
        .hint("`shows_error` of the app in the project file says how its errors are recognised")
        .holds(matches!(work, Work::Failed(_)), "an error is told", seen)
}

/// No token request follows, as long as the app is watched.
#[then("the app asks for no token")]
async fn asks_for_no_token(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (sent, looked) = scene.watch_for(&[Endpoint::Token], Since::LastLook).await?;
    scene.must(format!("no token request follows within {} s", looked.as_secs_f64())).holds(
        sent.count() == 0,
        "none",
        &sent,
    )
}

/// No API call follows, as long as the app is watched.
#[then("the app calls no API")]
async fn calls_no_api(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (sent, looked) = scene.watch_for(API, Since::LastLook).await?;
    scene.must(format!("no API call follows within {} s", looked.as_secs_f64())).holds(
        sent.count() == 0,
        "none",
        &sent,
    )
}

/// The APIs that tokens are for.
const API: &[Endpoint] = &[Endpoint::Fhir, Endpoint::V1];
