//! What stands in the app's requests, one by one.

use std::time::Duration;

use cucumber::then;
use tokio::time::timeout;

use crate::mock::{Endpoint, Entry};
use crate::protocol::pkce::{Verifier, challenge_s256};
use crate::steps::app::flow::{callbacks, request_of};
use crate::steps::app::sent::{Kind, judge, parameter, read, which};
use crate::steps::app::unguessable::unguessable;
use crate::steps::app::words::{filled, platform};
use crate::world::{Halt, Since, World};

/// Each of these requests has a parameter with this value, in its address or its form; `(none)` and
/// `(any)` say that it is left out, or there.
#[then(expr = "each {sent} has the {string} {string}")]
async fn has(world: &mut World, kind: Kind, name: String, expected: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let sent = kind.each(scene).await?;
    for (index, entry) in sent.iter().enumerate() {
        let what = format!("{} has `{name}` as it should", which(kind, index, sent.len()));
        let value = parameter(entry, &name);
        // Both spellings of a base are in use, and name the same server.
        let value = if name == "aud" { value.map(|it| it.trim_end_matches('/')) } else { value };
        judge(scene, &what, value, &expected)?;
    }
    Ok(())
}

/// None of these requests has the parameter; it is enough that none is sent.
#[then(expr = "no {sent} has a {string}")]
fn has_not(world: &mut World, kind: Kind, name: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in kind.sent(scene, Since::LastLook)? {
        judge(
            scene,
            &format!("no {} has `{name}`", kind.name()),
            parameter(&entry, &name),
            "(none)",
        )?;
    }
    Ok(())
}

/// A parameter has another value in each of these requests, none is part of a series, and what changes
/// is long enough not to be guessed: 122 bits.
#[then(expr = "each {sent} has an unpredictable {string} of its own")]
async fn is_unpredictable(world: &mut World, kind: Kind, name: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let sent = kind.each(scene).await?;
    let values: Vec<&str> = sent.iter().filter_map(|entry| parameter(entry, &name)).collect();
    let there = format!("each {} has a `{name}`", kind.name());
    scene.must(there).equal(sent.len(), values.len())?;
    if values.len() < 2 {
        return Err(Halt::Inconclusive(format!("there is one {} to look at", kind.name())));
    }
    let seen = unguessable(&values);
    scene
        .must(format!("`{name}` cannot be guessed from another one"))
        .clause("SMART App Launch 2.2.0 § Obtain authorization code")
        .holds(
            seen.is_ok(),
            "another one each time, with 122 random bits or more",
            match seen {
                Ok(bits) => format!("another one each time, with up to {bits} bits"),
                Err(why) => why,
            },
        )
}

/// The request is an address with a query, or a form (SMART App Launch 2.2 §2.0.9).
#[then("each authorization request is a GET with a query or a POST of a form")]
async fn is_get_or_post(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Authorization.each(scene).await? {
        let request = &entry.request;
        let in_query = request.query.get("client_id").is_some();
        let in_form = request.form.get("client_id").is_some();
        let holds = match request.method.as_str() {
            "GET" => in_query,
            "POST" => in_form && !in_query,
            _ => false,
        };
        let place = if in_query { "the address" } else { "the form" };
        scene.must("the parameters are in the address of a GET or in the form of a POST").holds(
            holds,
            "so",
            format!("a {} with its parameters in {place}", request.method),
        )?;
    }
    Ok(())
}

/// The redirect address is one of those that were registered, character by character.
#[then("each authorization request has a registered redirect address")]
async fn has_registered_address(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let sent = Kind::Authorization.each(scene).await?;
    let registered = scene.examinee()?.described.redirect_uris.clone();
    for entry in sent {
        let value = parameter(&entry, "redirect_uri").unwrap_or("nothing");
        let holds = registered.iter().any(|uri| uri == value);
        let claim = scene.must("`redirect_uri` is a registered address");
        claim.holds(holds, registered.join(" or "), value)?;
    }
    Ok(())
}

/// A token request is a `POST` of a form, and its address has no parameters (RFC 6749 §3.2).
#[then("each token request is a POST of a form, with nothing in its address")]
async fn is_form(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Token.each(scene).await? {
        let request = &entry.request;
        let type_of = request.header("content-type").unwrap_or("no type").to_owned();
        let claim = scene.must("a token request is a POST of a form").clause("RFC 6749 §3.2");
        let seen = format!("a {} of {type_of}", request.method);
        claim.holds(request.method == "POST" && request.is_form(), "a POST of a form", seen)?;
        let names: Vec<&str> = request.query.iter().map(|(name, _)| name).collect();
        let claim = scene.must("nothing is in the address of a token request");
        claim.clause("RFC 6749 §2.3.1").equal("[]", format!("{names:?}"))?;
    }
    Ok(())
}

/// Codes, secrets and assertions go to the token endpoint, and to no other path of the platform.
#[then("each token request goes to the token endpoint")]
async fn goes_to_endpoint(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let endpoint = platform(scene)?.oauth("token");
    let entries = scene.journal()?.requests();
    let astray = entries.iter().filter(|entry| {
        let asks = ["code_verifier", "client_assertion", "client_secret", "refresh_token"];
        let asks = asks.iter().any(|name| parameter(entry, name).is_some())
            || entry.request.form.get("grant_type").is_some();
        asks && !endpoint.ends_with(&entry.request.path)
    });
    let astray: Vec<String> =
        astray.map(|entry| format!("{} {}", entry.request.method, entry.request.path)).collect();
    let sent = Kind::Token.sent(scene, Since::TheStart)?;
    if sent.is_empty() && astray.is_empty() {
        return Err(Halt::Inconclusive("the app sent no token request".to_owned()));
    }
    let claim = scene.must(format!("tokens are asked for at {endpoint}"));
    claim.holds(astray.is_empty(), "nowhere else", astray.join(", "))
}

/// The verifier is lawful, and its challenge is the one of the authorization request that led to the
/// code (RFC 7636 §4).
#[then("the code verifier of each token request fits its challenge")]
async fn verifier_fits(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Token.each(scene).await? {
        if entry.request.form.get("grant_type") != Some("authorization_code") {
            continue;
        }
        let verifier = scene.must("the token request has a code verifier");
        let verifier =
            verifier.clause("RFC 7636 §4.5").present(parameter(&entry, "code_verifier"))?;
        let lawful = Verifier::new(verifier);
        let seen = lawful.as_ref().map_or_else(ToString::to_string, |_| "lawful".to_owned());
        let claim = scene.must("the verifier has 43 to 128 lawful characters");
        claim.clause("RFC 7636 §4.1").holds(lawful.is_ok(), "lawful", seen)?;
        let asked = request_of(scene, &entry)?;
        let challenge = asked.as_ref().and_then(|asked| parameter(asked, "code_challenge"));
        scene
            .must("the verifier is the one of the challenge")
            .clause("RFC 7636 §4.6")
            .equal(challenge.unwrap_or("no challenge"), challenge_s256(verifier))?;
    }
    Ok(())
}

/// The app reads this resource, or did since it was last put to work: `Practitioner/123`.
#[then(expr = "the app reads {string}")]
async fn reads(world: &mut World, resource: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let resource = filled(scene, &resource)?;
    let patience = scene.examinee()?.patience();
    let scene = &*scene;
    let found = |_: &[Entry]| match read(scene, &resource, Since::LastLook) {
        Ok(false) => None,
        Ok(true) | Err(_) => Some(()),
    };
    let _ = timeout(patience, scene.journal()?.until(found)).await;
    let holds = read(scene, &resource, Since::LastLook)?;
    let claim = scene.must(format!("the app reads {resource}"));
    claim.holds(holds, "a call for it", "no call for it")
}

/// The code is redeemed soon after the browser was sent back with it.
#[then(expr = "each token request comes within {int} seconds of its callback")]
async fn comes_soon(world: &mut World, seconds: u64) -> Result<(), Halt> {
    let scene = world.scene()?;
    let is_sent =
        |entries: &[Entry]| entries.iter().any(|it| it.endpoint == Endpoint::Token).then_some(());
    // An app that is late is waited for, to say how late it is.
    let _ = timeout(Duration::from_secs(seconds + 5), scene.journal()?.until(is_sent)).await;
    let returns = callbacks(scene)?;
    for entry in Kind::Token.each(scene).await? {
        let code = parameter(&entry, "code");
        let Some(back) = returns.iter().find(|it| Some(it.code.as_str()) == code) else { continue };
        let took = entry.came.duration_since(back.at).unwrap_or_default();
        let claim = scene.should(format!("the code is redeemed within {seconds} s"));
        let seen = format!("after {:.1} s", took.as_secs_f64());
        claim.holds(took.as_secs() < seconds, format!("within {seconds} s"), seen)?;
    }
    Ok(())
}
