//! What a successful answer of the token endpoint has to be (RFC 6749 §5.1).

use cucumber::{then, when};
use serde_json::Value;

use crate::protocol::jws::Jws;
use crate::steps::table::sorted;
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

/// The granted scopes are just these, in any order, or have these among them.
#[when(regex = r#"^the token is good for (at least )?"([^"]*)"$"#)]
#[then(regex = r#"^the token is good for (at least )?"([^"]*)"$"#)]
fn good_for(world: &mut World, at_least: String, scope: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let scope = scene.say(&scope)?;
    let granted = scene.tokens()?.text("scope").unwrap_or_default();
    let wanted =
        |name: &&str| at_least.is_empty() || scope.split_whitespace().any(|it| it == *name);
    let named: Vec<&str> = granted.split_whitespace().filter(wanted).collect();
    scene
        .must("the answer names the scopes that were granted")
        .clause("RFC 6749 §3.3")
        .equal(sorted(&scope), sorted(&named.join(" ")))
}

/// The lifetime is this many seconds, or no more than these.
#[then(regex = r"^the token lives for( at most)? (\d+) seconds$")]
fn lives_for(world: &mut World, at_most: String, expected: u64) -> Result<(), Halt> {
    let scene = world.scene()?;
    let lifetime = scene.tokens()?.lifetime();
    let fits = |found: u64| if at_most.is_empty() { found == expected } else { found <= expected };
    scene.must("the token lives as long as documented").holds(
        lifetime.is_some_and(fits),
        format!("{expected}{at_most}"),
        show(lifetime),
    )
}

/// The `access` or the `refresh` token can stand in a header, and is too long to be guessed.
#[then(expr = "the {word} token fits in a header and cannot be guessed")]
fn cannot_be_guessed(world: &mut World, word: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let token = scene.tokens()?.named(&word)?.expose();
    let is_lawful = |it: char| it.is_ascii_alphanumeric() || "-._~+/=".contains(it);
    let letters = if token.chars().all(is_lawful) { "of a bearer token" } else { "others too" };
    scene
        .must("the token has the letters of a bearer token")
        .clause("RFC 6750 §2.1")
        .equal("of a bearer token", letters)?;
    let length = token.chars().count();
    scene
        .must("the token is too long to be guessed and short enough for a header")
        .clause("RFC 6749 §10.10")
        .holds(LENGTHS.contains(&length), "22 to 8000 letters", length)
}

/// A `refresh` token or an `ID` token was issued.
#[then(expr = "there is a/an {word} token")]
fn has_token(world: &mut World, token: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let found = scene.tokens()?.named(&token).ok();
    let claim = scene.must(format!("the answer has the {token} token"));
    let claim = match token.as_str() {
        "refresh" => claim.clause("RFC 6749 §5.1").about("TRES-3L-REFRESH-TOKEN"),
        "ID" => claim.clause("OpenID Connect Core §3.1.3.3"),
        other => return Err(Halt::error(format!("`{other}` is neither refresh nor ID"))),
    };
    claim.equal("present", if found.is_some() { "present" } else { "absent" })
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

/// A lifetime as number, or as a text that is one: some platforms quote it.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn show(lifetime: Option<u64>) -> String {
    lifetime.map_or_else(|| "absent or no number".to_owned(), |seconds| seconds.to_string())
}

/// 128 bits take 22 letters of base64; many servers take 8000 bytes of a header line.
const LENGTHS: std::ops::RangeInclusive<usize> = 22..=8000;
