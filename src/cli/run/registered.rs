//! What the project file declares of apps and endpoints, as the record keeps it.

use crate::cli::Surroundings;
use crate::project::{AppUnderTest, CredentialPlace, RegisteredApp, Target};
use crate::record::{Registered, Registration};
use crate::secret::Redactor;

/// What was registered of the app under test; without one, of the target's own apps. Nothing if the
/// project file says nothing of it.
pub(super) fn registration(
    surroundings: &Surroundings,
    target: &Target,
    app: Option<(&str, &AppUnderTest)>,
    redactor: &Redactor,
) -> Option<Registration> {
    let apps = match app {
        Some((name, app)) => vec![under_test(name, app)],
        None => target.apps.iter().map(|(name, app)| of_target(surroundings, name, app)).collect(),
    };
    let endpoints = target.endpoints.iter().map(|(name, url)| (name.clone(), url.to_string()));
    let mut registration = Registration { apps, endpoints: endpoints.collect() };
    let redact = |text: &mut String| *text = redactor.redact(text);
    registration.endpoints.values_mut().for_each(redact);
    registration.apps.iter_mut().flat_map(texts).for_each(redact);
    (registration != Registration::default()).then_some(registration)
}

fn under_test(name: &str, app: &AppUnderTest) -> Registered {
    Registered {
        name: name.to_owned(),
        category: app.category.word().to_owned(),
        method: app.method.word().to_owned(),
        credentials_in: None,
        alg: None,
        client_id: app.client_id.clone(),
        unset: None,
        scopes: app.scopes.clone(),
        endpoints: app.endpoints.clone(),
        hosts: app.hosts.clone(),
        redirect_uris: app.redirect_uris.clone(),
        post_logout_redirect_uris: app.post_logout_redirect_uris.clone(),
        jwks_url: app.jwks_url.clone(),
        start_url: app.start_url.clone(),
        launch_url: app.launch_url.clone(),
    }
}

fn of_target(surroundings: &Surroundings, name: &str, app: &RegisteredApp) -> Registered {
    let client_id = app.client_id.read(&|variable| surroundings.variable(variable));
    let place = |place| match place {
        CredentialPlace::Header => "header".to_owned(),
        CredentialPlace::Body => "body".to_owned(),
    };
    Registered {
        name: name.to_owned(),
        category: app.category.word().to_owned(),
        method: app.method.word().to_owned(),
        credentials_in: app.credentials_in.map(place),
        alg: app.alg.map(|alg| alg.name().to_owned()),
        client_id: client_id.as_ref().ok().cloned(),
        unset: client_id.err(),
        scopes: app.scopes.clone(),
        endpoints: Vec::new(),
        hosts: Vec::new(),
        redirect_uris: app.redirect_uris.clone(),
        post_logout_redirect_uris: app.post_logout_redirect_uris.clone(),
        jwks_url: app.jwks_url.as_ref().map(ToString::to_string),
        start_url: None,
        launch_url: app.launch_url.as_ref().map(ToString::to_string),
    }
}

/// All that somebody may have written a secret into.
fn texts(app: &mut Registered) -> impl Iterator<Item = &mut String> {
    let lists = [
        &mut app.scopes,
        &mut app.endpoints,
        &mut app.hosts,
        &mut app.redirect_uris,
        &mut app.post_logout_redirect_uris,
    ];
    let single = [&mut app.client_id, &mut app.jwks_url, &mut app.start_url, &mut app.launch_url];
    lists.into_iter().flatten().chain(single.into_iter().flatten())
}
