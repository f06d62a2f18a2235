//! A user's token that scenarios share: one of them lets the user sign in, and the others wait for it.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::OwnedMutexGuard;

use super::shared::SharedToken;
use crate::world::{Halt, Scene};

/// Where the token belongs that this scenario is about to get; who needs one waits until it is there, or
/// until the scenario has ended without.
pub(in crate::world) type Place = OwnedMutexGuard<Option<SharedToken>>;

impl Scene {
    /// Takes the token for which this user signed in before, where the scenario shares tokens and one is
    /// fresh; whether it did. Else the token that the scenario gets is for the others too.
    ///
    /// # Errors
    /// [`Halt::Error`] if there is no app.
    pub async fn takes_shared_token_of(&mut self, user: &str) -> Result<bool, Halt> {
        let context = Arc::clone(&self.context);
        if !context.shared_tokens.has_part(&self.scenario.0) {
            return Ok(false);
        }
        let app = self.app()?;
        let meant = format!("{} as {user}", app.scopes.join(" "));
        let place = context.shared_tokens.hold(&app.client_id, &meant).lock_owned().await;
        match place.as_ref().filter(|token| token.is_fresh()) {
            Some(token) => self.use_shared(token),
            None => self.place = Some(place),
        }
        Ok(self.shared.is_some())
    }

    /// Whether the tokens of this scenario are those of another.
    pub fn has_shared_token(&self) -> bool {
        self.shared.is_some()
    }

    /// Hands the tokens that the app got for its code to the scenarios that wait for them.
    pub fn share_tokens(&mut self, asked: Instant) {
        if let (Some(mut place), Some(tokens), None) =
            (self.place.take(), &self.tokens, self.refused)
        {
            *place = Some(SharedToken::new(tokens.clone(), asked));
        }
    }

    /// Has a token that was asked for by another scenario.
    pub(in crate::world) fn use_shared(&mut self, token: &SharedToken) {
        let tokens = token.tokens().clone();
        tokens.tell(self.recorder.redactor());
        (self.tokens, self.refused) = (Some(tokens), None);
        self.shared = Some(token.clone());
    }
}
