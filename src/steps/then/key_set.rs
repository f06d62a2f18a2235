//! What the app's own host sees of the platform.

use cucumber::then;

use crate::world::{Halt, World};

/// The platform came for the key set this often.
#[then(expr = "the platform has fetched the app's key set {int} time(s)")]
fn fetched(world: &mut World, expected: usize) -> Result<(), Halt> {
    let scene = world.scene()?;
    let host = scene.app()?.host.as_ref();
    let fetches = host.ok_or_else(|| Halt::error("the app hosts no key set"))?.fetches();
    scene.must("the platform fetches the key set as its caching allows").equal(expected, fetches)
}
