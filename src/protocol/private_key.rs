//! Reads private keys that an app's owner keeps: PEM (RFC 7468) or a JSON Web Key (RFC 7517).

use aws_lc_rs::rsa::{self, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;

use super::signing_key::{Algorithm, Pair, SigningKey};
use crate::secret::Secret;

/// Why a text gives no key to sign with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableKey {
    /// It is neither PEM nor JSON.
    #[error("is neither a PEM nor a JWK")]
    Unknown,
    /// It is locked by a passphrase.
    #[error("is locked by a passphrase, which Checkride cannot type")]
    Locked,
    /// It is the public half.
    #[error("is a public key, and signs nothing")]
    Public,
    /// Its kind, size or curve is none that platforms take, or it is broken.
    #[error("is no RSA key of 2048 bits or more and no key on P-256 or P-384, or it is broken")]
    Unusable,
    /// A set of keys, of which none is named.
    #[error("is a set of keys, of which `kid` names none")]
    WhichOne,
    /// Nobody says under which id it is published.
    #[error("says nothing of its id")]
    NoId,
    /// The key is of another kind than its algorithm.
    #[error("does not sign by {0}")]
    Misfit(Algorithm),
}

/// Reads a private key: a PEM, a JWK, or one key of a JWK Set.
///
/// `kid` and `alg` go before what a JWK says of itself; without either an RSA key signs by RS384,
/// as SMART App Launch advises.
///
/// # Errors
/// [`UnreadableKey`] if there is no such key in it.
pub fn read(
    text: &Secret,
    kid: Option<&str>,
    alg: Option<Algorithm>,
) -> Result<SigningKey, UnreadableKey> {
    let text = text.expose().trim();
    let (pair, own_kid, own_alg) =
        if text.starts_with('{') { from_json(text, kid)? } else { (from_pem(text)?, None, None) };
    let kid = kid.map(str::to_owned).or(own_kid).ok_or(UnreadableKey::NoId)?;
    let algorithm = alg.or(own_alg).unwrap_or_else(|| pair.usual_algorithm());
    SigningKey::of(pair, algorithm, &kid).ok_or(UnreadableKey::Misfit(algorithm))
}

fn from_pem(text: &str) -> Result<Pair, UnreadableKey> {
    let der = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
        if text.contains("ENCRYPTED") {
            UnreadableKey::Locked
        } else if text.contains("BEGIN PUBLIC KEY") || text.contains("BEGIN CERTIFICATE") {
            UnreadableKey::Public
        } else {
            UnreadableKey::Unknown
        }
    })?;
    let locked = text.contains("Proc-Type: 4,ENCRYPTED");
    let bytes = der.secret_der();
    let rsa = rsa::KeyPair::from_pkcs8(bytes).or_else(|_| rsa::KeyPair::from_der(bytes));
    let on = |curve| EcdsaKeyPair::from_private_key_der(curve, bytes).map(Pair::Ec);
    rsa.map(Pair::Rsa)
        .or_else(|_| on(&ECDSA_P256_SHA256_FIXED_SIGNING))
        .or_else(|_| on(&ECDSA_P384_SHA384_FIXED_SIGNING))
        .map_err(|_| if locked { UnreadableKey::Locked } else { UnreadableKey::Unusable })
}

type Described = (Pair, Option<String>, Option<Algorithm>);

fn from_json(text: &str, kid: Option<&str>) -> Result<Described, UnreadableKey> {
    let whole: Value = serde_json::from_str(text).map_err(|_| UnreadableKey::Unknown)?;
    let jwk = match whole.get("keys").and_then(Value::as_array) {
        None => &whole,
        Some(keys) => match &keys[..] {
            [only] => only,
            several => several
                .iter()
                .find(|key| kid.is_some() && member(key, "kid") == kid)
                .ok_or(UnreadableKey::WhichOne)?,
        },
    };
    if !jwk.is_object() {
        return Err(UnreadableKey::Unknown);
    }
    if jwk.get("d").is_none() {
        return Err(UnreadableKey::Public);
    }
    let own_kid = member(jwk, "kid").map(str::to_owned);
    let own_alg = member(jwk, "alg").and_then(|alg| alg.parse().ok());
    Ok((pair_of(jwk).ok_or(UnreadableKey::Unusable)?, own_kid, own_alg))
}

/// The key of a JWK (RFC 7518 §6.2, §6.3).
fn pair_of(jwk: &Value) -> Option<Pair> {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(member(jwk, name)?).ok();
    if member(jwk, "kty")? == "RSA" {
        let components = KeyPairComponents {
            public_key: PublicKeyComponents { n: bytes("n")?, e: bytes("e")? },
            d: bytes("d")?,
            p: bytes("p")?,
            q: bytes("q")?,
            dP: bytes("dp")?,
            dQ: bytes("dq")?,
            qInv: bytes("qi")?,
        };
        return rsa::KeyPair::from_components(&components).ok().map(Pair::Rsa);
    }
    let curve = match member(jwk, "crv")? {
        "P-256" => &ECDSA_P256_SHA256_FIXED_SIGNING,
        "P-384" => &ECDSA_P384_SHA384_FIXED_SIGNING,
        _ => return None,
    };
    let point = [vec![UNCOMPRESSED], bytes("x")?, bytes("y")?].concat();
    EcdsaKeyPair::from_private_key_and_public_key(curve, &bytes("d")?, &point).ok().map(Pair::Ec)
}

fn member<'a>(jwk: &'a Value, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}

/// The first byte of a point that has both coordinates (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// An RSA key as `openssl genpkey` made it, and its numbers as a JWK (RFC 7518 §6.3).
    const RSA_PEM: &str = "-----BEGIN PRIVATE KEY-----
MIIEuwIBADANBgkqhkiG9w0BAQEFAASCBKUwggShAgEAAoIBAQCgTUDnFfRKwzdQ
UpfZrmU4mXcWlbO30XkDxYhN/XxjA5r1Q4/E2NEL+NcNJj+VzC3vI9J/sQN1svK4
X7//bzrnKQhSaWwzMHGQFIeQnNx6qjxS1jajBxFZUgqYiAvmxrWVdF0fho9RNVcM
5naeOkyW7P8sIi3CNppfy2xy6rTG8Ko71bAolwWnWFvVddsbfyTvqikGpxvGeDd6
KhjfLBHLr394hF24hNGafDFof8dK4K+n39S+vGaQEyE1qR5NpD47C3hiC+JXuSd/
cwUn9rEcGvr0XbitYr4u9Sf7o+HKZ3MNRRD7iiRl28iYTMyxytd6BmI/ZVP2Mxr4
CXLcLBCtAgMBAAECgf8aDvcaJiufYflsdydf2TELxixKYjiZo7ykhMg0BrIndwbN
PNsr+awz4LLMXdKll+xj0VEXb+Vu5Bg/nggmhr1w5Cgaod0J/8JvYZsZlFWqVhqc
CP9KT8bFRPg4RA9/LHUpxlYTInto55xz6gtLui9pWu9qJjnCdugIwv+M6/n71bAs
e0HOJ+9G78xGZP9cy/nGUSQfJ9QsOoBtbZwYrV9CId4LLgaQV4XU0PkI23IUMmTB
2e8kdM794ie5CxhIf7UQa2ZjxsSTZHEy2322HNjks5swPlX6k6P7i83JF50HwNlc
fMKrXoaWCnuXljB38LcPUuDlgTddunEF8eN4J2UCgYEA15hVZmXPRAYZuwob+j5l
d5AG6wHnK5YpMEkp9aiHztFoHPgtIq6jRj0h/ZE+ZRGvXKp6EGTTN4QtWMwV2kT9
HeED2/xsF8lCI59o8+1jEIpjkeY+y1VVnYWf9I0N/9smwKipTj+MwB+pzljfl+p4
UexWou9LmvWRfoOppeB5qF8CgYEAvlgZHrNNHSfjLPQoTqm4EOS2XivDK+VWgwte
zfVZg4knfUVz0jRx921VO4VtE+S0wGZxbY0Pv0e+Z9t7CkjzHtRBtOrxiDFoA51+
ZZGVQqLLYQcYIE43CVHH5nfPml+kH0lSPZCsKaIQWYTOiko5X9HtE8MImO8JB6cs
ZwXJUnMCgYAzyuS5NLwWG2ETDdqqw1Kc5nzC+DIQxoIel3T9Dv+RL71TOEufiVSw
Cv+fasUSgq0eFdY9Gfuj2p0KN/0H8orcIrJKptlQ3YiGBkWwU9b4okZJRobPUjC/
JtrGZRx32q30mpARvDKT9QdWCwOr+yfshlpJyjLfhx7sxbR7pPGVAQKBgQCdP67Q
/BPS6Gb3dmXuRqv32NsIhWLh2r9T14rk37Kpxh9HkJ8Uo5sba8mkOKBadPEWmgtP
E+BUh/K3Xk0RvB6N85Cs5APSHe7uPah0RIdo25DlgbTey38QRe29anGp+SVfa3Vz
wxdX9blIGz1+Zb9sd8NCNjfeEGwHVIaMPe2KHQKBgFzAb/7Wam7HvNeYkH4N7V+w
Tjxe7a/hOzFna0E4wXPkCTCALV0QVkldJGFU0ZpT5LieOAGjq9/nuO47P7khoJ5t
qq5vvYf/EdIKbn10AOHuvcaDjLP7dpVRCwzGLqqL1eXhHdSskg8sT2hV7c+3/8Fj
tiTbg4oSwlM7yUvQhhbN
-----END PRIVATE KEY-----
";
    const RSA: &str = r#"{"kty":"RSA",
        "n":"oE1A5xX0SsM3UFKX2a5lOJl3FpWzt9F5A8WITf18YwOa9UOPxNjRC_jXDSY_lcwt7yPSf7EDdbLyuF-__2865ykIUmlsMzBxkBSHkJzceqo8UtY2owcRWVIKmIgL5sa1lXRdH4aPUTVXDOZ2njpMluz_LCItwjaaX8tscuq0xvCqO9WwKJcFp1hb1XXbG38k76opBqcbxng3eioY3ywRy69_eIRduITRmnwxaH_HSuCvp9_UvrxmkBMhNakeTaQ-Owt4YgviV7knf3MFJ_axHBr69F24rWK-LvUn-6PhymdzDUUQ-4okZdvImEzMscrXegZiP2VT9jMa-Aly3CwQrQ",
        "e":"AQAB",
        "d":"Gg73GiYrn2H5bHcnX9kxC8YsSmI4maO8pITINAayJ3cGzTzbK_msM-CyzF3SpZfsY9FRF2_lbuQYP54IJoa9cOQoGqHdCf_Cb2GbGZRVqlYanAj_Sk_GxUT4OEQPfyx1KcZWEyJ7aOecc-oLS7ovaVrvaiY5wnboCML_jOv5-9WwLHtBzifvRu_MRmT_XMv5xlEkHyfULDqAbW2cGK1fQiHeCy4GkFeF1ND5CNtyFDJkwdnvJHTO_eInuQsYSH-1EGtmY8bEk2RxMtt9thzY5LObMD5V-pOj-4vNyRedB8DZXHzCq16Glgp7l5Ywd_C3D1Lg5YE3XbpxBfHjeCdl",
        "p":"15hVZmXPRAYZuwob-j5ld5AG6wHnK5YpMEkp9aiHztFoHPgtIq6jRj0h_ZE-ZRGvXKp6EGTTN4QtWMwV2kT9HeED2_xsF8lCI59o8-1jEIpjkeY-y1VVnYWf9I0N_9smwKipTj-MwB-pzljfl-p4UexWou9LmvWRfoOppeB5qF8",
        "q":"vlgZHrNNHSfjLPQoTqm4EOS2XivDK-VWgwtezfVZg4knfUVz0jRx921VO4VtE-S0wGZxbY0Pv0e-Z9t7CkjzHtRBtOrxiDFoA51-ZZGVQqLLYQcYIE43CVHH5nfPml-kH0lSPZCsKaIQWYTOiko5X9HtE8MImO8JB6csZwXJUnM",
        "dp":"M8rkuTS8FhthEw3aqsNSnOZ8wvgyEMaCHpd0_Q7_kS-9UzhLn4lUsAr_n2rFEoKtHhXWPRn7o9qdCjf9B_KK3CKySqbZUN2IhgZFsFPW-KJGSUaGz1IwvybaxmUcd9qt9JqQEbwyk_UHVgsDq_sn7IZaScoy34ce7MW0e6TxlQE",
        "dq":"nT-u0PwT0uhm93Zl7kar99jbCIVi4dq_U9eK5N-yqcYfR5CfFKObG2vJpDigWnTxFpoLTxPgVIfyt15NEbwejfOQrOQD0h3u7j2odESHaNuQ5YG03st_EEXtvWpxqfklX2t1c8MXV_W5SBs9fmW_bHfDQjY33hBsB1SGjD3tih0",
        "qi":"XMBv_tZqbse815iQfg3tX7BOPF7tr-E7MWdrQTjBc-QJMIAtXRBWSV0kYVTRmlPkuJ44AaOr3-e47js_uSGgnm2qrm-9h_8R0gpufXQA4e69xoOMs_t2lVELDMYuqovV5eEd1KySDyxPaFXtz7f_wWO2JNuDihLCUzvJS9CGFs0"}"#;

    /// RFC 7515 §A.3.1: the key on P-256.
    const EC: &str = r#"{"kty":"EC","crv":"P-256",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

    /// A key on P-256 as `openssl genpkey` writes it, and the same as `openssl ec` does.
    const PKCS8: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7vvcjMjgbKiaj1zV
D7qscU2c6X5uQFlTy1Iv/yAEtoahRANCAASJTsSSEXhSBRU6UXOlCFKO1WYvHxnE
wD251jJng9rgCi+funp+sTXkhuZ2idyMnJo1dbc0NEaso2WxeS+7MaBE
-----END PRIVATE KEY-----
";
    const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIO773IzI4Gyomo9c1Q+6rHFNnOl+bkBZU8tSL/8gBLaGoAoGCCqGSM49
AwEHoUQDQgAEiU7EkhF4UgUVOlFzpQhSjtVmLx8ZxMA9udYyZ4Pa4Aovn7p6frE1
5IbmdoncjJyaNXW3NDRGrKNlsXkvuzGgRA==
-----END EC PRIVATE KEY-----
";

    fn read(
        text: &str,
        kid: Option<&str>,
        alg: Option<Algorithm>,
    ) -> Result<SigningKey, UnreadableKey> {
        super::read(&Secret::new(text), kid, alg)
    }

    #[test]
    fn a_jwk_signs_by_what_fits_it() {
        let key = read(RSA, Some("mine"), None).unwrap();
        assert_eq!((key.kid(), key.alg()), ("mine", Algorithm::Rs384));
        assert_eq!(key.public_jwk()["e"], "AQAB");
        assert!(!key.sign_bytes(b"x").is_empty());
        assert_eq!(
            read(RSA, Some("mine"), Some(Algorithm::Rs256)).unwrap().alg(),
            Algorithm::Rs256
        );
        let key = read(EC, Some("mine"), None).unwrap();
        assert_eq!(key.alg(), Algorithm::Es256);
        assert_eq!(key.public_jwk()["x"], "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    }

    #[test]
    fn a_pem_is_read_whoever_wrote_it() {
        let [pem, jwk] = [RSA_PEM, RSA].map(|text| read(text, Some("mine"), None).unwrap());
        assert_eq!(pem.public_jwk(), jwk.public_jwk());
        let keys = [PKCS8, SEC1].map(|pem| read(pem, Some("mine"), None).unwrap());
        assert_eq!(keys[0].alg(), Algorithm::Es256);
        assert_eq!(keys[0].public_jwk(), keys[1].public_jwk());
    }

    #[test]
    fn what_a_jwk_says_of_itself_counts_where_nobody_says_more() {
        let named = EC.replacen('{', r#"{"kid":"own","alg":"ES256","#, 1);
        assert_eq!(read(&named, None, None).unwrap().kid(), "own");
        assert_eq!(read(&named, Some("mine"), None).unwrap().kid(), "mine");
        let set = format!(r#"{{"keys":[{}, {named}]}}"#, RSA);
        assert_eq!(read(&set, Some("own"), None).unwrap().alg(), Algorithm::Es256);
        assert_eq!(read(&set, None, None).unwrap_err(), UnreadableKey::WhichOne);
        assert_eq!(read(EC, None, None).unwrap_err(), UnreadableKey::NoId);
    }

    #[test]
    fn what_cannot_sign_is_told_apart() {
        let public = r#"{"kty":"EC","crv":"P-256","x":"a","y":"b"}"#;
        let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
        for (text, expected) in [
            ("hunter2".to_owned(), UnreadableKey::Unknown),
            (public.to_owned(), UnreadableKey::Public),
            (pem("PUBLIC KEY"), UnreadableKey::Public),
            (pem("ENCRYPTED PRIVATE KEY"), UnreadableKey::Locked),
            (pem("PRIVATE KEY"), UnreadableKey::Unusable),
            (RSA.replace("AQAB", "AQAD"), UnreadableKey::Unusable),
        ] {
            assert_eq!(read(&text, Some("k"), None).unwrap_err(), expected, "{text:.40}");
        }
        let misfit = read(EC, Some("k"), Some(Algorithm::Rs384)).unwrap_err();
        assert_eq!(misfit, UnreadableKey::Misfit(Algorithm::Rs384));
    }
}
