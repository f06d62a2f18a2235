//! What the platform's APIs answer (RFC 6750, FHIR R4).

use cucumber::then;
use serde_json::Value;

use crate::steps::table::{challenges, sorted};
use crate::world::{Halt, World};

/// The answer is the FHIR resource of this type and id.
#[then(expr = "the answer is the {word} {string}")]
fn is_resource(world: &mut World, kind: String, id: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let id = scene.say(&id)?;
    let answer = scene.answer()?;
    let text = |name: &str| {
        let member = answer.member(name);
        member.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_else(|| "absent".to_owned())
    };
    scene.must("the read succeeds").equal(200, answer.status)?;
    scene
        .must("the answer is the resource that was asked for")
        .equal(format!("{kind}/{id}"), format!("{}/{}", text("resourceType"), text("id")))
}

/// The API answered with success and this member as JSON; scopes may come in any order.
#[then(expr = "the answer has the {word} {string}")]
fn has_member(world: &mut World, member: String, expected: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let expected = scene.say(&expected)?;
    let answer = scene.answer()?;
    scene.must("the call succeeds").equal(200, answer.status)?;
    let actual = answer.member(&member).map_or("absent".to_owned(), |it| {
        it.as_str().map_or_else(|| it.to_string(), str::to_owned)
    });
    let comparable = |text: &str| match member.as_str() {
        "scope" => sorted(text),
        _ => text.to_owned(),
    };
    scene
        .must(format!("`{member}` is as documented"))
        .equal(comparable(&expected), comparable(&actual))
}

/// The answer has this header, and something in it.
#[then(expr = "the answer carries the header {string}")]
fn has_header(world: &mut World, name: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let value = scene.answer()?.header(&name.to_ascii_lowercase()).unwrap_or_default();
    let actual = if value.is_empty() { "absent" } else { "present" };
    scene.should(format!("the answer has the header `{name}`")).equal("present", actual)
}

/// The answer refuses with one of these statuses, and no patient's data is in it.
#[then(regex = r"^the call is refused with (\d+(?: or \d+)*) and no data$")]
fn refused(world: &mut World, statuses: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let documented = statuses.split(" or ").any(|status| status == answer.status.to_string());
    scene.must("the call is refused with the documented status").clause("RFC 6750 §3.1").holds(
        documented,
        &statuses,
        answer.status,
    )?;
    let body = answer.json();
    let found = body.as_ref().and_then(resource_of).unwrap_or("no resource");
    scene.must("a refusal holds no data").equal("no resource", found)?;
    let base = scene.fhir_base.as_str().trim_end_matches('/');
    if !answer.url.as_str().starts_with(base) {
        return Ok(());
    }
    let inside = || scene.should("a refusal shows nothing of the server's inside").about(REFUSAL);
    let is_readable = body.is_some() || answer.body.trim().is_empty();
    let form = if is_readable { "JSON" } else { "another text" };
    inside().clause("FHIR R4 §3.1.0.1.5").equal("JSON", form)?;
    let trace = TRACES.into_iter().find(|trace| answer.body.contains(trace));
    inside().equal("nothing of it", trace.unwrap_or("nothing of it"))
}

/// The type of a resource that is somewhere in a document and is no OperationOutcome.
fn resource_of(document: &Value) -> Option<&str> {
    match document {
        Value::Object(members) => {
            let own = members.get("resourceType").and_then(Value::as_str);
            let own = own.filter(|kind| *kind != "OperationOutcome");
            own.or_else(|| members.values().find_map(resource_of))
        }
        Value::Array(items) => items.iter().find_map(resource_of),
        _ => None,
    }
}

/// The 401 says by `error` what is wrong with the token, or nothing if none was sent.
#[then(expr = "the bearer challenge says {string}")]
fn challenge_says(world: &mut World, code: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let header = challenges(scene.answer()?);
    let quoted = header.contains(&format!("error=\"{code}\""));
    scene
        .must("the challenge names what is wrong with the token")
        .clause("RFC 6750 §3.1")
        .about("BEARER-WWW-AUTHENTICATE")
        .holds(quoted || header.contains(&format!("error={code}")), &code, &header)
}

/// The requirement of a refusal's form.
const REFUSAL: &str = "RES-12";
/// What stack traces and errors of databases have in them.
const TRACES: [&str; 10] = [
    "Traceback (most recent call last)",
    "\\n\\tat ",
    "\n\tat ",
    "Caused by: ",
    "java.lang.",
    "System.NullReferenceException",
    "node_modules/",
    "panicked at ",
    "goroutine 1 [",
    "SQLSTATE[",
];
