//! An authorization code: one use, by its client, in time, with its own address and verifier.

use super::pkce::verifier;
use crate::mock::oauth::grant::Grant;
use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::mock::state::State;
use crate::protocol::ErrorCode::{InvalidGrant, InvalidRequest};

/// Redeems a code: what the user granted, with the number under which the platform keeps it.
///
/// A code that comes back ends what it was redeemed for (RFC 6749 §4.1.2). A failed attempt of its
/// own client counts against guessing; another client's attempt changes nothing.
pub(in crate::mock::oauth) fn code(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<(u64, Grant), Refusal> {
    let missing = |name: &str| Refusal::new(InvalidRequest, &format!("{name} is missing."));
    let presented = parameters.get("code").ok_or_else(|| missing("code"))?;
    let now = platform.clock().unix();
    let mut state = platform.state();
    let State { codes, grants, granted, .. } = &mut *state;
    let redirect_uri = parameters.get("redirect_uri");
    // Only a code that went by no address is redeemed without one.
    if redirect_uri.is_none() && codes.get(presented).is_none_or(|code| code.redirect_uri.is_some())
    {
        return Err(missing("redirect_uri"));
    }
    let code = codes.get_mut(presented).filter(|code| code.grant.client_id == app.client_id);
    let code = code.ok_or_else(invalid)?;
    if let Some(redeemed) = code.redeemed {
        state.end_grant(redeemed);
        return Err(invalid());
    }
    if code.expires <= now || code.failed_attempts >= platform.dialect().token.attempts_per_code {
        return Err(invalid());
    }
    let asked_from = code.redirect_uri.as_deref();
    let proven = if asked_from.is_none() || asked_from == redirect_uri {
        verifier(code.challenge.as_deref(), parameters)
    } else {
        Err(Refusal::new(InvalidGrant, "redirect_uri is not the one of the authorize request."))
    };
    if let Err(refusal) = proven {
        code.failed_attempts += 1;
        return Err(refusal);
    }
    let number = *granted;
    *granted += 1;
    grants.insert(number, code.grant.clone());
    code.redeemed = Some(number);
    Ok((number, code.grant.clone()))
}

fn invalid() -> Refusal {
    Refusal::new(InvalidGrant, "The authorization code is invalid or has expired.")
}
