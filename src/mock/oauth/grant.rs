//! What a user granted to an app, and the codes and tokens that stand for it.

use crate::mock::athenaone::LaunchContext;
use crate::mock::organization::Organization;
use crate::mock::platform::Platform;
use crate::protocol::ScopeSet;

/// A user's consent to one authorization of an app.
#[derive(Clone, Debug)]
pub(in crate::mock) struct Grant {
    pub(in crate::mock) client_id: String,
    /// Index of the user in the sandbox, or [`Self::NOBODY`].
    pub(in crate::mock) user: usize,
    pub(in crate::mock) auth_time: i64,
    pub(in crate::mock) scope: ScopeSet,
    /// The one record that is shared, if the grant is about one.
    pub(in crate::mock) patient: Option<String>,
    /// The visit of that record that the app is to work on, where it asked for one.
    pub(in crate::mock) encounter: Option<String>,
    pub(in crate::mock) organization: Organization,
    /// Where in the EHR the app was launched.
    pub(in crate::mock) launch: Option<LaunchContext>,
    pub(in crate::mock) nonce: Option<String>,
    /// The session in which the user granted it.
    pub(in crate::mock) session: Option<String>,
    /// Revoked, or its code was used twice.
    pub(in crate::mock) ended: bool,
}

impl Grant {
    /// Whether the app may go on when the user's session has ended.
    pub(super) fn outlives_session(&self, platform: &Platform) -> bool {
        self.scope.contains("offline_access") || platform.dialect().token.refresh_token_always
    }

    /// Whether the app may get a refresh token at all (SMART App Launch 2.2, scopes for requesting a
    /// refresh token).
    pub(super) fn can_be_refreshed(&self, platform: &Platform) -> bool {
        self.outlives_session(platform) || self.scope.contains("online_access")
    }

    /// Stands for somebody whom an app registered, who has no record anywhere.
    pub(in crate::mock) const NOBODY: usize = usize::MAX;
}

/// An authorization code that waits to be redeemed.
#[derive(Debug)]
pub(in crate::mock) struct Code {
    pub(in crate::mock) grant: Grant,
    /// Absent if no user was sent back with it.
    pub(in crate::mock) redirect_uri: Option<String>,
    pub(in crate::mock) challenge: Option<String>,
    pub(in crate::mock) expires: i64,
    pub(in crate::mock) failed_attempts: u32,
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
