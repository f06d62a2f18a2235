//! The app uses its access token.

use std::str::FromStr;

use cucumber::when;
use serde_json::json;
use url::Url;

use crate::http::{Answer, Body, Call};
use crate::secret::Secret;
use crate::world::{Halt, Scene, World, changed};

/// Reads an address below the FHIR base, or calls another one of the platform, with the access
/// token.
#[when(expr = "the app {reads} {string}")]
async fn read(world: &mut World, place: Place, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let call = to(place, &path, scene)?.bearer(&token(scene)?);
    scene.send(call).await
}

/// Reads an address below the FHIR base, or calls another one of the platform, with something else
/// than its access token in a header.
#[when(expr = "the app {reads} {string} {presented}")]
async fn read_presenting(
    world: &mut World,
    place: Place,
    path: String,
    presented: Presented,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    if let Presented::InBatch(other) = presented {
        return read_in_batch(scene, [path, other]).await;
    }
    let mut call = to(place, &path, scene)?;
    let call = match presented {
        Presented::InBatch(_) | Presented::Nothing => call,
        Presented::Altered => call.bearer(&altered(scene)?),
        Presented::Held => call.bearer(&scene.held_tokens()?.access),
        Presented::Other(word) => call.bearer(scene.tokens()?.named(word)?),
        Presented::ByScript => call.bearer(&token(scene)?).header("origin", scene.origin()),
        Presented::UnderScheme(scheme) => {
            let value = format!("{scheme} {}", token(scene)?.expose());
            call.header("authorization", value)
        }
        Presented::Twice => {
            let token = token(scene)?;
            call.url.query_pairs_mut().append_pair("access_token", token.expose());
            call.bearer(&token)
        }
    };
    scene.send(call).await
}

/// Sends two reads in one request; the answer to the first of them is what the app goes on with.
async fn read_in_batch(scene: &mut Scene, paths: [String; 2]) -> Result<(), Halt> {
    let mut entries = Vec::new();
    for path in &paths {
        entries.push(json!({"request": {"method": "GET", "url": scene.say(path)?}}));
    }
    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": entries});
    let call = Call::post(scene.fhir_base.clone(), Body::Json(batch))
        .header("content-type", "application/fhir+json")
        .header("accept", "application/fhir+json")
        .bearer(&token(scene)?);
    scene.send(call).await?;
    let answer = scene.answer()?.clone();
    let told = answer.member("entry").map(|mut entries| entries[0].take());
    let told = told.filter(|_| answer.status == 200).ok_or_else(|| {
        Halt::Inconclusive(format!("the platform answers no batch, status {}", answer.status))
    })?;
    let status = told["response"]["status"].as_str().and_then(|it| it.get(..3)?.parse().ok());
    let body = [&told["resource"], &told["response"]["outcome"]];
    let body = body.into_iter().find(|body| !body.is_null());
    scene.answer = Some(Answer {
        status: status.unwrap_or_default(),
        body: body.map(ToString::to_string).unwrap_or_default(),
        ..answer
    });
    Ok(())
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

/// A token that was tampered with.
fn altered(scene: &Scene) -> Result<Secret, Halt> {
    let sent = token(scene)?;
    // Of a JWT the signature: with another payload it might be no JWT at all.
    let altered = match sent.expose().rsplit_once('.') {
        Some((signed, signature)) => format!("{signed}.{}", changed(signature)),
        None => changed(sent.expose()),
    };
    let altered = Secret::new(altered);
    scene.recorder.redactor().learn("access_token", &altered);
    Ok(altered)
}

fn to(place: Place, path: &str, scene: &Scene) -> Result<Call, Halt> {
    match place {
        Place::Fhir => fhir(scene, path),
        // An endpoint has an address of its own.
        Place::Host if path.starts_with('{') => Ok(Call::get(address(path, scene)?)),
        Place::Host => Ok(Call::get(address(&format!("{{host}}{path}"), scene)?)),
    }
}

fn fhir(scene: &Scene, path: &str) -> Result<Call, Halt> {
    let base = scene.fhir_base.as_str().trim_end_matches('/');
    let path = scene.say(path)?;
    let whole = if path.starts_with("http") {
        // A reference may be an address; the token is for this server alone.
        scene.must("the reference leads below the FHIR base").holds(
            path.starts_with(base),
            base,
            &path,
        )?;
        path
    } else {
        format!("{base}/{path}")
    };
    Ok(Call::get(address(&whole, scene)?).header("accept", "application/fhir+json"))
}

fn address(text: &str, scene: &Scene) -> Result<Url, Halt> {
    let text = scene.say(text)?;
    Url::parse(&text).map_err(|error| Halt::error(format!("failed to read `{text}`: {error}")))
}

fn token(scene: &Scene) -> Result<Secret, Halt> {
    Ok(scene.tokens()?.access.clone())
}

/// Where an address is that an app reads or calls.
#[derive(Clone, Copy, Debug, cucumber::Parameter)]
#[param(name = "reads", regex = "reads|calls")]
enum Place {
    /// Below the FHIR base.
    Fhir,
    /// Below the platform's host.
    Host,
}

/// What an app shows instead of its access token in a header.
#[derive(Debug, cucumber::Parameter)]
#[param(
    name = "presented",
    regex = r#"without a token|with an altered token|with the token it still has|with the ID token|with the refresh token|from a script in a browser|with the token in header and query|with the authorization scheme "[^"]+"|in a batch with "[^"]+""#
)]
enum Presented {
    Nothing,
    Altered,
    /// The token that was issued last, even if a later request was refused.
    Held,
    /// Another token, by its word.
    Other(&'static str),
    /// Its access token, from a page of the app (Fetch Standard, CORS protocol).
    ByScript,
    UnderScheme(String),
    /// Its access token, for this and for another read in one request.
    InBatch(String),
    /// In the header and in the query.
    Twice,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "calls" { Self::Host } else { Self::Fhir })
    }
}

impl FromStr for Presented {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "without a token" => Self::Nothing,
            "with the refresh token" => Self::Other("refresh"),
            "from a script in a browser" => Self::ByScript,
            "with an altered token" => Self::Altered,
            "with the token it still has" => Self::Held,
            "with the ID token" => Self::Other("ID"),
            "with the token in header and query" => Self::Twice,
            other => {
                let quoted = other.split('"').nth(1).unwrap_or_default().to_owned();
                match other.starts_with("in a batch") {
                    true => Self::InBatch(quoted),
                    false => Self::UnderScheme(quoted),
                }
            }
        })
    }
}
