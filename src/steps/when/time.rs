//! What happens on the platform meanwhile: time passes, keys change.

use cucumber::when;
use jiff::SignedDuration;

use crate::world::{Halt, World};

/// Moves the platform's clock forward.
#[when(regex = r"^(\d+) (second|minute|hour|day)s? pass(?:es)?$")]
fn time_passes(world: &mut World, count: i64, unit: String) -> Result<(), Halt> {
    let seconds = match unit.as_str() {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => 1,
    };
    let scene = world.scene()?;
    scene.clock.advance(SignedDuration::from_secs(count.saturating_mul(seconds)));
    scene.tempts();
    Ok(())
}

/// Signs with another key from now on.
#[when("the platform changes its signing key")]
fn key_changes(world: &mut World) -> Result<(), Halt> {
    let server = world.scene()?.mock.as_ref().ok_or_else(|| {
        Halt::error(
            "nobody changes the target's keys; the scenario lacks the tag `@needs:settings`",
        )
    })?;
    let changed = server.platform.rotate_keys(None);
    changed.map_err(|error| Halt::error(format!("failed to {error}")))
}
