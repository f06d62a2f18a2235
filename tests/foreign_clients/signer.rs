//! Client assertions made without anything of ours: keys and signatures are those of the crates
//! `openidconnect` (RSA) and `p384`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PrivateSigningKey as _};
use p384::ecdsa::signature::Signer as _;
use serde_json::{Value, json};

/// A key of an app.
pub enum Signer {
    Rs384(Box<CoreRsaPrivateSigningKey>),
    Es384(p384::ecdsa::SigningKey),
}

impl Signer {
    pub fn rs384() -> Self {
        let kid = Some(JsonWebKeyId::new(KID.to_owned()));
        Self::Rs384(Box::new(CoreRsaPrivateSigningKey::from_pem(RSA_KEY, kid).unwrap()))
    }

    pub fn es384() -> Self {
        Self::Es384(p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap())
    }

    /// The public half, as a set to be imported.
    pub fn jwks(&self) -> Value {
        let key = match self {
            Self::Rs384(key) => serde_json::to_value(key.as_verification_key()).unwrap(),
            Self::Es384(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
                json!({"kty": "EC", "kid": KID, "crv": "P-384", "use": "sig",
                       "x": encode(point.x().unwrap()), "y": encode(point.y().unwrap())})
            }
        };
        json!({"keys": [key]})
    }

    /// A new assertion of a client for a token endpoint.
    pub fn assertion(&self, client_id: &str, token_url: &str) -> String {
        let alg = match self {
            Self::Rs384(_) => "RS384",
            Self::Es384(_) => "ES384",
        };
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let unique = openidconnect::CsrfToken::new_random();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!(
            "{}.{}",
            part(json!({"alg": alg, "typ": "JWT", "kid": KID})),
            part(json!({"iss": client_id, "sub": client_id, "aud": token_url,
                        "exp": now + 240, "jti": unique.secret()})),
        );
        let signature = match self {
            Self::Rs384(key) => {
                let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384;
                key.sign(&algorithm, input.as_bytes()).unwrap()
            }
            Self::Es384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(input.as_bytes());
                signature.to_bytes().to_vec()
            }
        };
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

const KID: &str = "key-1";
/// Made for this test: it opens nothing.
const RSA_KEY: &str = include_str!("rsa_key.pem");
