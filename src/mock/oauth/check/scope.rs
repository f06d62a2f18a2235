//! What an app asks for: known, approved, and fit for the grant.

use crate::mock::oauth::refusal::Refusal;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::InvalidScope;
use crate::protocol::ScopeSet;

/// The scope of a request without a user: needed, and approved as a whole.
pub(in crate::mock::oauth) fn scope_of_client(
    app: &App,
    parameters: &Parameters,
) -> Result<ScopeSet, Refusal> {
    approved(app, parameters)
}

/// The scope of an authorize request: as above, and at least `openid`.
pub(in crate::mock::oauth) fn scope_of_authorization(
    app: &App,
    parameters: &Parameters,
) -> Result<ScopeSet, Refusal> {
    let scope = approved(app, parameters)?;
    if !scope.contains("openid") {
        return Err(Refusal::new(InvalidScope, "The scope openid is needed."));
    }
    Ok(scope)
}

fn approved(app: &App, parameters: &Parameters) -> Result<ScopeSet, Refusal> {
    let text = parameters.get("scope");
    let text = text.ok_or_else(|| Refusal::new(InvalidScope, "A scope is needed."))?;
    let scope = ScopeSet::parse(text)
        .map_err(|_| Refusal::new(InvalidScope, "The scope parameter is malformed."))?;
    if !scope.is_subset(&app.approved) {
        let why = "One or more scopes are not configured for this client.";
        return Err(Refusal::new(InvalidScope, why));
    }
    Ok(scope)
}
