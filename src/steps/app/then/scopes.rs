//! The scopes that the app asks for.

use cucumber::then;

use crate::mock::Entry;
use crate::protocol::ScopeSet;
use crate::protocol::scope::Kind as ScopeKind;
use crate::steps::app::sent::{Kind, parameter};
use crate::world::{Halt, Scene, Since, World};

/// The scopes are written by the grammar, and those that look like FHIR's are such (SMART App Launch
/// 2.2 §3.0.2.5).
#[then("the scopes of each authorization request are legal")]
async fn are_legal(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Authorization.each(scene).await? {
        let scope = scene.must("the request has scopes").present(parameter(&entry, "scope"))?;
        let set = ScopeSet::parse(scope);
        let wrong = match &set {
            Err(error) => Some(error.to_string()),
            Ok(set) => {
                let malformed = set.iter().filter(|it| {
                    *it.kind() == ScopeKind::Malformed || is_launch_in_capitals(it.as_str())
                });
                let names: Vec<&str> = malformed.map(|it| it.as_str()).collect();
                (!names.is_empty()).then(|| names.join(" "))
            }
        };
        let claim = scene.must("each scope is a legal one").clause("RFC 6749 §3.3");
        claim.holds(wrong.is_none(), "legal", wrong.unwrap_or_default())?;
    }
    Ok(())
}

/// Who needs the patient asks for `launch` where an EHR began, and for `launch/patient` (or another
/// context) where the user did.
#[then("the scopes of each authorization request ask for the context that fits the launch")]
async fn ask_for_context(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Authorization.each(scene).await? {
        let scopes = scopes(&entry);
        let wants_patient = scopes.iter().any(|it| it.starts_with("patient/"));
        let by_ehr = parameter(&entry, "launch").is_some();
        if !by_ehr && !wants_patient {
            continue;
        }
        let holds = match by_ehr {
            true => scopes.contains(&"launch"),
            false => scopes.iter().any(|it| it.starts_with("launch/")),
        };
        let expected = if by_ehr { "launch" } else { "launch/patient" };
        let claim = scene.must("the context is asked for by the scope that fits the launch");
        claim.clause("SMART App Launch 2.2.0 § Scopes for requesting context data").holds(
            holds,
            expected,
            scopes.join(" "),
        )?;
    }
    Ok(())
}

/// One, or not more than one, of two scopes is asked for.
#[then(
    regex = r#"^the scopes of each authorization request have (one|at most one) of "([^"]+)" and "([^"]+)"$"#
)]
async fn have_one(world: &mut World, how: String, one: String, other: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Authorization.each(scene).await? {
        let scopes = scopes(&entry);
        let found = [&one, &other].iter().filter(|it| scopes.contains(&it.as_str())).count();
        let holds = if how == "one" { found > 0 } else { found < 2 };
        let claim = scene.must(format!("{how} of `{one}` and `{other}` is asked for"));
        claim.holds(holds, how.as_str(), scopes.join(" "))?;
    }
    Ok(())
}

/// Where one scope is asked for, another one is too.
#[then(expr = "the scopes of each authorization request have {string} where they have {string}")]
async fn comes_with(world: &mut World, one: String, with: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Authorization.each(scene).await? {
        let scopes = scopes(&entry);
        let holds = !scopes.contains(&&*with) || scopes.contains(&&*one);
        let claim = scene.must(format!("who asks for `{with}` asks for `{one}`"));
        claim.holds(holds, format!("{one} beside {with}"), scopes.join(" "))?;
    }
    Ok(())
}

/// All of these scopes are asked for, and at least one of a FHIR resource.
#[then(expr = "the scopes of each authorization request have {string}, {string} and a resource")]
async fn have_all(world: &mut World, one: String, other: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    for entry in Kind::Authorization.each(scene).await? {
        let scopes = scopes(&entry);
        let resource =
            scopes.iter().any(|it| it.starts_with("patient/") || it.starts_with("user/"));
        let holds = scopes.contains(&&*one) && scopes.contains(&&*other) && resource;
        let claim = scene.must(format!("`{one}`, `{other}` and a resource are asked for"));
        claim.holds(holds, format!("{one} {other} patient/…"), scopes.join(" "))?;
    }
    Ok(())
}

/// A refresh names no scope that the authorization request had not (RFC 6749 §6).
#[then("each refresh request asks for what was granted, at most")]
async fn asks_for_granted(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let asked = Kind::Authorization.sent(scene, Since::TheStart)?;
    let granted: Vec<&str> = asked.iter().flat_map(|entry| scopes(entry)).collect();
    for entry in Kind::Refresh.each(scene).await? {
        let more: Vec<&str> =
            scopes(&entry).into_iter().filter(|it| !granted.contains(it)).collect();
        let claim = scene.must("a refresh asks for nothing new").clause("RFC 6749 §6");
        claim.holds(more.is_empty(), "nothing new", more.join(" "))?;
    }
    Ok(())
}

/// Each scope of a resource that was asked for, and granted, was used by a call of that resource.
#[then("each scope of a resource that was granted is used")]
async fn is_used(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let sent = Kind::Authorization.each(scene).await?;
    let unused = unused(scene, sent.iter().flat_map(|entry| scopes(entry)))?;
    let claim =
        scene.should("what was asked for is used").clause("SMART App Launch 2.2.0 § Scopes");
    claim.holds(unused.is_empty(), "each is used", unused.join(" "))
}

/// The scopes of resources that no call of the app needed.
fn unused<'a>(scene: &Scene, scopes: impl Iterator<Item = &'a str>) -> Result<Vec<String>, Halt> {
    let calls = Kind::Api.sent(scene, Since::TheStart)?;
    let called = |resource: &str| {
        let is_of = |entry: &Entry| entry.request.path.split('/').any(|part| part == resource);
        resource == "*" || calls.iter().any(is_of)
    };
    let set: Vec<crate::protocol::Scope> = scopes.map(crate::protocol::Scope::new).collect();
    let unused = set.iter().filter(|it| it.resource().is_some_and(|of| !called(&of.resource)));
    let mut names: Vec<String> = unused.map(|it| it.as_str().to_owned()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// The scopes that a request names.
pub(super) fn scopes(entry: &Entry) -> Vec<&str> {
    parameter(entry, "scope").unwrap_or_default().split_whitespace().collect()
}

/// Launch contexts are written in small letters.
fn is_launch_in_capitals(scope: &str) -> bool {
    let context = scope.strip_prefix("launch/");
    context.is_some_and(|it| it.split('?').next().unwrap_or_default().contains(char::is_uppercase))
}
