//! Everything that the app says to a platform, and what it believes of the answers.
//!
//! `wire` sends one request with patience, `discovery` finds the endpoints, `tokens` asks for tokens
//! with the app's `credentials`, `id_token` verifies who signed in with keys of `key_sets`, and
//! `api` reads records with an `access` that renews itself.

mod access;
mod api;
mod credentials;
mod discovery;
mod id_token;
mod key_sets;
mod keys;
mod tokens;
mod userinfo;
mod wire;

pub(super) use access::Access;
pub(super) use api::{Records, is_at, read, read_anywhere, search};
pub(super) use discovery::Platform;
pub(super) use id_token::{Expected, Identity, verify};
pub(super) use key_sets::KeySets;
pub use keys::Keys;
pub(super) use tokens::{Grant, Tokens, ask};
pub(super) use wire::{CRASHED, Wire, WireError};
