//! `launch`: the identifier of one launch in athenaOne, good for one authorization of one app.

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
    let refuse = |why: &str| Err(Refusal::new(InvalidRequest, why));
    let Some(id) = parameters.get("launch") else {
        return if scope.contains("launch") && !scope.contains("launch/patient") {
            refuse("The scope launch needs the parameter launch.")
        } else {
            Ok(None)
        };
    };
    let now = platform.clock().unix();
    let state = platform.state();
    let known = state.launches.get(id);
    if !known.is_some_and(|launch| launch.client_id == app.client_id && launch.expires > now) {
        return refuse("launch is not a live launch of this app.");
    }
    // The app was told a FHIR base as iss, and gives it back as aud.
    if known.is_some_and(|launch| launch.organization != *organization) {
        return refuse("aud is not the iss of the launch.");
    }
    Ok(scope.contains("launch").then(|| id.to_owned()))
}
