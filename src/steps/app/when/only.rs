//! What the app has to have done for a scenario to be about it. Of one that does otherwise, and may,
//! nothing is demanded there: the scenario is left out.

use cucumber::when;

use crate::steps::app::sent::{Kind, parameter, read};
use crate::steps::app::words::filled;
use crate::world::{Halt, Since, World};

/// The app has sent such a request.
#[when(expr = "the app has sent a(n) {sent}")]
async fn has_sent(world: &mut World, kind: Kind) -> Result<(), Halt> {
    let scene = world.scene()?;
    match kind.sent(scene, Since::TheStart)?.is_empty() {
        true => Err(Halt::NotOffered(format!("the app sends no {}", kind.name()))),
        false => Ok(()),
    }
}

/// The app has sent this parameter in an authorization request, asked for this scope there, or read
/// this resource: `Practitioner/123`.
#[when(regex = r#"^the app has (sent a|asked for|read) "([^"]+)"$"#)]
async fn has_asked(world: &mut World, how: String, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let what = filled(scene, &what)?;
    let sent = Kind::Authorization.sent(scene, Since::TheStart)?;
    let name = if how == "sent a" { what.as_str() } else { "scope" };
    let mut values = sent.iter().filter_map(|entry| parameter(entry, name));
    let holds = match how.as_str() {
        "sent a" => values.next().is_some(),
        "read" => read(scene, &what, Since::TheStart)?,
        _ => values.any(|scope| scope.split_whitespace().any(|it| it == what)),
    };
    match holds {
        true => Ok(()),
        false => Err(Halt::NotOffered(format!("the app has not {how} `{what}`"))),
    }
}
