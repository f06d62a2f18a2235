//! Client id and secret in an `Authorization: Basic` header (RFC 6749 §2.3.1, RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::secret::Secret;

/// The value of an `Authorization` header: id and secret form-encoded, joined and in base64.
pub fn encode(client_id: &str, client_secret: &Secret) -> Secret {
    let form =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = format!("{}:{}", form(client_id), form(client_secret.expose()));
    Secret::new(format!("Basic {}", STANDARD.encode(pair)))
}

/// Reads a Basic header: the pairs that its sender may have meant, most literal first.
///
/// RFC 6749 asks for form-encoding under the base64; half of the client libraries do not do it.
/// So the pair is taken as it stands first, and form-decoded second where that makes a difference.
/// The scheme's name is compared without regard to case. Empty if this is no Basic header.
pub fn decode(header: &str) -> Vec<(String, Secret)> {
    let Some((scheme, encoded)) = header.split_once(' ') else {
        return Vec::new();
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Vec::new();
    }
    let encoded = encoded.trim();
    let bytes = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded));
    let Some(pair) = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Vec::new();
    };
    let Some((id, secret)) = pair.split_once(':') else {
        return Vec::new();
    };
    let mut pairs = vec![(id.to_owned(), Secret::new(secret))];
    let (decoded_id, decoded_secret) = (form_decoded(id), form_decoded(secret));
    if decoded_id != id || decoded_secret != secret {
        pairs.push((decoded_id, Secret::new(decoded_secret)));
    }
    pairs
}

fn form_decoded(text: &str) -> String {
    // As a name without value: `=` and `&` stand for themselves here, so they are escaped first.
    let text = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed(pairs: Vec<(String, Secret)>) -> Vec<(String, String)> {
        pairs.into_iter().map(|(id, secret)| (id, secret.expose().to_owned())).collect()
    }

    fn pair(id: &str, secret: &str) -> (String, String) {
        (id.to_owned(), secret.to_owned())
    }

    #[test]
    fn the_example_of_rfc_6749_is_read_and_written() {
        let header = "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3";
        assert_eq!(encode("s6BhdRkqt3", &Secret::new("7Fjfp0ZBr1KtDRbnfVdmIw")).expose(), header);
        assert_eq!(exposed(decode(header)), [pair("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw")]);
    }

    #[test]
    fn an_encoded_pair_is_read_literally_first_and_decoded_second() {
        let header = format!("bAsIc {}", STANDARD.encode("my%2Dapp:p%40ss+w"));
        assert_eq!(
            exposed(decode(&header)),
            [pair("my%2Dapp", "p%40ss+w"), pair("my-app", "p@ss w")]
        );
    }

    #[test]
    fn every_secret_survives_writing_and_reading() {
        for secret in ["p@ss w+rd%2B/:&=!", "", "täglich", "a=b&c"] {
            let header = encode("id:1", &Secret::new(secret));
            let last = exposed(decode(header.expose())).pop();
            assert_eq!(last, Some(pair("id:1", secret)));
        }
    }

    #[test]
    fn what_is_no_basic_header_gives_nothing() {
        for header in ["", "Basic", "Bearer czZCaGRSa3F0Mzp4", "Basic %%%", "Basic bm9jb2xvbg=="] {
            assert!(decode(header).is_empty(), "{header}");
        }
    }
}
