//! What has to change from one time to the next, and what has to stay.

use cucumber::then;
use url::Url;

use super::id_token::before_and_now;
use crate::world::{Halt, Tokens, World};

/// A token, a code or a launch is another one than the last time.
#[then(regex = "^the (access token|refresh token|code|launch) is another than before$")]
fn is_another(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (earlier, now) = match what.as_str() {
        "code" => {
            let earlier = scene.earlier_code.as_ref().map(|code| code.expose().to_owned());
            (earlier, Some(scene.code()?.expose().to_owned()))
        }
        "launch" => {
            let opened = scene.must("the EHR opens the app again when the patient changes");
            let (launch, _) = opened.present(scene.launch.as_ref())?;
            (scene.earlier_launch.as_ref().and_then(launch_of), launch_of(launch))
        }
        token => {
            let word = token.trim_end_matches(" token");
            let text = |tokens: &Tokens| tokens.named(word).ok().map(|it| it.expose().to_owned());
            (scene.earlier_tokens.as_ref().and_then(text), text(scene.tokens()?))
        }
    };
    let is_another = now.is_some() && now != earlier;
    let claim = match what.as_str() {
        "access token" => scene.should("each request gives a new access token"),
        "refresh token" => scene
            .must("a public client gets a new refresh token on each use")
            .clause("RFC 9700 §4.14.2"),
        "code" => scene.must("each code is a new one").clause("RFC 6749 §10.10"),
        _ => scene.must("each launch has an identifier of its own"),
    };
    claim.holds(is_another, "another", if is_another { "another" } else { "the same or none" })
}

/// A claim of the ID token has the value that it had in the one before, or another.
#[then(regex = r"^the ID token's (\S+) is (the same as|another than) before$")]
fn claim_compares(world: &mut World, name: String, how: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (before, now) = before_and_now(scene)?;
    if how == "the same as" {
        let claim = scene.must(format!("`{name}` of the ID token stays what it was"));
        return claim.clause("OpenID Connect Core §12.2").equal(&before[&name], &now[&name]);
    }
    let differs = !now[&name].is_null() && before[&name] != now[&name];
    scene.must(format!("`{name}` of the ID token is another one each time")).holds(
        differs,
        "another value",
        if differs { "another value" } else { "the same or none" },
    )
}

fn launch_of(address: &Url) -> Option<String> {
    let launch = address.query_pairs().find(|(name, _)| name == "launch");
    launch.map(|(_, launch)| launch.into_owned()).filter(|launch| !launch.is_empty())
}
