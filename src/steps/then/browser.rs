//! What the user saw in the browser.

use cucumber::then;

use crate::browser::{End, Played};
use crate::world::{Halt, Scene, World};

/// The platform told the user that the sign-in failed, and kept the user.
#[then("the user is told that the sign-in failed")]
fn told_of_failure(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let actual = match &played(scene)?.end {
        End::Refused { message } if !message.is_empty() => "a message in the page".to_owned(),
        other => ending(other),
    };
    scene
        .must("a wrong sign-in is told in the page and leads nowhere")
        .clause("RFC 6749 §4.1.1")
        .equal("a message in the page", actual)
}

/// The platform told the user this, and kept the user.
#[then(expr = "the user is told {string}")]
fn told(world: &mut World, words: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let actual = match &played(scene)?.end {
        End::Refused { message } => message.clone(),
        other => ending(other),
    };
    let claim = scene.must("the platform tells the user why it goes no further");
    claim.holds(actual.contains(&words), words, actual)
}

/// The platform asked for a password on the way.
#[then("the user had to sign in")]
fn had_to_sign_in(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let played = played(scene)?;
    let asked = was_asked_to_sign_in(played);
    scene.must("the platform asks who the user is").holds(
        asked,
        "a sign-in page",
        played.pages.join(", "),
    )
}

/// The platform recognised the user and asked for no password.
#[then("the user did not have to sign in")]
fn did_not_have_to(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let played = played(scene)?;
    let asked = was_asked_to_sign_in(played);
    scene.must("the platform recognises a user who is signed in").holds(
        !asked,
        "no sign-in page",
        played.pages.join(", "),
    )
}

/// The platform asked for consent on the way.
#[then("the user was asked for consent")]
fn was_asked(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let pages = &played(scene)?.pages;
    scene.must("the platform asks for consent").holds(
        pages.iter().any(|page| page == "consent"),
        "a consent page",
        pages.join(", "),
    )
}

/// A picture for the report.
#[then("a picture of the last page is kept")]
async fn picture(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("no browser is open"))?;
    Ok(browser.picture("what the user sees").await?)
}

/// How the user got through the pages; a page that nobody understands is no verdict.
fn played(scene: &Scene) -> Result<&Played, Halt> {
    let played = scene.played.as_ref();
    let played = played.ok_or_else(|| Halt::error("nobody was in the browser yet"))?;
    match &played.end {
        End::Stuck { title, url } => Err(Halt::Inconclusive(format!(
            "the page `{title}` at {url} is none that the dialect describes"
        ))),
        _ => Ok(played),
    }
}

fn was_asked_to_sign_in(played: &Played) -> bool {
    played.pages.iter().any(|page| SIGN_IN.iter().any(|name| page.starts_with(name)))
}

/// Beginnings of the names that dialects give to pages of a sign-in.
const SIGN_IN: [&str; 3] = ["sign-in", "user name", "password"];

fn ending(end: &End) -> String {
    match end {
        End::Redirected(_) => "a redirect to the app".to_owned(),
        End::Refused { message } => format!("the message `{message}`"),
        End::Stuck { title, .. } => format!("the page `{title}`"),
        End::ForeignHost { host } => format!("a sign-in on `{host}`"),
    }
}
