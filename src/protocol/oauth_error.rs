//! Errors as OAuth 2.0 and its relatives report them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// An error answer: its code, what it says about it, and the HTTP status it came or goes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The code.
    pub code: ErrorCode,
    /// A sentence for the developer, if there is one.
    pub description: Option<String>,
    /// The HTTP status.
    pub status: u16,
}

/// The code of an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// A parameter is missing, repeated or malformed (RFC 6749 §4.1.2.1, §5.2).
    InvalidRequest,
    /// The client is unknown or could not prove itself (§5.2).
    InvalidClient,
    /// The code, refresh token or verifier is wrong, used, expired or another client's (§5.2).
    InvalidGrant,
    /// The client may not do this (§4.1.2.1, §5.2).
    UnauthorizedClient,
    /// The grant type is unknown (§5.2).
    UnsupportedGrantType,
    /// The scope is unknown, malformed or too wide (§4.1.2.1, §5.2).
    InvalidScope,
    /// The user or the platform said no (§4.1.2.1).
    AccessDenied,
    /// The response type is unknown (§4.1.2.1).
    UnsupportedResponseType,
    /// The platform met a condition it did not expect (§4.1.2.1).
    ServerError,
    /// The platform cannot answer now (§4.1.2.1).
    TemporarilyUnavailable,
    /// The user would have to log in (OpenID Connect Core §3.1.2.6).
    LoginRequired,
    /// The user would have to consent (OpenID Connect Core §3.1.2.6).
    ConsentRequired,
    /// The user would have to answer something else (OpenID Connect Core §3.1.2.6).
    InteractionRequired,
    /// Request objects are not read (OpenID Connect Core §3.1.2.6).
    RequestNotSupported,
    /// Request objects are not fetched (OpenID Connect Core §3.1.2.6).
    RequestUriNotSupported,
    /// Clients do not describe themselves in a request (OpenID Connect Core §3.1.2.6).
    RegistrationNotSupported,
    /// Tokens of that kind cannot be revoked (RFC 7009 §2.2.1).
    UnsupportedTokenType,
    /// The bearer token is unknown, expired or revoked (RFC 6750 §3.1).
    InvalidToken,
    /// The bearer token's scope is too small (RFC 6750 §3.1).
    InsufficientScope,
    /// A text that none of these documents knows.
    Other(String),
}

impl OAuthError {
    /// An error with the status that RFC 6749 §5.2 and RFC 6750 §3.1 give its code.
    pub fn new(code: ErrorCode, description: impl Into<String>) -> Self {
        let status = code.status();
        Self { code, description: Some(description.into()), status }
    }

    /// Reads the body of an error answer.
    ///
    /// `description_member` is the platform's name for `error_description`; both are looked for.
    /// `phrases` are the texts that the platform puts in place of a code, with the code each means.
    ///
    /// # Errors
    /// What keeps the body from being an OAuth error, as a fragment that follows "the answer".
    pub fn parse(
        status: u16,
        body: &str,
        description_member: &str,
        phrases: &BTreeMap<String, String>,
    ) -> Result<Self, &'static str> {
        let body: Value = serde_json::from_str(body).map_err(|_| "is not JSON")?;
        let body = body.as_object().ok_or("is not a JSON object")?;
        let error = body.get("error").ok_or("has no member `error`")?;
        let error = error.as_str().ok_or("has an `error` that is no text")?;
        let code = ErrorCode::from(phrases.get(error).map_or(error, String::as_str));
        let description = ["error_description", description_member]
            .into_iter()
            .find_map(|member| body.get(member).and_then(Value::as_str))
            .map(str::to_owned);
        Ok(Self { code, description, status })
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}, error `{}`", self.status, self.code)?;
        match &self.description {
            Some(description) => write!(f, ": {description}"),
            None => Ok(()),
        }
    }
}

impl ErrorCode {
    /// Its text on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::Other(text) => text,
        }
    }

    /// The HTTP status that goes with it in an answer to the client.
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

impl From<&str> for ErrorCode {
    fn from(text: &str) -> Self {
        let known = KNOWN.into_iter().find(|code| code.as_str() == text);
        known.unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const KNOWN: [ErrorCode; 19] = [
    ErrorCode::InvalidRequest,
    ErrorCode::InvalidClient,
    ErrorCode::InvalidGrant,
    ErrorCode::UnauthorizedClient,
    ErrorCode::UnsupportedGrantType,
    ErrorCode::InvalidScope,
    ErrorCode::AccessDenied,
    ErrorCode::UnsupportedResponseType,
    ErrorCode::ServerError,
    ErrorCode::TemporarilyUnavailable,
    ErrorCode::LoginRequired,
    ErrorCode::ConsentRequired,
    ErrorCode::InteractionRequired,
    ErrorCode::RequestNotSupported,
    ErrorCode::RequestUriNotSupported,
    ErrorCode::RegistrationNotSupported,
    ErrorCode::UnsupportedTokenType,
    ErrorCode::InvalidToken,
    ErrorCode::InsufficientScope,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(status: u16, body: &str) -> Result<OAuthError, &'static str> {
        let phrases = BTreeMap::from([("Invalid Scope".into(), "invalid_scope".into())]);
        OAuthError::parse(status, body, "detailedmessage", &phrases)
    }

    #[test]
    fn an_error_is_read_by_the_standards_names_and_by_the_platforms() {
        let rows = [
            // RFC 6749 §5.2.
            (r#"{"error":"invalid_request"}"#, ErrorCode::InvalidRequest, None),
            (
                r#"{"error":"invalid_grant","error_description":"used"}"#,
                ErrorCode::InvalidGrant,
                Some("used"),
            ),
            (
                r#"{"detailedmessage":"not approved","error":"Invalid Scope"}"#,
                ErrorCode::InvalidScope,
                Some("not approved"),
            ),
            (r#"{"error":"Teapot"}"#, ErrorCode::Other("Teapot".into()), None),
        ];
        for (body, code, description) in rows {
            let error = parse(400, body).unwrap();
            assert_eq!((error.code, error.description.as_deref()), (code, description));
        }
    }

    #[test]
    fn what_is_no_oauth_error_is_said() {
        for (body, why) in [
            ("<html>", "is not JSON"),
            ("[]", "is not a JSON object"),
            (r#"{"errorCode":"invalid_client"}"#, "has no member `error`"),
            (r#"{"error":{}}"#, "has an `error` that is no text"),
        ] {
            assert_eq!(parse(400, body), Err(why));
        }
    }

    #[test]
    fn every_code_is_read_as_it_is_written() {
        for code in KNOWN {
            assert_eq!(ErrorCode::from(code.as_str()), code);
        }
        assert_eq!(OAuthError::new(ErrorCode::InvalidClient, "no").status, 401);
        assert_eq!(OAuthError::new(ErrorCode::InvalidScope, "no").status, 400);
    }
}
