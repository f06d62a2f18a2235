//! The app has a refresh token that lay for days.

use cucumber::given;

use crate::steps::when::{let_in, redeem_code};
use crate::world::{Halt, World};

/// A refresh token that this user gave the app, and that nobody has used for so long. The mock's clock is
/// moved; on another platform it comes from the bank, into which one is put today if it has none.
#[given(expr = "a refresh token of the {word} that nobody used for {int} day(s)")]
async fn kept_token(world: &mut World, user: String, days: u32) -> Result<(), Halt> {
    let scene = world.scene()?;
    if scene.draw(&user, days)? {
        return Ok(());
    }
    let_in(scene, &user).await?;
    redeem_code(scene).await?;
    scene.lay_up(&user, days)
}
