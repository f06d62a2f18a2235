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

/// The platform asked for a password, or for consent, on the way; or it recognised the user, and
/// needed no consent.
#[then(regex = "^the user was( not)? asked (to sign in|for consent)$")]
fn was_asked(world: &mut World, not: String, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let pages = &played(scene)?.pages;
    let consent = what == "for consent";
    let is_meant = |page: &String| {
        if consent { page == "consent" } else { SIGN_IN.iter().any(|name| page.starts_with(name)) }
    };
    let (statement, expected) = match (consent, not.is_empty()) {
        (false, true) => ("the platform asks who the user is", "a sign-in page"),
        (false, false) => ("the platform recognises a user who is signed in", "no sign-in page"),
        (true, true) => ("the platform asks for consent", "a consent page"),
        (true, false) => {
            ("the platform asks for no consent where none is needed", "no consent page")
        }
    };
    let asked = pages.iter().any(is_meant);
    scene.must(statement).holds(asked == not.is_empty(), expected, pages.join(", "))
}

/// The cookies of the sign-in are sent over TLS alone, and no script can read them.
#[then("the user's session is kept from scripts and from plain connections")]
async fn session_is_kept(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let endpoint = scene.endpoint("authorization_endpoint").await?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("no browser is open"))?;
    let cookies = browser.cookies(endpoint.as_str()).await?;
    scene.must("the session is kept in a cookie").holds(!cookies.is_empty(), "1 or more", 0)?;
    for cookie in cookies {
        let should = |statement: &str| scene.should(format!("`{}` {statement}", cookie.name));
        let clause = "RFC 6265 §4.1.2";
        should("is sent over TLS alone").clause(clause).equal(true, cookie.secure)?;
        should("is hidden from scripts").clause(clause).equal(true, cookie.http_only)?;
    }
    Ok(())
}

/// The last page says that no other site may show it in a frame.
#[then("other sites cannot show the page in a frame")]
fn cannot_be_framed(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let answer = scene.answer()?;
    scene.must("the page is there").equal(200, answer.status)?;
    let frame_options = answer.header("x-frame-options").unwrap_or("absent");
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let mut directives = policy.split(';').map(str::trim);
    let ancestors = directives.find(|it| it.starts_with("frame-ancestors")).unwrap_or("absent");
    let by_policy = ["frame-ancestors 'none'", "frame-ancestors 'self'"].contains(&ancestors);
    let by_header = ["DENY", "SAMEORIGIN"].iter().any(|it| it.eq_ignore_ascii_case(frame_options));
    scene.must("a page that asks for a password lets no other site frame it").clause(FRAMED).holds(
        by_policy || (by_header && ancestors == "absent"),
        "frame-ancestors or X-Frame-Options",
        format!("{ancestors}, X-Frame-Options {frame_options}"),
    )
}

/// No script of the pages told an error, and nothing that they load was missing.
#[then("no page complained")]
fn no_complaint(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("no browser is open"))?;
    let told = browser.console();
    scene
        .should("the pages tell no errors")
        .about("WID-QUIET-PAGES")
        .equal("[]", format!("{told:?}"))
}

/// A picture for the report.
#[then("a picture of the last page is kept")]
async fn picture(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("no browser is open"))?;
    Ok(browser.picture("what the user sees").await?)
}

/// The page has this text, or does not have it.
#[then(regex = r#"^the page (shows|does not show) "([^"]+)"$"#)]
async fn page_shows(world: &mut World, shows: String, text: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let browser = scene.browser.as_ref().ok_or_else(|| Halt::error("no browser is open"))?;
    let shown = browser.content_text().await?.contains(&text);
    let word = |shown: bool| if shown { "shown" } else { "not shown" };
    let claim = scene.must(format!("the page {shows} `{text}`"));
    claim.equal(word(shows == "shows"), word(shown))
}

/// How the user got through the pages; a page that nobody understands is no verdict.
fn played(scene: &Scene) -> Result<&Played, Halt> {
    let played = scene.played.as_ref();
    let played = played.ok_or_else(|| Halt::error("nobody was in the browser yet"))?;
    match played.end.puzzle() {
        Some(why) => Err(Halt::Inconclusive(why)),
        None => Ok(played),
    }
}

/// Beginnings of the names that dialects give to pages of a sign-in.
const SIGN_IN: [&str; 3] = ["sign-in", "user name", "password"];

fn ending(end: &End) -> String {
    match end {
        End::Redirected(_) => "a redirect to the app".to_owned(),
        End::Refused { message } => format!("the message `{message}`"),
        End::Stuck { title, .. } | End::Unable { title, .. } => format!("the page `{title}`"),
        End::ForeignHost { host } => format!("a sign-in on `{host}`"),
    }
}

const FRAMED: &str = "RFC 9700 §4.16";
