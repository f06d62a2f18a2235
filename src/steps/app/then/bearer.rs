//! Where the app's tokens go (RFC 6750), and what becomes of its calls.

use cucumber::then;

use crate::mock::Entry;
use crate::protocol::jws::Jws;
use crate::secret::Secret;
use crate::steps::app::sent::{Kind, judge, parameter};
use crate::steps::app::words::filled;
use crate::world::{Halt, Scene, Since, World};

/// Each call has the token in the `Authorization` header, by this scheme.
#[then(expr = "each API call brings its token as {string}")]
async fn by_header(world: &mut World, scheme: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Api.each(scene).await? {
        let header = entry.request.header("authorization");
        let sent = header.and_then(|it| it.split_once(' ')).map(|(scheme, _)| scheme);
        let seen = sent.unwrap_or("no such header");
        let holds = seen.eq_ignore_ascii_case(&scheme);
        let claim = scene.must("the call brings its token in the Authorization header");
        claim.clause("RFC 6750 §2.1").holds(holds, &scheme, seen)?;
    }
    Ok(())
}

/// Each call brings this very token.
#[then(expr = "each API call brings the token {string}")]
async fn brings(world: &mut World, token: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let token = filled(scene, &token)?;
    for entry in Kind::Api.each(scene).await? {
        let sent = entry.request.authorization("Bearer").unwrap_or_default();
        let seen = if sent == token { "as it is" } else { "another text" };
        scene.must("the call brings the token as it was issued").equal("as it is", seen)?;
    }
    Ok(())
}

/// The token is in the header alone.
#[then("no API call has its token in its address or its form")]
async fn in_header_alone(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Api.each(scene).await? {
        let named = |name: &&str| parameter(&entry, name).is_some();
        let place = ["access_token", "token"].iter().find(|name| named(name));
        let value = token(&entry).is_some_and(|token| {
            entry.request.query.iter().chain(entry.request.form.iter()).any(|(_, it)| it == token)
        });
        let holds = place.is_none() && !value;
        let claim = scene.must("no token is in the address or the form of a call");
        let seen = place.map_or("a parameter with the token's value", |name| name);
        claim.clause("RFC 9700 §4.3.2").holds(holds, "none", if holds { "none" } else { seen })?;
    }
    Ok(())
}

/// No call brings an ID token as if it were an access token.
#[then("no API call brings an ID token")]
async fn no_id_token(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let id = scene.examinee()?.client_id.clone();
    for entry in Kind::Api.each(scene).await? {
        let claims = token(&entry).and_then(|token| Jws::parse(token).ok()).map(|jws| jws.claims);
        // Only an ID token is for the app itself.
        let is_id_token =
            claims.is_some_and(|claims| claims.get("aud").is_some_and(|aud| *aud == *id));
        let seen = if is_id_token { "an ID token" } else { "no ID token" };
        scene.must("calls bring the access token").equal("no ID token", seen)?;
    }
    Ok(())
}

/// No call since the app was last put to work was answered with this status.
#[then(expr = "no API call is refused with {int}")]
fn none_refused(world: &mut World, status: u16) -> Result<(), Halt> {
    let scene = world.scene()?;
    let calls = Kind::Api.sent(scene, Since::LastLook)?;
    if calls.is_empty() {
        return Err(Halt::Inconclusive("the app called no API".to_owned()));
    }
    let refused = calls.iter().filter(|it| it.status.is_some_and(|seen| seen.as_u16() == status));
    let refused: Vec<String> =
        refused.map(|it| format!("{} {}", it.request.method, it.request.path)).collect();
    let claim = scene.must(format!("no call is answered with {status}"));
    claim.holds(refused.is_empty(), "none", refused.join(", "))
}

/// The platform grants each of these requests: it answers 200.
#[then(expr = "each {sent} is granted")]
async fn is_granted(world: &mut World, kind: Kind) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in kind.each(scene).await? {
        let status = entry.status.map_or_else(|| "none".to_owned(), |it| it.as_u16().to_string());
        let claim = scene.must(format!("the {} is one that the platform grants", kind.name()));
        claim.equal("status 200", format!("status {status}"))?;
    }
    Ok(())
}

/// No authorization request holds a client secret, an assertion, or a token of the app.
#[then("no authorization request holds a secret or a token")]
async fn holds_no_secret(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let secret = scene.examinee()?.client_secret.clone();
    let calls = Kind::Api.sent(scene, Since::TheStart)?;
    let tokens: Vec<&str> = calls.iter().filter_map(token).collect();
    for entry in Kind::Authorization.each(scene).await? {
        for name in
            ["client_secret", "client_assertion", "access_token", "refresh_token", "code_verifier"]
        {
            judge(
                scene,
                &format!("no `{name}` is in the request"),
                parameter(&entry, name),
                "(none)",
            )?;
        }
        let leaked =
            entry.request.query.iter().chain(entry.request.form.iter()).find(|(_, value)| {
                tokens.contains(value) || secret.as_ref().map(Secret::expose) == Some(value)
            });
        let seen = leaked.map_or("nothing", |(name, _)| name);
        scene.must("nothing secret is in the request").equal("nothing", seen)?;
    }
    Ok(())
}

/// No call of the app is about this patient. There has to be one, unless the sentence says otherwise.
#[then(regex = r#"^no API call is about "([^"]+)"(, if there is one)?$"#)]
async fn not_about(world: &mut World, patient: String, may_lack: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let patient = filled(scene, &patient)?;
    scene.await_sent(crate::steps::app::sent::API, Since::LastLook, 1).await?;
    let calls = Kind::Api.sent(scene, Since::LastLook)?;
    if calls.is_empty() && may_lack.is_empty() {
        return Err(Halt::Inconclusive("the app called no API after that".to_owned()));
    }
    let about = calls.iter().filter(|entry| {
        let request = &entry.request;
        request.path.ends_with(&patient)
            || request.query.iter().any(|(_, it)| it.ends_with(&patient))
    });
    let about: Vec<String> =
        about.map(|it| format!("{} {}", it.request.method, it.request.path)).collect();
    let claim = scene.must(format!("nothing is asked of {patient}"));
    claim.holds(about.is_empty(), "nothing", about.join(", "))
}

/// The token that a call brings in its header.
pub(super) fn token(entry: &Entry) -> Option<&str> {
    entry.request.authorization("Bearer")
}

/// The tokens that the app is known to have: those that its calls and refreshes brought.
///
/// # Errors
/// [`Halt::Error`] if the scenario has no app under test.
pub(super) fn tokens(scene: &Scene) -> Result<Vec<Secret>, Halt> {
    let calls = Kind::Api.sent(scene, Since::TheStart)?;
    let refreshes = Kind::Refresh.sent(scene, Since::TheStart)?;
    let access = calls.iter().filter_map(token);
    let refresh = refreshes.iter().filter_map(|entry| parameter(entry, "refresh_token"));
    let mut found: Vec<Secret> = Vec::new();
    for text in access.chain(refresh) {
        if found.iter().all(|known| known.expose() != text) {
            found.push(Secret::new(text));
        }
    }
    Ok(found)
}
