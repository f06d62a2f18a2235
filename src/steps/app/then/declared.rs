//! What the app does, against what its owner declares.

use cucumber::then;

use super::scopes::scopes;
use crate::steps::app::sent::Kind;
use crate::world::{Halt, Scene, Since, World};

/// The app calls no endpoint, or asks for no scope, that its owner does not declare.
#[then(regex = "^each (endpoint|scope) that the app uses is declared$")]
async fn is_declared(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let declared = declared(scene, &what)?;
    let used = used(scene, &what).await?;
    let more = used.iter().filter(|it| !declared.iter().any(|declared| is_of(it, declared)));
    let more: Vec<&str> = more.map(String::as_str).collect();
    let claim = scene.must(format!("the app uses no {what} that is not declared"));
    let hint = format!("`{what}s` of the app in the project file declares them");
    claim.hint(hint).holds(more.is_empty(), "nothing else", more.join(", "))
}

/// The app calls each endpoint, or asks for each scope, that its owner declares.
#[then(regex = "^each declared (endpoint|scope) is used$")]
async fn is_used(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let declared = declared(scene, &what)?;
    let used = used(scene, &what).await?;
    let unused = declared.iter().filter(|it| !used.iter().any(|used| is_of(used, it)));
    let unused: Vec<&str> = unused.map(String::as_str).collect();
    let claim = scene.should(format!("each declared {what} is used"));
    claim.holds(unused.is_empty(), "each", unused.join(", "))
}

fn declared(scene: &mut Scene, what: &str) -> Result<Vec<String>, Halt> {
    let described = &scene.examinee()?.described;
    Ok(if what == "scope" { described.scopes.clone() } else { described.endpoints.clone() })
}

/// What the app used, each once: `GET /fhir/r4/Patient/1`, or scopes.
async fn used(scene: &Scene, what: &str) -> Result<Vec<String>, Halt> {
    let mut used = match what {
        "scope" => asked(scene)?,
        _ => {
            let calls = Kind::Api.each(scene).await?;
            calls.iter().map(|it| format!("{} {}", it.request.method, it.request.path)).collect()
        }
    };
    used.sort();
    used.dedup();
    Ok(used)
}

/// The scopes that the app asked for.
fn asked(scene: &Scene) -> Result<Vec<String>, Halt> {
    let mut sent = Kind::Authorization.sent(scene, Since::TheStart)?;
    sent.extend(Kind::Token.sent(scene, Since::TheStart)?);
    if sent.is_empty() {
        return Err(Halt::Inconclusive("the app asked for nothing".to_owned()));
    }
    Ok(sent.iter().flat_map(scopes).map(str::to_owned).collect())
}

/// Whether a use is one that is declared, where `*` stands for any one segment of a path.
fn is_of(used: &str, declared: &str) -> bool {
    let mut segments = used.split('/');
    let fits = |wanted: &str| segments.next().is_some_and(|it| wanted == "*" || it == wanted);
    used == declared || declared.split('/').all(fits) && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn an_asterisk_stands_for_one_segment() {
        for (used, declared, expected) in [
            ("GET /fhir/r4/Patient/1", "GET /fhir/r4/Patient/*", true),
            ("GET /fhir/r4/Patient", "GET /fhir/r4/Patient", true),
            ("GET /fhir/r4/Patient", "GET /fhir/r4/Patient/*", false),
            ("GET /fhir/r4/Patient/1/_history", "GET /fhir/r4/Patient/*", false),
            ("POST /fhir/r4/Patient", "GET /fhir/r4/Patient", false),
            ("patient/*.read", "patient/*.read", true),
        ] {
            assert_eq!(is_of(used, declared), expected, "{used} of {declared}");
        }
    }
}
