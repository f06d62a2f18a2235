//! The app asks for tokens.

use std::time::Instant;

use cucumber::gherkin::Step;
use cucumber::when;

use crate::steps::table::Changes;
use crate::steps::who::Who;
use crate::world::{Halt, Scene, TokenRequest, World};

/// Asks with the client_credentials grant for all scopes of the app.
#[when("the app asks for a token")]
async fn ask(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = client_credentials(scene).await?;
    request.send_unless_shared(scene).await
}

/// Asks at the token endpoint's address without TLS.
#[when("the app asks for a token over plain http")]
async fn ask_without_tls(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    client_credentials(scene).await?.send_without_tls(scene).await
}

/// Asks with the client_credentials grant for these scopes.
#[when(expr = "the app asks for a token for {string}")]
async fn ask_for(world: &mut World, scope: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = client_credentials(scene).await?;
    request.set("scope", &scene.say(&scope)?);
    request.send(scene).await
}

/// Asks so often, one time after the other; the last answer is judged, whatever it is.
#[when(expr = "the app asks for {int} tokens at once")]
async fn ask_often(world: &mut World, count: usize) -> Result<(), Halt> {
    let scene = world.scene()?;
    for _ in 0..count {
        client_credentials(scene).await?.send_to_busy(scene).await?;
    }
    Ok(())
}

/// Asks with the client_credentials grant, but for the changes: of parameters, or of parts such as
/// `client secret`.
#[when(expr = "the app asks for a token with {changes}")]
async fn ask_with(world: &mut World, changes: Changes, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = client_credentials(scene).await?;
    request.changed(changes.read(scene, step)?)?.send(scene).await
}

/// Exchanges the code that came back with the user; the other app tries that of the first one.
#[when(expr = "{app} redeems the code")]
async fn redeem(world: &mut World, who: Who) -> Result<(), Halt> {
    let scene = world.scene()?;
    if scene.has_shared_token() {
        return Ok(());
    }
    let asked = Instant::now();
    who.acts(scene, redeem_code).await?;
    scene.share_tokens(asked);
    Ok(())
}

/// Exchanges the code, unless the user came back without one.
#[when("the app redeems the code, if there is one")]
async fn redeem_if_any(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    match scene.callback()?.code {
        Some(_) => redeem_code(scene).await,
        None => Ok(()),
    }
}

/// Exchanges the code, but for the changes.
#[when(expr = "the app redeems the code with {changes}")]
async fn redeem_with(world: &mut World, changes: Changes, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = authorization_code(scene).await?;
    request.changed(changes.read(scene, step)?)?.send(scene).await
}

/// Uses the refresh token for all scopes that were granted; the other app tries that of the first
/// one.
#[when(expr = "{app} refreshes its/the tokens")]
async fn refresh(world: &mut World, who: Who) -> Result<(), Halt> {
    who.acts(world.scene()?, async |scene| refresh_token(scene).await?.send(scene).await).await
}

/// Uses the refresh token, but for the changes.
#[when(expr = "the app refreshes its tokens with {changes}")]
async fn refresh_with(world: &mut World, changes: Changes, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = refresh_token(scene).await?;
    request.changed(changes.read(scene, step)?)?.send(scene).await
}

/// A client_credentials request of the app (RFC 6749 §4.4.2).
pub(super) async fn client_credentials(scene: &mut Scene) -> Result<TokenRequest, Halt> {
    let scope = scene.app()?.scope();
    let grant = [("grant_type", "client_credentials".to_owned()), ("scope", scope)];
    request_of_app(scene, &grant).await
}

/// Exchanges the code that came back with the user.
///
/// # Errors
/// [`Halt`] if there is none, or no answer came.
pub(in crate::steps) async fn redeem_code(scene: &mut Scene) -> Result<(), Halt> {
    authorization_code(scene).await?.send(scene).await
}

/// An authorization_code request of the app (RFC 6749 §4.1.3).
async fn authorization_code(scene: &mut Scene) -> Result<TokenRequest, Halt> {
    let code = scene.code()?;
    let authorization = scene.authorization.as_ref();
    let authorization = authorization.ok_or_else(|| Halt::error("no user was sent away"))?;
    let redirect_uri = authorization.value("redirect_uri").unwrap_or_default().to_owned();
    let mut grant = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.expose().to_owned()),
        ("redirect_uri", redirect_uri),
    ];
    if let Some(verifier) = &authorization.verifier {
        grant.push(("code_verifier", verifier.secret().expose().to_owned()));
    }
    request_of_app(scene, &grant).await
}

/// A refresh_token request of the app for all granted scopes (RFC 6749 §6).
async fn refresh_token(scene: &mut Scene) -> Result<TokenRequest, Halt> {
    let tokens = scene.held_tokens()?;
    let grant = [
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", tokens.named("refresh")?.expose().to_owned()),
        ("scope", tokens.scopes().join(" ")),
    ];
    request_of_app(scene, &grant).await
}

/// A request of the app with these parameters, authenticated the way the app was registered.
pub(super) async fn request_of_app(
    scene: &mut Scene,
    parameters: &[(&str, String)],
) -> Result<TokenRequest, Halt> {
    let app = scene.app.take().ok_or_else(|| Halt::error("the scenario has no app yet"))?;
    let request = TokenRequest::new(scene, &app, parameters).await;
    scene.app = Some(app);
    request
}
