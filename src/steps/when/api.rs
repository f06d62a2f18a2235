//! The app uses its access token.

use cucumber::when;
use url::Url;

use crate::http::Call;
use crate::secret::Secret;
use crate::world::{Halt, Scene, World, changed};

/// Reads the patient of the launch context.
#[when("the app reads its patient")]
async fn read_patient(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = fhir(scene, "Patient/{patient}")?.bearer(&token(scene)?);
    scene.send(call).await
}

/// Reads the patient with the tokens that it had before its last request was refused.
#[when("the app still reads its patient")]
async fn still_read_patient(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let access = scene.held_tokens()?.access.clone();
    let call = fhir(scene, "Patient/{patient}")?.bearer(&access);
    scene.send(call).await
}

/// Reads an address below the FHIR base.
#[when(expr = "the app reads {string}")]
async fn read(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = fhir(scene, &path)?.bearer(&token(scene)?);
    scene.send(call).await
}

/// Reads an address below the FHIR base without any token.
#[when(expr = "the app reads {string} without a token")]
async fn read_bare(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = fhir(scene, &path)?;
    scene.send(call).await
}

/// Reads an address below the FHIR base with a token that was tampered with.
#[when(expr = "the app reads {string} with an altered token")]
async fn read_altered(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let sent = token(scene)?;
    // Of a JWT the signature: with another payload it might be no JWT at all.
    let altered = match sent.expose().rsplit_once('.') {
        Some((signed, signature)) => format!("{signed}.{}", changed(signature)),
        None => changed(sent.expose()),
    };
    let altered = Secret::new(altered);
    scene.recorder.redactor().learn("access_token", &altered);
    let call = fhir(scene, &path)?.bearer(&altered);
    scene.send(call).await
}

/// Reads an address below the FHIR base, the token under another spelling of the scheme.
#[when(expr = "the app reads {string} with the authorization scheme {string}")]
async fn read_with_scheme(world: &mut World, path: String, scheme: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let value = format!("{scheme} {}", token(scene)?.expose());
    let call = fhir(scene, &path)?.header("authorization", value);
    scene.send(call).await
}

/// Reads an address below the FHIR base with the token in the header and in the query.
#[when(expr = "the app reads {string} with the token in header and query")]
async fn read_twice(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let token = token(scene)?;
    let mut call = fhir(scene, &path)?.bearer(&token);
    call.url.query_pairs_mut().append_pair("access_token", token.expose());
    scene.send(call).await
}

/// Reads an address below the FHIR base with the ID token in the place of the access token.
#[when(expr = "the app reads {string} with the ID token")]
async fn read_with_id_token(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let id = scene.tokens()?.id.clone();
    let id = id.ok_or_else(|| Halt::error("the scenario has no ID token"))?;
    let call = fhir(scene, &path)?.bearer(&id);
    scene.send(call).await
}

/// Follows the link to the next page of the search result, with the access token.
#[when("the app reads the next page")]
async fn read_next(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let body = scene.answer()?.json().unwrap_or_default();
    let mut links = body["link"].as_array().into_iter().flatten();
    let next = links.find(|link| link["relation"] == "next").and_then(|link| link["url"].as_str());
    let next = next.ok_or_else(|| Halt::error("the answer has no next page"))?.to_owned();
    let base = scene.fhir_base.as_str();
    scene.must("the next page is where the first is").holds(next.starts_with(base), base, &next)?;
    let call = Call::get(address(&next, scene)?).bearer(&token(scene)?);
    scene.send(call).await
}

/// Calls an address of the platform that is not below the FHIR base.
#[when(expr = "the app calls {string}")]
async fn call(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let address = address(&format!("{{host}}{path}"), scene)?;
    let call = Call::get(address).bearer(&token(scene)?);
    scene.send(call).await
}

/// Calls an address of the platform that is not below the FHIR base, without any token.
#[when(expr = "the app calls {string} without a token")]
async fn call_bare(world: &mut World, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let address = address(&format!("{{host}}{path}"), scene)?;
    scene.send(Call::get(address)).await
}

fn fhir(scene: &Scene, path: &str) -> Result<Call, Halt> {
    let base = scene.fhir_base.as_str().trim_end_matches('/');
    let address = address(&format!("{base}/{path}"), scene)?;
    Ok(Call::get(address).header("accept", "application/fhir+json"))
}

fn address(text: &str, scene: &Scene) -> Result<Url, Halt> {
    let text = scene.say(text)?;
    Url::parse(&text).map_err(|error| Halt::error(format!("failed to read `{text}`: {error}")))
}

fn token(scene: &Scene) -> Result<Secret, Halt> {
    Ok(scene.tokens()?.access.clone())
}
