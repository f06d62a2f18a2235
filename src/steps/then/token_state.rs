//! What the platform says of a token that it issued (RFC 7662 §2.2, RFC 7009 §2.2).

use cucumber::then;

use crate::world::{Halt, World};

/// The token is good, and for so long: so many seconds, or those that the token answer said.
#[then(regex = r"^the token is active for (?:(\d+) more seconds|as long as was said)$")]
fn is_active(world: &mut World, seconds: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let said = scene.held_tokens()?.lifetime().map(u64::cast_signed);
    let seconds = seconds.parse().ok().or(said);
    let seconds = seconds.ok_or_else(|| {
        Halt::Inconclusive("the platform did not say how long the token lives".to_owned())
    })?;
    let answer = scene.answer()?;
    let must = |statement: &str| scene.must(statement).clause("RFC 7662 §2.2");
    must("the platform tells of the token").equal(200, answer.status)?;
    must("the answer is JSON").equal("application/json", answer.media_type())?;
    let told = answer.json().unwrap_or_default();
    must("the token is active").equal("true", told["active"].to_string())?;
    let until = scene.clock.unix() + seconds;
    let end = told["exp"].as_i64();
    must("`exp` is when the token ends").about("INTRO-ENDPOINT").holds(
        end.is_some_and(|end| (end - until).abs() <= FORGIVEN),
        until,
        &told["exp"],
    )
}

/// The token is good for nothing, or none of this app's; the platform tells no more of it.
#[then("the token is inactive and nothing else is told of it")]
fn is_inactive(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let must = |statement: &str| scene.must(statement).clause("RFC 7662 §2.2");
    must("a token that is good for nothing is no error").equal(200, answer.status)?;
    let told = answer.json().unwrap_or_default();
    let expected = serde_json::json!({"active": false});
    must("the token is not active").equal("false", &told["active"])?;
    must("nothing is told of a token that is not active")
        .about("INTRO-INACTIVE")
        .equal(expected.to_string(), told.to_string())
}

/// Seconds that two clocks may differ.
const FORGIVEN: i64 = 5;
