//! Time passes on the platform.

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
    world.scene()?.clock.advance(SignedDuration::from_secs(count.saturating_mul(seconds)));
    Ok(())
}
