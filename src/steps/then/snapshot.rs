//! The answer is what was accepted before.

use cucumber::then;

use crate::snapshot::{Normaliser, SnapshotName, answer};
use crate::world::{Halt, World};

/// Compares the shape of the last answer with the accepted snapshot of that name.
///
/// A difference is no failure: it waits for review.
#[then(expr = "the answer looks like the accepted {string}")]
fn looks_accepted(world: &mut World, answer_name: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (id, title) = scene.scenario.clone();
    let seen = scene.answer()?;
    let value = answer(seen.status, &seen.headers, &seen.body);
    let normaliser = Normaliser::new(scene.recorder.redactor())
        .address(&scene.fhir_base.origin().ascii_serialization(), "platform")
        // Some random ids look like words.
        .volatile(&["client_id", "app_id", "jti", "sub"]);
    let name = SnapshotName {
        target: scene.context.target.clone(),
        capability: scene.capability.clone(),
        scenario: title,
        step: answer_name,
    };
    let outcome = scene.context.snapshots.compare(&name, &id, &value, &normaliser)?;
    scene.recorder.snapshot(outcome);
    Ok(())
}
