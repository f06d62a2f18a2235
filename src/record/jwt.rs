//! A signed token that was seen in an exchange, taken apart (RFC 7515, RFC 7519).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A signed token as it is told: header and claims, redacted; never its signature, nor its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jwt {
    /// Where it stood in the exchange: `request body: client_assertion`.
    pub place: String,
    /// The JOSE header, an object.
    pub header: Value,
    /// The claims, an object.
    pub claims: Value,
    /// What became of its signature.
    pub signature: Signature,
    /// What the standards demand of such a token. This is only told: it makes no verdict.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub expectations: Vec<Expectation>,
}

/// What is known of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The outcome.
    pub state: SignatureState,
    /// By which key it was verified, or why it was not.
    pub about: String,
}

/// Whether a signature was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignatureState {
    /// With a key that was seen.
    Good,
    /// It is not that of the key that it names, or there is none.
    Bad,
    /// Nobody who was seen has the key.
    Unchecked,
}

/// Something that a standard demands of a token, and whether it is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The claim, or the member of the header.
    pub member: String,
    /// What is demanded, in words or as the value.
    pub expected: String,
    /// Whether it is so.
    pub holds: bool,
}
