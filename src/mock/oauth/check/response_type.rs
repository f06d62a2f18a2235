//! The answer of the authorize endpoint is a code and nothing else, and comes in a way that is offered.

use crate::dialect::{ResponseMode, Rule};
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::{InvalidRequest, UnsupportedResponseType};

/// `response_type` is `code`, where it is given, and `response_mode` one of those offered; that they
/// are there is a rule of its own.
pub(in crate::mock::oauth) fn response_type(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<(), Refusal> {
    let is_code = matches!(parameters.get("response_type"), None | Some("code"));
    platform.demand(Rule::ResponseType, is_code, || {
        Refusal::new(UnsupportedResponseType, "response_type must be code.")
    })?;
    let is_offered =
        parameters.get("response_mode").is_none() || response_mode(platform, parameters).is_some();
    platform.demand(Rule::ResponseMode, is_offered, || {
        Refusal::new(InvalidRequest, "The response_mode is not offered.")
    })
}

/// The way that the app asks for, if it is offered.
pub(in crate::mock::oauth) fn response_mode(
    platform: &Platform,
    parameters: &Parameters,
) -> Option<ResponseMode> {
    let name = parameters.get("response_mode").filter(|_| !parameters.repeats("response_mode"))?;
    let offered = &platform.dialect().authorize.response_modes;
    offered.iter().copied().find(|mode| mode.name() == name)
}
