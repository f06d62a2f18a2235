//! What happens in a scenario.

mod api;
mod assertion;
mod authorize;
mod discovery;
mod key_set;
mod launch;
mod onboarding;
mod page;
mod portal;
mod sign_in;
mod sign_out;
mod time;
mod token;
mod token_state;

pub(super) use discovery::issuers_own;
pub(super) use sign_in::let_in;
pub(super) use token::redeem_code;
