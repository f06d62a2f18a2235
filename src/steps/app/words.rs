//! Words in curly brackets in the scenarios of apps: what is so at this scenario's platform.

use super::sent::{Kind, parameter};
use crate::mock::Platform;
use crate::project::Category;
use crate::world::{Halt, Scene, Since};

/// A text with the words filled in that stand for something here; other brackets stay.
///
/// # Errors
/// [`Halt::Inconclusive`] if there is no such thing yet: no state before the first sign-in.
pub fn filled(scene: &Scene, text: &str) -> Result<String, Halt> {
    let mut filled = text.to_owned();
    for (word, value) in WORDS {
        let placed = format!("{{{word}}}");
        if filled.contains(&placed) {
            let why = || Halt::Inconclusive(format!("there is no {word} to go on with"));
            filled = filled.replace(&placed, &value(scene)?.ok_or_else(why)?);
        }
    }
    Ok(filled)
}

/// The platform of the scenario.
///
/// # Errors
/// [`Halt::Error`] if it is not the mock.
pub fn platform(scene: &Scene) -> Result<&Platform, Halt> {
    let server = scene.mock.as_ref();
    let server = server.ok_or_else(|| Halt::error("an app is examined against the mock"))?;
    Ok(&server.platform)
}

type Word = (&'static str, fn(&Scene) -> Result<Option<String>, Halt>);

const WORDS: &[Word] = &[
    ("client id", |scene| Ok(scene.examinee.as_ref().map(|app| app.client_id.clone()))),
    ("fhir base", |scene| Ok(Some(platform(scene)?.fhir_base()))),
    ("fhir path", |scene| Ok(Some(scene.fhir_base.path().trim_end_matches('/').to_owned()))),
    ("host", |scene| Ok(Some(platform(scene)?.base().to_owned()))),
    ("token endpoint", |scene| Ok(Some(platform(scene)?.oauth("token")))),
    ("token path", |scene| {
        let platform = platform(scene)?;
        Ok(platform.oauth("token").strip_prefix(platform.base()).map(str::to_owned))
    }),
    ("state", |scene| last_asked(scene, "state")),
    ("redirect uri", |scene| last_asked(scene, "redirect_uri")),
    ("code", |scene| Ok(super::flow::callbacks(scene)?.pop().map(|it| it.code))),
    ("2000 letters", |_| Ok(Some("c0de".repeat(500)))),
    ("4000 letters", |_| Ok(Some("t0ken".repeat(800)))),
    ("other host", |scene| Ok(scene.bystander.as_ref().map(|it| it.platform.base().to_owned()))),
    ("other issuer", |scene| Ok(scene.bystander.as_ref().map(|it| it.platform.issuer()))),
    ("user", |scene| user(scene).map(Some)),
    ("chart", |scene| scene.say("{chart}").map(Some)),
    ("another chart", |scene| scene.say("{another chart}").map(Some)),
];

/// A parameter of the last authorization request.
fn last_asked(scene: &Scene, name: &str) -> Result<Option<String>, Halt> {
    let sent = Kind::Authorization.sent(scene, Since::TheStart)?;
    Ok(sent.last().and_then(|entry| parameter(entry, name)).map(str::to_owned))
}

/// The resource of whoever uses the app: `Patient/…` or `Practitioner/…`.
fn user(scene: &Scene) -> Result<String, Halt> {
    let category = scene.examinee.as_ref().map(|app| app.described.category);
    let name = if category == Some(Category::Provider) { "provider" } else { "patient" };
    let account = scene.account(name)?;
    let users = &platform(scene)?.sandbox().users;
    let user = users.iter().find(|user| user.username == account.username);
    user.map(|user| user.fhir_user.clone())
        .ok_or_else(|| Halt::Inconclusive(format!("the platform does not know its {name}")))
}
