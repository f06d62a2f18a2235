//! Which of two apps does what a sentence says.

use std::mem::swap;
use std::str::FromStr;

use crate::world::{Halt, Scene};

/// The app of a scenario, or another one that gets hold of what is not its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "app", regex = "the app|the other app")]
pub enum Who {
    /// The app that the scenario is about.
    App,
    /// The other app.
    OtherApp,
}

impl Who {
    /// Lets this app do something; codes and tokens are those of the scenario, whoever uses them.
    ///
    /// # Errors
    /// Those of the deed.
    pub async fn acts(
        self,
        scene: &mut Scene,
        deed: impl AsyncFnOnce(&mut Scene) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        if self == Self::App {
            return deed(scene).await;
        }
        swap(&mut scene.app, &mut scene.other_app);
        let done = deed(scene).await;
        swap(&mut scene.app, &mut scene.other_app);
        done
    }
}

impl FromStr for Who {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "the app" => Ok(Self::App),
            "the other app" => Ok(Self::OtherApp),
            other => Err(format!("`{other}` is no app")),
        }
    }
}
