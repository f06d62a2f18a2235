//! The ID token, verified as OpenID Connect Core §3.1.3.7 asks of an app.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::secret::Secret;

/// Why an ID token proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// It is no JWT, or its header names no known algorithm.
    #[error("read the ID token's header: {0}")]
    Header(String),
    /// The platform's key set cannot be read.
    #[error("read the platform's key set: {0}")]
    Keys(String),
    /// The header's key is not in the platform's key set.
    #[error("find the key `{0}` in the platform's key set")]
    UnknownKey(String),
    /// Its algorithm does not prove who signed.
    #[error("accept the algorithm {0}")]
    Algorithm(String),
    /// The signature does not fit.
    #[error("verify the ID token: {0}")]
    Signature(String),
}

/// Verifies the signature of an ID token with the platform's published keys.
///
/// Gives header and claims; the claims' meaning is for the caller to judge.
///
/// # Errors
/// An [`IdTokenError`] that says why an app must reject the token.
pub fn verify(token: &Secret, key_set: &Value) -> Result<(Value, Value), IdTokenError> {
    let header =
        decode_header(token.expose()).map_err(|error| IdTokenError::Header(error.to_string()))?;
    if !SIGNING.contains(&header.alg) {
        return Err(IdTokenError::Algorithm(format!("{:?}", header.alg)));
    }
    let keys = key_set["keys"].as_array().ok_or_else(|| IdTokenError::Keys("no `keys`".into()))?;
    let named = |key: &&Value| match &header.kid {
        Some(kid) => key["kid"] == **kid,
        // Without a name the key has to be the only one (OpenID Connect Core §10.1).
        None => keys.len() == 1,
    };
    let key = keys.iter().find(named);
    let key =
        key.ok_or_else(|| IdTokenError::UnknownKey(header.kid.clone().unwrap_or_default()))?;
    let unreadable = |error: &dyn std::fmt::Display| IdTokenError::Keys(error.to_string());
    let key: Jwk = serde_json::from_value(key.clone()).map_err(|error| unreadable(&error))?;
    let key = DecodingKey::from_jwk(&key).map_err(|error| unreadable(&error))?;
    let mut validation = Validation::new(header.alg);
    // The claims are judged one by one, with the platform's own clock.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = decode::<Value>(token.expose(), &key, &validation)
        .map_err(|error| IdTokenError::Signature(error.to_string()))?
        .claims;
    let header =
        serde_json::to_value(&header).map_err(|error| IdTokenError::Header(error.to_string()))?;
    Ok((header, claims))
}

/// The `at_hash` that belongs to an access token, for algorithms with SHA-256
/// (OpenID Connect Core §3.1.3.6).
pub fn at_hash(access_token: &Secret) -> String {
    let hash = digest(&SHA256, access_token.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// Algorithms whose signature proves who signed: the asymmetric ones.
const SIGNING: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_is_the_left_half_of_the_digest() {
        // The example of OpenID Connect Core, appendix A.3.
        let token = Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(at_hash(&token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
