//! Proof Key for Code Exchange (RFC 7636): needed by public clients or, as the dialect says, by all.

use crate::mock::oauth::refusal::Refusal;
use crate::mock::platform::Platform;
use crate::mock::portal::App;
use crate::mock::request::Parameters;
use crate::protocol::ErrorCode::{InvalidGrant, InvalidRequest};
use crate::protocol::pkce::{Verifier, is_challenge};

/// The challenge of an authorize request, by method S256 only.
pub(in crate::mock::oauth) fn challenge(
    platform: &Platform,
    app: &App,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    let refuse = |why: &str| Err(Refusal::new(InvalidRequest, why));
    match (parameters.get("code_challenge"), parameters.get("code_challenge_method")) {
        (None, Some(_)) => refuse("code_challenge_method is sent without code_challenge."),
        (None, None) if app.is_public() => {
            refuse("PKCE code challenge is required when the client cannot keep a secret.")
        }
        (None, None) if platform.dialect().authorize.pkce_for_all => {
            refuse("PKCE code challenge is required.")
        }
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if is_challenge(challenge) => {
            Ok(Some(challenge.to_owned()))
        }
        (Some(_), Some("S256")) => {
            refuse("code_challenge is not the S256 challenge of a verifier.")
        }
        // No method means `plain` (RFC 7636 §4.3).
        (Some(_), _) => refuse("code_challenge_method must be S256."),
    }
}

/// The verifier of a token request fits the challenge that the code was issued with.
pub(super) fn verifier(challenge: Option<&str>, parameters: &Parameters) -> Result<(), Refusal> {
    let fits = match (challenge, parameters.get("code_verifier")) {
        (None, None) => true,
        (Some(challenge), Some(text)) => {
            Verifier::new(text).is_ok_and(|verifier| verifier.challenge() == challenge)
        }
        // A verifier without a challenge is an attempt to downgrade (RFC 9700 §4.8.2).
        (None, Some(_)) | (Some(_), None) => false,
    };
    fits.then_some(()).ok_or_else(|| Refusal::new(InvalidGrant, "PKCE verification failed."))
}
