//! A request for a token is one form in the body (RFC 6749 §3.2).

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::{Parameters, Received};
use crate::protocol::ErrorCode::InvalidRequest;

/// The parameters of a form-encoded body, each sent once and none in the address.
pub(in crate::mock::oauth) fn form<'a>(
    platform: &Platform,
    request: &'a Received,
) -> Result<&'a Parameters, Refusal> {
    platform.demand(Rule::FormEncoded, request.is_form(), || {
        Refusal::new(InvalidRequest, "The body must be form-encoded.")
    })?;
    let in_address = request.query.iter().any(|(name, _)| NOT_IN_THE_ADDRESS.contains(&name));
    platform.demand(Rule::ParametersInBody, !in_address, || {
        Refusal::new(InvalidRequest, "Parameters belong in the body, not in the address.")
    })?;
    if let Some(name) =
        request.form.repeated().filter(|_| !platform.overlooks(Rule::ParametersOnce))
    {
        // The name is the client's own text: it is not echoed unless it is one of ours.
        let known = NOT_IN_THE_ADDRESS.iter().find(|known| **known == name);
        let name = known.unwrap_or(&"A parameter");
        return Err(Refusal::new(InvalidRequest, &format!("{name} is sent more than once.")));
    }
    Ok(&request.form)
}

const NOT_IN_THE_ADDRESS: [&str; 11] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "scope",
    "token",
];
