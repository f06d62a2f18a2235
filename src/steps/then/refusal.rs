//! What a refusal has to be, judged whole: status, error code, form, and that nothing leaks.

use cucumber::then;

use super::redirect::came_back_with;
use crate::http::Answer;
use crate::protocol::OAuthError;
use crate::secret::Secret;
use crate::steps::table::{alternatives, challenges};
use crate::world::{Halt, Scene, World};

/// The token endpoint refused with one of these error codes, and with a status that the code
/// allows (RFC 6749 §5.2); the stated status is the one that the platform documents.
#[then(regex = r#"^the request is refused with (\d+) (".+")$"#)]
fn refused_with(world: &mut World, status: u16, codes: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    refused(scene, scene.answer()?, status, &alternatives(&codes))
}

/// The platform refused the scopes, or gave a token and said that it is good for approved ones alone
/// (RFC 6749 §3.3).
#[then("no scope is granted that was not approved")]
fn grants_what_was_approved(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    if scene.callback.as_ref().is_some_and(|callback| callback.error.is_some()) {
        return came_back_with(scene, &["invalid_scope"]);
    }
    let answer = scene.answer()?;
    if answer.status >= 400 {
        return refused(scene, answer, 400, &["invalid_scope"]);
    }
    let must = |statement: &str| scene.must(statement).clause("RFC 6749 §3.3");
    let named =
        must("the answer names the scopes that were granted, since they are not those asked for")
            .present(scene.tokens()?.text("scope"))?;
    let approved = &scene.app()?.scopes;
    let other = named.split_whitespace().find(|scope| !approved.iter().any(|it| it == scope));
    must("what was granted was approved").equal("nothing else", other.unwrap_or("nothing else"))
}

/// The platform refused in its own way, and no token is in the answer.
#[then("the platform refuses and gives no token")]
fn refuses(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let refused = (400..500).contains(&answer.status);
    scene.must("the request is refused").holds(refused, "a status of 400 to 499", answer.status)?;
    gives_nothing_away(scene, answer)
}

/// The refusal has the status and the words of the one before: it does not tell two mistakes apart.
#[then("the platform refuses in the same words as before")]
fn refuses_alike(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let before = scene.earlier_answer.as_ref();
    let before = before.ok_or_else(|| Halt::error("the scenario has asked only once"))?;
    scene.must("the request is refused").holds(
        answer.status >= 400,
        "a status of 400 or more",
        answer.status,
    )?;
    let description = scene.context.dialect.errors.description_member.as_str();
    let said = |answer: &Answer| {
        let members = ["error", description, "error_uri"].into_iter();
        let words = members.filter_map(|name| Some(format!("{name} {}", answer.member(name)?)));
        std::iter::once(answer.status.to_string()).chain(words).collect::<Vec<_>>().join(", ")
    };
    scene
        .must("two refusals are alike, so that none tells more than the other")
        .equal(said(before), said(answer))
}

/// A refusal names the scheme that the client should have used (RFC 9110 §11.6.1).
#[then(expr = "the answer names the authentication scheme {string}")]
fn names_scheme(world: &mut World, scheme: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let header = challenges(scene.answer()?);
    let mut words = header.split([' ', ',']);
    let is_bearer = scheme.eq_ignore_ascii_case("Bearer");
    if !is_bearer && !scene.sent_authorization {
        let why = "the app of the target sends its secret in the body, not in a header";
        return Err(Halt::NotOffered(why.to_owned()));
    }
    scene
        .must("a 401 answer names the scheme in WWW-Authenticate")
        .clause("RFC 6749 §5.2, RFC 9110 §11.6.1")
        .about(if is_bearer { "BEARER-WWW-AUTHENTICATE" } else { "TSEC-WWW-AUTHENTICATE" })
        .holds(words.any(|word| word.eq_ignore_ascii_case(&scheme)), &scheme, &header)
}

fn refused(scene: &Scene, answer: &Answer, status: u16, codes: &[&str]) -> Result<(), Halt> {
    let must = |statement: &str| scene.must(statement).clause("RFC 6749 §5.2");
    let refuses = answer.status >= 400;
    must("the request is refused").holds(refuses, "a status of 400 or more", answer.status)?;
    gives_nothing_away(scene, answer)?;
    let rules = &scene.context.dialect.errors;
    let error =
        OAuthError::parse(answer.status, &answer.body, &rules.description_member, &rules.phrases);
    let readable = if let Err(why) = &error { why } else { "an error object" };
    let is_elsewhere = !scene.is_token_endpoint(&answer.url);
    if is_elsewhere && !scene.sent_credentials {
        // RFC 7662 §2.1 and RFC 7009 §2.1 want it refused, and say not how.
        let claim = scene.should("who shows nothing is told to authenticate");
        return claim.clause("RFC 6749 §5.2").equal(status, answer.status);
    }
    if is_elsewhere && error.is_err() {
        // Others may be asked in other ways than by client authentication, and then refuse in these.
        scene
            .should("the refusal is an error object")
            .clause("RFC 7662 §2.3, RFC 7009 §2.2.1")
            .equal("an error object", readable)?;
        return must("who does not prove who asks is not authorized").equal(status, answer.status);
    }
    let caching = answer.header("cache-control").unwrap_or("absent").to_ascii_lowercase();
    scene
        .should("nobody keeps the refusal")
        .clause("RFC 6749 §5.2")
        .about("TOKEN-ERROR-NO-STORE")
        .holds(caching.contains("no-store"), "no-store", caching)?;
    must("the refusal is JSON").about("TOK-06").equal("application/json", answer.media_type())?;
    must("the refusal is an error object")
        .about("TOKEN-ERROR-BODY")
        .equal("an error object", readable)?;
    let Ok(error) = error else { return Ok(()) };
    let code = error.code.to_string();
    must("the refusal has the documented error code").about(reported(scene, codes)).holds(
        codes.contains(&code.as_str()),
        codes.join(" or "),
        &code,
    )?;
    let lawful: &[u16] = match code.as_str() {
        "invalid_client" if scene.sent_authorization => &[401],
        "invalid_client" | "access_denied" => &[400, 401],
        _ => &[400],
    };
    let shown = lawful.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    must("the refusal has a status that its error code allows").about("TOKEN-ERROR-STATUS").holds(
        lawful.contains(&answer.status),
        shown,
        answer.status,
    )?;
    if codes.first() == Some(&code.as_str()) {
        scene
            .should("the refusal has the documented status")
            .about("TOKEN-ERROR-STATUS")
            .equal(status, answer.status)?;
    }
    if scene.sent_authorization && answer.status == 401 {
        let named = challenges(answer);
        must("a 401 answer to a client that sent Authorization names the scheme")
            .about("TSEC-WWW-AUTHENTICATE")
            .holds(!named.is_empty(), "WWW-Authenticate", named)?;
    }
    Ok(())
}

/// The requirement that names the error code which is documented first.
fn reported(scene: &Scene, codes: &[&str]) -> &'static str {
    match codes.first() {
        Some(&"invalid_request") => "TRES-ERR-INVALID-REQUEST",
        Some(&"invalid_client") if scene.sent_assertion => "JWKS-ERROR-INVALID-CLIENT",
        Some(&"invalid_client") => "TRES-ERR-INVALID-CLIENT",
        Some(&"invalid_grant") => "TRES-ERR-INVALID-GRANT",
        Some(&"invalid_scope") => "TRES-ERR-INVALID-SCOPE",
        Some(&"unauthorized_client") => "TRES-ERR-UNAUTHORIZED-CLIENT",
        Some(&"unsupported_grant_type") => "TRES-ERR-UNSUPPORTED-GRANT",
        _ => "TOKEN-ERROR-BODY",
    }
}

/// No token in the body, and none of the secrets that were sent.
fn gives_nothing_away(scene: &Scene, answer: &Answer) -> Result<(), Halt> {
    let token = ["access_token", "refresh_token", "id_token"]
        .into_iter()
        .find(|member| answer.member(member).is_some());
    let must = |statement: &str| scene.must(statement).clause("RFC 6749 §5.2, §10.3");
    must("a refusal holds no token")
        .about("TOKEN-ERROR-NO-LEAK")
        .equal("no token", token.unwrap_or("no token"))?;
    let mut sent = scene.sent.iter().map(Secret::expose).filter(|it| it.len() >= TELLING);
    let leak = sent.any(|it| answer.body.contains(it));
    must("a refusal repeats no secret")
        .about("TOKEN-ERROR-NO-LEAK")
        .equal("no secret", if leak { "a secret that was sent" } else { "no secret" })
}

/// A shorter secret may stand in a text by chance.
const TELLING: usize = 12;
