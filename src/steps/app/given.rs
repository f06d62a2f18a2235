//! What is so before the app is used: it runs, and the platform errs or not.

use cucumber::gherkin::Step;
use cucumber::given;

use super::words::filled;
use crate::mock::Fault;
use crate::world::{Halt, Scene, World};

/// The app under test is registered at a fresh platform of its own, and started.
#[given("the app under test")]
async fn begin(world: &mut World) -> Result<(), Halt> {
    world.scene()?.begin().await
}

/// From now on the platform errs by the fault under the sentence: JSON, as `POST /control/faults`
/// takes it, or a list of such.
#[given("a platform that errs:")]
fn errs(world: &mut World, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let text = filled(scene, step.docstring.as_deref().unwrap_or_default())?;
    plant(scene, &text)
}

/// Plants faults that a text writes as JSON.
pub(super) fn plant(scene: &mut Scene, text: &str) -> Result<(), Halt> {
    let wrong = |error: &dyn std::fmt::Display| Halt::error(format!("the fault is wrong: {error}"));
    let faults: Vec<Fault> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map_err(|error| wrong(&error))?,
        false => vec![serde_json::from_str(text).map_err(|error| wrong(&error))?],
    };
    scene.tempts();
    let server = scene.mock.as_ref();
    let server = server.ok_or_else(|| Halt::error("an app is examined against the mock"))?;
    for fault in faults {
        server.platform.faults().plant(fault).map_err(|error| wrong(&error))?;
    }
    Ok(())
}
