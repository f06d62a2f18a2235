//! Somebody works on the portal's pages, or on those of staff, in a real browser.

use std::collections::BTreeMap;

use cucumber::gherkin::Step;
use cucumber::when;
use serde_json::{Value, json};

use super::sign_in::open_browser;
use crate::browser::Session;
use crate::secret::Secret;
use crate::steps::table::changes;
use crate::world::{App, Halt, Kind, Method, Need, REDIRECT_URI, Scene, World};

/// Opens a page by its path on the platform's host.
#[when(expr = "the {word} opens the page {string}")]
async fn open(world: &mut World, _who: String, path: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let address = scene.say(&format!("{{host}}{path}"))?;
    open_browser(scene).await?;
    browser(scene)?.open(&address).await?;
    see(scene).await
}

/// Fills in fields by their labels, and picks choices: the question, and the answer's label.
///
/// A box that stands alone is ticked by `yes`.
#[when(expr = "the {word} fills in:")]
async fn fill_in(world: &mut World, _who: String, step: &Step) -> Result<(), Halt> {
    let scene = world.scene()?;
    for (name, value) in changes(scene, step)? {
        let browser = browser(scene)?;
        let found: Value = ask(browser, FIELD, &json!([name, value])).await?;
        let selector = found["selector"].as_str();
        let selector = scene
            .must(format!("the page asks for `{name}`"))
            .present(selector.map(str::to_owned))?;
        match found["kind"].as_str() {
            Some("choice") => browser.click(&selector).await?,
            Some("checkbox") => browser.check(&selector, value == "yes").await?,
            kind => {
                if kind == Some("password") {
                    scene.recorder.redactor().learn("password", &Secret::new(value.as_str()));
                }
                browser.fill(&selector, &value).await?;
            }
        }
    }
    scene.film().await;
    Ok(())
}

/// Presses a button, or follows a link, that has this text; another page comes.
#[when(expr = "the {word} presses {string}")]
async fn press(world: &mut World, _who: String, text: String) -> Result<(), Halt> {
    let scene = world.scene()?;
    let browser = browser(scene)?;
    let there: bool = ask(browser, MARK, &json!([text])).await?;
    scene.must(format!("the page has a button or link `{text}`")).present(there.then_some(()))?;
    browser.click("[data-pressed]").await?;
    browser.wait_for_any(&["html:not([data-left])"]).await?;
    let _: bool = ask(browser, WHOLE, &json!([])).await?;
    see(scene).await
}

/// The credentials that the page shows become those of the scenario's app.
#[when(expr = "a {kind} app with {method} takes its credentials from the page")]
async fn take_credentials(world: &mut World, kind: Kind, method: Method) -> Result<(), Halt> {
    let scene = world.scene()?;
    let browser = browser(scene)?;
    let client_id = browser.text("#client-id").await?;
    let secret = browser.text("#client-secret").await?;
    let client_id = scene.must("the page shows the client id").present(client_id)?;
    let need = Need::new(kind, method);
    scene.app = Some(App {
        client_id,
        secret: secret.map(Secret::new),
        credentials_in_body: None,
        keys: Vec::new(),
        host: None,
        scopes: need.scopes(&scene.context.dialect.registration),
        redirect_uri: REDIRECT_URI.to_owned(),
        post_logout_redirect_uri: None,
        users: BTreeMap::new(),
        need,
    });
    Ok(())
}

/// Learns a new secret as soon as a page shows it, so that nothing keeps it.
async fn see(scene: &Scene) -> Result<(), Halt> {
    if let Some(secret) = browser(scene)?.text("#client-secret").await? {
        scene.recorder.redactor().learn("client_secret", &Secret::new(secret));
    }
    scene.film().await;
    Ok(())
}

fn browser(scene: &Scene) -> Result<&Session, Halt> {
    scene.browser.as_ref().ok_or_else(|| Halt::error("nobody has opened a page yet"))
}

async fn ask<T: serde::de::DeserializeOwned>(
    browser: &Session,
    function: &str,
    arguments: &Value,
) -> Result<T, Halt> {
    Ok(browser.evaluate(&format!("({function})(...{arguments})")).await?)
}

/// The field of a label, or the choice of a label in the group of a question.
const FIELD: &str = "(name, value) => { \
    const first = (element) => element.innerText.trim().split('\\n')[0].trim(); \
    const labelled = (root, text) => \
        [...root.querySelectorAll('label')].find((label) => first(label) === text)?.control; \
    const found = (field, kind) => field ? { selector: '#' + CSS.escape(field.id), kind } : {}; \
    const groups = [...document.querySelectorAll('fieldset')]; \
    const group = groups.find((group) => \
        group.querySelector('legend') && first(group.querySelector('legend')) === name); \
    if (group) return found(labelled(group, value), 'choice'); \
    const field = labelled(document, name); \
    return found(field, field?.type); }";

/// Marks what is going to be pressed, and the page that is going to be left.
const MARK: &str = "(text) => { \
    const all = [...document.querySelectorAll('button, a')]; \
    const found = all.find((element) => element.innerText.trim() === text); \
    if (found === undefined) return false; \
    found.dataset.pressed = ''; \
    document.documentElement.dataset.left = ''; \
    return true; }";

/// Waits for the rest of a page that has only begun, and for its style: without it no text is rendered.
const WHOLE: &str = "() => document.readyState === 'complete' || new Promise((done) => \
    addEventListener('load', () => done(true), { once: true }))";
