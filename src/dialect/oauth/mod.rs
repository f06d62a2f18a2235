//! The authorization server: what its endpoints take, say and refuse, and the rules that it may be
//! played without.

mod authorization;
mod errors;
mod rule;
mod scopes;
mod server;

pub use authorization::{
    DiscoveryRules, LogoutRules, PublishedKeyRules, QuotaHeaders, ResponseMode,
};
pub use errors::ErrorRules;
pub use rule::Rule;
pub use scopes::ScopeCatalogue;
pub use server::{
    AssertionRules, AuthorizeRules, HostedKeyRules, IntrospectionRules, Lifetimes, TokenRules,
};
