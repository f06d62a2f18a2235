//! The signed JWT by which an app authenticates (RFC 7523 §2.2, §3; SMART App Launch 2.2 §5).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;

use super::random;
use super::signing_key::SigningKey;
use crate::secret::Secret;

/// A client assertion that is still open to changes.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The JOSE header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
}

impl Assertion {
    /// A conforming assertion of `client_id` for the audience `aud`, good for five minutes from
    /// `now` (seconds since 1970).
    pub fn new(key: &SigningKey, client_id: &str, aud: &str, now: i64) -> Self {
        Self {
            header: key.header(),
            claims: json!({
                "iss": client_id,
                "sub": client_id,
                "aud": aud,
                "iat": now,
                "exp": now + LIFETIME,
                "jti": random::base64url(16),
            }),
        }
    }

    /// Signs it as it stands.
    pub fn sign(&self, key: &SigningKey) -> Secret {
        Secret::new(key.sign(&self.header, &self.claims))
    }

    /// Authenticates it as it stands by a shared secret, with SHA-256 (RFC 7518 §3.2).
    pub fn authenticate(&self, secret: &[u8]) -> Secret {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&self.header), part(&self.claims));
        let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        Secret::new(format!("{input}.{}", URL_SAFE_NO_PAD.encode(code)))
    }
}

/// The `aud` of an assertion, after a pattern in which `{issuer}` stands for the issuer and `{oauth}`
/// for the address of the OAuth endpoints; `{oauth}/token` is the token endpoint, whatever its name.
pub fn audience(pattern: &str, issuer: &str, token_endpoint: &Url) -> String {
    let token_endpoint = token_endpoint.as_str();
    let oauth = token_endpoint.rsplit_once('/').map_or(token_endpoint, |(oauth, _)| oauth);
    pattern
        .replace("{oauth}/token", token_endpoint)
        .replace("{issuer}", issuer)
        .replace("{oauth}", oauth)
}

/// Value of `client_assertion_type` (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds; the most that SMART App Launch allows.
const LIFETIME: i64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audience_is_made_of_the_platforms_own_addresses() {
        let issuer = "https://ehr.example/issuer";
        for (pattern, endpoint, expected) in [
            ("{oauth}/token", "https://ehr.example/auth/token", "https://ehr.example/auth/token"),
            (
                "{oauth}/token",
                "https://ehr.example/access_token",
                "https://ehr.example/access_token",
            ),
            (
                "{issuer}/v1/token",
                "https://ehr.example/token",
                "https://ehr.example/issuer/v1/token",
            ),
            ("{oauth}/other", "https://ehr.example/auth/token", "https://ehr.example/auth/other"),
        ] {
            let endpoint = Url::parse(endpoint).unwrap();
            assert_eq!(audience(pattern, issuer, &endpoint), expected);
        }
    }
}
