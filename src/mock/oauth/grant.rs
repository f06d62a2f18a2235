//! What a user granted to an app, and the codes and tokens that stand for it.

use crate::mock::athenaone::LaunchContext;
use crate::mock::organization::Organization;
use crate::protocol::ScopeSet;

/// A user's consent to one authorization of an app.
#[derive(Clone, Debug)]
pub(in crate::mock) struct Grant {
    pub(in crate::mock) client_id: String,
    /// Index of the user in the sandbox.
    pub(in crate::mock) user: usize,
    pub(in crate::mock) auth_time: i64,
    pub(in crate::mock) scope: ScopeSet,
    /// The one record that is shared, if the grant is about one.
    pub(in crate::mock) patient: Option<String>,
    pub(in crate::mock) organization: Organization,
    /// Where in the EHR the app was launched.
    pub(in crate::mock) launch: Option<LaunchContext>,
    pub(super) nonce: Option<String>,
    /// Revoked, or its code was used twice.
    pub(in crate::mock) ended: bool,
}

/// An authorization code that waits to be redeemed.
#[derive(Debug)]
pub(in crate::mock) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<String>,
    pub(in crate::mock) expires: i64,
    pub(super) failed_attempts: u32,
    /// The grant it was redeemed for: good for one use.
    pub(in crate::mock) redeemed: Option<u64>,
}

/// A user's access token, as the platform remembers it.
#[derive(Debug)]
pub(in crate::mock) struct AccessToken {
    pub(in crate::mock) grant: u64,
    pub(in crate::mock) expires: i64,
}

/// A refresh token.
#[derive(Debug)]
pub(in crate::mock) struct RefreshToken {
    pub(in crate::mock) grant: u64,
    pub(in crate::mock) expires: i64,
    /// When a newer one took its place: whoever presents it later is not its owner.
    pub(super) replaced: Option<i64>,
}
