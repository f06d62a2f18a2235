//! `aud`: the FHIR base that the app wants to read, which says whose data it is.

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::organization::Organization;
use crate::mock::platform::Platform;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::InvalidRequest;

/// The organization that `aud` names; without `aud` it is the whole platform.
pub(in crate::mock::oauth) fn audience(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<Organization, Refusal> {
    let Some(aud) = parameters.get("aud") else {
        return Ok(Organization::default());
    };
    let named = Organization::of_base(platform, aud);
    platform.demand(Rule::AuthorizeAud, named.is_some(), || {
        Refusal::new(InvalidRequest, "aud is not a FHIR base URL of this platform.")
    })?;
    Ok(named.unwrap_or_default())
}
