//! Parameters that have to be there, that must not be there, and none twice (RFC 6749 §3.1).

use crate::dialect::Rule;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::{
    InvalidRequest, InvalidScope, RegistrationNotSupported, RequestNotSupported,
    RequestUriNotSupported,
};

/// No parameter is repeated.
pub(in crate::mock::oauth) fn once(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<(), Refusal> {
    platform.demand(Rule::AuthorizeParametersOnce, parameters.repeated().is_none(), || {
        Refusal::new(InvalidRequest, "A parameter is sent more than once.")
    })
}

/// No parameter carries the request or the client in another form (OpenID Connect Core §6.1, §6.2,
/// §7.2.1). What could be left out without harm is left alone.
pub(in crate::mock::oauth) fn supported(
    platform: &Platform,
    parameters: &Parameters,
) -> Result<(), Refusal> {
    let refused = [
        ("request", RequestNotSupported),
        ("request_uri", RequestUriNotSupported),
        ("registration", RegistrationNotSupported),
    ];
    let sent = refused.into_iter().find(|(name, _)| parameters.get(name).is_some());
    sent.map_or(Ok(()), |(name, code)| {
        platform.demand(Rule::AuthorizeParametersSupported, false, || {
            Refusal::new(code, &format!("The parameter {name} is not supported."))
        })
    })
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
