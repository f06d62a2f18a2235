//! Whether the signature of a token is that of a key that was seen.

use serde_json::{Value, json};

use crate::protocol::{Algorithm, Jws, JwsError, KeySet};

/// What is known of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The key of this id made it, by this algorithm.
    Good {
        /// The key's id; empty if it has none.
        kid: String,
        /// The algorithm.
        alg: &'static str,
    },
    /// It is not that of the key that it names, or there is none, and why.
    Bad(String),
    /// The key was not seen, or this program does not know the algorithm.
    Unchecked(String),
}

/// Verifies a token with those of the keys (JWKs) that have its `kid`; without one, with all of them.
pub fn prove(token: &Jws<'_>, keys: &[Value]) -> Proof {
    let name = token.header_text("alg").unwrap_or_default();
    if name.is_empty() || name.eq_ignore_ascii_case("none") {
        return Proof::Bad("it is not signed".to_owned());
    }
    if name.starts_with("HS") {
        return Proof::Unchecked(format!("{name} authenticates by a shared secret, not by a key"));
    }
    let Ok(algorithm) = name.parse::<Algorithm>() else {
        return Proof::Unchecked(format!("signatures by {name} are not verified here"));
    };
    let kid = token.header_text("kid");
    let mut named =
        keys.iter().filter(|key| kid.is_none() || key["kid"].as_str() == kid).peekable();
    if named.peek().is_none() {
        return Proof::Unchecked(match kid {
            Some(kid) => format!("no key `{kid}` was seen"),
            None => "no key was seen".to_owned(),
        });
    }
    let mut trouble = None;
    for key in named {
        let document = json!({ "keys": [key] });
        let proven = match KeySet::parse(&document) {
            Ok(set) => token.prove(&set, &Algorithm::ALL),
            // As it is in a set, it could verify nothing.
            Err(_) => continue,
        };
        match proven {
            Ok(()) => {
                let kid = key["kid"].as_str().unwrap_or_default().to_owned();
                return Proof::Good { kid, alg: algorithm.name() };
            }
            // It named none, so it did not name this one.
            Err(JwsError::UnfitKey(_)) if kid.is_none() => {}
            // That of another type of key says less.
            Err(error @ JwsError::Signature) => trouble = Some(error),
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    match (trouble, kid) {
        (Some(JwsError::UnfitKey(kid)), _) => {
            Proof::Bad(format!("the key `{kid}` is not for signatures by {name}"))
        }
        (Some(JwsError::Critical), _) => {
            Proof::Bad("its header has a `crit` that is not understood".to_owned())
        }
        (Some(_), Some(kid)) => Proof::Bad(format!("it is not that of the key `{kid}`")),
        (Some(_), None) => Proof::Bad("it is not that of any key that was seen".to_owned()),
        (None, Some(_)) => Proof::Unchecked("the key that it names cannot be used".to_owned()),
        (None, None) => Proof::Unchecked(format!("no key for signatures by {name} was seen")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SigningKey;

    fn proof(token: &str, keys: &[Value]) -> Proof {
        prove(&Jws::parse(token).unwrap(), keys)
    }

    #[test]
    fn a_signature_is_good_bad_or_unchecked() {
        let key = |algorithm, kid| SigningKey::generate(algorithm, kid).unwrap();
        let (own, stranger) = (key(Algorithm::Es384, "a"), key(Algorithm::Es384, "a"));
        let other = key(Algorithm::Rs256, "b");
        let claims = json!({ "sub": "x" });
        let token = own.sign(&own.header(), &claims);
        let all = [other.public_jwk(), own.public_jwk()];
        let good = Proof::Good { kid: "a".into(), alg: "ES384" };
        assert_eq!(proof(&token, &all), good);
        let unnamed = own.sign(&json!({ "alg": "ES384" }), &claims);
        assert_eq!(proof(&unnamed, &all), good);
        // Of two keys of one id it is enough if one made it.
        assert_eq!(proof(&token, &[stranger.public_jwk(), own.public_jwk()]), good);

        let bad = |why: &str| Proof::Bad(why.to_owned());
        assert_eq!(proof(&token, &[stranger.public_jwk()]), bad("it is not that of the key `a`"));
        assert_eq!(
            proof(&unnamed, &[other.public_jwk(), stranger.public_jwk()]),
            bad("it is not that of any key that was seen")
        );
        let none = own.sign(&json!({ "alg": "none" }), &claims);
        assert_eq!(proof(&none, &all), bad("it is not signed"));
        let of_rsa = own.sign(&json!({ "alg": "RS256", "kid": "a" }), &claims);
        assert_eq!(proof(&of_rsa, &all), bad("the key `a` is not for signatures by RS256"));
        let critical = own.sign(&json!({ "alg": "ES384", "kid": "a", "crit": ["x"] }), &claims);
        assert_eq!(proof(&critical, &all), bad("its header has a `crit` that is not understood"));

        let unchecked = |why: &str| Proof::Unchecked(why.to_owned());
        assert_eq!(proof(&token, &[]), unchecked("no key `a` was seen"));
        assert_eq!(proof(&unnamed, &[]), unchecked("no key was seen"));
        let why = "no key for signatures by ES384 was seen";
        assert_eq!(proof(&unnamed, &[other.public_jwk()]), unchecked(why));
        let shared = own.sign(&json!({ "alg": "HS256" }), &claims);
        let why = "HS256 authenticates by a shared secret, not by a key";
        assert_eq!(proof(&shared, &all), unchecked(why));
        let newer = own.sign(&json!({ "alg": "PS256" }), &claims);
        assert_eq!(proof(&newer, &all), unchecked("signatures by PS256 are not verified here"));
        let broken = json!({ "kty": "EC", "kid": "a", "crv": "P-384", "x": "AA", "y": "AA" });
        assert_eq!(proof(&token, &[broken]), unchecked("the key that it names cannot be used"));
    }
}
