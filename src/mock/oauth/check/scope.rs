//! What an app asks for: known, approved, and fit for the grant.

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::InvalidScope;
use crate::protocol::ScopeSet;

/// The scope of a request without a user: needed, and approved as a whole.
pub(in crate::mock::oauth) fn scope_of_client(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<ScopeSet, Refusal> {
    if parameters.get("scope").is_none() && platform.dialect().errors.policy_refusals {
        return Err(Refusal::by_policy());
    }
    approved(platform, app, parameters.get("scope"))
}

/// The scope of an authorize request: as above, with what the dialect requires or presumes.
pub(in crate::mock::oauth) fn scope_of_authorization(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<ScopeSet, Refusal> {
    let rules = &platform.dialect().authorize;
    let text = parameters.get("scope").or(rules.default_scope.as_deref());
    let scope = approved(platform, app, text)?;
    match rules.required_scopes.iter().find(|name| !scope.contains(name)) {
        None => Ok(scope),
        Some(name) => Err(Refusal::new(InvalidScope, &format!("The scope {name} is needed."))),
    }
}

fn approved(platform: &Platform, app: &App, text: Option<&str>) -> Result<ScopeSet, Refusal> {
    let text = text.ok_or_else(|| Refusal::new(InvalidScope, "A scope is needed."))?;
    let dialect = platform.dialect();
    let scope = ScopeSet::parse(&dialect.scopes.separated(text));
    platform.demand(Rule::ScopeSyntax, scope.is_ok(), || {
        Refusal::new(InvalidScope, "The scope parameter is malformed.")
    })?;
    let scope = scope.unwrap_or_else(|_| app.approved.clone());
    platform.demand(Rule::ScopeApproved, scope.is_subset(&app.approved), || {
        let usual = "One or more scopes are not configured for the authorization server resource.";
        let told = dialect.errors.scope_refusal.as_deref().unwrap_or(usual);
        Refusal::new(InvalidScope, &told.replace("{scope}", text))
    })?;
    Ok(scope)
}
