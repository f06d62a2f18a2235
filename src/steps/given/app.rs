//! The app of a scenario, registered and ready.

use std::str::FromStr;

use cucumber::given;

use crate::protocol::Algorithm;
use crate::world::{Halt, Kind, Method, Need, World};

/// An app of this kind, registered with the scopes that are usual for it; an embedded one is shown
/// inside the EHR's own pages, another one has nothing to do with the first.
#[given(expr = "{which} {kind} app with {method}")]
async fn an_app(world: &mut World, which: Which, kind: Kind, method: Method) -> Result<(), Halt> {
    let scene = world.scene()?;
    let need = Need { embedded: which == Which::Embedded, ..Need::new(kind, method) };
    if which == Which::Another {
        scene.other_app = Some(scene.obtain_another(need).await?);
    } else {
        scene.app = Some(scene.obtain(need).await?);
    }
    Ok(())
}

/// An app of this kind that authenticates in the platform's usual way.
#[given(expr = "a {kind} app")]
async fn some_app(world: &mut World, kind: Kind) -> Result<(), Halt> {
    let scene = world.scene()?;
    let method = scene.context.usual_method(kind);
    let method = method.ok_or_else(|| Halt::error("the target has no such app"))?;
    scene.app = Some(scene.obtain(Need::new(kind, method)).await?);
    Ok(())
}

/// An app of this kind that was registered with just these scopes, among those of the Certified APIs
/// or of all.
#[given(expr = "a {kind} {reach} with {method} and the scopes {string}")]
async fn an_app_with_scopes(
    world: &mut World,
    kind: Kind,
    reach: Reach,
    method: Method,
    scopes: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let scopes = scopes.split_whitespace().map(str::to_owned).collect();
    let certified = reach == Reach::Certified;
    let need = Need { scopes: Some(scopes), certified, ..Need::new(kind, method) };
    scene.app = Some(scene.obtain(need).await?);
    Ok(())
}

/// An app with several keys of one algorithm in its key set.
#[given(expr = "a {kind} app with {method} of {int} {word} key(s)")]
async fn an_app_with_keys(
    world: &mut World,
    kind: Kind,
    method: Method,
    keys: usize,
    algorithm: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let algorithm = algorithm
        .parse::<Algorithm>()
        .map_err(|error| Halt::error(format!("failed to {error}")))?;
    let need = Need { keys, algorithm, ..Need::new(kind, method) };
    scene.app = Some(scene.obtain(need).await?);
    Ok(())
}

/// Which of a scenario's apps is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "which", regex = "a|an embedded|another")]
enum Which {
    TheApp,
    /// The app, inside the EHR's own pages.
    Embedded,
    /// A second app, of another developer or of the same.
    Another,
}

/// Which APIs an app may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "reach", regex = "app|app for all APIs")]
enum Reach {
    Certified,
    All,
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "an embedded" => Self::Embedded,
            "another" => Self::Another,
            _ => Self::TheApp,
        })
    }
}

impl FromStr for Reach {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "app" { Self::Certified } else { Self::All })
    }
}
