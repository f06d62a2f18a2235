//! The user goes through the platform's pages in a real browser.

use std::str::FromStr;

use cucumber::when;
use url::Url;

use super::authorize::prepared;
use crate::browser::{End, Fresh, Values};
use crate::protocol::callback::Callback;
use crate::secret::Secret;
use crate::world::{Authorization, Halt, Scene, World, changed};

/// Signs in where asked to, and decides what the app may do.
#[when(expr = "the {word} signs in and {decides}")]
async fn decide(world: &mut World, user: String, decision: Decision) -> Result<(), Halt> {
    let scene = world.scene()?;
    let allows_all =
        decision.record.is_none() && decision.denied.is_empty() && !decision.denies_all;
    if allows_all && scene.takes_shared_token_of(&user).await? {
        return Ok(());
    }
    let values = decision.of(values(scene, &user)?);
    sign_in(scene, &values).await?;
    let denies = values.declines_at.is_some() || !values.denied.is_empty();
    let played = scene.played.as_ref();
    let was_asked = played.is_some_and(|it| it.pages.iter().any(|page| page.starts_with(CONSENT)));
    if denies && !was_asked && scene.callback.as_ref().is_some_and(|it| it.code.is_some()) {
        let why = "the platform asked for no consent, so nothing could be denied";
        return Err(Halt::Inconclusive(why.to_owned()));
    }
    Ok(())
}

/// Signs in and decides what the app may do, without a mouse.
#[when(expr = "the {word} signs in by the keyboard alone and {decides}")]
async fn by_keyboard(world: &mut World, user: String, decision: Decision) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = Values { by_keyboard: true, ..decision.of(values(scene, &user)?) };
    sign_in(scene, &values).await
}

/// Leaves at the sign-in, without typing anything.
#[when(expr = "the {word} cancels the sign-in")]
async fn cancel(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = Values { declines_at: Some("sign-in".into()), ..values(scene, &user)? };
    sign_in(scene, &values).await
}

/// Types something else than the user's name and password: a password that is wrong, what this user
/// types in Preview, or nothing in one of the fields.
#[when(
    regex = r"^the (\w+) signs in (with a wrong password|with the account of Preview|without a user name|without a password)$"
)]
async fn with_other_credentials(
    world: &mut World,
    user: String,
    credentials: String,
) -> Result<(), Halt> {
    let scene = world.scene()?;
    let right = values(scene, &user)?;
    let (username, password) = match credentials.as_str() {
        "without a user name" => (String::new(), right.password.clone()),
        "without a password" => (right.username.clone(), Secret::new(String::new())),
        "with the account of Preview" => {
            let account = scene.context.users.get(&user);
            let account =
                account.ok_or_else(|| Halt::error(format!("Preview has no user `{user}`")))?;
            (account.username.clone(), account.password.clone())
        }
        _ => (right.username.clone(), Secret::new(changed(right.password.expose()))),
    };
    sign_in(scene, &Values { username, password, ..right }).await
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
    let_in(world.scene()?, &user).await
}

/// Goes back from the app to the platform's pages, in the same browser, and answers the last of them
/// again as before.
#[when(expr = "the {word} goes back and answers again")]
async fn answer_again(world: &mut World, user: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = values(scene, &user)?;
    let authorization = scene.authorization.take();
    let authorization = authorization.ok_or_else(|| Halt::error("no user was sent away"))?;
    depart(scene, &authorization).await?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    // Going back at once could leave the page before the script has answered.
    browser.evaluate::<()>("void setTimeout(() => history.back())").await?;
    arrive(scene, authorization, &values).await
}

/// What this user answers to the pages.
pub(super) fn values(scene: &Scene, user: &str) -> Result<Values, Halt> {
    Ok(scene.account(user)?.into())
}

/// Lets a user sign in and allow what the app asks for.
///
/// # Errors
/// [`Halt`] if the browser or the target has nobody for it.
pub(in crate::steps) async fn let_in(scene: &mut Scene, user: &str) -> Result<(), Halt> {
    let values = values(scene, user)?;
    sign_in(scene, &values).await
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
    // A request that names no address may still lead to the registered one.
    let named = authorization.value("redirect_uri").filter(|uri| !uri.is_empty());
    let redirect_uri = named.unwrap_or(&scene.app()?.redirect_uri).to_owned();
    scene.await_at(&redirect_uri).await?;
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
            "the platform asks for a password on `{host}`, which neither its dialect nor `login: hosts` of the target names; nothing was typed"
        )));
    }
    scene.earlier_code = scene.callback.take().and_then(|callback| callback.code);
    scene.callback = match &played.end {
        End::Redirected(address) => Some(Callback::read(address)),
        _ => None,
    };
    scene.played = Some(played);
    scene.authorization = Some(authorization);
    scene.film().await;
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

/// What a user decides once the sign-in is done.
#[derive(Debug, Default, cucumber::Parameter)]
#[param(
    name = "decides",
    regex = r#"allows access|denies access|allows all but "[^"]+"|shares the record "[^"]+"|shares the record "[^"]+", but not "[^"]+""#
)]
struct Decision {
    /// Scopes that the user takes out.
    denied: Vec<String>,
    /// The patient whose record is shared.
    record: Option<String>,
    denies_all: bool,
}

impl Decision {
    /// What the user answers to the pages, with this decision.
    fn of(self, values: Values) -> Values {
        let declines_at = self.denies_all.then(|| CONSENT.to_owned());
        Values { denied: self.denied, record: self.record, declines_at, ..values }
    }
}

impl FromStr for Decision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let quoted: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
        let record = quoted.first().filter(|_| text.starts_with("shares"));
        let record = record.map(|record| (*record).to_owned());
        let denied = quoted.last().filter(|_| text.contains(" but ")).copied().unwrap_or_default();
        let denied = denied.split_whitespace().map(str::to_owned).collect();
        Ok(Self { denied, record, denies_all: text == "denies access" })
    }
}

/// The page on which a user decides what the app may do.
const CONSENT: &str = "consent";
/// The button on a page of an app.
const BUTTON: &str = "a.login-button";
