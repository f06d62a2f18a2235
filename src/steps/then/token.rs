//! What a successful answer of the token endpoint has to be (RFC 6749 §5.1).

use cucumber::then;
use serde_json::Value;

use crate::protocol::jws::Jws;
use crate::world::{Halt, World};

/// The answer has an access token. What else a token response has to be is judged too, each under
/// its own requirement.
#[then("the app gets an access token")]
fn gets_token(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let must = |statement: &str| scene.must(statement).clause("RFC 6749 §5.1");
    must("a successful answer has status 200")
        .hint("the body of the answer says what the platform did not accept")
        .equal(200, answer.status)?;
    must("the answer is JSON")
        .about("TRES-JSON-OBJECT")
        .equal("application/json", answer.media_type())?;
    let token =
        answer.member("access_token").filter(|it| it.as_str().is_some_and(|it| !it.is_empty()));
    must("the answer has an access token")
        .about("TRES-ACCESS-TOKEN")
        .equal("present", if token.is_some() { "present" } else { "absent" })?;
    let kind = answer.member("token_type");
    let kind = kind.as_ref().and_then(Value::as_str).unwrap_or("absent").to_owned();
    must("the token is a bearer token").about("TRES-TOKEN-TYPE-BEARER").holds(
        kind.eq_ignore_ascii_case("bearer"),
        "Bearer",
        kind,
    )?;
    let lifetime = answer.member("expires_in").as_ref().and_then(seconds);
    scene
        .should("the answer says how long the token lives")
        .clause("RFC 6749 §5.1")
        .about("TRES-EXPIRES-IN-SECONDS")
        .holds(lifetime.is_some_and(|it| it > 0), "seconds", show(lifetime))?;
    let caching = answer.header("cache-control").unwrap_or("absent").to_ascii_lowercase();
    must("nobody may keep the answer").about("TRES-NO-STORE").holds(
        caching.contains("no-store"),
        "no-store",
        caching,
    )
}

/// The granted scopes are just these, in any order.
#[then(expr = "the token is good for {string}")]
fn good_for(world: &mut World, scope: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let sorted = |text: &str| {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        words.sort_unstable();
        words.join(" ")
    };
    let granted = scene.tokens()?.text("scope").unwrap_or_default();
    scene
        .must("the answer names the scopes that were granted")
        .clause("RFC 6749 §3.3")
        .equal(sorted(&scope), sorted(&granted))
}

/// The lifetime is this many seconds.
#[then(expr = "the token lives for {int} seconds")]
fn lives_for(world: &mut World, expected: u64) -> Result<(), Halt> {
    let scene = world.scene()?;
    let lifetime = scene.tokens()?.member("expires_in").and_then(seconds);
    scene.must("the token lives as long as documented").equal(expected, show(lifetime))
}

/// A refresh token was issued.
#[then("there is a refresh token")]
fn has_refresh_token(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let refresh = scene.tokens()?.refresh.as_ref();
    let actual = if refresh.is_some() { "present" } else { "absent" };
    let claim = scene.must("the answer has a refresh token").clause("RFC 6749 §5.1");
    claim.about("TRES-3L-REFRESH-TOKEN").equal("present", actual)
}

/// An ID token was issued.
#[then("there is an ID token")]
fn has_id_token(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let id = scene.tokens()?.id.as_ref();
    let claim = scene.must("the answer has an ID token").clause("OpenID Connect Core §3.1.3.3");
    claim.present(id).map(|_| ())
}

/// The last answer does not have this member.
#[then(expr = "the answer has no {string}")]
fn has_no(world: &mut World, member: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let found = scene.answer()?.member(&member);
    let actual = if found.is_some() { "present" } else { "absent" };
    scene.must(format!("the answer has no `{member}`")).equal("absent", actual)
}

/// The access token has the shape of a JWT.
#[then("the access token is a JWT")]
fn is_jwt(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let read = Jws::parse(scene.tokens()?.access.expose()).is_ok();
    let actual = if read { "a JWT" } else { "another text" };
    scene.should("the access token is a JWT").about("TRES-ACCESS-TOKEN-JWT").equal("a JWT", actual)
}

/// The access token is another one than before.
#[then("it is another access token than before")]
fn is_another(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let earlier = scene.earlier_tokens.as_ref().map(|tokens| tokens.access.expose());
    let same = earlier == Some(scene.tokens()?.access.expose());
    scene.should("each request gives a new access token").holds(
        !same,
        "another token",
        if same { "the same token" } else { "another token" },
    )
}

/// The refresh token is another one than before.
#[then("it is another refresh token than before")]
fn is_rotated(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let text = |tokens: &crate::world::Tokens| {
        tokens.refresh.as_ref().map(|it| it.expose().to_owned()).unwrap_or_default()
    };
    let earlier = scene.earlier_tokens.as_ref().map(text).unwrap_or_default();
    let fresh = text(scene.tokens()?);
    let rotated = !fresh.is_empty() && fresh != earlier;
    scene
        .must("a public client gets a new refresh token on each use")
        .clause("RFC 9700 §4.14.2")
        .holds(rotated, "another token", if rotated { "another token" } else { "the same or none" })
}

/// A lifetime as number, or as a text that is one: some platforms quote it.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn show(lifetime: Option<u64>) -> String {
    lifetime.map_or_else(|| "absent or no number".to_owned(), |seconds| seconds.to_string())
}
