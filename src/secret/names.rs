//! Names of parameters, members, fields and headers whose values are secrets.

/// Whether a value under this name is a secret, by the name alone; case does not matter.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) || WHOLE.contains(&name.as_str())
}

/// Whether a quoted value under this name is a secret.
///
/// In FHIR a `code` is nearly always a word of a code system; only what looks like an
/// authorization code is hidden there.
pub(super) fn is_secret_member(name: &str, value: &str) -> bool {
    let looks_issued = || {
        value.len() >= SHORTEST_CODE
            && value.bytes().all(|c| c.is_ascii_alphanumeric() || b"._~-+/=".contains(&c))
    };
    is_secret_name(name) && (!name.eq_ignore_ascii_case("code") || looks_issued())
}

/// The names as one alternation of a pattern.
pub(super) fn alternation() -> String {
    let names: Vec<_> = SUFFIXES.iter().chain(&WHOLE).map(|name| regex::escape(name)).collect();
    format!("(?:{})", names.join("|"))
}

/// `[redacted:word]`
pub(super) fn mark(word: &str) -> String {
    format!("{MARK}{word}]")
}

/// Whether the text is one `[redacted:word]` and nothing else but the end of a phrase.
pub(super) fn is_mark(text: &str) -> bool {
    text.trim_end_matches([';', ',', '.', ')'])
        .strip_prefix(MARK)
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|word| !word.contains(['[', ']']))
}

/// The word of one `[redacted:word]`.
pub(super) fn word_of(text: &str) -> Option<&str> {
    text.strip_prefix(MARK)?.strip_suffix(']')
}

/// How every `[redacted:word]` begins.
pub(super) const MARK: &str = "[redacted:";
/// Characters of the shortest authorization code (RFC 6749 §10.10 asks for 128 random bits).
const SHORTEST_CODE: usize = 20;
/// What the name of a secret ends in: `access_token`, `stateHandle`, `client_assertion`.
const SUFFIXES: [&str; 7] =
    ["token", "secret", "password", "passcode", "passphrase", "handle", "assertion"];
/// Names that are a secret's as a whole.
const WHOLE: [&str; 20] = [
    "api_key",
    "apikey",
    "auth_code",
    "authorization_code",
    "code",
    "code_verifier",
    "device_code",
    "id_token_hint",
    "jsessionid",
    "otp",
    "passwd",
    "pwd",
    "samlrequest",
    "samlresponse",
    "session",
    "session_id",
    "sessionid",
    "sid",
    "ticket",
    "x-api-key",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whether_its_value_is_a_secret() {
        for name in [
            "access_token",
            "sessionToken",
            "stateHandle",
            "STATETOKEN",
            "client_assertion",
            "SAMLResponse",
            "current-password",
            "code",
            "Sid",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "token_type",
            "token_endpoint",
            "client_assertion_type",
            "expires_in",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "error",
            "statuscode",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
