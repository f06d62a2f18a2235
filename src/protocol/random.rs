//! Values that nobody can guess: codes, tokens, identifiers and secrets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A text of `length` letters and digits, each chosen with equal chance.
///
/// 22 of them hold 130 bits. They need no encoding in a URL, a form or a header.
pub fn alphanumeric(length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        fill(&mut bytes);
        // A byte of the incomplete last round is thrown away, so that no letter is likelier.
        let even = bytes.iter().filter(|byte| usize::from(**byte) < EVEN_ROUNDS);
        let letters = even.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        text.extend(letters.take(length - text.len()));
    }
    text
}

/// A text of `bytes` random bytes in base64url without padding.
pub fn base64url(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    fill(&mut buffer);
    URL_SAFE_NO_PAD.encode(buffer)
}

fn fill(bytes: &mut [u8]) {
    // The generator fails only while the machine is still gathering entropy, and a value that can
    // be guessed is never an answer: ask again.
    while aws_lc_rs::rand::fill(bytes).is_err() {
        std::thread::yield_now();
    }
}

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const EVEN_ROUNDS: usize = 256 / ALPHABET.len() * ALPHABET.len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_text_has_the_length_that_was_asked_for() {
        for length in [0, 1, 22, 200] {
            let text = alphanumeric(length);
            assert_eq!(text.len(), length);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
        assert_eq!(base64url(32).len(), 43);
    }

    #[test]
    fn two_random_texts_differ() {
        assert_ne!(alphanumeric(22), alphanumeric(22));
        assert_ne!(base64url(16), base64url(16));
    }
}
