//! A provider launches the app from a patient's chart (SMART App Launch 2.2 §3.1).

use cucumber::when;

use super::sign_in::{arrive, depart, go, open_browser, values};
use crate::browser::{End, Values};
use crate::dialect::login::{Command, LoginPage};
use crate::world::{Authorization, Halt, LAUNCH_URL, Scene, World, amend};

/// Opens the chart, signs in where asked to, and clicks the app's link.
#[when(expr = "the {word} opens the app from the chart of {string}")]
async fn open_from_chart(world: &mut World, user: String, patient: String) -> Result<(), Halt> {
    open_from(world.scene()?, user, &format!("/chart/{patient}")).await
}

/// Opens a visit, signs in where asked to, and clicks the app's link.
#[when(expr = "the {word} opens the app from the encounter {string}")]
async fn open_from_encounter(world: &mut World, user: String, visit: String) -> Result<(), Halt> {
    open_from(world.scene()?, user, &format!("/encounters/{visit}")).await
}

/// Opens the EHR's first page, signs in where asked to, and clicks the app's link.
#[when(expr = "the {word} opens the app without a patient")]
async fn open_without_patient(world: &mut World, user: String) -> Result<(), Halt> {
    open_from(world.scene()?, user, "").await
}

/// Goes on to the chart of another patient, while the app is open inside the EHR.
#[when(expr = "the {word} turns to the chart of {string}")]
async fn turn_to_chart(world: &mut World, user: String, patient: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let patient = scene.say(&patient)?;
    scene.earlier_launch = scene.launch.take().map(|(address, _)| address);
    click_through(scene, user, format!(".others a[href*='/chart/{patient}']"), None).await
}

async fn open_from(scene: &mut Scene, user: String, page: &str) -> Result<(), Halt> {
    let ehr = scene.context.dialect.ehr.as_ref().map(|ehr| ehr.path.clone()).unwrap_or_default();
    let page = scene.say(&format!("{{host}}{ehr}{page}"))?;
    let link = format!("a.app[href*='client_id={}']", scene.app()?.client_id);
    click_through(scene, user, link, Some(page)).await
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
    script.pages.push(LoginPage {
        name: "chart".into(),
        when: vec![link.clone()],
        commands: vec![Command::Click(link)],
        decline: Vec::new(),
    });
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

/// Continues the launch: sends the provider to sign in, with what the EHR appended.
#[when(expr = "the app continues the launch")]
async fn go_on(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (authorization, values) = launched(scene)?;
    go(scene, authorization, &values).await
}

/// Continues the launch, but for one parameter.
#[when(expr = "the app continues the launch with the {string} {string}")]
async fn go_on_with(world: &mut World, name: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (mut authorization, values) = launched(scene)?;
    let value = scene.say(&value)?;
    amend(&mut authorization.parameters, &name, &value)?;
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

/// The frame of an embedded app, in a script.
const FRAME: &str = "document.querySelector('iframe')";
