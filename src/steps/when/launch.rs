//! A provider launches the app from a patient's chart (SMART App Launch 2.2 §3.1).

use std::str::FromStr;

use cucumber::gherkin::Step;
use cucumber::when;

use super::sign_in::{arrive, depart, go, open_browser, values};
use crate::browser::{End, Values};
use crate::dialect::login::LoginPage;
use crate::steps::table::Changes;
use crate::world::{Authorization, Halt, LAUNCH_URL, Scene, World};

/// Opens a page of the EHR, signs in where asked to, and clicks the app's link.
#[when(expr = "the {word} opens the app {place}")]
async fn open_from(world: &mut World, user: String, place: Place) -> Result<(), Halt> {
    let scene = world.scene()?;
    let ehr = scene.context.dialect.ehr.as_ref().map(|ehr| ehr.path.clone()).unwrap_or_default();
    let page = match place {
        Place::Chart(patient) => format!("/chart/{patient}"),
        Place::Encounter(visit) => format!("/encounters/{visit}"),
        Place::FirstPage => String::new(),
    };
    let page = scene.say(&format!("{{host}}{ehr}{page}"))?;
    let link = format!("a.app[href*='client_id={}']", scene.app()?.client_id);
    click_through(scene, user, link, Some(page)).await
}

/// Goes on to the chart of another patient, while the app is open inside the EHR.
#[when(expr = "the {word} turns to the chart of {string}")]
async fn turn_to_chart(world: &mut World, user: String, patient: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let patient = scene.say(&patient)?;
    scene.earlier_launch = scene.launch.take().map(|(address, _)| address);
    click_through(scene, user, format!(".others a[href*='/chart/{patient}']"), None).await
}

/// Clicks a link of the EHR, on a page that is opened first or is there, until the app is opened.
async fn click_through(
    scene: &mut Scene,
    user: String,
    link: String,
    page: Option<String>,
) -> Result<(), Halt> {
    let values = values(scene, &user)?;
    open_browser(scene).await?;
    let mut script = scene.login_script();
    script.pages.push(LoginPage::chart(link));
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    browser.catch_redirect(LAUNCH_URL).await?;
    if let Some(page) = page {
        browser.open(&page).await?;
    }
    let played = browser.play(&script, &values).await?;
    scene.launch = match &played.end {
        End::Redirected(address) => Some((address.clone(), user)),
        _ => None,
    };
    scene.played = Some(played);
    Ok(())
}

/// Continues the launch: sends the provider to sign in, with what the EHR appended.
#[when(expr = "the app continues the launch")]
async fn go_on(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (authorization, values) = launched(scene)?;
    go(scene, authorization, &values).await
}

/// Continues the launch in the frame that the EHR shows the app in.
#[when(expr = "the app continues the launch inside the EHR")]
async fn go_on_inside(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (authorization, values) = launched(scene)?;
    let address = depart(scene, &authorization).await?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("the browser was lost"))?;
    browser.wait_for_any(&["iframe"]).await?;
    let address = serde_json::Value::from(address.as_str());
    browser.evaluate::<()>(&format!("{FRAME}.src = {address}; null")).await?;
    arrive(scene, authorization, &values).await
}

/// Continues the launch, but for the changes.
#[when(expr = "the app continues the launch with {changes}")]
async fn go_on_with(world: &mut World, changes: Changes, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (authorization, values) = launched(scene)?;
    let authorization = authorization.changed(changes.read(scene, step)?)?;
    go(scene, authorization, &values).await
}

/// The request that belongs to the launch (its `launch`, and its `iss` as `aud`), and its user.
fn launched(scene: &Scene) -> Result<(Authorization, Values), Halt> {
    let claim = scene.must("the EHR opens the launch address of the app");
    let (launch, user) =
        claim.clause("SMART App Launch 2.2 §3.1").present(scene.launch.as_ref())?;
    let value = |name: &str| {
        let pair = launch.query_pairs().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let mut authorization = scene.authorization_of(scene.app()?, &value("iss"));
    authorization.parameters.push(("launch".into(), value("launch")));
    Ok((authorization, values(scene, user)?))
}

/// Where in the EHR an app is opened.
#[derive(Debug, cucumber::Parameter)]
#[param(
    name = "place",
    regex = r#"from the chart of "[^"]+"|from the encounter "[^"]+"|without a patient"#
)]
enum Place {
    Chart(String),
    Encounter(String),
    FirstPage,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let quoted = text.split('"').nth(1).map(str::to_owned);
        match quoted {
            Some(id) if text.starts_with("from the chart") => Ok(Self::Chart(id)),
            Some(id) => Ok(Self::Encounter(id)),
            None => Ok(Self::FirstPage),
        }
    }
}

/// The frame of an embedded app, in a script.
const FRAME: &str = "document.querySelector('iframe')";
