//! Who asks, and where the answer may go: before both are known, nothing is redirected (RFC 6749
//! §4.1.2.1).

use std::sync::Arc;

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::{InvalidClient, InvalidRequest, UnauthorizedClient};

/// The app of `client_id`, if users sign in to it.
pub(in crate::mock::oauth) fn registered_client(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<Arc<App>, Refusal> {
    let id = only(parameters, "client_id")?;
    let app = platform.app(id).filter(|app| app.is_synced());
    let app =
        app.ok_or_else(|| Refusal::new(InvalidClient, "Invalid value for 'client_id' parameter."))?;
    platform.demand(Rule::AuthorizeUserApp, app.is_three_legged(), || {
        let why = "This client uses client_credentials: no user signs in to it.";
        Refusal::new(UnauthorizedClient, why)
    })?;
    Ok(app)
}

/// The `redirect_uri`, if it is exactly one of the registered addresses.
pub(in crate::mock::oauth) fn registered_redirect_uri(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let uri = only(parameters, "redirect_uri")?;
    // An app without users has no addresses: it comes so far only if that is passed over.
    let is_registered =
        !app.is_three_legged() || app.redirect_uris.iter().any(|registered| registered == uri);
    platform.demand(Rule::RedirectUriRegistered, is_registered, || {
        let why = "The 'redirect_uri' parameter must be a redirect URL of the app's registration.";
        Refusal::new(InvalidRequest, why)
    })?;
    Ok(uri.to_owned())
}

fn only<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    if parameters.repeats(name) {
        return Err(Refusal::new(InvalidRequest, &format!("{name} is sent more than once.")));
    }
    let missing = || Refusal::new(InvalidRequest, &format!("{name} is missing."));
    parameters.get(name).ok_or_else(missing)
}
