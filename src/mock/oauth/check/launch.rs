//! `launch`: the identifier of one launch in athenaOne, good for one authorization of one app.

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::organization::Organization;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::InvalidRequest;
use crate::protocol::ScopeSet;

/// The launch of an authorize request, if it belongs to one.
///
/// Without the scope `launch` it gives no context; with that scope alone it is needed.
pub(in crate::mock::oauth) fn launch(
    platform: &Platform,
    app: &App,
    scope: &ScopeSet,
    organization: &Organization,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    let refuse = |why: &'static str| move || Refusal::new(InvalidRequest, why);
    let Some(id) = parameters.get("launch") else {
        let is_needed = scope.contains("launch") && !scope.contains("launch/patient");
        let missing = refuse("The scope launch needs the parameter launch.");
        return platform.demand(Rule::LaunchSent, !is_needed, missing).map(|()| None);
    };
    let now = platform.clock().unix();
    let state = platform.state();
    let known = state.launches.get(id);
    let lives =
        known.is_some_and(|launch| launch.client_id == app.client_id && launch.expires > now);
    let dead = refuse("launch is not a live launch of this app.");
    platform.demand(Rule::LaunchLives, lives, dead)?;
    let is_new = known.is_none_or(|launch| !launch.used);
    platform.demand(Rule::LaunchSingleUse, is_new, dead)?;
    // The app was told a FHIR base as iss, and gives it back as aud.
    let fits = known.is_none_or(|launch| launch.organization == *organization);
    platform.demand(Rule::LaunchAud, fits, refuse("aud is not the iss of the launch."))?;
    let asked = scope.contains("launch") || platform.overlooks(Rule::LaunchScope);
    Ok(known.filter(|_| asked).map(|_| id.to_owned()))
}
