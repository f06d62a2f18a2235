//! Sets of public keys (RFC 7517), checked member by member.

use std::sync::Arc;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::signing_key::Algorithm;

/// The public keys of an app or a platform: at least one, each with its own id.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<PublicKey>,
    document: Value,
}

/// One public key.
#[derive(Clone, Debug)]
pub struct PublicKey {
    kid: String,
    algorithm: Option<Algorithm>,
    for_signatures: bool,
    material: Material,
}

/// A key that is parsed once, for as many signatures as it is to verify.
#[derive(Clone, Debug)]
enum Material {
    /// For each of the algorithms.
    Rsa(Arc<[(Algorithm, ParsedPublicKey); 3]>),
    /// Of a curve.
    Ec(&'static str, Arc<ParsedPublicKey>),
}

/// What is wrong with a set of keys; `index` counts its keys from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// The text is not JSON.
    #[error("read the JWK Set: it is not JSON")]
    NotJson,
    /// The document is an array, a text, a number, …
    #[error("read the JWK Set: it is not an object with a member `keys`")]
    NotAnObject,
    /// The object is itself a key.
    #[error("read the JWK Set: it is a bare key, which belongs into a member `keys`")]
    BareKey,
    /// `keys` is missing, or no array.
    #[error("read the JWK Set: its member `keys` is not an array")]
    NoKeys,
    /// `keys` is empty.
    #[error("read the JWK Set: its member `keys` is empty")]
    Empty,
    /// A key is not an object.
    #[error("read the JWK Set: keys[{index}] is not an object")]
    KeyNotAnObject {
        /// Which key.
        index: usize,
    },
    /// A member that this type of key needs is missing, empty or no text.
    #[error("read the JWK Set: keys[{index}] has no `{member}`")]
    Missing {
        /// Which key.
        index: usize,
        /// Which member.
        member: &'static str,
    },
    /// A member has a value that cannot be used.
    #[error("read the JWK Set: keys[{index}] has an unusable `{member}`: {why}")]
    Unusable {
        /// Which key.
        index: usize,
        /// Which member.
        member: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A key shows its private half.
    #[error("read the JWK Set: keys[{index}] has the private member `{member}`")]
    Private {
        /// Which key.
        index: usize,
        /// Which member.
        member: &'static str,
    },
    /// A key is a shared secret.
    #[error("read the JWK Set: keys[{index}] is symmetric (`kty` is `oct`)")]
    Symmetric {
        /// Which key.
        index: usize,
    },
    /// Two keys of one type share an id.
    #[error("read the JWK Set: keys[{index}] repeats the `kid` of an earlier key of its type")]
    Repeated {
        /// Which key.
        index: usize,
    },
}

impl KeySet {
    /// Reads the text of a JWK Set of which every key has to be usable.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, KeySetError> {
        Self::parse(&document(text)?)
    }

    /// Reads a JWK Set of which every key has to be usable.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(document: &Value) -> Result<Self, KeySetError> {
        Self::read(document, |_| false)
    }

    /// Reads the text of a JWK Set that may serve others as well: keys whose type or values are not
    /// supported are ignored (RFC 7517 §5), but at least one key has to be left.
    ///
    /// # Errors
    /// The first thing that is wrong with it otherwise.
    pub fn from_foreign_text(text: &str) -> Result<Self, KeySetError> {
        Self::read(&document(text)?, |error| matches!(error, KeySetError::Unusable { .. }))
    }

    fn read(
        document: &Value,
        may_be_ignored: impl Fn(&KeySetError) -> bool,
    ) -> Result<Self, KeySetError> {
        let object = document.as_object().ok_or(KeySetError::NotAnObject)?;
        let keys = match object.get("keys") {
            None if object.contains_key("kty") => return Err(KeySetError::BareKey),
            keys => keys.and_then(Value::as_array).ok_or(KeySetError::NoKeys)?,
        };
        let mut set = Self { keys: Vec::new(), document: document.clone() };
        let mut ignored = None;
        for (index, key) in keys.iter().enumerate() {
            let key = match PublicKey::parse(index, key) {
                Err(error) if may_be_ignored(&error) => {
                    ignored = ignored.or(Some(error));
                    continue;
                }
                key => key?,
            };
            if set.keys.iter().any(|known| known.kid == key.kid && known.kty() == key.kty()) {
                return Err(KeySetError::Repeated { index });
            }
            set.keys.push(key);
        }
        if set.keys.is_empty() {
            return Err(ignored.unwrap_or(KeySetError::Empty));
        }
        Ok(set)
    }

    /// The document that was read.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// All keys, in the document's order.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// The keys of that id: one, or one of each type.
    pub fn find(&self, kid: &str) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().filter(move |key| key.kid == kid)
    }
}

impl PublicKey {
    /// Its id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its type, `RSA` or `EC`.
    pub fn kty(&self) -> &'static str {
        match self.material {
            Material::Rsa(_) => "RSA",
            Material::Ec(..) => "EC",
        }
    }

    /// Whether it may verify signatures: `use` is `sig` or absent (RFC 7517 §4.2), and `key_ops`
    /// names `verify` or is absent (§4.3).
    pub fn is_for_signatures(&self) -> bool {
        self.for_signatures
    }

    /// Whether signatures of this algorithm can be its own: the type, the curve and, where the key
    /// has one, its `alg` agree.
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        let material_fits = match &self.material {
            Material::Rsa(_) => algorithm.kty() == "RSA",
            Material::Ec(curve, _) => algorithm.curve() == Some(curve),
        };
        material_fits && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// Whether the signature of some bytes is this key's; never with a key of another purpose.
    pub fn verify(&self, algorithm: Algorithm, signing_input: &[u8], signature: &[u8]) -> bool {
        if !self.for_signatures || !self.fits(algorithm) {
            return false;
        }
        let key = match &self.material {
            Material::Rsa(keys) => keys.iter().find(|(of, _)| *of == algorithm).map(|(_, key)| key),
            Material::Ec(_, key) => Some(&**key),
        };
        key.is_some_and(|key| key.verify_sig(signing_input, signature).is_ok())
    }

    fn parse(index: usize, key: &Value) -> Result<Self, KeySetError> {
        let key = key.as_object().ok_or(KeySetError::KeyNotAnObject { index })?;
        let members = Members { index, key };
        let kty = members.text("kty")?;
        if kty == "oct" {
            return Err(KeySetError::Symmetric { index });
        }
        if let Some(member) = PRIVATE.into_iter().find(|member| key.contains_key(*member)) {
            return Err(KeySetError::Private { index, member });
        }
        if !["RSA", "EC"].contains(&kty) {
            return Err(members.unusable("kty", "known types are RSA and EC"));
        }
        let kid = members.text("kid")?.to_owned();
        let material = if kty == "RSA" { members.rsa()? } else { members.ec()? };
        let for_signatures = key.get("use").is_none_or(|purpose| purpose == "sig")
            && members.operations()?.is_none_or(|named| named.contains(&"verify"));
        let algorithm = match key.get("alg") {
            // A key for encryption names an algorithm for encryption.
            Some(name) if for_signatures => {
                let name = name.as_str().unwrap_or_default();
                let unknown = |_| members.unusable("alg", "it is no known signature algorithm");
                Some(name.parse::<Algorithm>().map_err(unknown)?)
            }
            _ => None,
        };
        let key = Self { kid, algorithm: None, for_signatures, material };
        if algorithm.is_some_and(|algorithm| !key.fits(algorithm)) {
            return Err(members.unusable("alg", "it does not fit the type of the key"));
        }
        Ok(Self { algorithm, ..key })
    }
}

/// The members of one key, on the way to a [`PublicKey`].
struct Members<'a> {
    index: usize,
    key: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    fn rsa(&self) -> Result<Material, KeySetError> {
        let n = without_leading_zeros(self.bytes("n")?);
        let e = without_leading_zeros(self.bytes("e")?);
        let highest = n.first().map_or(0, |byte| 8 - byte.leading_zeros() as usize);
        let bits = n.len().saturating_sub(1) * 8 + highest;
        if bits < SHORTEST_RSA_BITS {
            return Err(self.unusable("n", "the key has less than 2048 bits"));
        }
        if bits > LONGEST_RSA_BITS {
            return Err(self.unusable("n", "the key has more than 8192 bits"));
        }
        // With an exponent of 1 anybody could sign; an even one fits no key.
        if e == [1] || e.last().is_none_or(|byte| byte % 2 == 0) {
            return Err(self.unusable("e", "the exponent is not an odd number above 1"));
        }
        let components = PublicKeyComponents { n, e };
        let parsed = |parameters| {
            let unusable = |_| self.unusable("n", "with `e` it is no key");
            components.to_parsed_public_key(parameters).map_err(unusable)
        };
        Ok(Material::Rsa(Arc::new([
            (Algorithm::Rs256, parsed(&RSA_PKCS1_2048_8192_SHA256)?),
            (Algorithm::Rs384, parsed(&RSA_PKCS1_2048_8192_SHA384)?),
            (Algorithm::Rs512, parsed(&RSA_PKCS1_2048_8192_SHA512)?),
        ])))
    }

    fn ec(&self) -> Result<Material, KeySetError> {
        let (curve, length, algorithm) = match self.text("crv")? {
            "P-256" => ("P-256", 32, &ECDSA_P256_SHA256_FIXED),
            "P-384" => ("P-384", 48, &ECDSA_P384_SHA384_FIXED),
            _ => return Err(self.unusable("crv", "known curves are P-256 and P-384")),
        };
        let mut point = vec![UNCOMPRESSED];
        for member in ["x", "y"] {
            let coordinate = self.bytes(member)?;
            if coordinate.len() != length {
                return Err(self.unusable(member, "its length does not fit the curve"));
            }
            point.extend(coordinate);
        }
        let parsed = ParsedPublicKey::new(algorithm, &point);
        let parsed = parsed.map_err(|_| self.unusable("x", "with `y` it is no point of the curve"));
        Ok(Material::Ec(curve, Arc::new(parsed?)))
    }

    /// What `key_ops` names, if it is there.
    fn operations(&self) -> Result<Option<Vec<&'a str>>, KeySetError> {
        let Some(value) = self.key.get("key_ops") else { return Ok(None) };
        let named: Option<Vec<&str>> =
            value.as_array().and_then(|names| names.iter().map(Value::as_str).collect());
        let named = named.ok_or_else(|| self.unusable("key_ops", "it is not a list of texts"))?;
        Ok(Some(named))
    }

    fn text(&self, member: &'static str) -> Result<&'a str, KeySetError> {
        let text = self.key.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or(KeySetError::Missing { index: self.index, member })
    }

    fn bytes(&self, member: &'static str) -> Result<Vec<u8>, KeySetError> {
        let text = self.text(member)?;
        URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| self.unusable(member, "it is not base64url without padding"))
    }

    fn unusable(&self, member: &'static str, why: &'static str) -> KeySetError {
        KeySetError::Unusable { index: self.index, member, why }
    }
}

fn document(text: &str) -> Result<Value, KeySetError> {
    serde_json::from_str(text).map_err(|_| KeySetError::NotJson)
}

fn without_leading_zeros(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const SHORTEST_RSA_BITS: usize = 2048;
const LONGEST_RSA_BITS: usize = 8192;
const UNCOMPRESSED: u8 = 4;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::SigningKey;

    fn jwk(algorithm: Algorithm) -> Value {
        SigningKey::generate(algorithm, "key-1").unwrap().public_jwk()
    }

    fn changed(jwk: &Value, member: &str, value: Option<Value>) -> Value {
        let mut jwk = jwk.clone();
        match value {
            Some(value) => jwk[member] = value,
            None => drop(jwk.as_object_mut().unwrap().remove(member)),
        }
        json!({"keys": [jwk]})
    }

    fn error(document: &Value) -> String {
        KeySet::parse(document).unwrap_err().to_string()
    }

    #[test]
    fn each_algorithm_verifies_its_own_signature_and_no_other() {
        let keys: Vec<SigningKey> = Algorithm::ALL
            .into_iter()
            .map(|algorithm| SigningKey::generate(algorithm, algorithm.name()).unwrap())
            .collect();
        let jwks: Vec<Value> = keys.iter().map(SigningKey::public_jwk).collect();
        let set = KeySet::parse(&json!({"keys": jwks})).unwrap();
        for signer in &keys {
            let signature = signer.sign_bytes(b"what is said");
            for key in set.keys() {
                let own = key.kid() == signer.kid();
                assert_eq!(key.verify(signer.alg(), b"what is said", &signature), own);
                assert!(!key.verify(signer.alg(), b"what is sayd", &signature));
            }
        }
    }

    #[test]
    fn a_document_that_is_no_key_set_is_refused() {
        let key = jwk(Algorithm::Es256);
        let rows = [
            (json!([key]), KeySetError::NotAnObject),
            (key.clone(), KeySetError::BareKey),
            (json!({}), KeySetError::NoKeys),
            (json!({"keys": {}}), KeySetError::NoKeys),
            (json!({"keys": []}), KeySetError::Empty),
            (json!({"keys": ["a"]}), KeySetError::KeyNotAnObject { index: 0 }),
            (json!({"keys": [key, key]}), KeySetError::Repeated { index: 1 }),
            (
                json!({"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}),
                KeySetError::Symmetric { index: 0 },
            ),
        ];
        for (document, expected) in rows {
            assert_eq!(KeySet::parse(&document).unwrap_err(), expected);
        }
        assert_eq!(KeySet::from_text("<html>").unwrap_err(), KeySetError::NotJson);
    }

    #[test]
    fn a_missing_member_is_named() {
        for (algorithm, members) in [
            (Algorithm::Rs256, ["kty", "kid", "n", "e"].as_slice()),
            (Algorithm::Es384, ["kty", "kid", "crv", "x", "y"].as_slice()),
        ] {
            let key = jwk(algorithm);
            for member in members {
                let expected = format!("read the JWK Set: keys[0] has no `{member}`");
                assert_eq!(error(&changed(&key, member, None)), expected);
                assert_eq!(error(&changed(&key, member, Some(json!("")))), expected);
            }
        }
    }

    #[test]
    fn a_private_member_is_refused() {
        let key = jwk(Algorithm::Rs256);
        for member in PRIVATE {
            let message = error(&changed(&key, member, Some(json!("AQAB"))));
            assert!(message.ends_with(&format!("the private member `{member}`")), "{message}");
        }
    }

    #[test]
    fn an_unusable_member_is_named() {
        let (rsa, ec) = (jwk(Algorithm::Rs256), jwk(Algorithm::Es256));
        let short = URL_SAFE_NO_PAD.encode([0xff; 128]);
        let just_too_short = URL_SAFE_NO_PAD.encode([&[0x7f], [0xff; 255].as_slice()].concat());
        for (key, member, value) in [
            (&rsa, "n", json!(short)),
            (&rsa, "n", json!(just_too_short)),
            (&rsa, "n", json!("a+b=")),
            (&rsa, "n", json!(URL_SAFE_NO_PAD.encode([0xff; 1025]))),
            (&rsa, "e", json!("AQ")),
            (&rsa, "e", json!("AAAA")),
            (&rsa, "e", json!("Ag")),
            (&rsa, "key_ops", json!("verify")),
            (&rsa, "key_ops", json!([1])),
            (&rsa, "alg", json!("ES256")),
            (&rsa, "alg", json!("HS256")),
            (&rsa, "kty", json!("OKP")),
            (&ec, "crv", json!("P-521")),
            (&ec, "x", json!("AQAB")),
            (&ec, "x", ec["y"].clone()),
        ] {
            let message = error(&changed(key, member, Some(value)));
            assert!(message.contains(&format!("an unusable `{member}`")), "{message}");
        }
    }

    #[test]
    fn a_foreign_set_is_read_without_the_keys_that_are_not_supported() {
        let key = jwk(Algorithm::Es256);
        let mut large = jwk(Algorithm::Es384);
        large["crv"] = "P-521".into();
        let edwards = json!({"kty": "OKP", "crv": "Ed25519", "x": "AQAB"});
        let read = |keys: &[&Value]| KeySet::from_foreign_text(&json!({"keys": keys}).to_string());
        let set = read(&[&edwards, &large, &key]).unwrap();
        assert_eq!(set.keys().len(), 1);
        assert_eq!(set.find("key-1").count(), 1);
        assert!(KeySet::parse(set.document()).is_err(), "all of an imported set has to be usable");
        let message = read(&[&edwards, &large]).unwrap_err().to_string();
        assert!(message.contains("keys[0] has an unusable `kty`"), "{message}");
        let mut private = edwards;
        private["d"] = "AQAB".into();
        let shown = KeySetError::Private { index: 1, member: "d" };
        assert_eq!(read(&[&key, &private]).unwrap_err(), shown);
        assert_eq!(read(&[]).unwrap_err(), KeySetError::Empty);
    }

    #[test]
    fn a_key_for_encryption_verifies_nothing() {
        let signer = SigningKey::generate(Algorithm::Es256, "key-1").unwrap();
        let signature = signer.sign_bytes(b"text");
        for (member, value, expected) in [
            ("use", json!("sig"), true),
            ("use", json!("enc"), false),
            ("key_ops", json!(["verify"]), true),
            ("key_ops", json!(["wrapKey"]), false),
            ("key_ops", json!([]), false),
        ] {
            let document = changed(&signer.public_jwk(), member, Some(value));
            let set = KeySet::parse(&document).unwrap();
            assert_eq!(set.keys()[0].verify(Algorithm::Es256, b"text", &signature), expected);
        }
    }
}
