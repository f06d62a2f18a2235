//! `prompt`: whether the user may, or must, be asked again (OpenID Connect Core §3.1.2.1).

use crate::mock::oauth::refusal::Refusal;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::InvalidRequest;

/// What the app wants the user to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::mock) struct Prompt {
    /// Nothing: answer with an error instead.
    pub(in crate::mock) none: bool,
    /// For the password, session or not.
    pub(in crate::mock) login: bool,
    /// For consent, remembered or not.
    pub(in crate::mock) consent: bool,
}

/// Reads `prompt`; values that mean nothing here are left alone.
pub(in crate::mock::oauth) fn prompt(parameters: &Parameters) -> Result<Prompt, Refusal> {
    let values: Vec<&str> =
        parameters.get("prompt").map(|text| text.split(' ').collect()).unwrap_or_default();
    let prompt = Prompt {
        none: values.contains(&"none"),
        login: values.contains(&"login"),
        consent: values.contains(&"consent"),
    };
    if prompt.none && values.len() > 1 {
        return Err(Refusal::new(InvalidRequest, "prompt=none stands alone."));
    }
    Ok(prompt)
}
