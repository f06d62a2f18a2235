//! How the platform sends the user back, or does not (RFC 6749 §4.1.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cucumber::then;
use serde_json::Value;

use crate::browser::End;
use crate::dialect::login::named;
use crate::protocol::callback::{Callback, arrives_at, is_on_host_of};
use crate::protocol::jws::Jws;
use crate::secret::Secret;
use crate::steps::table::alternatives;
use crate::world::{Claim, Halt, Kind, Scene, Subject, World};

/// The user came back with a code and the state that was sent.
#[then("the user comes back with a code")]
fn comes_back(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let in_fragment = scene.callback()?.fragment_names.iter().any(|name| name == "code");
    let place = if in_fragment { "the fragment" } else { "the query" };
    scene
        .must("code and state are in the query of the address")
        .clause("RFC 6749 §4.1.2")
        .about("AUTHZ-RESPONSE-QUERY")
        .equal("the query", place)?;
    if in_fragment {
        return Ok(());
    }
    scene.code()?;
    let callback = scene.callback()?;
    state_claim(scene).about("AUTHZ-STATE-ECHO").equal(sent_state(scene), got_state(callback))?;
    let announced = scene.discovery.as_ref().is_some_and(|known| {
        known.document["authorization_response_iss_parameter_supported"] == Value::Bool(true)
    });
    if announced {
        scene
            .must("an announced `iss` comes")
            .clause("RFC 9207 §2.3")
            .present(callback.iss.as_ref())?;
    }
    if let Some(iss) = &callback.iss {
        let issuer = scene.discovery.as_ref().and_then(|it| it.text("issuer")).unwrap_or("absent");
        scene.must("`iss` is the issuer").clause("RFC 9207 §2.4").equal(issuer, iss)?;
    }
    let tokens: Vec<&String> = callback
        .query_names
        .iter()
        .chain(&callback.fragment_names)
        .filter(|name| name.ends_with("_token"))
        .collect();
    scene
        .must("no token is in the address that the user comes back to")
        .clause("RFC 9700 §2.1.2")
        .about("TRES-REFRESH-NOT-FROM-AUTHORIZE")
        .equal("[]", format!("{tokens:?}"))
}

/// The user, who answered a second time, came back without a code, or with the one of the first time.
#[then("the user brings no second code")]
fn brings_no_second_code(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let first = scene.earlier_code.as_ref().map(Secret::expose);
    let second = scene.callback.as_ref().and_then(|callback| callback.code.as_ref());
    let another = second.is_some_and(|code| first != Some(code.expose()));
    let claim = scene.must("one sign-in gives one code").clause("RFC 6749 §4.1.2");
    claim.equal("no other code", if another { "another code" } else { "no other code" })
}

/// The user came back with one of these errors and the state that was sent, without a code.
#[then(regex = r#"^the user comes back with the error (".+")$"#)]
fn comes_back_with_error(world: &mut World, codes: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    came_back_with(scene, &alternatives(&codes))
}

/// The user was sent to a page of the platform on which passwords may be typed, and to no app.
#[then("the user is led to the sign-in")]
fn led_to_sign_in(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let leads_on = (300..400).contains(&answer.status);
    let target = answer.header("location").filter(|_| leads_on);
    let page = target.map_or(Some(answer.url.clone()), |it| answer.url.join(it).ok());
    let trusted = page.as_ref().is_some_and(|page| scene.login_script().trusts(page));
    let is_page = target.is_some() || (answer.status == 200 && answer.media_type() == "text/html");
    // Whose page it is, nobody has said; it is no finding about the platform.
    if let (Subject::Remote(_), Some(_), Some(page)) = (&scene.context.subject, target, &page)
        && !trusted
        && scene.callback.is_none()
    {
        return Err(Halt::error(format!(
            "the platform sends its users to `{}`, which neither its dialect nor `login: hosts` of the target names",
            named(page)
        )));
    }
    scene
        .must("the user is sent there for this time only")
        .clause("RFC 9110 §15.4")
        .about("AUTHZ-TEMPORARY-REDIRECT")
        .holds(![301, 308].contains(&answer.status), "a temporary redirect", answer.status)?;
    scene.must("the request leads to the platform's own sign-in").clause("RFC 6749 §4.1.1").holds(
        is_page && trusted && scene.callback.is_none(),
        "a page of the platform's login hosts",
        format!("status {} to {}", answer.status, target.unwrap_or("no other page")),
    )
}

/// The user came back from signing out, with the state that was sent.
#[then("the user comes back signed out")]
fn comes_back_signed_out(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let claim = scene.must("the user comes back to the app from signing out");
    let clause = "OpenID Connect RP-Initiated Logout 1.0 §3";
    let callback = claim.clause(clause).present(scene.callback.as_ref())?;
    state_claim(scene).about("LOGOUT-PARAMS").equal(sent_state(scene), got_state(callback))
}

/// No cache keeps the answer that brings a code or an error, and no other site is told of it.
#[then("the way back is kept from caches and other sites")]
fn way_back_is_kept(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.callback()?;
    let answer = scene.answer()?;
    let should = |statement: &str| scene.should(statement).clause("RFC 9700 §4.2.4");
    let cache = answer.header("cache-control").unwrap_or("absent");
    should("no cache keeps it").holds(cache.contains("no-store"), "no-store", cache)?;
    let policy = answer.header("referrer-policy").unwrap_or("absent");
    let kept = ["no-referrer", "same-origin", "origin", "strict-origin"].contains(&policy);
    should("no other site is told its address").holds(kept, "no-referrer or the like", policy)
}

/// The code is long, and carries nothing that could be read.
#[then("the code is opaque")]
fn is_opaque(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let code = scene.code()?.expose();
    let must = |statement: &str| scene.must(statement).clause("RFC 6749 §10.10");
    must("a code cannot be guessed").holds(code.len() >= LEAST, LEAST, code.len())?;
    let jws = Jws::parse(code).is_ok();
    let decoded = URL_SAFE_NO_PAD.decode(code.trim_end_matches('=')).unwrap_or_default();
    let json = serde_json::from_slice::<Value>(&decoded).is_ok_and(|it| it.is_object());
    must("a code tells nothing").equal("nothing", if jws || json { "JSON" } else { "nothing" })
}

/// The user was not sent to the app: an address that cannot be trusted gets nothing. A platform may
/// want to know who the user is before it says so (RFC 9700 §4.11.2).
#[then("the user is shown an error page and sent nowhere")]
fn shown_error_page(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let asked = scene.authorization.as_ref().and_then(|it| it.value("redirect_uri"));
    let location = answer.header("location").unwrap_or("nowhere");
    let end = scene.played.as_ref().map(|played| &played.end);
    let strays = |uri: &str| matches!(end, Some(End::Stuck { url, .. }) if is_on_host_of(url, uri));
    let came = asked.is_some_and(|uri| arrives_at(location, uri) || strays(uri))
        || scene.callback.is_some();
    // What is wrong beside a registered address may be told there.
    let there = came && !names_nothing_foreign(scene)?;
    let must = |statement: &str| scene.must(statement).clause("RFC 6749 §4.1.2.1");
    let place = if came { "a redirect to the app" } else { "no redirect to the app" };
    must("the user is sent to no address that is not registered and named by the request").holds(
        !there,
        "no redirect to the app",
        place,
    )?;
    if let Some(callback) = &scene.callback {
        let code = callback.code.as_ref().map_or("no code", |_| "a code");
        return must("no code comes of such a request").equal("no code", code);
    }
    let signed_in = scene.played.as_ref().is_some_and(|played| !played.pages.is_empty());
    if signed_in {
        return Ok(());
    }
    let is_refusal = (400..500).contains(&answer.status);
    scene.should("the error is shown as one").holds(
        is_refusal,
        "a status of 400 to 499",
        answer.status,
    )
}

/// Whether the request names the app and its registered address, and nothing else in their places.
fn names_nothing_foreign(scene: &Scene) -> Result<bool, Halt> {
    let app = scene.app()?;
    let sent = scene.authorization.iter().flat_map(|it| &it.parameters);
    let mut addresses = sent.clone().filter(|(name, _)| name == "redirect_uri").peekable();
    let mut clients = sent.filter(|(name, _)| name == "client_id").peekable();
    // An app without users registers no address.
    Ok(app.need.kind != Kind::TwoLegged
        && clients.peek().is_some()
        && addresses.peek().is_some()
        && clients.all(|(_, value)| *value == app.client_id)
        && addresses.all(|(_, value)| *value == app.redirect_uri))
}

pub(super) fn came_back_with(scene: &Scene, codes: &[&str]) -> Result<(), Halt> {
    let end = scene.played.as_ref().map(|played| &played.end);
    if matches!(end, Some(End::Stuck { status: Some(BAD_REQUEST), .. })) {
        let claim = scene.must("the user comes back to the app").clause("RFC 6749 §4.1.2.1");
        return claim.equal("a redirect to the app", "a page with status 400");
    }
    let callback = scene.callback()?;
    let error = callback.error.as_deref().unwrap_or("no error");
    let must = |statement: &str| scene.must(statement).clause("RFC 6749 §4.1.2.1");
    let is_word = callback.error.is_none() || ERRORS.contains(&error);
    must("the error is a word of the standards").about("AUTHZ-ERROR-CODES").holds(
        is_word,
        "one of RFC 6749 or OpenID Connect",
        error,
    )?;
    if is_word {
        must("the user comes back with the documented error").holds(
            codes.contains(&error),
            codes.join(" or "),
            error,
        )?;
    }
    must("no code comes with an error")
        .equal("no code", callback.code.as_ref().map_or("no code", |_| "a code"))?;
    let is_long = sent_state(scene).len() > USUAL_STATE;
    let about = if is_long { "AUTHZ-STATE-LONG" } else { "AUTHZ-STATE-ECHO-ON-ERROR" };
    state_claim(scene).about(about).equal(sent_state(scene), got_state(callback))
}

fn state_claim(scene: &Scene) -> Claim<'_> {
    scene.must("the state comes back as it was sent").clause("RFC 6749 §4.1.2")
}

fn sent_state(scene: &Scene) -> &str {
    scene.authorization.as_ref().and_then(|it| it.value("state")).unwrap_or("absent")
}

fn got_state(callback: &Callback) -> &str {
    callback.state.as_deref().unwrap_or("absent")
}

/// The errors of an authorize request (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
const ERRORS: [&str; 15] = [
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
];
/// By which the platform says on a page of its own that it understood the request, and is wrong with it.
const BAD_REQUEST: u16 = 400;
/// Letters of a state that any platform carries.
const USUAL_STATE: usize = 128;
/// Letters of Base64 for 128 bits, which cannot be guessed.
const LEAST: usize = 22;
