//! What can go wrong: the kinds of faults, with their parameters.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A kind of fault and its parameters.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// Answers with another status, in the platform's own words or in given ones.
    Status {
        /// The status, from 200 to 599.
        status: u16,
        /// The error code in the platform's own form of an error.
        error: Option<String>,
        /// Its description.
        description: Option<String>,
        /// A body instead of the platform's own form of an error.
        body: Option<String>,
        /// The type of that body; `text/html` if it is left out.
        content_type: Option<String>,
        /// More headers, such as `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Whether the endpoint does its work before it fails: a code is spent then. Its own body
        /// stays if no other is given.
        #[serde(default)]
        processed: bool,
    },
    /// Answers late.
    Delay {
        /// Milliseconds of real time, ten minutes at most.
        milliseconds: u64,
    },
    /// Closes the connection without an answer.
    Drop {
        /// Whether the endpoint does its work before: a code is spent then.
        #[serde(default)]
        processed: bool,
    },
    /// Announces the whole body and closes the connection after a part of it.
    Truncate {
        /// How many of its bytes are sent; half of them if it is left out.
        bytes: Option<usize>,
    },
    /// Names another type for the same body.
    ContentType {
        /// The value of `Content-Type`.
        value: String,
    },
    /// Sends another body with the same status.
    Body {
        /// The body.
        body: String,
        /// Its type; the one of the platform's own body if it is left out.
        content_type: Option<String>,
    },
    /// Sends a body that is no JSON: the last closing bracket of the platform's own is missing.
    MalformedJson {},
    /// Sends no body.
    EmptyBody {},
    /// Adds a member to a JSON body, or gives it another value or type.
    MemberSet {
        /// Its place (RFC 6901), such as `/expires_in`.
        pointer: String,
        /// Its value.
        value: Value,
    },
    /// Leaves a member of a JSON body out.
    MemberMissing {
        /// Its place (RFC 6901).
        pointer: String,
    },
    /// Writes a member of a JSON body twice.
    MemberRepeated {
        /// Its place (RFC 6901).
        pointer: String,
        /// The value the second time; the same one if it is left out.
        value: Option<Value>,
    },
    /// Adds a header, or gives it another value.
    HeaderSet {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Leaves a header out.
    HeaderMissing {
        /// Its name.
        name: String,
    },
    /// Publishes a key set that does not fit the tokens.
    KeySet {
        /// Which one.
        serve: KeySetChoice,
    },
    /// Adds a claim to a token, or gives it another value, and signs it properly.
    ClaimSet {
        /// The token.
        token: TokenKind,
        /// The claim, such as `iss`, `nonce` or `at_hash`.
        claim: String,
        /// Its value.
        value: Value,
    },
    /// Leaves a claim of a token out, and signs it properly.
    ClaimMissing {
        /// The token.
        token: TokenKind,
        /// The claim.
        claim: String,
    },
    /// Moves a claim that is a time, and signs the token properly.
    ClaimMoved {
        /// The token.
        token: TokenKind,
        /// The claim, such as `iat` or `auth_time`; the present moment is moved if there is none.
        claim: String,
        /// By how many seconds; back if it is negative.
        seconds: i64,
    },
    /// Issues a token that expired an hour ago, properly signed.
    TokenExpired {
        /// The token.
        token: TokenKind,
    },
    /// Issues a token that is valid in an hour only (`nbf`, `iat`), properly signed.
    TokenNotYetValid {
        /// The token.
        token: TokenKind,
    },
    /// Adds a member to a token's header (`kid`, `alg`, `typ`, `crit`) or gives it another value.
    TokenHeaderSet {
        /// The token.
        token: TokenKind,
        /// The member.
        member: String,
        /// Its value.
        value: Value,
    },
    /// Leaves a member of a token's header out.
    TokenHeaderMissing {
        /// The token.
        token: TokenKind,
        /// The member.
        member: String,
    },
    /// Issues a token whose signature no key made, though it is as long as a right one.
    SignatureWrong {
        /// The token.
        token: TokenKind,
    },
    /// Signs a token with the key that the next rotation brings, under its own id: one that no
    /// client can know yet.
    KeyUnknown {
        /// The token.
        token: TokenKind,
    },
    /// Issues a token with `alg` `none` and without signature.
    AlgNone {
        /// The token.
        token: TokenKind,
    },
    /// Sends the user back to the app with a parameter added, or with another value.
    RedirectParameterSet {
        /// The parameter, such as `state` or `iss`.
        parameter: String,
        /// Its value.
        value: String,
    },
    /// Sends the user back to the app without a parameter.
    RedirectParameterMissing {
        /// The parameter.
        parameter: String,
    },
    /// Sends the user back to the app with a parameter twice.
    RedirectParameterRepeated {
        /// The parameter.
        parameter: String,
        /// The value the second time; the same one if it is left out.
        value: Option<String>,
    },
    /// Sends the user back to the app with an error instead of the code.
    RedirectError {
        /// The error code.
        error: String,
        /// Its description.
        description: Option<String>,
    },
}

/// A token that is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// The access token.
    AccessToken,
    /// The ID token.
    IdToken,
}

/// A key set that does not fit the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySetChoice {
    /// No keys at all.
    Empty,
    /// All keys but the one that signs.
    WithoutCurrent,
    /// Only the key that signs, none of those that it replaced.
    OnlyCurrent,
    /// What was published before the last rotation, or before there was any key.
    BeforeRotation,
    /// Only the key that the next rotation brings.
    AfterRotation,
}

/// Where a kind of fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Instead of the endpoint's work.
    Instead,
    /// On an answer that leaves.
    Answer,
    /// On the answer of the key set.
    KeySet,
    /// Where a token is signed.
    Token(TokenKind),
    /// Where the way back to the app is written.
    Delivery,
}

impl Kind {
    /// Its documented name.
    pub fn name(&self) -> String {
        let written = serde_json::to_value(self).unwrap_or_default();
        written["kind"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn family(&self) -> Family {
        match self {
            Self::Status { processed: false, .. } | Self::Drop { processed: false } => {
                Family::Instead
            }
            Self::Status { .. }
            | Self::Drop { .. }
            | Self::Delay { .. }
            | Self::Truncate { .. }
            | Self::ContentType { .. }
            | Self::Body { .. }
            | Self::MalformedJson {}
            | Self::EmptyBody {}
            | Self::MemberSet { .. }
            | Self::MemberMissing { .. }
            | Self::MemberRepeated { .. }
            | Self::HeaderSet { .. }
            | Self::HeaderMissing { .. } => Family::Answer,
            Self::KeySet { .. } => Family::KeySet,
            Self::ClaimSet { token, .. }
            | Self::ClaimMissing { token, .. }
            | Self::ClaimMoved { token, .. }
            | Self::TokenExpired { token }
            | Self::TokenNotYetValid { token }
            | Self::TokenHeaderSet { token, .. }
            | Self::TokenHeaderMissing { token, .. }
            | Self::SignatureWrong { token }
            | Self::KeyUnknown { token }
            | Self::AlgNone { token } => Family::Token(*token),
            Self::RedirectParameterSet { .. }
            | Self::RedirectParameterMissing { .. }
            | Self::RedirectParameterRepeated { .. }
            | Self::RedirectError { .. } => Family::Delivery,
        }
    }
}
