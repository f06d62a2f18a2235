//! What has to be so afterwards, under which clause, and how binding that is.

mod api;
mod before;
mod browser;
mod discovery;
mod id_token;
mod key_set;
mod launch;
mod portal;
mod redirect;
mod refusal;
mod search;
mod snapshot;
mod token;
mod token_state;
