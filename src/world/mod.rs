//! The world of one scenario: what its sentences act on.
//!
//! The run sets a [`Scene`] for each scenario before its first step; the steps take from it, call
//! one engine, and put back. The [`Context`] is what all scenes of a run share.

mod app;
mod asking;
mod authorization;
mod context;
mod embedded;
mod examinee;
mod film;
mod halt;
mod judge;
mod keys;
mod portal;
mod registered;
mod scene;
mod tokens;
mod words;

pub use app::{App, Client, Kind, Method, Need};
pub use authorization::Authorization;
pub use context::{Account, Context, Subject};
pub use embedded::{Embedded, Touched, Witness};
pub use examinee::{Examination, Examinee, Sent, Since, Work};
pub use halt::Halt;
pub use judge::Claim;
pub use keys::KeyRing;
pub use portal::{LAUNCH_URL, Portal, REDIRECT_URI, lawful_registration};
pub use registered::{KnownApp, Missing, Remote};
pub use scene::Scene;
pub use tokens::{Keeping, SharedTokens, Teller, TokenRequest, Tokens, waits};
pub use words::{changed, example_in};

/// What cucumber hands to every step: the scene, once the run has set it.
#[derive(Default, cucumber::World)]
pub struct World(Option<Result<Box<Scene>, Halt>>);

impl World {
    /// Sets the scene, or notes why it could not be set; the first step says so then.
    pub fn enter(&mut self, scene: Result<Scene, Halt>) {
        self.0 = Some(scene.map(Box::new));
    }

    /// Takes the scene away, to clear it.
    pub fn leave(&mut self) -> Option<Scene> {
        self.0.take()?.ok().map(|scene| *scene)
    }

    /// The scene.
    ///
    /// # Errors
    /// [`Halt`] if it could not be set.
    pub fn scene(&mut self) -> Result<&mut Scene, Halt> {
        match &mut self.0 {
            Some(Ok(scene)) => Ok(scene),
            Some(Err(halt)) => Err(halt.clone()),
            None => Err(Halt::error("the scene was not set")),
        }
    }
}

/// Cucumber prints a world when a step fails; there is nothing in it that may be printed.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}
