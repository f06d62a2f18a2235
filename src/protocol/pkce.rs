//! Proof Key for Code Exchange, method S256 (RFC 7636).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::random;
use crate::secret::Secret;

/// A code verifier of lawful shape: 43 to 128 unreserved characters (RFC 7636 §4.1).
#[derive(Clone, Debug)]
pub struct Verifier(Secret);

/// Why a text cannot be a code verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifierError {
    /// Its length is outside the bounds.
    #[error("read a code verifier of {0} characters: it has {SHORTEST} to {LONGEST}")]
    Length(usize),
    /// It holds a character that is not unreserved.
    #[error("read a code verifier with {0:?} in it: it has letters, digits and -._~ only")]
    Character(char),
}

impl Verifier {
    /// A new verifier of 43 characters, 256 bits.
    pub fn generate() -> Self {
        Self(Secret::new(random::base64url(32)))
    }

    /// Takes a text as verifier.
    ///
    /// # Errors
    /// If its shape is not lawful.
    pub fn new(text: &str) -> Result<Self, VerifierError> {
        if let Some(stranger) = text.chars().find(|c| !is_unreserved(*c)) {
            return Err(VerifierError::Character(stranger));
        }
        if !(SHORTEST..=LONGEST).contains(&text.len()) {
            return Err(VerifierError::Length(text.len()));
        }
        Ok(Self(Secret::new(text)))
    }

    /// The text, for the one request that sends it.
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// Its challenge by method S256.
    pub fn challenge(&self) -> String {
        challenge_s256(self.0.expose())
    }
}

/// The S256 challenge of any text, also of one that is no lawful verifier (RFC 7636 §4.2).
pub fn challenge_s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// Whether a text has the shape of an S256 challenge: 43 characters of base64url, no padding.
pub fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
}

const SHORTEST: usize = 43;
const LONGEST: usize = 128;
const CHALLENGE_LENGTH: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_verifiers_give_their_published_challenges() {
        let vectors = [
            // RFC 7636, appendix B.
            (
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            ),
            // Okta's guide to PKCE.
            (
                "M25iVXpKU3puUjFaYWg3T1NDTDQtcW1ROUY5YXlwalNoc0hhakxifmZHag",
                "qjrzSW9gMiUgpUvqgEPE4_-8swvyCtfOVvg55o5S_es",
            ),
        ];
        for (verifier, challenge) in vectors {
            assert_eq!(Verifier::new(verifier).unwrap().challenge(), challenge);
            assert!(is_challenge(challenge));
        }
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        let all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
        for lawful in [all, &"a".repeat(43), &"~".repeat(128)] {
            assert!(Verifier::new(lawful).is_ok(), "{lawful}");
        }
        for (length, text) in [(0, String::new()), (42, "a".repeat(42)), (129, "a".repeat(129))] {
            assert_eq!(Verifier::new(&text).unwrap_err(), VerifierError::Length(length));
        }
        for stranger in [' ', '+', '/', '%', '=', 'é'] {
            let text = format!("{}{stranger}", "a".repeat(50));
            assert_eq!(Verifier::new(&text).unwrap_err(), VerifierError::Character(stranger));
        }
    }

    #[test]
    fn a_challenge_has_43_characters_of_base64url() {
        for wrong in ["a".repeat(42), "a".repeat(44), format!("{}=", "a".repeat(42))] {
            assert!(!is_challenge(&wrong), "{wrong}");
        }
        assert!(!is_challenge(&format!("{}+", "a".repeat(42))));
        assert!(is_challenge(&Verifier::generate().challenge()));
    }

    #[test]
    fn two_generated_verifiers_differ_and_are_not_printed() {
        let (a, b) = (Verifier::generate(), Verifier::generate());
        assert_ne!(a.secret().expose(), b.secret().expose());
        assert_eq!(format!("{a:?}"), "Verifier([secret])");
    }
}
