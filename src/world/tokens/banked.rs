//! Refresh tokens that lie in a bank for days before a scenario uses them.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Tokens;
use crate::bank::{Account, Bank, BankError, Kept, Ripeness};
use crate::secret::Secret;
use crate::world::{Halt, Scene};

/// Where refresh tokens lie for days.
#[derive(Clone, Debug)]
pub enum Keeping {
    /// Nowhere, for this reason.
    Nowhere(String),
    /// In a bank that nothing is read of, since nothing is to be sent.
    Unread,
    /// In this bank.
    In(Bank),
}

/// A token that was taken out of the bank, and into which account its successor belongs.
#[derive(Clone, Debug)]
pub(in crate::world) struct Loan {
    account: Account,
    kept: Kept,
}

/// What a bank has for an account.
pub enum Teller {
    /// A token that is to be used now.
    Ripe,
    /// A token that is to be used from this moment on.
    Waits(Timestamp),
    /// None: one is to be put in.
    Empty,
}

impl Keeping {
    /// What it has for an account, of a platform that lets a refresh token lie for `lifetime` seconds; the
    /// sentence why that cannot be told.
    ///
    /// # Errors
    /// The sentence.
    pub fn tell(&self, account: &Account, lifetime: i64, now: Timestamp) -> Result<Teller, String> {
        let bank = match self {
            Self::Nowhere(why) => return Err(why.clone()),
            Self::Unread => return Ok(Teller::Ripe),
            Self::In(bank) => bank,
        };
        let kept = bank.look(account).map_err(|error| format!("failed to {error}"))?;
        Ok(kept.map_or(Teller::Empty, |kept| match kept.ripeness(account.days, lifetime, now) {
            Ripeness::Ripe => Teller::Ripe,
            Ripeness::From(due) => Teller::Waits(due),
            Ripeness::Stale => Teller::Empty,
        }))
    }
}

impl Scene {
    /// Takes the refresh token that a user gave the app so many days ago out of the bank; whether there was
    /// one to be used now. What comes of its use takes its place there. The mock needs no bank.
    ///
    /// # Errors
    /// [`Halt`] if there is no bank, or its token has to lie on.
    pub fn draw(&mut self, user: &str, days: u32) -> Result<bool, Halt> {
        if self.mock.is_some() {
            return Ok(false);
        }
        let account = self.account_of(user, days)?;
        let lifetime = self.context.dialect.lifetimes.refresh_token;
        match self
            .context
            .bank
            .tell(&account, lifetime, self.clock.now())
            .map_err(Halt::Inconclusive)?
        {
            Teller::Empty => return Ok(false),
            Teller::Waits(due) => return Err(Halt::NotOffered(waits(due))),
            Teller::Ripe => {}
        }
        let Some(kept) = self.bank()?.take(&account).map_err(told)? else { return Ok(false) };
        self.recorder.redactor().learn("refresh_token", &kept.token);
        self.tokens = Some(Tokens::banked(&kept));
        self.loan = Some(Loan { account, kept });
        Ok(true)
    }

    /// Lets the refresh token that the app was just given lie for so many days: on the mock, whose clock
    /// is moved, at once.
    ///
    /// # Errors
    /// [`Halt::NotOffered`] where it is put into the bank, since nothing can be judged today; another one
    /// if the platform gave none, or it cannot be put in.
    pub fn lay_up(&mut self, user: &str, days: u32) -> Result<(), Halt> {
        let kept = self.held_tokens()?.to_keep(self.clock.now())?;
        if self.mock.is_some() {
            self.clock.advance(SignedDuration::from_hours(24 * i64::from(days)));
            self.tempts();
            return Ok(());
        }
        self.bank()?.put(&self.account_of(user, days)?, &kept).map_err(told)?;
        Err(Halt::NotOffered(format!(
            "a refresh token was put into the bank today, to be used in {days} days"
        )))
    }

    /// Puts what came of the use of a token into the bank: its successor, or nothing if it was refused.
    pub(in crate::world) fn pay_back(&mut self) -> Result<(), Halt> {
        let Some(Loan { account, .. }) = self.loan.take() else { return Ok(()) };
        match (&self.tokens, self.refused) {
            (Some(tokens), None) => {
                let kept = tokens.to_keep(self.clock.now())?;
                self.bank()?.put(&account, &kept).map_err(told)
            }
            _ => Ok(()),
        }
    }

    /// Puts a token back that the platform has not looked at after all. One of which that is not known
    /// stays away: shown a second time it could end what it was to prove.
    pub(in crate::world) fn put_back_unused(&mut self) -> Result<(), Halt> {
        let Some(Loan { account, kept }) = self.loan.take() else { return Ok(()) };
        let shown = self.recorder.evidence().exchanges.into_iter().map(|(_, exchange)| exchange);
        let mut shown = shown.filter(|one| one.request.method == "POST");
        let is_unheard = |status: u16| UNHEARD.contains(&status);
        if shown.all(|one| one.response.is_some_and(|it| is_unheard(it.status))) {
            self.bank()?.put(&account, &kept).map_err(told)?;
        }
        Ok(())
    }

    fn account_of(&self, user: &str, days: u32) -> Result<Account, Halt> {
        let client_id = self.app()?.client_id.clone();
        Ok(Account { target: self.context.target.clone(), client_id, user: user.to_owned(), days })
    }

    fn bank(&self) -> Result<&Bank, Halt> {
        match &self.context.bank {
            Keeping::In(bank) => Ok(bank),
            Keeping::Unread => Err(Halt::error("nothing of the bank was read")),
            Keeping::Nowhere(why) => Err(Halt::error(why.as_str())),
        }
    }
}

impl Tokens {
    /// The refresh token alone, and what was granted with it; its access token has ended long ago.
    fn banked(kept: &Kept) -> Self {
        let answer = json!({ "scope": kept.scope });
        Self { answer, access: Secret::new(""), refresh: Some(kept.token.clone()), id: None }
    }

    /// The refresh token, as it was just issued or used.
    fn to_keep(&self, since: Timestamp) -> Result<Kept, Halt> {
        let token = self.named("refresh")?.clone();
        Ok(Kept { since, token, scope: self.scopes().join(" ") })
    }
}

/// Says until when a token has to lie.
pub fn waits(due: Timestamp) -> String {
    let due = due.strftime("%Y-%m-%d %H:%M UTC");
    format!("its refresh token lies in the bank until {due}")
}

fn told(error: BankError) -> Halt {
    Halt::error(format!("failed to {error}"))
}

/// Answers of a platform that did not look at the request: too many requests, service unavailable
/// (RFC 6585 §4, RFC 9110 §15.6.4).
const UNHEARD: [u16; 2] = [429, 503];
