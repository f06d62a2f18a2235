//! The app is used.

use std::time::Duration;

use cucumber::when;

use crate::steps::app::words::filled;
use crate::world::{Halt, Work, World};

/// The app's user begins where users of this app do (its start page, or a chart of the EHR), signs in,
/// allows access, and waits for what the app shows; and again, since an app may ask for something once
/// a minute only.
#[when(regex = "^the user signs in to the app(, and again after a minute if that fails)?$")]
async fn sign_in(world: &mut World, again: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.sign_in_to_app().await?;
    if !again.is_empty() && *scene.work()? != Work::Done {
        scene.leave_alone(MINUTE).await?;
        scene.sign_in_to_app().await?;
    }
    Ok(())
}

/// The app does what it is for: a user signs in and sees data, later they look at it again; an app
/// without users is triggered.
#[when("the app is put to work")]
async fn put_to_work(world: &mut World) -> Result<(), Halt> {
    world.scene()?.put_to_work().await
}

/// The app's user begins to sign in, and leaves it at that: the platform's pages are not gone through. An
/// app that only the EHR opens signs in as a whole, and one without users is put to work.
#[when("the user starts the app")]
async fn start(world: &mut World) -> Result<(), Halt> {
    world.scene()?.start_to_sign_in().await
}

/// The app does what it is for, several times after each other; or the trigger of an app without users
/// is pulled several times at once; or its user goes back to the tab in which it was open before, and
/// looks at it again there.
#[when(regex = r"^the app is put to work (?:(\d+) times( at once)?|in the earlier tab)$")]
async fn put_to_work_often(world: &mut World, times: String, at_once: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let Ok(times) = times.parse::<usize>() else {
        scene.go_back()?;
        return scene.put_to_work().await;
    };
    if !at_once.is_empty() {
        return scene.pull_trigger_at_once(times).await;
    }
    for _ in 0..times {
        scene.put_to_work().await?;
    }
    Ok(())
}

/// Nobody uses the app for a while, by the clock on the wall.
#[when(expr = "the app is left alone for {int} seconds")]
async fn is_left_alone(world: &mut World, seconds: u64) -> Result<(), Halt> {
    world.scene()?.leave_alone(Duration::from_secs(seconds)).await
}

/// The user presses the control by which the app's users sign out.
#[when("the user signs out of the app")]
async fn sign_out(world: &mut World) -> Result<(), Halt> {
    world.scene()?.sign_out_of_app().await
}

/// The EHR's user opens the app from a patient's chart, and waits for what it shows; in another tab, while
/// the app stays open where it was, if the sentence says so.
#[when(regex = r#"^the app under test is opened (in another tab )?from the chart of "([^"]+)"$"#)]
async fn open_from_chart(
    world: &mut World,
    another_tab: String,
    patient: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let patient = filled(scene, &patient)?;
    match another_tab.is_empty() {
        true => scene.open_from_chart(&patient).await,
        false => scene.open_beside(&patient).await,
    }
}

/// A minute by the clock on the wall, and a moment.
const MINUTE: Duration = Duration::from_secs(61);
