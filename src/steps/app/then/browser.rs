//! What the user's browser got to see, and where it went.

use std::time::{Duration, Instant};

use cucumber::then;
use url::Url;

use super::bearer::tokens;
use crate::record::Exchange;
use crate::secret::{Redactor, Secret};
use crate::steps::app::flow::callbacks;
use crate::world::{Halt, Scene, World};

/// No address that the browser shows, in whatever tab, names a code that the platform gave out.
#[then("the browser's address holds no code")]
fn no_code(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let addresses = scene.tab()?.addresses();
    let codes = callbacks(scene)?;
    let holds = codes.iter().any(|it| addresses.iter().any(|shown| shown.contains(&it.code)));
    let claim = scene.should("the code is gone from the address bar").clause("RFC 9700 §4.3.1");
    claim.equal("no code", if holds { "the code" } else { "no code" })
}

/// No element of the page has this id: what would have made it was shown as text.
#[then(expr = "the page has no element {string}")]
async fn no_element(world: &mut World, id: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let script = format!("document.getElementById({}) !== null", serde_json::json!(id));
    let found = scene.tab()?.evaluate_everywhere::<bool>(&script).await?;
    let seen = if found.contains(&true) { "an element" } else { "text, or nothing" };
    let claim = scene.must("what the platform says is shown as text");
    claim.clause("SMART App Launch 2.2.0 § App protection").equal("text, or nothing", seen)
}

/// The browser shows a page of the platform, on which users sign in.
#[then("the browser is at the platform's sign-in")]
async fn is_at_sign_in(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let platform = scene.fhir_base.origin().ascii_serialization();
    let patience = scene.examinee()?.patience();
    let begun = Instant::now();
    let seen = loop {
        let shown = scene.tab()?.addresses();
        let mut origins = shown.iter().filter_map(|it| origin(it));
        let seen = origins.find(|it| *it == platform).or_else(|| origin(&scene.tab().ok()?.url()));
        let seen = seen.unwrap_or_default();
        if seen == platform || begun.elapsed() > patience {
            break seen;
        }
        scene.leave_alone(MOMENT).await?;
    };
    scene.must("users type their password at the platform, never at the app").equal(platform, seen)
}

/// No answer of the app to the browser holds the client secret or the private key.
#[then("nothing that the browser got from the app holds its secret")]
async fn holds_no_secret(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let examinee = scene.examinee()?;
    let own = examinee.origin().unwrap_or_default();
    let exchanges = of_browser(scene);
    let own: Vec<&Exchange> =
        exchanges.iter().filter(|it| origin(&it.request.url).as_deref() == Some(&own)).collect();
    if own.is_empty() {
        return Err(Halt::Inconclusive("the browser got nothing from the app".to_owned()));
    }
    // What was noted had its secrets taken out: where one was, its name stands.
    let marks = ["[redacted:client_secret]", "[redacted:private_key]"];
    let telling = own.iter().find(|it| {
        let body = it.response.as_ref().map_or("", |response| &response.body);
        marks.iter().any(|mark| body.contains(mark))
    });
    let seen = telling.map_or("nothing", |it| &it.request.url).to_owned();
    scene
        .must("no answer of the app holds its secret")
        .clause("RFC 6749 §2.1")
        .equal("nothing", seen)
}

/// Nothing that the app wrote to stdout and stderr holds one of its tokens; or no cookie of the app that
/// travels without TLS.
#[then(regex = "^no (line that the app wrote out|cookie in clear text) holds a token$")]
async fn holds_no_token(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    match what.as_str() {
        "cookie in clear text" => no_cookie(scene).await,
        _ => wrote_no_token(scene),
    }
}

fn wrote_no_token(scene: &mut Scene) -> Result<(), Halt> {
    let tokens = tokens(scene)?;
    if tokens.is_empty() {
        return Err(Halt::Inconclusive("the app used no token".to_owned()));
    }
    let mine = Redactor::new();
    for token in &tokens {
        mine.learn("token", token);
    }
    let line = scene.examinee()?.wrote(|line| mine.finds_in(line));
    let redacted = |line: Secret| scene.recorder.redactor().redact(line.expose());
    let seen = line.map_or_else(|| "nothing".to_owned(), redacted);
    let claim = scene.should("nothing that the app wrote out holds a token");
    claim.clause("RFC 6750 §5.3").equal("nothing", seen)
}

async fn no_cookie(scene: &mut Scene) -> Result<(), Halt> {
    let tokens = tokens(scene)?;
    let mine = Redactor::new();
    for token in &tokens {
        mine.learn("token", token);
    }
    let own = scene.examinee()?.origin().unwrap_or_default();
    let cookies = scene.tab()?.cookies(&own).await?;
    let telling = cookies.iter().find(|it| !it.secure && mine.finds_in(it.value.expose()));
    let seen = telling.map_or("none", |it| &it.name).to_owned();
    scene
        .must("no cookie that travels in clear text holds a token")
        .clause("SMART App Launch 2.2.0 § App protection")
        .equal("none", seen)
}

/// The browser asked the app, the platform, and the hosts that are declared, and nobody else.
#[then("the browser speaks to the app, the platform and the declared hosts alone")]
async fn speaks_to(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let examinee = scene.examinee()?;
    let own = examinee.origin();
    let declared = examinee.described.hosts.clone();
    let platform = scene.fhir_base.origin().ascii_serialization();
    let mut strangers: Vec<String> = Vec::new();
    for exchange in of_browser(scene) {
        let Ok(url) = Url::parse(&exchange.request.url) else { continue };
        let origin = url.origin().ascii_serialization();
        let host = url.host_str().unwrap_or_default().to_owned();
        let origin = origin.replacen("ws", "http", 1);
        let is_known = Some(&origin) == own.as_ref()
            || origin == platform
            || !["http", "https", "ws", "wss"].contains(&url.scheme())
            || declared.iter().any(|it| is_of(&host, it));
        if !is_known && !strangers.contains(&host) {
            strangers.push(host);
        }
    }
    let claim = scene.should("the app's pages speak to declared hosts alone");
    claim.hint("`hosts` of the app in the project file declares them").holds(
        strangers.is_empty(),
        "nobody else",
        strangers.join(", "),
    )
}

/// Whatever the app's pages sent to hosts besides its own and the platform's, by whatever means, had
/// none of its tokens with it, or no code. A host that is declared is one that the app may hand
/// something to; but nothing of it stands in an address.
#[then(regex = r"^the browser gives no (token|code) to another host$")]
async fn gives_away_nothing(world: &mut World, what: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let watch = scene.examinee()?.watch();
    let mine = Redactor::new();
    let known = match what.as_str() {
        "token" => tokens(scene)?,
        _ => callbacks(scene)?.iter().map(|it| Secret::new(it.code.as_str())).collect(),
    };
    if known.is_empty() {
        return Err(Halt::Inconclusive(format!("there was no {what} to give away")));
    }
    for secret in &known {
        mine.learn("given", secret);
    }
    // What a page sends when it is complete comes a moment later.
    scene.leave_alone(watch).await?;
    let examinee = scene.examinee()?;
    let mut home: Vec<String> = examinee.origin().into_iter().collect();
    home.extend(examinee.described.redirect_uris.iter().filter_map(|it| origin(it)));
    let declared = examinee.described.hosts.clone();
    home.push(scene.fhir_base.origin().ascii_serialization());
    let told = scene.tab()?.sent().into_iter().filter(|it| {
        let is_home = home.contains(&it.origin.replacen("ws", "http", 1));
        let may_know = declared.iter().any(|declared| is_of(&it.host, declared));
        !is_home
            && (mine.finds_in(it.address.expose())
                || !may_know && mine.finds_in(it.content.expose()))
    });
    let told: Vec<String> =
        told.map(|it| format!("{} ({})", it.host, it.kind.to_ascii_lowercase())).collect();
    scene
        .must(format!("no page gives the {what} to another host, whatever it loads or sends"))
        .clause("RFC 9700 §4.2, §4.3")
        .holds(told.is_empty(), "nobody", told.join(", "))
}

/// The user typed a password once, however often the app was opened.
#[then("the user was asked to sign in once")]
fn signed_in_once(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let entries = scene.journal()?.requests();
    let password = scene.account("provider")?.password.clone();
    let typed = entries
        .iter()
        .filter(|it| it.request.form.iter().any(|(_, value)| value == password.expose()));
    let typed = typed.count();
    scene.should("who is signed in is not asked again").equal(1, typed)
}

/// The app is shown inside a page of the platform.
#[then("the app is shown in the EHR's frame")]
async fn is_framed(world: &mut World) -> Result<(), Halt> {
    let scene = world.scene()?;
    let own = scene.examinee()?.origin().unwrap_or_default();
    let platform = scene.fhir_base.origin().ascii_serialization();
    let frames = scene.tab()?.evaluate_everywhere::<String>("location.origin").await?;
    let holds = frames.first() == Some(&platform) && frames.contains(&own);
    let claim = scene.must("the app is shown inside the EHR's page");
    claim.holds(holds, format!("{own} inside {platform}"), frames.join(", "))
}

/// The exchanges of the browser.
fn of_browser(scene: &Scene) -> Vec<Exchange> {
    let exchanges = scene.recorder.evidence().exchanges.into_iter().map(|(_, exchange)| exchange);
    exchanges.filter(|it| it.sender == crate::record::Sender::Browser).collect()
}

fn origin(address: &str) -> Option<String> {
    Url::parse(address).ok().map(|url| url.origin().ascii_serialization())
}

/// Whether a host is the declared one, or in its domain where that is written `*.domain`.
fn is_of(host: &str, declared: &str) -> bool {
    match declared.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => host == declared,
    }
}

const MOMENT: Duration = Duration::from_millis(40);
