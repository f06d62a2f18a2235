//! The user goes through the platform's pages in a real browser.

use cucumber::when;
use url::Url;

use super::authorize::prepared;
use crate::browser::{End, Fresh, Values};
use crate::protocol::callback::Callback;
use crate::secret::Secret;
use crate::world::{Authorization, Halt, Scene, World, changed};

/// Signs in where asked to, and allows all that is asked for.
#[when(expr = "the {word} signs in and allows access")]
async fn allow(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = values(scene, &user)?;
    sign_in(scene, &values).await
}

/// Signs in, and allows all but these scopes.
#[when(expr = "the {word} signs in and allows all but {string}")]
async fn allow_some(world: &mut World, user: String, scopes: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let denied = scopes.split_whitespace().map(str::to_owned).collect();
    let values = Values { denied, ..values(scene, &user)? };
    sign_in(scene, &values).await
}

/// Signs in and allows all that is asked for, without a mouse.
#[when(expr = "the {word} signs in by the keyboard alone and allows access")]
async fn by_keyboard(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = Values { by_keyboard: true, ..values(scene, &user)? };
    sign_in(scene, &values).await
}

/// Signs in without a mouse, shares the record of this patient, and allows all but these scopes.
#[when(
    expr = "the {word} signs in by the keyboard alone, shares the record {string} and allows all but {string}"
)]
async fn choose_by_keyboard(
    world: &mut World,
    user: String,
    record: String,
    scopes: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let denied = scopes.split_whitespace().map(str::to_owned).collect();
    let own = values(scene, &user)?;
    let values = Values { by_keyboard: true, record: Some(record), denied, ..own };
    sign_in(scene, &values).await
}

/// Signs in, and denies access altogether.
#[when(expr = "the {word} signs in but denies access")]
async fn deny(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = Values { declines_at: Some("consent".into()), ..values(scene, &user)? };
    sign_in(scene, &values).await
}

/// Leaves at the sign-in, without typing anything.
#[when(expr = "the {word} cancels the sign-in")]
async fn cancel(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = Values { declines_at: Some("sign-in".into()), ..values(scene, &user)? };
    sign_in(scene, &values).await
}

/// Signs in, and shares the record of this patient.
#[when(expr = "the {word} signs in and shares the record {string}")]
async fn share(world: &mut World, user: String, record: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = Values { record: Some(record), ..values(scene, &user)? };
    sign_in(scene, &values).await
}

/// Types a password that is not the user's.
#[when(expr = "the {word} signs in with a wrong password")]
async fn wrong_password(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let right = values(scene, &user)?;
    let password = Secret::new(changed(right.password.expose()));
    sign_in(scene, &Values { password, ..right }).await
}

/// Types what this user types in Preview, wherever the app is.
#[when(expr = "the {word} signs in with the account of Preview")]
async fn with_account_of_preview(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let account = scene.context.users.get(&user);
    let account = account.ok_or_else(|| Halt::error(format!("Preview has no user `{user}`")))?;
    let (username, password) = (account.username.clone(), account.password.clone());
    let values = Values { username, password, ..values(scene, &user)? };
    sign_in(scene, &values).await
}

/// Sends the form of the sign-in off without a user name or without a password.
#[when(expr = "the {word} signs in without a {string}")]
async fn leave_empty(world: &mut World, user: String, field: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let full = values(scene, &user)?;
    let values = match field.as_str() {
        "user name" => Values { username: String::new(), ..full },
        "password" => Values { password: Secret::new(String::new()), ..full },
        other => return Err(Halt::error(format!("`{other}` is no field of the sign-in"))),
    };
    sign_in(scene, &values).await
}

/// Clicks the platform's standard button on a page of the app, signs in and allows all.
#[when(expr = "the {word} clicks the platform's button, signs in and allows access")]
async fn by_button(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = values(scene, &user)?;
    let authorization = prepared(scene)?;
    let start = depart(scene, &authorization).await?;
    let page = format!("{{host}}{}/button", scene.context.dialect.paths.login);
    let page = scene.say(&page)?;
    let mut page = Url::parse(&page).map_err(|error| Halt::error(error.to_string()))?;
    page.query_pairs_mut()
        .append_pair("client_id", &scene.app()?.client_id)
        .append_pair("start", start.as_str());
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    browser.open(page.as_str()).await?;
    browser.click(BUTTON).await?;
    arrive(scene, authorization, &values).await
}

/// Is sent to the platform again, in the same browser.
#[when(expr = "the app sends the {word} to sign in again")]
async fn again(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = values(scene, &user)?;
    sign_in(scene, &values).await
}

/// What this user answers to the pages.
pub(super) fn values(scene: &Scene, user: &str) -> Result<Values, Halt> {
    let account = scene.account(user)?;
    Ok(Values {
        username: account.username.clone(),
        password: account.password.clone(),
        denied: Vec::new(),
        record: None,
        declines_at: None,
        by_keyboard: false,
    })
}

async fn sign_in(scene: &mut Scene, values: &Values) -> Result<(), Halt> {
    let authorization = prepared(scene)?;
    go(scene, authorization, values).await
}

/// Sends the browser off with a request, and plays the user until the app is reached.
pub(super) async fn go(
    scene: &mut Scene,
    authorization: Authorization,
    values: &Values,
) -> Result<(), Halt> {
    let address = depart(scene, &authorization).await?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    browser.open(address.as_str()).await?;
    arrive(scene, authorization, values).await
}

/// The address that a request sends the browser to; from now on the browser waits for the answer.
pub(super) async fn depart(scene: &mut Scene, authorization: &Authorization) -> Result<Url, Halt> {
    let endpoint = scene.endpoint("authorization_endpoint").await?;
    open_browser(scene).await?;
    let redirect_uri = authorization.value("redirect_uri").unwrap_or_default().to_owned();
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    browser.catch_redirect(&redirect_uri).await?;
    Ok(authorization.address(&endpoint))
}

/// Plays the user until the app is reached.
pub(super) async fn arrive(
    scene: &mut Scene,
    authorization: Authorization,
    values: &Values,
) -> Result<(), Halt> {
    let script = scene.login_script();
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    let played = browser.play(&script, values).await?;
    if let End::ForeignHost { host } = &played.end {
        return Err(Halt::error(format!(
            "the platform asks for a password on `{host}`, which neither its dialect nor `login_hosts` of the target names; nothing was typed"
        )));
    }
    scene.earlier_code = scene.callback.take().and_then(|callback| callback.code);
    scene.callback = match &played.end {
        End::Redirected(address) => Some(Callback::read(address)),
        _ => None,
    };
    scene.played = Some(played);
    scene.authorization = Some(authorization);
    Ok(())
}

/// Takes a tab of the browser, unless the user has one already.
pub(super) async fn open_browser(scene: &mut Scene) -> Result<(), Halt> {
    if scene.browser.is_none() {
        let session = scene.context.browser.lease(scene.recorder.clone(), Fresh::No).await?;
        scene.browser = Some(session);
    }
    Ok(())
}

/// The button on a page of an app.
const BUTTON: &str = "a.login-button";
