//! The developer works in the portal.

use std::str::FromStr;

use cucumber::gherkin::Step;
use cucumber::when;
use serde_json::{Map, Value, json};

use crate::secret::Secret;
use crate::steps::table::Changes;
use crate::world::{App, Halt, Kind, Method, Need, Scene, World, lawful_registration};

/// Registers an app as the portal documents it; a stranger, who is not signed in, tries to.
#[when(expr = "{registrant} registers a {kind} app with {method}")]
async fn register(
    world: &mut World,
    who: Registrant,
    kind: Kind,
    method: Method,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let need = Need::new(kind, method);
    let registration = registration(scene, &need).await?;
    send(scene, who, need, registration).await
}

/// Registers an app as the portal documents it, but for the changes.
///
/// A value is JSON where it can be read as such, else a text; `(none)` leaves the member out.
#[when(expr = "the developer registers a {kind} app with {method} and {changes}")]
async fn register_with(
    world: &mut World,
    kind: Kind,
    method: Method,
    changes: Changes,
    step: &Step,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let need = Need::new(kind, method);
    let mut registration = registration(scene, &need).await?;
    for (name, value) in changes.read(scene, step)? {
        change(&mut registration, &name, &value);
    }
    send(scene, Registrant::Developer, need, registration).await
}

/// Asks for a new secret; if the portal gives one, the app goes on with it.
#[when("the developer replaces the client secret")]
async fn rotate_secret(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    ask(scene, "POST", "/secret", None).await?;
    let fresh = scene.answer()?.member("client_secret");
    let fresh = fresh.and_then(|it| it.as_str().map(|it| Secret::new(it.to_owned())));
    if let (Some(fresh), Some(app)) = (fresh, &mut scene.app) {
        scene.recorder.redactor().learn("client_secret", &fresh);
        scene.earlier_secret = app.secret.replace(fresh);
    }
    Ok(())
}

/// Looks at one app, at the environments that it has credentials of and what it lacks for others, or
/// at the list of all apps.
#[when(regex = "^the developer (looks at the app|looks at the app's environments|lists the apps)$")]
async fn look(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    match what.as_str() {
        "looks at the app" => ask(scene, "GET", "", None).await,
        "looks at the app's environments" => ask(scene, "GET", "/environments", None).await,
        _ => {
            scene.answer = Some(scene.portal()?.send("GET", "apps", None).await?);
            Ok(())
        }
    }
}

/// Deletes the app.
#[when("the developer deletes the app")]
async fn delete(world: &mut World) -> Result<(), Halt> {
    ask(world.scene()?, "DELETE", "", None).await
}

/// Selects these scopes in the Scopes tab; they are not confirmed yet.
#[when(expr = "the developer selects the scopes {string}")]
async fn select_scopes(world: &mut World, scopes: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let list: Vec<&str> = scopes.split_whitespace().collect();
    ask(scene, "PUT", "/scopes", Some(json!({ "scopes": list }))).await?;
    if let Some(app) = &mut scene.app {
        app.scopes = list.into_iter().map(str::to_owned).collect();
    }
    Ok(())
}

/// Confirms the selected scopes.
#[when("the developer confirms the scopes")]
async fn confirm_scopes(world: &mut World) -> Result<(), Halt> {
    ask(world.scene()?, "POST", "/scopes/confirm", None).await
}

/// Imports this text as the app's key set.
#[when(expr = "the developer imports the key set {string}")]
async fn import(world: &mut World, text: String) -> Result<(), Halt> {
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    ask(world.scene()?, "PUT", "/jwks", Some(json!({ "jwks": body }))).await
}

/// Imports the app's own key with one member changed; `(none)` leaves the member out.
#[when(expr = "the developer imports a key whose {word} is {string}")]
async fn import_changed(world: &mut World, member: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut key = scene.app()?.key()?.public_jwk();
    if let Some(members) = key.as_object_mut() {
        change(members, &member, &value);
    }
    ask(scene, "PUT", "/jwks", Some(json!({ "jwks": { "keys": [key] } }))).await
}

/// Imports the app's own keys, in order, under these ids.
#[when(expr = "the developer imports the app's keys under the ids {string}")]
async fn import_under(world: &mut World, ids: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let keys = scene.app()?.keys.iter().zip(ids.split_whitespace()).map(|(key, id)| {
        let mut key = key.public_jwk();
        key["kid"] = json!(id);
        key
    });
    let keys: Vec<Value> = keys.collect();
    ask(scene, "PUT", "/jwks", Some(json!({ "jwks": { "keys": keys } }))).await
}

async fn ask(scene: &mut Scene, method: &str, path: &str, body: Option<Value>) -> Result<(), Halt> {
    let path = format!("apps/{}{path}", scene.app()?.client_id);
    scene.answer = Some(scene.portal()?.send(method, &path, body).await?);
    Ok(())
}

/// A lawful registration, with the public key that its method asks for.
async fn registration(scene: &Scene, need: &Need) -> Result<Map<String, Value>, Halt> {
    let mut registration = lawful_registration(need, &scene.context.dialect.registration);
    match need.method {
        Method::ImportedKeys => {
            let key = scene.context.keys.lend(need.algorithm, 1).await?;
            registration.insert("jwks".into(), json!({ "keys": [key.public_jwk()] }));
        }
        Method::HostedKeys => {
            registration.insert("jwks_uri".into(), json!("https://app.example/jwks.json"));
        }
        Method::Secret | Method::Pkce => {}
    }
    Ok(registration)
}

fn change(members: &mut Map<String, Value>, name: &str, value: &str) {
    if value == "(none)" {
        members.shift_remove(name);
    } else {
        let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        members.insert(name.to_owned(), value);
    }
}

/// Sends a registration; an accepted one becomes the scene's app.
async fn send(
    scene: &mut Scene,
    who: Registrant,
    need: Need,
    registration: Map<String, Value>,
) -> Result<(), Halt> {
    let (portal, body) = (scene.portal()?, Some(Value::Object(registration)));
    let answer = match who {
        Registrant::Developer => portal.send("POST", "apps", body).await?,
        Registrant::Stranger => portal.send_as_stranger("POST", "apps", body).await?,
    };
    let scopes = need.scopes(&scene.context.dialect.registration);
    if let Some(app) = App::registered(need, scopes, &answer, scene.recorder.redactor()) {
        scene.app = Some(app);
    }
    scene.answer = Some(answer);
    Ok(())
}

/// Who asks the portal to register an app.
#[derive(Clone, Copy, Debug, cucumber::Parameter)]
#[param(name = "registrant", regex = "the developer|a stranger")]
enum Registrant {
    Developer,
    Stranger,
}

impl FromStr for Registrant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "a stranger" { Self::Stranger } else { Self::Developer })
    }
}
