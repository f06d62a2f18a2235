//! What a FHIR search finds (FHIR R4, search).

use cucumber::then;
use serde_json::Value;

use crate::world::{Halt, Scene, World};

/// The answer is a search result with so many matches in all, or on this page of it.
#[then(regex = r"^the search finds (\d+) match(?:es)?( on the page)?$")]
fn finds(world: &mut World, expected: usize, on_page: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let body = result(scene)?;
    if on_page.is_empty() {
        let claim = scene.must("the search finds what there is");
        return claim.equal(expected.to_string(), &body["total"]);
    }
    scene.must("the page is as long as was asked for").equal(expected, matches(&body).count())
}

/// Each match of the search is in the record of this patient, or in this category.
#[then(regex = r#"^every match (is of the patient|has the category) "([^"]+)"$"#)]
fn all_are(world: &mut World, how: String, expected: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let body = result(scene)?;
    let said = scene.say(&expected)?;
    let (expected, told): (String, fn(&Value) -> Vec<String>) = match how.as_str() {
        "has the category" => (said, categories),
        _ => (format!("Patient/{said}"), |resource| vec![patient(resource)]),
    };
    let found: Vec<Vec<String>> = matches(&body).map(told).collect();
    if found.is_empty() {
        return Err(Halt::Inconclusive("the search found nothing that could be judged".to_owned()));
    }
    let other = found.iter().find(|found| !found.contains(&expected));
    let other = other.map_or_else(|| expected.clone(), |it| it.join(", "));
    scene.must("the search finds nothing else").equal(&expected, other)
}

/// The search result has a link to a page that follows.
#[then("there is another page")]
fn has_next(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let body = result(scene)?;
    let links = body["link"].as_array().into_iter().flatten();
    let relations: Vec<&str> = links.filter_map(|link| link["relation"].as_str()).collect();
    scene.must("a page that is not the last has a next link").clause("FHIR R4 §3.1.1.3").holds(
        relations.contains(&"next"),
        "a link `next`",
        relations.join(", "),
    )
}

/// A refusal is an OperationOutcome of an issue with this code; a success holds one beside its
/// matches.
#[then(expr = "the outcome has the code {string}")]
fn outcome(world: &mut World, code: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    let body = answer.json().unwrap_or_default();
    let refused = answer.status >= 400;
    let entries = body["entry"].as_array().into_iter().flatten().filter(|_| !refused);
    let mut all = entries.map(|entry| &entry["resource"]).chain([&body]);
    let outcome = all.find(|resource| resource["resourceType"] == "OperationOutcome");
    let actual = outcome.and_then(|outcome| outcome["issue"][0]["code"].as_str());
    scene
        .must("an OperationOutcome says what is wrong")
        .clause("FHIR R4 §2.39, §3.1.0.1.5")
        .equal(code, actual.unwrap_or("no outcome"))
}

fn result(scene: &Scene) -> Result<Value, Halt> {
    let answer = scene.answer()?;
    scene.must("the search succeeds").equal(200, answer.status)?;
    let body = answer.json().unwrap_or_default();
    let kind = format!(
        "{} {}",
        body["resourceType"].as_str().unwrap_or("absent"),
        body["type"].as_str().unwrap_or("absent")
    );
    scene.must("a search answers with a Bundle").equal("Bundle searchset", kind)?;
    Ok(body)
}

/// Whose a resource is, as a relative reference.
fn patient(resource: &Value) -> String {
    let subject = ["subject", "patient", "beneficiary"].map(|name| &resource[name]);
    let reference = subject.into_iter().find_map(|it| it["reference"].as_str());
    let reference = reference.unwrap_or("nobody");
    match reference.rsplit_once("/Patient/") {
        Some((_, id)) => format!("Patient/{id}"),
        None => reference.to_owned(),
    }
}

/// The codes of a resource's categories.
fn categories(resource: &Value) -> Vec<String> {
    let of = |category: &Value| category["coding"].as_array().cloned().unwrap_or_default();
    let codings = resource["category"].as_array().into_iter().flatten().flat_map(of);
    codings.filter_map(|coding| coding["code"].as_str().map(str::to_owned)).collect()
}

fn matches(body: &Value) -> impl Iterator<Item = &Value> {
    let entries = body["entry"].as_array().into_iter().flatten();
    entries.filter(|entry| entry["search"]["mode"] == "match").map(|entry| &entry["resource"])
}
