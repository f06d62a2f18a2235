//! What another host got from the app, that it had no business with.

use cucumber::then;

use crate::mock::Entry;
use crate::steps::app::sent::parameter;
use crate::world::{Halt, World};

/// Nobody came to the other host; or no request to it had a token or a code with it, or asked it to
/// sign anybody in or for tokens. It is watched as long as the app is.
#[then(
    regex = r"^the other host (is asked nothing|gets no token|gets no code|is asked for no authorization)$"
)]
async fn gets_nothing(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let named =
        |entry: &Entry, names: &[&str]| names.iter().any(|it| parameter(entry, it).is_some());
    let wrong = |entry: &Entry| match what.as_str() {
        "gets no token" => {
            entry.request.header("authorization").is_some()
                || named(entry, &["access_token", "refresh_token", "id_token"])
        }
        "gets no code" => named(entry, &["code"]),
        "is asked for no authorization" => named(entry, &["client_id", "grant_type"]),
        _ => true,
    };
    let watch = scene.examinee()?.watch();
    let other = scene.bystander.as_ref();
    let other = other.ok_or_else(|| Halt::error("the scenario lacks `Given another host`"))?;
    let came = other.platform.journal().until(|entries| entries.iter().any(&wrong).then_some(()));
    let _ = tokio::time::timeout(watch, came).await;
    let entries = other.platform.journal().requests();
    let seen = entries.iter().find(|entry| wrong(entry));
    let seen = seen.map_or_else(
        || "nothing".to_owned(),
        |entry| format!("{} {}", entry.request.method, entry.request.path),
    );
    let watched = watch.as_secs_f64();
    scene
        .must(format!("the other host {what}; it was watched for {watched} s"))
        .equal("nothing", seen)
}
