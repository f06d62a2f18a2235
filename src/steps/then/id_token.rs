//! What the ID token has to say (OpenID Connect Core §2, §3.1.3.7), and what an access token that is
//! a JWT says beside it.

use cucumber::then;
use regex::Regex;
use serde_json::Value;
use url::Url;

use crate::http::{Body, Call};
use crate::protocol::Jws;
use crate::protocol::id_token::{at_hash, verify};
use crate::secret::Secret;
use crate::steps::when::issuers_own;
use crate::world::{Halt, Scene, World};

/// Signature, issuer, audience, times, nonce and `at_hash` are right.
#[then("the ID token can be trusted")]
async fn can_be_trusted(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let claims = verified_claims(scene).await?;
    let issuer = scene.discover().await?.text("issuer").unwrap_or("absent").to_owned();
    let scene = &*scene;
    let must = |statement: &str| scene.must(statement).clause("OpenID Connect Core §3.1.3.7");
    must("`iss` is the issuer of the discovery")
        .about("IDT-ISS")
        .equal(issuer, text(&claims, "iss"))?;
    must("`aud` is the app").about("IDT-AUD").holds(
        names(&claims["aud"], &scene.app()?.client_id),
        &scene.app()?.client_id,
        &claims["aud"],
    )?;
    let (now, iat, exp) = (scene.clock.unix(), number(&claims, "iat"), number(&claims, "exp"));
    must("`exp` is in the future").holds(exp > now, format!("after {now}"), exp)?;
    must("`iat` is not in the future").about("IDT-IAT").holds(
        iat > 0 && iat <= now + FORGIVEN,
        format!("at most {now}"),
        iat,
    )?;
    must("`sub` names the user").about("IDT-SUB").holds(
        !text(&claims, "sub").is_empty(),
        "a text",
        "empty",
    )?;
    let sent = scene.authorization.as_ref().and_then(|it| it.value("nonce"));
    must("`nonce` comes back as it was sent")
        .about("IDT-NONCE")
        .equal(sent.unwrap_or("absent"), claims["nonce"].as_str().unwrap_or("absent"))?;
    if let Some(hash) = claims["at_hash"].as_str() {
        must("`at_hash` belongs to the access token")
            .about("IDT-AT-HASH")
            .equal(at_hash(&scene.tokens()?.access), hash)?;
    }
    Ok(())
}

/// The userinfo endpoint, however it is asked, names the user of the ID token; a platform need not
/// have one (OpenID Connect Core §5.3).
#[then("the userinfo endpoint, if there is one, names the user of the ID token")]
async fn userinfo_agrees(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let configuration = issuers_own(scene).await?;
    let known = scene.ask(Call::get(configuration)).await?.member("userinfo_endpoint");
    let known = known.as_ref().and_then(Value::as_str).and_then(|it| Url::parse(it).ok());
    let Some(endpoint) = known else { return Ok(()) };
    let access = scene.tokens()?.access.clone();
    let user = scene.say("{ID token's sub}")?;
    for (how, call) in [
        ("by GET", Call::get(endpoint.clone()).bearer(&access)),
        ("by POST", Call::new("POST", endpoint, Body::Empty).bearer(&access)),
    ] {
        let told = scene.ask(call).await?;
        let told = told.member("sub").filter(|_| told.status == 200);
        let told = told.as_ref().and_then(Value::as_str).unwrap_or("absent");
        let claim = scene.must(format!("userinfo, asked {how}, is of the user who signed in"));
        claim.clause("OpenID Connect Core §5.3.2").equal(&user, told)?;
    }
    Ok(())
}

/// A claim, or `alg`, `typ` or `kid` of the header, matches this pattern: as the text that it is, or
/// as JSON.
#[then(expr = "the ID token's {word} matches {string}")]
async fn claim_matches(world: &mut World, claim: String, pattern: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (header, claims) = verified(scene, "ID").await?;
    let regex = Regex::new(&pattern).map_err(|error| Halt::error(error.to_string()))?;
    let part = if HEADER.contains(&claim.as_str()) { &header } else { &claims };
    let actual = match part.get(&claim) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "absent".to_owned(),
    };
    scene.must(format!("`{claim}` of the ID token is as documented")).holds(
        regex.is_match(&actual),
        pattern,
        actual,
    )
}

/// Two claims of a token, the `ID` or the `access` token, are times that are so far apart.
#[then(expr = "the {word} token's {word} is {int} second(s) after its {word}")]
async fn claim_follows(
    world: &mut World,
    token: String,
    later: String,
    seconds: i64,
    earlier: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (_, claims) = verified(scene, &token).await?;
    let [first, second] = [&earlier, &later].map(|name| number(&claims, name));
    scene.must(format!("`{earlier}` of the {token} token is a time")).holds(
        first > 0,
        "seconds since 1970",
        &claims[&earlier],
    )?;
    let far = (second - first).abs_diff(seconds) <= APART;
    scene.must(format!("`{later}` is as far from `{earlier}` as documented")).holds(
        far,
        format!("{seconds} seconds"),
        format!("{} seconds", second - first),
    )
}

/// A token, the `ID` or the `access` token, has these claims, or none of them; what they say is not
/// judged.
#[then(regex = r#"^the (\w+) token has (the|none of the) claims "([^"]+)"$"#)]
async fn has_claims(
    world: &mut World,
    token: String,
    which: String,
    names: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (_, claims) = verified(scene, &token).await?;
    let (there, missing): (Vec<&str>, Vec<&str>) =
        names.split_whitespace().partition(|name| claims.get(name).is_some());
    if which == "the" {
        let claim = scene.must(format!("the {token} token has all of the claims"));
        return claim.holds(missing.is_empty(), &names, format!("none of {}", missing.join(" ")));
    }
    scene.must(format!("the {token} token has none of the claims")).holds(
        there.is_empty(),
        format!("none of {names}"),
        there.join(" "),
    )
}

/// The claims of the last two ID tokens, which other sentences verify.
pub(super) fn before_and_now(scene: &Scene) -> Result<(Value, Value), Halt> {
    let earlier = scene.earlier_tokens.as_ref().and_then(|tokens| tokens.id.as_ref());
    let none = || Halt::Inconclusive("the platform gave no ID token before".to_owned());
    let earlier = earlier.ok_or_else(none)?;
    // OpenID Connect Core §12.2: the answer to a refresh might not contain one.
    let none = || Halt::NotOffered("the platform's last answer has no ID token".to_owned());
    let latest = scene.tokens()?.id.as_ref().ok_or_else(none)?;
    let claims = |token: &Secret| {
        let read = Jws::parse(token.expose()).map(|jws| Value::Object(jws.claims));
        read.map_err(|error| Halt::NotMet(format!("failed to {error}")))
    };
    Ok((claims(earlier)?, claims(latest)?))
}

/// The claims, once the signature was verified with the platform's published keys.
async fn verified_claims(scene: &mut Scene) -> Result<Value, Halt> {
    verified(scene, "ID").await.map(|(_, claims)| claims)
}

/// Header and claims, once the signature was verified with the platform's published keys.
async fn verified(scene: &mut Scene, word: &str) -> Result<(Value, Value), Halt> {
    let keys = scene.platform_keys().await?;
    let keys = scene
        .must("the platform publishes its keys")
        .clause("OpenID Connect Core §10.1")
        .present(keys.json().filter(|_| keys.status == 200))?;
    let token = scene.tokens()?.named(word).ok();
    let token = scene.must(format!("the answer has an {word} token")).present(token)?;
    let outcome = verify(token, &keys);
    let actual =
        outcome.as_ref().err().map_or("it is".to_owned(), |error| format!("failed to {error}"));
    scene
        .must(format!("the {word} token is signed by a key of the platform"))
        .clause("OpenID Connect Core §3.1.3.7")
        .equal("it is", actual)?;
    outcome.map_err(|error| Halt::NotMet(error.to_string()))
}

fn names(audience: &Value, client_id: &str) -> bool {
    match audience {
        Value::String(one) => one == client_id,
        Value::Array(all) => all.iter().any(|one| one == client_id),
        _ => false,
    }
}

fn text(claims: &Value, name: &str) -> String {
    claims[name].as_str().unwrap_or_default().to_owned()
}

fn number(claims: &Value, name: &str) -> i64 {
    claims[name].as_i64().unwrap_or_default()
}

const HEADER: [&str; 3] = ["alg", "typ", "kid"];
/// Seconds that two clocks may differ.
const FORGIVEN: i64 = 60;
/// Seconds that a platform may take between two times that it notes for one token.
const APART: u64 = 2;
