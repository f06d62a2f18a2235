//! The app asks for tokens.

use cucumber::gherkin::Step;
use cucumber::when;

use crate::steps::table::changes;
use crate::world::{App, Halt, Scene, TokenRequest, World};

/// Asks with the client_credentials grant for all scopes of the app.
#[when("the app asks for a token")]
async fn ask(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = client_credentials(scene).await?;
    request.send(scene).await
}

/// Asks with the client_credentials grant for these scopes.
#[when(expr = "the app asks for a token for {string}")]
async fn ask_for(world: &mut World, scope: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = client_credentials(scene).await?;
    request.set("scope", &scope);
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

/// Asks with the client_credentials grant, but for the changes in the table.
#[when("the app asks for a token with these changes:")]
async fn ask_changed(world: &mut World, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = client_credentials(scene).await?;
    change(scene, &mut request, step)?;
    request.send(scene).await
}

/// Asks with one thing changed: a parameter, or a part such as `client secret`.
#[when(expr = "the app asks for a token with the {string} {string}")]
async fn ask_with(world: &mut World, name: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = client_credentials(scene).await?;
    request.change(&name, &scene.say(&value)?)?;
    request.send(scene).await
}

/// Asks with the own id and the secret that the other app was given, and nothing else.
#[when("the app asks for a token with the secret of the other app")]
async fn ask_with_foreign_secret(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let secret = scene.other_app()?.secret.clone();
    let secret = secret.ok_or_else(|| Halt::error("the other app has no secret"))?;
    let mut request = client_credentials(scene).await?;
    request.change("client_assertion", "(none)")?;
    request.change("client_assertion_type", "(none)")?;
    request.change("authorization scheme", "Basic")?;
    request.change("client id", &scene.app()?.client_id)?;
    request.change("client secret", secret.expose())?;
    request.send(scene).await
}

/// Asks with id and secret as parameters of the body instead of the header.
#[when("the app asks for a token with its id and secret in the body")]
async fn ask_with_credentials_in_body(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = client_credentials(scene).await?;
    let (id, secret) = id_and_secret(scene.app()?)?;
    request.change("client secret", "(none)")?;
    request.set("client_id", &id);
    request.set("client_secret", &secret);
    request.send(scene).await
}

/// Asks with id and secret in the header and in the body at once.
#[when("the app asks for a token with its id and secret in header and body")]
async fn ask_with_credentials_twice(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = client_credentials(scene).await?;
    let (id, secret) = id_and_secret(scene.app()?)?;
    request.set("client_id", &id);
    request.set("client_secret", &secret);
    request.send(scene).await
}

/// Exchanges the code that came back with the user.
#[when("the app redeems the code")]
async fn redeem(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = authorization_code(scene).await?;
    request.send(scene).await
}

/// Exchanges the code, but for the changes in the table.
#[when("the app redeems the code with these changes:")]
async fn redeem_changed(world: &mut World, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = authorization_code(scene).await?;
    change(scene, &mut request, step)?;
    request.send(scene).await
}

/// Exchanges the code with one thing changed.
#[when(expr = "the app redeems the code with the {string} {string}")]
async fn redeem_with(world: &mut World, name: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = authorization_code(scene).await?;
    request.change(&name, &scene.say(&value)?)?;
    request.send(scene).await
}

/// The other app tries the code that the user brought to the first one.
#[when("the other app redeems the code")]
async fn other_redeems(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    swap_apps(scene);
    let request = authorization_code(scene).await?;
    request.send(scene).await?;
    swap_apps(scene);
    Ok(())
}

/// Uses the refresh token for all scopes that were granted.
#[when("the app refreshes its tokens")]
async fn refresh(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let request = refresh_token(scene).await?;
    request.send(scene).await
}

/// Uses the refresh token for these scopes.
#[when(expr = "the app refreshes its tokens for {string}")]
async fn refresh_for(world: &mut World, scope: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = refresh_token(scene).await?;
    request.set("scope", &scope);
    request.send(scene).await
}

/// Uses the refresh token, but for the changes in the table.
#[when("the app refreshes its tokens with these changes:")]
async fn refresh_changed(world: &mut World, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let mut request = refresh_token(scene).await?;
    change(scene, &mut request, step)?;
    request.send(scene).await
}

/// Uses the refresh token that it had before the last one.
#[when("the app refreshes with the refresh token it had before")]
async fn refresh_with_earlier(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let earlier = scene.earlier_tokens.as_ref().ok_or_else(|| Halt::error("there was none"))?;
    let earlier = earlier.named("refresh")?.clone();
    let mut request = refresh_token(scene).await?;
    request.set("refresh_token", earlier.expose());
    request.send(scene).await
}

/// The other app tries the refresh token of the first one.
#[when("the other app uses the refresh token")]
async fn other_refreshes(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    swap_apps(scene);
    let request = refresh_token(scene).await?;
    request.send(scene).await?;
    swap_apps(scene);
    Ok(())
}

/// A client_credentials request of the app (RFC 6749 §4.4.2).
pub(super) async fn client_credentials(scene: &mut Scene) -> Result<TokenRequest, Halt> {
    let scope = scene.app()?.scope();
    let grant = [("grant_type", "client_credentials".to_owned()), ("scope", scope)];
    request_of_app(scene, &grant).await
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

fn change(scene: &Scene, request: &mut TokenRequest, step: &Step) -> Result<(), Halt> {
    changes(scene, step)?.iter().try_for_each(|(name, value)| request.change(name, value))
}

fn id_and_secret(app: &App) -> Result<(String, String), Halt> {
    let secret = app.secret.as_ref().ok_or_else(|| Halt::error("the app has no secret"))?;
    Ok((app.client_id.clone(), secret.expose().to_owned()))
}

/// Lets the other app act, until they are swapped again.
pub(super) fn swap_apps(scene: &mut Scene) {
    std::mem::swap(&mut scene.app, &mut scene.other_app);
}
