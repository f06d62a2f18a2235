//! Tokens: what an answer issued, and those that scenarios share because token requests are scarce.

mod issued;
mod shared;

pub use issued::Tokens;
pub(super) use shared::SharedToken;
pub use shared::SharedTokens;
