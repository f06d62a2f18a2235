//! A provider launches the app from a patient's chart (SMART App Launch 2.2 §3.1).

use cucumber::when;

use super::sign_in::{go, open_browser, values};
use crate::browser::{End, Values};
use crate::dialect::login::{Command, LoginPage};
use crate::world::{Authorization, Halt, LAUNCH_URL, Scene, World, amend};

/// Opens the chart, signs in where asked to, and clicks the app's link.
#[when(expr = "the {word} opens the app from the chart of {string}")]
async fn open_from_chart(world: &mut World, user: String, patient: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let values = values(scene, &user)?;
    let ehr = scene.context.dialect.ehr.as_ref().map(|ehr| ehr.path.clone()).unwrap_or_default();
    let chart = scene.say(&format!("{{host}}{ehr}/chart/{patient}"))?;
    let link = format!("a[href*='client_id={}']", scene.app()?.client_id);
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
    browser.open(&chart).await?;
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

/// Continues the launch, but for one parameter.
#[when(expr = "the app continues the launch with the {string} {string}")]
async fn go_on_with(world: &mut World, name: String, value: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (mut authorization, values) = launched(scene)?;
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
    let mut authorization = Authorization::new(scene.app()?, &value("iss"));
    authorization.parameters.push(("launch".into(), value("launch")));
    Ok((authorization, values(scene, user)?))
}
