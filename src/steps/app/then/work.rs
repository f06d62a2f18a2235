//! How the app's work ends: done, or told to have failed; and what it must not do.

use std::str::FromStr as _;

use cucumber::then;
use serde_json::Value;

use crate::mock::{Endpoint, Entry};
use crate::steps::app::sent::{API, Kind};
use crate::world::{Halt, Scene, Sent, Since, Work, World};

/// Users see data; or the trigger of an app without users says that the work was done.
#[then("the app's work is done")]
async fn is_done(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let work = scene.work()?.clone();
    if work != Work::Done
        && let Some(why) = scene.fails_anyway().await?
    {
        return Err(Halt::Inconclusive(format!("{FAILS_ANYWAY}: {why}")));
    }
    let seen = match &work {
        Work::Done => "done".to_owned(),
        Work::Failed(words) => format!("the app tells an error: {words}"),
        Work::Unclear(what) => what.clone(),
    };
    let api = scene.sent(API, Since::LastLook)?;
    scene.must("the app does its work").hint(format!("it called the API: {api}")).holds(
        work == Work::Done,
        "done",
        seen,
    )
}

/// Users are told of an error by the app; or the trigger of an app without users says that the work
/// was not done. The app does not act as if all were well, and is not silent.
#[then("the app tells that it failed")]
fn tells_failure(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let work = scene.work()?.clone();
    let seen = match &work {
        Work::Done => "it acts as if all were well".to_owned(),
        Work::Failed(words) => format!("an error: {words}"),
        Work::Unclear(what) => what.clone(),
    };
    scene
        .must("the app tells that it failed")
        .hint("`shows_error` of the app in the project file says how its errors are recognised")
        .holds(matches!(work, Work::Failed(_)), "an error is told", seen)
}

/// No token request follows, as long as the app is watched.
#[then("the app asks for no token")]
async fn asks_for_no_token(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let (sent, looked) = scene.watch_for(&[Endpoint::Token], Since::LastLook).await?;
    scene.must(format!("no token request follows within {} s", looked.as_secs_f64())).holds(
        sent.count() == 0,
        "none",
        &sent,
    )
}

/// No API call follows, as long as the app is watched; or none with the token that its last request
/// of this kind brought or was granted: what a sign-in after it grants is another.
#[then(
    regex = r"^the app calls no API(?: with the token of its last ((?:token|refresh|userinfo) request))?$"
)]
async fn calls_no_api(world: &mut World, kind: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    if !kind.is_empty() {
        let kind = Kind::from_str(&kind).map_err(Halt::error)?;
        return calls_no_api_with_token(scene, kind).await;
    }
    let (sent, looked) = scene.watch_for(API, Since::LastLook).await?;
    scene.must(format!("no API call follows within {} s", looked.as_secs_f64())).holds(
        sent.count() == 0,
        "none",
        &sent,
    )
}

/// Whatever happened, the app's users are not left alone with it: the work is done, an error is told,
/// or the platform's sign-in is shown.
#[then("the app's work is done, or its users are told or asked to sign in")]
fn is_done_or_told(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let work = scene.work()?.clone();
    let platform = scene.fhir_base.origin().ascii_serialization();
    let chart = scene.context.dialect.ehr.as_ref().map(|ehr| format!("{platform}{}/", ehr.path));
    let at_platform = scene.browser.as_ref().is_some_and(|it| {
        // A chart around an app that shows nothing asks nobody to sign in.
        let is_in_chart = chart.as_ref().is_some_and(|chart| it.url().starts_with(chart));
        it.url().starts_with(&platform) && !is_in_chart
    });
    let seen = match &work {
        Work::Done => "the work is done".to_owned(),
        Work::Failed(words) => format!("the app tells an error: {words}"),
        Work::Unclear(_) if at_platform => "the platform's sign-in".to_owned(),
        Work::Unclear(what) => what.clone(),
    };
    let holds = at_platform || !matches!(work, Work::Unclear(_));
    let claim = scene.must("the app's users are not left alone with a failure");
    claim.holds(holds, "data, a message, or the sign-in", seen)
}

/// Users see no data.
#[then("the app shows no data")]
fn shows_no_data(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let work = scene.work()?.clone();
    let seen = if work == Work::Done { "data" } else { "no data" };
    scene.must("the app shows no data").equal("no data", seen)
}

async fn calls_no_api_with_token(scene: &mut Scene, kind: Kind) -> Result<(), Halt> {
    let Some(last) = kind.each(scene).await?.pop() else { return Ok(()) };
    let granted: Option<Value> = serde_json::from_slice(&last.body).ok();
    let granted = granted.as_ref().and_then(|it| it["access_token"].as_str());
    let Some(token) = granted.or_else(|| last.request.authorization("Bearer")) else {
        return Err(Halt::Inconclusive(format!("the {} is about no token", kind.name())));
    };
    let with_it = |entry: &Entry| {
        entry.number > last.number
            && API.contains(&entry.endpoint)
            && entry.request.authorization("Bearer") == Some(token)
    };
    let watch = scene.examinee()?.watch();
    let came = scene.journal()?.until(|entries| entries.iter().any(with_it).then_some(()));
    let _ = tokio::time::timeout(watch, came).await;
    let calls = Sent(scene.journal()?.requests().into_iter().filter(with_it).collect());
    let what = format!("no API call brings the token of its {}", kind.name());
    scene.must(format!("{what} within {} s", watch.as_secs_f64())).holds(
        calls.count() == 0,
        "none",
        &calls,
    )
}

const FAILS_ANYWAY: &str = "the app does not do its work at a platform that errs in nothing either";
