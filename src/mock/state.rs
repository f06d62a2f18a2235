//! What a platform remembers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::athenaone::{Booking, Launch};
use super::bounds::{ISSUED, OPEN, make_room};
use super::login::{Session, Ticket};
use super::oauth::{AccessToken, Code, Grant, HostedKeys, Quota, RefreshToken, Used};
use super::portal::App;
use super::user_management::ManagedUsers;

/// The tables of one environment, each by the text that a client presents.
#[derive(Default)]
pub(super) struct State {
    /// Apps by client id.
    pub(super) apps: HashMap<String, Arc<App>>,
    /// Visits to the login widget by their ticket.
    pub(super) tickets: HashMap<String, Ticket>,
    /// Users' sessions by their cookie.
    pub(super) sessions: HashMap<String, Session>,
    /// EHR launches by their identifier.
    pub(super) launches: HashMap<String, Launch>,
    /// Authorization codes.
    pub(super) codes: HashMap<String, Code>,
    /// What users granted, by a number of our own.
    pub(super) grants: HashMap<u64, Grant>,
    /// How many of them there have been: the number of the next one.
    pub(super) granted: u64,
    /// Users' access tokens by their `jti`; an app's own need no memory.
    pub(super) access_tokens: HashMap<String, AccessToken>,
    /// The JWTs behind opaque access tokens, until they expire.
    pub(super) opaque_tokens: HashMap<String, (String, i64)>,
    /// The `jti` of access tokens that were revoked one by one, until they expire.
    pub(super) revoked: HashMap<String, i64>,
    /// Refresh tokens.
    pub(super) refresh_tokens: HashMap<String, RefreshToken>,
    /// Client assertions that were used, by client id.
    pub(super) used_assertions: HashMap<String, Used>,
    /// Hosted key sets by client id.
    pub(super) hosted_keys: HashMap<String, HostedKeys>,
    /// Token requests by client id.
    pub(super) token_requests: HashMap<String, Quota>,
    /// Accounts that apps manage, by client id.
    pub(super) managed_users: HashMap<String, ManagedUsers>,
    /// Who has booked what, by practice and the number of the appointment.
    pub(super) bookings: HashMap<(u32, u64), Booking>,
    /// API calls.
    pub(super) api_calls: Quota,
    /// Requests since what is over was forgotten, and what was left then.
    requests: usize,
    left: usize,
}

impl State {
    /// The app of a client id.
    pub(super) fn app(&self, client_id: &str) -> Option<Arc<App>> {
        self.apps.get(client_id).cloned()
    }

    /// Counts a request, and forgets what is over when there were as many as things are remembered:
    /// so a request costs the same however long the platform runs.
    pub(super) fn tidy(&mut self, now: i64) {
        self.requests += 1;
        if self.requests >= self.left.max(FEW) || self.is_too_full() {
            self.forget(now);
            self.make_room();
            self.requests = 0;
        }
    }

    fn is_too_full(&self) -> bool {
        self.tickets.len().max(self.launches.len()) > OPEN
            || self.sessions.len().max(self.codes.len()).max(self.revoked.len()) > ISSUED
            || self.access_tokens.len().max(self.refresh_tokens.len()) > ISSUED
            || self.opaque_tokens.len() > ISSUED
    }

    /// Gives up what ends first, where more is held than may be.
    fn make_room(&mut self) {
        make_room(&mut self.tickets, OPEN, |ticket| ticket.expires);
        make_room(&mut self.launches, OPEN, |launch| launch.expires);
        make_room(&mut self.sessions, ISSUED, |session| session.expires);
        make_room(&mut self.codes, ISSUED, |code| code.expires);
        make_room(&mut self.access_tokens, ISSUED, |token| token.expires);
        make_room(&mut self.refresh_tokens, ISSUED, |token| token.expires);
        make_room(&mut self.revoked, ISSUED, |expires| *expires);
        make_room(&mut self.opaque_tokens, ISSUED, |(_, expires)| *expires);
    }

    fn forget(&mut self, now: i64) {
        let Self { apps, grants, codes, .. } = self;
        let is_ended = |grant: &u64| grants.get(grant).is_none_or(|grant| grant.ended);
        self.tickets.retain(|_, ticket| ticket.expires > now);
        self.sessions.retain(|_, session| session.expires > now);
        self.launches.retain(|_, launch| launch.expires > now);
        self.revoked.retain(|_, expires| *expires > now);
        self.opaque_tokens.retain(|_, (_, expires)| *expires > now);
        self.used_assertions.retain(|_, used| {
            used.forget(now);
            !used.is_empty()
        });
        self.access_tokens.retain(|_, token| token.expires > now && !is_ended(&token.grant));
        self.refresh_tokens.retain(|_, token| token.expires > now && !is_ended(&token.grant));
        let access = self.access_tokens.values().map(|token| token.grant);
        let refresh = self.refresh_tokens.values().map(|token| token.grant);
        let in_use: HashSet<u64> = access.chain(refresh).collect();
        grants.retain(|number, _| in_use.contains(number));
        // A code that comes back ends what it was redeemed for, as long as there is anything.
        codes.retain(|_, code| match code.redeemed {
            Some(grant) => grants.contains_key(&grant),
            None => code.expires > now,
        });
        self.hosted_keys.retain(|id, _| apps.contains_key(id));
        self.managed_users.retain(|id, _| apps.contains_key(id));
        self.token_requests.retain(|id, _| apps.contains_key(id));
        self.left = self.tickets.len()
            + self.sessions.len()
            + self.used_assertions.values().map(Used::len).sum::<usize>()
            + self.access_tokens.len()
            + self.refresh_tokens.len()
            + self.codes.len()
            + self.revoked.len()
            + self.opaque_tokens.len();
    }

    /// Ends a grant: none of its tokens is good any more.
    pub(super) fn end_grant(&mut self, grant: u64) {
        if let Some(grant) = self.grants.get_mut(&grant) {
            grant.ended = true;
        }
    }

    /// Ends all that users granted to an app.
    pub(super) fn end_grants_of(&mut self, client_id: &str) {
        let own = self.grants.values_mut().filter(|grant| grant.client_id == client_id);
        own.for_each(|grant| grant.ended = true);
    }
}

/// Requests after which it is worth to look for what is over.
const FEW: usize = 1000;

#[cfg(test)]
mod tests {
    use crate::mock::testing::{Tester, patient_web};

    #[tokio::test]
    async fn what_is_over_is_forgotten_and_what_lives_is_kept() {
        let tester = Tester::new();
        let app = tester.register(patient_web()).await;
        let short = [("scope", "openid")];
        tester.patient_tokens(&app, &short).await;
        let refresh = tester.patient_tokens(&app, &[]).await["refresh_token"].clone();
        tester.authorize(&app, &[("prompt", "login")]).await;
        let sizes = || {
            let now = tester.platform.clock().unix();
            let mut state = tester.platform.state();
            state.forget(now);
            let visits = (state.tickets.len(), state.sessions.len(), state.codes.len());
            (visits, state.access_tokens.len(), state.refresh_tokens.len(), state.grants.len())
        };
        assert_eq!(sizes(), ((3, 1, 2), 2, 1, 2));
        tester.wait(3600);
        assert_eq!(sizes(), ((0, 1, 1), 0, 1, 1));
        tester.wait(8 * 60 * 60);
        assert_eq!(sizes(), ((0, 0, 1), 0, 1, 1));
        let refresh = refresh.as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let tokens = tester.token(&app, &form).await.json();
        let token = tokens["access_token"].as_str().unwrap();
        tester.patient_tokens(&app, &short).await;
        let read = tester.read("/fhir/r4/Patient/a-80000.E-14545", token).await;
        assert_eq!(read.status.as_u16(), 200, "a new grant does not take an earlier one's place");
        tester.wait(91 * 24 * 60 * 60);
        assert_eq!(sizes(), ((0, 0, 0), 0, 0, 0));
    }

    #[test]
    fn looking_for_what_is_over_is_rare() {
        let mut state = super::State::default();
        for number in 0..5000 {
            state.revoked.insert(number.to_string(), number);
            state.tidy(number);
        }
        assert!(state.revoked.len() <= super::FEW);
    }
}
