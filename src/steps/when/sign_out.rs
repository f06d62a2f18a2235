//! The user signs out (OpenID Connect RP-Initiated Logout 1.0 §2).

use cucumber::gherkin::Step;
use cucumber::when;
use url::Url;

use super::sign_in::values;
use crate::browser::End;
use crate::dialect::login::LoginScript;
use crate::http::Call;
use crate::protocol::callback::{Callback, arrives_at};
use crate::protocol::random;
use crate::secret::Secret;
use crate::steps::table::Changes;
use crate::world::{Authorization, Halt, Scene, World};

/// Signs out of the platform, in the same browser.
#[when(expr = "the {word} signs out of the platform")]
async fn sign_out(world: &mut World, _user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let address = endpoint(scene).await?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("nobody is signed in"))?;
    let status = browser.open(address.as_str()).await?.status;
    if let Some(question) = &scene.context.dialect.login.sign_out
        && browser.exists(&question.confirm).await?
    {
        browser.click(&question.confirm).await?;
        browser.wait_for_any(&[&question.done]).await?;
    }
    let answered = status.is_none_or(|status| status < 400);
    scene.must("the platform lets its users sign out").holds(
        answered,
        "a page or a redirect",
        status.unwrap_or_default(),
    )
}

/// Sends the user to sign out, with the ID token and an address of the app to come back to.
///
/// An app that has no ID token names itself.
#[when("the app signs its user out")]
async fn sign_user_out(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = conforming(scene)?;
    send(scene, request).await
}

/// Sends the user to sign out, but for the changes.
#[when(expr = "the app signs its user out with {changes}")]
async fn sign_user_out_with(world: &mut World, changes: Changes, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = conforming(scene)?.changed(changes.read(scene, step)?)?;
    if let Some(hint) = request.value("id_token_hint") {
        scene.recorder.redactor().learn("id_token", &Secret::new(hint.to_owned()));
    }
    send(scene, request).await
}

fn conforming(scene: &Scene) -> Result<Authorization, Halt> {
    let app = scene.app()?;
    let id_token = scene.tokens.as_ref().and_then(|tokens| tokens.id.as_ref());
    let who = match id_token {
        Some(id_token) => ("id_token_hint".to_owned(), id_token.expose().to_owned()),
        None => ("client_id".to_owned(), app.client_id.clone()),
    };
    let to = app.post_logout_redirect_uri()?.to_owned();
    let to = ("post_logout_redirect_uri".to_owned(), to);
    let state = ("state".to_owned(), random::base64url(STATE_BYTES));
    Ok(Authorization { parameters: vec![who, to, state], verifier: None })
}

/// Sends the user's browser there, or asks without one if the user has none.
async fn send(scene: &mut Scene, request: Authorization) -> Result<(), Halt> {
    let address = request.address(&endpoint(scene).await?);
    let own = scene.app()?.post_logout_redirect_uri()?;
    let to = request.value("post_logout_redirect_uri").unwrap_or(own).to_owned();
    scene.authorization = Some(request);
    if scene.browser.is_none() {
        scene.send(Call::get(address)).await?;
        let answer = scene.answer()?;
        let target = answer.header("location").and_then(|it| answer.url.join(it).ok());
        let target = target.filter(|target| arrives_at(target.as_str(), &to));
        scene.callback = target.map(|target| Callback::read(&target));
        return Ok(());
    }
    let script = LoginScript { pages: Vec::new(), ..scene.login_script() };
    let values = values(scene, scene.app()?.need.kind.user())?;
    scene.await_at(&to).await?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    browser.open(address.as_str()).await?;
    let played = browser.play(&script, &values).await?;
    scene.callback = match &played.end {
        End::Redirected(address) => Some(Callback::read(address)),
        _ => None,
    };
    scene.played = Some(played);
    Ok(())
}

/// The logout endpoint: where the platform publishes it, or where its dialect says that it is.
async fn endpoint(scene: &mut Scene) -> Result<Url, Halt> {
    let oauth = &scene.context.dialect.paths.oauth;
    let documented = scene.say(&format!("{{host}}{oauth}/logout"))?;
    let published = scene.discover().await?.text("end_session_endpoint").map(str::to_owned);
    let address = published.unwrap_or(documented);
    Url::parse(&address)
        .map_err(|error| Halt::error(format!("failed to read `{address}`: {error}")))
}

/// 128 bits, as in a request to sign in.
const STATE_BYTES: usize = 16;
