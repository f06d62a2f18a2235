//! The answer of the authorize endpoint is a code, and nothing else.

use crate::mock::oauth::refusal::Refusal;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::UnsupportedResponseType;

/// `response_type` is `code`, where it is given; its presence is a rule of its own.
pub(in crate::mock::oauth) fn response_type(parameters: &Parameters) -> Result<(), Refusal> {
    match parameters.get("response_type") {
        None | Some("code") => Ok(()),
        Some(_) => Err(Refusal::new(UnsupportedResponseType, "response_type must be code.")),
    }
}
