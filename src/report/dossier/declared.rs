//! The apps as they were registered.

use serde::Serialize;

use crate::record::{Registered, Run};

/// An app with what was declared of it.
#[derive(Serialize)]
pub(super) struct App<'run> {
    name: &'run str,
    /// The variable for its client id that is not set, so that it took no part.
    unset: Option<&'run str>,
    facts: Vec<(&'static str, Vec<&'run str>)>,
}

/// What was registered, by name; nothing where the project file names no app.
pub(super) fn apps(run: &Run) -> Vec<App<'_>> {
    run.registration.iter().flat_map(|it| &it.apps).map(app).collect()
}

/// The apps that took part.
pub(super) fn taking_part(run: &Run) -> impl Iterator<Item = &Registered> + Clone {
    let apps = run.registration.iter().flat_map(|it| &it.apps);
    apps.filter(|app| app.unset.is_none())
}

fn app(app: &Registered) -> App<'_> {
    let users = match &*app.category {
        "2-legged" => vec!["nobody: a system (2-legged)"],
        "patient" => vec!["patients"],
        "provider" => vec!["providers"],
        other => vec![other],
    };
    let client_id = match &app.client_id {
        Some(id) => vec![id.as_str()],
        None => vec!["a new one in each scenario"],
    };
    let facts = [
        ("Used by", users),
        ("Client id", client_id),
        ("Client authentication", authentication(app)),
        ("Signs by", single(&app.alg)),
        ("JWKS URL", single(&app.jwks_url)),
        ("Redirect URIs", list(&app.redirect_uris)),
        ("Post-logout redirect URIs", list(&app.post_logout_redirect_uris)),
        ("Launch URL", single(&app.launch_url)),
        ("Start page", single(&app.start_url)),
        ("Scopes", list(&app.scopes)),
        ("API endpoints", list(&app.endpoints)),
        ("Other hosts", list(&app.hosts)),
    ];
    let facts = facts.into_iter().filter(|(_, said)| !said.is_empty());
    App { name: &app.name, unset: app.unset.as_deref(), facts: facts.collect() }
}

fn list(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn single(text: &Option<String>) -> Vec<&str> {
    text.iter().map(String::as_str).collect()
}

/// How it authenticates, by the names of RFC 7591 §2 and OpenID Connect Core §9.
fn authentication(app: &Registered) -> Vec<&str> {
    match (&*app.method, app.credentials_in.as_deref()) {
        ("client secret", Some("header")) => {
            vec!["client secret in the header (client_secret_basic)"]
        }
        ("client secret", Some("body")) => vec!["client secret in the body (client_secret_post)"],
        ("client secret", _) => vec!["client secret"],
        ("imported key set", _) => vec!["signed assertion, keys imported (private_key_jwt)"],
        ("hosted key set", _) => vec!["signed assertion, keys at its JWKS URL (private_key_jwt)"],
        ("PKCE", _) => vec!["none: a public client with PKCE"],
        (other, _) => vec![other],
    }
}
