//! Tokens: what an answer issued, and those that scenarios share because token requests are scarce.

mod banked;
mod issued;
mod of_user;
mod shared;
mod token_request;

pub(super) use banked::Loan;
pub use banked::{Keeping, Teller, waits};
pub use issued::Tokens;
pub(super) use of_user::Place;
pub(super) use shared::SharedToken;
pub use shared::SharedTokens;
pub(super) use token_request::TOKEN_ENDPOINT;
pub use token_request::TokenRequest;
