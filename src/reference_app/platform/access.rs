//! Access to records that renews itself: in time, once for all who wait, and never for ever.

use std::time::Instant;

use tokio::sync::Mutex;

use super::discovery::Platform;
use super::id_token::{Expected, Identity, verify};
use super::tokens::{Grant, Tokens, ask};
use crate::protocol::ScopeSet;
use crate::reference_app::app::App;
use crate::reference_app::flaw::Flaw;
use crate::reference_app::trouble::{Trouble, WayOut};
use crate::secret::Secret;

/// Tokens, and how they are renewed.
pub(in crate::reference_app) struct Access {
    held: Mutex<Held>,
    /// The user's platform and who the user is; an app that works for itself has neither.
    user: Option<(Platform, Option<Identity>)>,
}

#[derive(Default)]
struct Held {
    tokens: Option<Tokens>,
    /// When a renewal failed last, and why: those who waited for it share what became of it.
    failed: Option<(Instant, Trouble)>,
}

impl Access {
    /// The access of an app that works for itself.
    pub(in crate::reference_app) fn of_a_system() -> Self {
        Self { held: Mutex::default(), user: None }
    }

    /// The access of a user who has just signed in.
    pub(in crate::reference_app) fn of_a_user(
        platform: Platform,
        identity: Option<Identity>,
        tokens: Tokens,
    ) -> Self {
        let held = Held { tokens: Some(tokens), failed: None };
        Self { held: Mutex::new(held), user: Some((platform, identity)) }
    }

    /// Forgets the tokens.
    pub(in crate::reference_app) async fn end(&self) {
        *self.held.lock().await = Held::default();
    }

    /// What was given last; `None` if it is over.
    pub(in crate::reference_app) async fn tokens(&self) -> Option<Tokens> {
        self.held.lock().await.tokens.clone()
    }

    /// What the app may do; it gets a token first if it has none.
    pub(in crate::reference_app) async fn scope(&self, app: &App) -> Result<ScopeSet, Trouble> {
        self.token(app, None, Instant::now()).await?;
        Ok(self.tokens().await.map(|tokens| tokens.scope).unwrap_or_default())
    }

    /// An access token to use now; another one than `refused`, which the platform did not take.
    ///
    /// `begun` is when its user began: whatever failed since then is not tried again.
    pub(super) async fn token(
        &self,
        app: &App,
        refused: Option<&Secret>,
        begun: Instant,
    ) -> Result<Secret, Trouble> {
        let is_missing = self.held.try_lock().map_or(true, |held| held.tokens.is_none());
        if is_missing && app.flawed(Flaw::RenewsForEachRequest) {
            let mut own = Held::default();
            let token = self.renew(app, &mut own).await?;
            *self.held.lock().await = own;
            return Ok(token);
        }
        let mut held = self.held.lock().await;
        if let Some(tokens) = &held.tokens {
            let is_refused = refused.is_some_and(|it| {
                // Whoever waited finds that another request has renewed them.
                it.expose() == tokens.access.expose() || app.flawed(Flaw::RenewsForEachRequest)
            });
            let is_due = tokens.renew_at.is_some_and(|at| at <= app.clock.unix());
            let is_due = is_due && !app.flawed(Flaw::UsesExpiredTokens);
            if app.flawed(Flaw::UsesTokenForEver) {
                return Ok(tokens.access.clone());
            }
            if !is_refused && !is_due && !app.flawed(Flaw::AsksForTokenEachTime) {
                return Ok(tokens.access.clone());
            }
        }
        if let Some((at, trouble)) = &held.failed
            && *at > begun
        {
            return Err(trouble.clone());
        }
        match self.renew(app, &mut held).await {
            Ok(token) => Ok(token),
            Err(trouble) => {
                held.failed = Some((Instant::now(), trouble.clone()));
                Err(trouble)
            }
        }
    }

    async fn renew(&self, app: &App, held: &mut Held) -> Result<Secret, Trouble> {
        let tokens = match &self.user {
            None => {
                let base = app.settings.fhir_base().ok_or_else(nothing_to_read)?;
                let platform = Platform::discover(app, base).await?;
                ask(app, &platform, Grant::System).await?
            }
            Some((platform, identity)) => {
                let over = || Trouble::ended("Please sign in again.");
                let earlier = held.tokens.clone().ok_or_else(over)?;
                let refresh = earlier.refresh.clone().filter(|_| !app.flawed(Flaw::NeverRefreshes));
                let Some(refresh) = refresh else {
                    held.tokens = None;
                    return Err(over());
                };
                match refreshed(app, platform, identity.as_ref(), &refresh, &earlier).await {
                    Ok(tokens) => tokens.following(app, &earlier),
                    Err(trouble) if trouble.way_out == WayOut::SignIn => {
                        if app.flawed(Flaw::RefreshesForEver) {
                            for _ in 0..STUBBORN {
                                let again = Grant::Refresh(&refresh, &earlier.scope);
                                // What comes of it changes nothing.
                                let _ = ask(app, platform, again).await;
                            }
                        }
                        held.tokens = None;
                        return Err(trouble);
                    }
                    Err(trouble) => return Err(trouble),
                }
            }
        };
        held.failed = None;
        let token = tokens.access.clone();
        held.tokens = Some(tokens);
        Ok(token)
    }
}

async fn refreshed(
    app: &App,
    platform: &Platform,
    identity: Option<&Identity>,
    refresh: &Secret,
    earlier: &Tokens,
) -> Result<Tokens, Trouble> {
    let tokens = ask(app, platform, Grant::Refresh(refresh, &earlier.scope)).await?;
    if let (Some(identity), Some(id_token)) = (identity, &tokens.id_token) {
        let expected = Expected::Refresh(identity);
        verify(app, platform, id_token, &tokens.access, expected).await?;
    }
    Ok(tokens)
}

fn nothing_to_read() -> Trouble {
    Trouble::new("This app has no platform", "No FHIR base was given.", WayOut::None)
}

/// How often the flawed app insists.
const STUBBORN: usize = 3;
