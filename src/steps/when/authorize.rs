//! The app sends its user to the platform's authorize endpoint.

use cucumber::gherkin::Step;
use cucumber::{given, when};
use serde_json::Value;

use super::sign_in::{go, values};
use crate::http::{Body, Call};
use crate::protocol::callback::{Callback, arrives_at};
use crate::steps::table::Changes;
use crate::steps::who::Who;
use crate::world::{Authorization, Halt, Scene, World};

/// The next sign-in asks for these scopes instead of all.
#[given(expr = "the app is going to ask for {string}")]
fn ask_for(world: &mut World, scope: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.prepared = Some(conforming(scene)?.changed(vec![("scope".to_owned(), scope)])?);
    Ok(())
}

/// The next sign-in has a request with these changes.
#[given(expr = "the app is going to send a sign-in request with {changes}")]
fn ask_with(world: &mut World, changes: Changes, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    scene.prepared = Some(conforming(scene)?.changed(changes.read(scene, step)?)?);
    Ok(())
}

/// Sends the user's browser to the platform with a conforming request; nobody signs in.
#[when(expr = "{app} sends a user to sign in")]
async fn send_user(world: &mut World, who: Who) -> Result<(), Halt> {
    who.acts(world.scene()?, async |scene| {
        let authorization = prepared(scene)?;
        visit(scene, authorization).await
    })
    .await
}

/// Sends the user's browser to the platform with a request that has these changes.
#[when(expr = "the app sends a user to sign in with {changes}")]
async fn send_user_with(world: &mut World, changes: Changes, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let authorization = conforming(scene)?.changed(changes.read(scene, step)?)?;
    visit(scene, authorization).await
}

/// Sends the request by `GET`, by `POST` as a form or as `JSON`, and follows no answer.
#[when(expr = "the app sends a sign-in request by {word}")]
async fn send_by(world: &mut World, way: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let authorization = prepared(scene)?;
    let endpoint = scene.endpoint("authorization_endpoint").await?;
    let parameters = authorization.parameters.clone();
    let call = match way.as_str() {
        "GET" => Call::get(authorization.address(&endpoint)),
        "POST" => Call::post(endpoint, Body::Form(parameters)),
        "JSON" => {
            let members = parameters.into_iter().map(|(name, value)| (name, value.into()));
            Call::post(endpoint, Body::Json(Value::Object(members.collect())))
        }
        other => return Err(Halt::error(format!("`{other}` is none of GET, POST and JSON"))),
    };
    ask(scene, authorization, call).await
}

/// Opens the page that the platform's last answer leads to, without a browser; an answer that is a
/// page leads nowhere else.
#[when("the user follows the platform's answer")]
async fn follow(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    if answer.status == 200 && answer.media_type() == "text/html" {
        return Ok(());
    }
    let target = answer.header("location").and_then(|it| answer.url.join(it).ok());
    let target = scene.must("the platform leads on to another page").present(target)?;
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let cookies = set.filter_map(|(_, cookie)| cookie.split(';').next());
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    let same_site = target.host_str() == answer.url.host_str();
    let mut call = Call::get(target).header("accept", "text/html");
    if same_site && !cookies.is_empty() {
        call = call.header("cookie", cookies);
    }
    scene.send(call).await
}

/// The request that a `Given` prepared, or a conforming one.
pub(super) fn prepared(scene: &mut Scene) -> Result<Authorization, Halt> {
    match scene.prepared.take() {
        Some(prepared) => Ok(prepared),
        None => conforming(scene),
    }
}

fn conforming(scene: &Scene) -> Result<Authorization, Halt> {
    Ok(scene.authorization_of(scene.app()?, scene.fhir_base.as_str()))
}

/// Asks the authorize endpoint; where that does not refuse at once, a user goes on in a browser.
async fn visit(scene: &mut Scene, authorization: Authorization) -> Result<(), Halt> {
    let endpoint = scene.endpoint("authorization_endpoint").await?;
    let call = Call::get(authorization.address(&endpoint));
    ask(scene, authorization.clone(), call).await?;
    if scene.callback.is_none() && scene.answer()?.status < 400 {
        let values = values(scene, scene.app()?.need.kind.user())?;
        return go(scene, authorization, &values).await;
    }
    Ok(())
}

/// Asks the authorize endpoint once; an answer that leads to the app is the user who comes back.
async fn ask(scene: &mut Scene, authorization: Authorization, call: Call) -> Result<(), Halt> {
    scene.send(call.header("accept", "text/html")).await?;
    scene.played = None;
    let back = scene.app()?.redirect_uri.clone();
    let answer = scene.answer()?;
    let target = answer.header("location").and_then(|it| answer.url.join(it).ok());
    scene.callback = target
        .filter(|target| arrives_at(target.as_str(), &back))
        .map(|target| Callback::read(&target));
    scene.authorization = Some(authorization);
    Ok(())
}
