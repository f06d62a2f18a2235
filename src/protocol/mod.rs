//! The protocols themselves: pure rules, without network, time or surroundings.
//!
//! What the standards say is written here once and proven on their published examples. The steps
//! that judge a platform, and the mock that plays one, share these words and rules; neither takes
//! its verdict from the other.

pub mod assertion;
pub mod basic;
pub mod callback;
pub mod discovery;
pub mod id_token;
pub mod jwks;
pub mod jws;
pub mod jwt;
pub mod oauth_error;
pub mod pkce;
pub mod private_key;
pub mod random;
pub mod reach;
pub mod scope;
pub mod signing_key;
pub mod tls;

pub use jwks::{KeySet, KeySetError, PublicKey};
pub use jws::{Jws, JwsError, Verified};
pub use oauth_error::{ErrorCode, OAuthError};
pub use scope::{Scope, ScopeSet};
pub use signing_key::{Algorithm, KeyError, SigningKey};
