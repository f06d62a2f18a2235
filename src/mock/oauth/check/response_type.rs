//! The answer of the authorize endpoint is a code and nothing else, and comes in a way that is offered.

use crate::dialect::ResponseMode;
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
    if !matches!(parameters.get("response_type"), None | Some("code")) {
        return Err(Refusal::new(UnsupportedResponseType, "response_type must be code."));
    }
    if parameters.get("response_mode").is_some() && response_mode(platform, parameters).is_none() {
        return Err(Refusal::new(InvalidRequest, "The response_mode is not offered."));
    }
    Ok(())
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
