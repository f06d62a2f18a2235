//! What the platform does meanwhile, and who else there is.

use cucumber::gherkin::Step;
use cucumber::{given, when};

use crate::steps::app::given::plant;
use crate::steps::app::words::{filled, platform};
use crate::world::{Halt, World};

/// From now on the platform errs by the fault under the sentence: JSON, as `POST /control/faults`
/// takes it, or a list of such.
#[when("the platform errs:")]
fn errs(world: &mut World, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let text = filled(scene, step.docstring.as_deref().unwrap_or_default())?;
    plant(scene, &text)
}

/// From now on the platform does what it promises.
#[when("the platform errs no more")]
fn errs_no_more(world: &mut World) -> Result<(), Halt> {
    platform(world.scene()?)?.faults().clear();
    Ok(())
}

/// There is another platform on this machine, with which the app has nothing to do: `{other host}`.
#[given("another host")]
async fn another_host(world: &mut World) -> Result<(), Halt> {
    world.scene()?.invite_bystander().await
}
