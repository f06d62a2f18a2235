//! How the app finds its platform (SMART App Launch 2.2 §2.0.8).

use std::time::Duration;

use cucumber::then;
use tokio::time::timeout;

use crate::mock::{Endpoint, Entry};
use crate::steps::app::sent::Kind;
use crate::steps::app::words::filled;
use crate::world::{Halt, Since, World};

/// The first thing that the app asks of the platform is what it says of itself.
#[then("the app sends a discovery request before anything else")]
async fn is_first(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let others = [Kind::Authorization, Kind::Token, Kind::Api];
    let mut first: Option<Entry> = None;
    for kind in others {
        let sent = kind.sent(scene, Since::TheStart)?.into_iter().next();
        first = first.into_iter().chain(sent).min_by_key(|entry| entry.number);
    }
    let first = first.ok_or_else(|| Halt::Inconclusive("the app asked for nothing".to_owned()))?;
    let discovery = Kind::Discovery.sent(scene, Since::TheStart)?.into_iter().next();
    let holds = discovery.as_ref().is_some_and(|it| it.number < first.number);
    let seen = match discovery {
        Some(_) if holds => "so".to_owned(),
        Some(_) => format!("{} {} came before", first.request.method, first.request.path),
        None => "the app reads none of the platform's documents".to_owned(),
    };
    scene
        .should("the app reads what the platform says of itself before it asks for anything")
        .clause("SMART App Launch 2.2.0 § Retrieve .well-known/smart-configuration")
        .holds(holds, "so", seen)
}

/// The `Accept` header lets JSON through, or there is none.
#[then(expr = "each {sent} allows JSON")]
async fn allows_json(world: &mut World, kind: Kind) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in kind.each(scene).await? {
        let accept = entry.request.header("accept").unwrap_or("*/*");
        // The CapabilityStatement is FHIR's, and has a type of its own.
        let holds = entry.endpoint == Endpoint::Metadata
            || accept.split(',').any(|range| {
                let range = range.split(';').next().unwrap_or_default().trim();
                ["application/json", "application/*", "*/*"].contains(&range)
            });
        let claim = scene.must("the app takes the document as JSON");
        claim.holds(holds, "a header that allows application/json", accept)?;
    }
    Ok(())
}

/// A request for this path comes, from the app or from its user's browser, while its patience lasts.
#[then(expr = "the app goes to {string}")]
async fn goes_to(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let path = filled(scene, &path)?;
    let patience = scene.examinee()?.patience().max(LEAST);
    let came = scene
        .journal()?
        .until(|entries| entries.iter().any(|entry| entry.request.path == path).then_some(()));
    let holds = timeout(patience, came).await.is_ok();
    let seen = if holds { "it comes" } else { "no such request" };
    scene.should(format!("a request comes to {path}")).equal("it comes", seen)
}

const LEAST: Duration = Duration::from_secs(1);
