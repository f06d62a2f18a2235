//! Private keys that sign JSON Web Signatures (RFC 7515, RFC 7518 §3).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    KeyPair as _, RsaSignatureEncoding,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::secret::Secret;

/// A private key with the algorithm it signs by and the id it is published under.
///
/// Clones share one parsed key, which is what makes signing quick. `Debug` shows no key material.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    kid: Arc<str>,
    pair: Arc<Pair>,
}

/// The key's two halves.
pub(super) enum Pair {
    Rsa(rsa::KeyPair),
    Ec(EcdsaKeyPair),
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The machine's cryptography refused.
    #[error("generate a key for {0}")]
    Generate(Algorithm),
    /// The name is not one of the algorithms.
    #[error("read the algorithm: known ones are RS256, RS384, RS512, ES256 and ES384")]
    UnknownAlgorithm,
}

/// The signature algorithms that platforms and apps use (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// RSA with SHA-256.
    Rs256,
    /// RSA with SHA-384.
    Rs384,
    /// RSA with SHA-512.
    Rs512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl SigningKey {
    /// A new key: RSA of 2048 bits, or the algorithm's elliptic curve.
    ///
    /// # Errors
    /// If the machine's cryptography refuses.
    pub fn generate(algorithm: Algorithm, kid: &str) -> Result<Self, KeyError> {
        let refused = |_| KeyError::Generate(algorithm);
        let pair = match algorithm {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => {
                rsa::KeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa)
            }
            Algorithm::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ec)
            }
            Algorithm::Es384 => {
                EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map(Pair::Ec)
            }
        };
        Ok(Self { algorithm, kid: kid.into(), pair: Arc::new(pair.map_err(refused)?) })
    }

    /// A key that was made elsewhere; `None` if it is of another kind than the algorithm.
    pub(super) fn of(pair: Pair, algorithm: Algorithm, kid: &str) -> Option<Self> {
        let usual = pair.usual_algorithm();
        Self { algorithm: usual, kid: kid.into(), pair: Arc::new(pair) }.signing_by(algorithm)
    }

    /// The same key signing by another algorithm of its kind; `None` for a key of another kind.
    pub fn signing_by(&self, algorithm: Algorithm) -> Option<Self> {
        let fits = matches!(*self.pair, Pair::Rsa(_)) && algorithm.rsa_encoding().is_some();
        (fits || algorithm == self.algorithm).then(|| Self { algorithm, ..self.clone() })
    }

    /// The algorithm it signs by.
    pub fn alg(&self) -> Algorithm {
        self.algorithm
    }

    /// The id it is published under.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The header of a JWT signed by this key: `alg`, `typ` and `kid`.
    pub fn header(&self) -> Value {
        json!({"alg": self.alg().to_string(), "typ": "JWT", "kid": self.kid()})
    }

    /// Signs exactly this header and these claims, as a compact JWS (RFC 7515 §7.1).
    ///
    /// Nothing is added or corrected, so that a caller can also make what a receiver must refuse.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signing_input = format!("{}.{}", part(header), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign_bytes(signing_input.as_bytes()));
        format!("{signing_input}.{signature}")
    }

    /// The signature of some bytes; empty, which nobody accepts, if the cryptography refuses.
    pub fn sign_bytes(&self, signing_input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match (&*self.pair, self.algorithm.rsa_encoding()) {
            (Pair::Rsa(_), None) => Vec::new(),
            (Pair::Rsa(pair), Some(encoding)) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                match pair.sign(encoding, &random, signing_input, &mut signature) {
                    Ok(()) => signature,
                    Err(_) => Vec::new(),
                }
            }
            (Pair::Ec(pair), _) => match pair.sign(&random, signing_input) {
                Ok(signature) => signature.as_ref().to_vec(),
                Err(_) => Vec::new(),
            },
        }
    }

    /// The public half as PEM (RFC 7468 §13); empty if the cryptography refuses.
    pub fn public_pem(&self) -> String {
        let der: Result<PublicKeyX509Der<'_>, _> = match &*self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ec(pair) => pair.public_key().as_der(),
        };
        der.map(|der| pem("PUBLIC KEY", der.as_ref())).unwrap_or_default()
    }

    /// The whole key as PEM (PKCS #8, RFC 7468 §10).
    ///
    /// # Errors
    /// If the machine's cryptography refuses.
    pub fn private_pem(&self) -> Result<Secret, KeyError> {
        let refused = |_| KeyError::Generate(self.algorithm);
        let pem = match &*self.pair {
            Pair::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(refused)?;
                pem("PRIVATE KEY", der.as_ref())
            }
            Pair::Ec(pair) => pem("PRIVATE KEY", pair.to_pkcs8v1().map_err(refused)?.as_ref()),
        };
        Ok(Secret::new(pem))
    }

    /// The public half as a JSON Web Key (RFC 7517), with `kid`, `use` and `alg`.
    pub fn public_jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (kid, alg) = (self.kid(), self.alg().to_string());
        match &*self.pair {
            Pair::Rsa(pair) => {
                let (n, e) = modulus_and_exponent(pair.public_key().as_ref());
                json!({"kty": "RSA", "kid": kid, "use": "sig", "alg": alg,
                       "n": encode(n), "e": encode(e)})
            }
            Pair::Ec(pair) => {
                // An uncompressed point: one byte of form, then both coordinates.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "kid": kid, "use": "sig", "alg": alg,
                       "crv": self.alg().curve(), "x": encode(x), "y": encode(y)})
            }
        }
    }
}

impl Pair {
    /// What such a key signs by where nobody says more (SMART App Launch 2.2, asymmetric client
    /// authentication).
    pub(super) fn usual_algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rs384,
            Self::Ec(pair) if pair.algorithm() == &ECDSA_P256_SHA256_FIXED_SIGNING => {
                Algorithm::Es256
            }
            Self::Ec(_) => Algorithm::Es384,
        }
    }
}

/// A key as PEM under this label (RFC 7468 §10, §13).
fn pem(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let (mut lines, mut rest) = (String::new(), encoded.as_str());
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid()).field("alg", &self.alg()).finish()
    }
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Rs256, Self::Rs384, Self::Rs512, Self::Es256, Self::Es384];

    fn rsa_encoding(self) -> Option<&'static RsaSignatureEncoding> {
        match self {
            Self::Rs256 => Some(&signature::RSA_PKCS1_SHA256),
            Self::Rs384 => Some(&signature::RSA_PKCS1_SHA384),
            Self::Rs512 => Some(&signature::RSA_PKCS1_SHA512),
            Self::Es256 | Self::Es384 => None,
        }
    }

    /// Its name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
        }
    }

    /// The type of its keys: `RSA` or `EC`.
    pub fn kty(self) -> &'static str {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 => "RSA",
            Self::Es256 | Self::Es384 => "EC",
        }
    }

    /// The curve of its keys, if they are points of one.
    pub fn curve(self) -> Option<&'static str> {
        match self {
            Self::Es256 => Some("P-256"),
            Self::Es384 => Some("P-384"),
            Self::Rs256 | Self::Rs384 | Self::Rs512 => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        let known = Self::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        known.ok_or(KeyError::UnknownAlgorithm)
    }
}

/// Modulus and exponent out of the DER of an `RSAPublicKey`: a sequence of two integers (RFC 8017
/// §A.1.1).
fn modulus_and_exponent(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = der_value(der);
    let (n, rest) = der_value(sequence);
    let (e, _) = der_value(rest);
    (without_sign(n), without_sign(e))
}

/// The first value in some DER, and what follows it.
fn der_value(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match der.get(1) {
        Some(first) if *first < 0x80 => (usize::from(*first), 2),
        Some(first) => {
            let digits = usize::from(first & 0x7f);
            let bytes = der.get(2..2 + digits).unwrap_or_default();
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), 2 + digits)
        }
        None => (0, der.len()),
    };
    der.get(start..).unwrap_or_default().split_at_checked(length).unwrap_or_default()
}

/// A positive integer without the zero byte that DER sets before a high first bit.
fn without_sign(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}

const PEM_LINE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_known_by_its_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        for stranger in ["none", "HS256", "rs256", ""] {
            assert_eq!(stranger.parse::<Algorithm>(), Err(KeyError::UnknownAlgorithm));
        }
    }

    #[test]
    fn a_public_key_shows_its_public_members_only() {
        for algorithm in Algorithm::ALL {
            let jwk = SigningKey::generate(algorithm, "key-1").unwrap().public_jwk();
            let members: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
            let expected = match algorithm.curve() {
                None => vec!["kty", "kid", "use", "alg", "n", "e"],
                Some(_) => vec!["kty", "kid", "use", "alg", "crv", "x", "y"],
            };
            assert_eq!(members, expected);
            assert_eq!(jwk["alg"], algorithm.name());
        }
    }

    #[test]
    fn a_private_key_as_pem_is_read_as_the_same_key() {
        for algorithm in [Algorithm::Rs384, Algorithm::Es384] {
            let key = SigningKey::generate(algorithm, "key-1").unwrap();
            let pem = key.private_pem().unwrap();
            let read = crate::protocol::private_key::read(&pem, Some("key-1"), None).unwrap();
            assert_eq!(read.public_jwk(), key.public_jwk());
        }
    }

    #[test]
    fn a_public_key_as_pem_is_in_lines_and_is_the_same_key() {
        for (algorithm, length) in [(Algorithm::Rs384, 294), (Algorithm::Es384, 120)] {
            let key = SigningKey::generate(algorithm, "key-1").unwrap();
            let pem = key.public_pem();
            let lines: Vec<&str> = pem.lines().collect();
            let [first, body @ .., last] = &lines[..] else { panic!("{pem}") };
            assert_eq!((*first, *last), ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"));
            assert!(body.iter().all(|line| line.len() <= 64));
            let der = STANDARD.decode(body.concat()).unwrap();
            assert_eq!(der.len(), length);
            let member = if algorithm.curve().is_some() { "y" } else { "n" };
            let jwk = key.public_jwk();
            let bytes = URL_SAFE_NO_PAD.decode(jwk[member].as_str().unwrap()).unwrap();
            assert!(der.windows(bytes.len()).any(|part| part == bytes));
        }
    }

    #[test]
    fn an_rsa_key_has_2048_bits_and_the_usual_exponent() {
        let jwk = SigningKey::generate(Algorithm::Rs256, "key-1").unwrap().public_jwk();
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
        assert_eq!(modulus.len(), 256);
        assert!(modulus[0] >= 0x80);
        assert_eq!(jwk["e"], "AQAB");
    }

    #[test]
    fn a_signing_key_is_not_printed() {
        let key = SigningKey::generate(Algorithm::Es256, "key-1").unwrap();
        assert_eq!(format!("{key:?}"), r#"SigningKey { kid: "key-1", alg: Es256 }"#);
    }
}
