//! Parameters that have to be there, and none twice (RFC 6749 §3.1).

use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::{InvalidRequest, InvalidScope};

/// No parameter is repeated.
pub(in crate::mock::oauth) fn once(parameters: &Parameters) -> Result<(), Refusal> {
    match parameters.repeated() {
        None => Ok(()),
        Some(_) => Err(Refusal::new(InvalidRequest, "A parameter is sent more than once.")),
    }
}

/// Every parameter that the dialect requires is there.
pub(in crate::mock::oauth) fn required(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<(), Refusal> {
    let dialect = platform.dialect();
    match dialect.authorize.required.iter().find(|name| parameters.get(name).is_none()) {
        None => Ok(()),
        Some(name) if name == "scope" => Err(Refusal::new(InvalidScope, "A scope is needed.")),
        Some(name) => Err(Refusal::new(InvalidRequest, &format!("{name} is missing."))),
    }
}
