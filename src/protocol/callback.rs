//! The redirect that brings the user back to the app (RFC 6749 §4.1.2).

use url::Url;

use crate::secret::Secret;

/// What came back with the user.
#[derive(Clone, Debug)]
pub struct Callback {
    /// `code`, in the query.
    pub code: Option<Secret>,
    /// `state`, where the error is, or in the query.
    pub state: Option<String>,
    /// `error`, in the query, or in the fragment: there it belongs where a request asked for tokens
    /// in an address (RFC 6749 §4.2.2.1).
    pub error: Option<String>,
    /// `iss` (RFC 9207), where the error is, or in the query.
    pub iss: Option<String>,
    /// Names of all parameters in the query, in order.
    pub query_names: Vec<String>,
    /// Names of parameters in the fragment, where a code flow has none.
    pub fragment_names: Vec<String>,
}

impl Callback {
    /// Reads the address that the user was sent to.
    pub fn read(address: &Url) -> Self {
        let fragment = address.fragment().unwrap_or_default().as_bytes();
        let first = |text: &[u8], name: &str| {
            url::form_urlencoded::parse(text)
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
        };
        let query = address.query().unwrap_or_default().as_bytes();
        let in_query = first(query, "error").is_some() || first(fragment, "error").is_none();
        let told = if in_query { query } else { fragment };
        Self {
            code: first(query, "code").map(Secret::new),
            state: first(told, "state"),
            error: first(told, "error"),
            iss: first(told, "iss"),
            query_names: address.query_pairs().map(|(name, _)| name.into_owned()).collect(),
            fragment_names: url::form_urlencoded::parse(fragment)
                .map(|(name, _)| name.into_owned())
                .collect(),
        }
    }
}

/// Whether an address is a visit of this redirect URI, with any parameters.
///
/// The redirect URI is compared as it stands, so that an app's own scheme (`myapp:/cb`) works too.
pub fn arrives_at(address: &str, redirect_uri: &str) -> bool {
    let separators: &[char] = if redirect_uri.contains('?') { &['&', '#'] } else { &['?', '#'] };
    address
        .strip_prefix(redirect_uri)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(separators))
}

/// Whether an address is on the host of a redirect URI, also if it is another one there.
pub fn is_on_host_of(address: &str, redirect_uri: &str) -> bool {
    let [there, own] = [address, redirect_uri].map(|text| Url::parse(text).map(|it| it.origin()));
    there.is_ok() && there == own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_where_the_request_has_it() {
        let read = |text: &str| {
            let callback = Callback::read(&Url::parse(text).unwrap());
            (callback.error, callback.state, callback.code.is_some())
        };
        let told = (Some("invalid_request".to_owned()), Some("s".to_owned()), false);
        assert_eq!(read("https://app.example/cb?error=invalid_request&state=s"), told);
        assert_eq!(read("https://app.example/cb#error=invalid_request&state=s"), told);
        assert_eq!(read("https://app.example/cb?state=s#code=1"), (None, Some("s".into()), false));
    }

    #[test]
    fn a_redirect_uri_is_compared_whole() {
        assert!(arrives_at("https://app.example/cb?code=x", "https://app.example/cb"));
        assert!(arrives_at("myapp:/cb?code=x", "myapp:/cb"));
        assert!(arrives_at("https://app.example/cb?a=b&code=x", "https://app.example/cb?a=b"));
        assert!(!arrives_at("https://app.example/cb2?code=x", "https://app.example/cb"));
        assert!(!arrives_at("https://app.example/cb/", "https://app.example/cb"));
    }

    #[test]
    fn another_address_of_the_app_is_on_its_host() {
        assert!(is_on_host_of("https://app.example/x?code=y", "https://app.example/cb?a=b"));
        assert!(!is_on_host_of("https://platform.example/cb", "https://app.example/cb"));
        assert!(!is_on_host_of("no address", "no address"));
    }

    #[test]
    fn code_and_state_are_read_from_the_query() {
        let address =
            Url::parse("https://app.example/cb?code=abc&state=a%26b%20c#token=x").unwrap();
        let callback = Callback::read(&address);
        assert_eq!(callback.code.unwrap().expose(), "abc");
        assert_eq!(callback.state.unwrap(), "a&b c");
        assert_eq!(callback.fragment_names, ["token"]);
    }
}
