//! The app is used.

use cucumber::when;

use crate::world::{Halt, World};

/// The app's user begins where users of this app do (its start page, or a chart of the EHR), signs in,
/// allows access, and waits for what the app shows.
#[when("the user signs in to the app")]
async fn sign_in(world: &mut World) -> Result<(), Halt> {
    world.scene()?.sign_in_to_app().await
}

/// The app does what it is for: a user signs in and sees data, later they look at it again; an app
/// without users is triggered.
#[when("the app is put to work")]
async fn put_to_work(world: &mut World) -> Result<(), Halt> {
    world.scene()?.put_to_work().await
}
