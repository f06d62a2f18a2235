//! How the platform is set up.

use cucumber::given;
use serde_json::Value;

use crate::world::{Halt, World};

/// The platform says that it has a capability (SMART App Launch 2.2 §2.2). Of one that does not,
/// nothing is demanded here.
#[given(expr = "a platform that announces {string}")]
async fn announces(world: &mut World, capability: String) -> Result<(), Halt> {
    let discovery = world.scene()?.discover().await?;
    match discovery.list("capabilities").contains(&capability.as_str()) {
        true => Ok(()),
        false => Err(Halt::NotOffered(format!("the platform does not announce `{capability}`"))),
    }
}

/// A setting of the platform, by its path in the dialect, has this value: JSON, or else a text.
#[given(expr = "the platform's setting {string} is {string}")]
fn is_set(world: &mut World, path: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let server = scene.mock.as_ref().ok_or_else(|| {
        Halt::error("the target has no settings; the scenario lacks the tag `@needs:settings`")
    })?;
    let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
    let changed = server.platform.dialect().with(&path, &value);
    let changed = changed.map_err(|error| Halt::error(format!("failed to {error}")))?;
    server.platform.set_dialect(changed);
    scene.tempts();
    Ok(())
}
