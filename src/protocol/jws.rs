//! Signed tokens in compact form (RFC 7515 §7.1): read, and verified with the signer's public keys.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::jwks::{KeySet, PublicKey};
use super::signing_key::Algorithm;
use crate::secret::Secret;

/// A compact JWS taken apart; nothing about it is proven yet.
#[derive(Clone, Debug)]
pub struct Jws<'a> {
    /// The protected header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// Header and claims as they were signed.
    pub signing_input: &'a str,
}

/// What a JWS with a proven signature says.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The protected header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

/// What is wrong with a JWS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It has not three parts between dots.
    #[error("read the JWS: it has {0} parts instead of 3")]
    Parts(usize),
    /// A part is not base64url.
    #[error("read the JWS: its {0} is not base64url without padding")]
    Encoding(&'static str),
    /// A part is not a JSON object.
    #[error("read the JWS: its {0} is not a JSON object")]
    NotAnObject(&'static str),
    /// The header has no `alg`.
    #[error("verify the JWS: its header has no `alg`")]
    NoAlgorithm,
    /// The algorithm is not among the allowed ones; so are `none` and the HMACs.
    #[error("verify the JWS: its `alg` {0:?} is not allowed")]
    AlgorithmNotAllowed(String),
    /// The header names extensions that must be understood and are not (RFC 7515 §4.1.11).
    #[error("verify the JWS: its header has a `crit` that is not understood")]
    Critical,
    /// The header has no `kid`, and there is more than one key.
    #[error("verify the JWS: its header has no `kid` to choose a key by")]
    NoKeyId,
    /// No key has that id.
    #[error("verify the JWS: its `kid` {0:?} is no known key")]
    UnknownKey(String),
    /// The key of that id is for other signatures, or for none.
    #[error("verify the JWS: the key {0:?} is not for signatures by this `alg`")]
    UnfitKey(String),
    /// The key did not make this signature.
    #[error("verify the JWS: its signature is not valid")]
    Signature,
}

impl<'a> Jws<'a> {
    /// Takes a compact JWS apart.
    ///
    /// # Errors
    /// The first thing that is wrong with its form.
    pub fn parse(token: &'a str) -> Result<Self, JwsError> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(JwsError::Parts(parts.len()));
        };
        let signing_input = &token[..header.len() + 1 + claims.len()];
        Ok(Self {
            header: object("header", header)?,
            claims: object("payload", claims)?,
            signature: decode("signature", signature)?,
            signing_input,
        })
    }

    /// A member of the header that is a text.
    pub fn header_text(&self, member: &str) -> Option<&str> {
        self.header.get(member).and_then(Value::as_str)
    }

    /// Proves the signature with the signer's keys.
    ///
    /// The key is the one that `kid` names; without `kid` it is the only one there is.
    ///
    /// # Errors
    /// The first thing that keeps it from being proven.
    pub fn verify(self, keys: &KeySet, allowed: &[Algorithm]) -> Result<Verified, JwsError> {
        self.prove(keys, allowed)?;
        Ok(Verified { header: self.header, claims: self.claims })
    }

    /// Whether a shared secret made its authentication code, by HS256, HS384 or HS512 (RFC 7518
    /// §3.2); compared in constant time.
    pub fn is_authenticated_by(&self, secret: &Secret) -> bool {
        let algorithm = match self.header_text("alg") {
            Some("HS256") => hmac::HMAC_SHA256,
            Some("HS384") => hmac::HMAC_SHA384,
            Some("HS512") => hmac::HMAC_SHA512,
            _ => return false,
        };
        let key = hmac::Key::new(algorithm, secret.expose().as_bytes());
        !self.header.contains_key("crit")
            && hmac::verify(&key, self.signing_input.as_bytes(), &self.signature).is_ok()
    }

    /// Proves the signature as [`Self::verify`] does.
    ///
    /// # Errors
    /// The first thing that keeps it from being proven.
    pub fn prove(&self, keys: &KeySet, allowed: &[Algorithm]) -> Result<(), JwsError> {
        let name = self.header.get("alg").ok_or(JwsError::NoAlgorithm)?;
        let name = name.as_str().unwrap_or_default();
        let algorithm = name.parse::<Algorithm>().ok().filter(|known| allowed.contains(known));
        let algorithm = algorithm.ok_or_else(|| JwsError::AlgorithmNotAllowed(name.to_owned()))?;
        if self.header.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        let kid = match (self.header_text("kid"), keys.keys()) {
            (Some(kid), _) => kid,
            (None, [only]) => only.kid(),
            (None, _) => return Err(JwsError::NoKeyId),
        };
        if keys.find(kid).next().is_none() {
            return Err(JwsError::UnknownKey(kid.to_owned()));
        }
        let fitting: Vec<&PublicKey> =
            keys.find(kid).filter(|key| key.is_for_signatures() && key.fits(algorithm)).collect();
        if fitting.is_empty() {
            return Err(JwsError::UnfitKey(kid.to_owned()));
        }
        let signed = self.signing_input.as_bytes();
        if !fitting.iter().any(|key| key.verify(algorithm, signed, &self.signature)) {
            return Err(JwsError::Signature);
        }
        Ok(())
    }
}

/// Reads a compact JWS and proves its signature.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn verify(token: &str, keys: &KeySet, allowed: &[Algorithm]) -> Result<Verified, JwsError> {
    Jws::parse(token)?.verify(keys, allowed)
}

fn object(part: &'static str, encoded: &str) -> Result<Map<String, Value>, JwsError> {
    let bytes = decode(part, encoded)?;
    serde_json::from_slice(&bytes).map_err(|_| JwsError::NotAnObject(part))
}

fn decode(part: &'static str, encoded: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| JwsError::Encoding(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::SigningKey;

    /// The key and the token of RFC 7515, appendix A.2.
    const RFC_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const RFC_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    /// The key and the token of RFC 7515, appendix A.3.
    const RFC_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const RFC_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const RFC_EC_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn rfc_keys() -> [KeySet; 2] {
        [
            json!({"keys": [{"kty": "RSA", "kid": "a", "n": RFC_N, "e": "AQAB"}]}),
            json!({"keys": [{"kty": "EC", "kid": "b", "crv": "P-256", "x": RFC_X, "y": RFC_Y}]}),
        ]
        .map(|document| KeySet::parse(&document).unwrap())
    }

    #[test]
    fn the_examples_of_rfc_7515_are_verified() {
        let [rsa, ec] = rfc_keys();
        for (token, keys) in [(RFC_TOKEN, &rsa), (RFC_EC_TOKEN, &ec)] {
            let verified = verify(token, keys, &Algorithm::ALL).unwrap();
            assert_eq!(verified.claims["iss"], "joe");
            assert_eq!(verified.claims["exp"], 1_300_819_380);
        }
        assert_eq!(verify(RFC_TOKEN, &ec, &Algorithm::ALL), Err(JwsError::UnfitKey("b".into())));
    }

    /// The example of jwt.io and its secret, which is a text; those of RFC 7515 are bytes.
    const MAC_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
    const MAC_SECRET: &str = "your-256-bit-secret";

    #[test]
    fn a_shared_secret_proves_its_own_codes_and_no_others() {
        let published = Jws::parse(MAC_TOKEN).unwrap();
        assert!(published.is_authenticated_by(&Secret::new(MAC_SECRET)));
        assert!(!published.is_authenticated_by(&Secret::new("your-256-bit-Secret")));
        let secret = Secret::new("shared");
        for (header, expected) in [
            (json!({"alg": "HS384"}), true),
            (json!({"alg": "HS512"}), false),
            (json!({"alg": "none"}), false),
            (json!({"alg": "HS384", "crit": ["b64"]}), false),
        ] {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let input = format!("{}.{}", part(&header), part(&json!({"sub": "app"})));
            let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, b"shared"), input.as_bytes());
            let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(code));
            let jws = Jws::parse(&token).unwrap();
            assert_eq!(jws.is_authenticated_by(&secret), expected, "{header}");
        }
    }

    #[test]
    fn a_changed_character_breaks_the_signature() {
        let [rsa, _] = rfc_keys();
        let dot = RFC_TOKEN.find('.').unwrap();
        let mut changed = RFC_TOKEN.to_owned();
        changed.replace_range(dot + 20..dot + 21, "A");
        assert!(matches!(
            verify(&changed, &rsa, &Algorithm::ALL),
            Err(JwsError::Signature | JwsError::NotAnObject(_))
        ));
        let mut changed = RFC_TOKEN.to_owned();
        changed.replace_range(RFC_TOKEN.len() - 20..RFC_TOKEN.len() - 19, "A");
        assert_eq!(verify(&changed, &rsa, &Algorithm::ALL), Err(JwsError::Signature));
    }

    #[test]
    fn what_is_no_jws_is_named() {
        let [rsa, _] = rfc_keys();
        for (token, expected) in [
            ("", JwsError::Parts(1)),
            ("a.b", JwsError::Parts(2)),
            ("a.b.c.d.e", JwsError::Parts(5)),
            ("e+.e30.", JwsError::Encoding("header")),
            ("e30.W10.", JwsError::NotAnObject("payload")),
            ("e30.e30.", JwsError::NoAlgorithm),
        ] {
            assert_eq!(verify(token, &rsa, &Algorithm::ALL), Err(expected), "{token}");
        }
    }

    #[test]
    fn a_header_that_must_not_be_trusted_is_named() {
        let key = SigningKey::generate(Algorithm::Es256, "key-1").unwrap();
        let other = SigningKey::generate(Algorithm::Es256, "key-2").unwrap();
        let keys = KeySet::parse(&json!({"keys": [key.public_jwk(), other.public_jwk()]})).unwrap();
        let allowed = [Algorithm::Es256, Algorithm::Rs256];
        for (header, expected) in [
            (json!({"alg": "none", "kid": "key-1"}), JwsError::AlgorithmNotAllowed("none".into())),
            (
                json!({"alg": "HS256", "kid": "key-1"}),
                JwsError::AlgorithmNotAllowed("HS256".into()),
            ),
            (
                json!({"alg": "ES384", "kid": "key-1"}),
                JwsError::AlgorithmNotAllowed("ES384".into()),
            ),
            (json!({"alg": "RS256", "kid": "key-1"}), JwsError::UnfitKey("key-1".into())),
            (json!({"alg": "ES256", "kid": "key-1", "crit": ["b64"]}), JwsError::Critical),
            (json!({"alg": "ES256", "kid": "key-3"}), JwsError::UnknownKey("key-3".into())),
            (json!({"alg": "ES256", "kid": "key-2"}), JwsError::Signature),
            (json!({"alg": "ES256"}), JwsError::NoKeyId),
        ] {
            let token = key.sign(&header, &json!({}));
            assert_eq!(verify(&token, &keys, &allowed), Err(expected), "{header}");
        }
        let token = key.sign(&key.header(), &json!({"sub": "app"}));
        assert_eq!(verify(&token, &keys, &allowed).unwrap().claims["sub"], "app");
    }
}
