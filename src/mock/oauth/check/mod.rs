//! The rules, one file each; the endpoints call them in the order of their own files.

mod assertion;
mod audience;
mod client_authentication;
mod code;
mod form;
mod launch;
mod pkce;
mod prompt;
mod quota;
mod redirect_uri;
mod refresh_token;
mod required;
mod response_type;
mod scope;

pub(super) use audience::audience;
pub(in crate::mock) use client_authentication::by_secret;
pub(super) use client_authentication::client_authentication;
pub(super) use code::code;
pub(super) use form::form;
pub(super) use launch::launch;
pub(super) use pkce::challenge;
pub(in crate::mock) use prompt::Prompt;
pub(super) use prompt::prompt;
pub(in crate::mock) use quota::Quota;
pub(super) use quota::quota;
pub(super) use redirect_uri::{registered_client, registered_redirect_uri};
pub(super) use refresh_token::{Spent, refresh_token, scope_of_refresh, spend};
pub(super) use required::{once, required, supported};
pub(super) use response_type::{response_mode, response_type};
pub(super) use scope::{scope_of_authorization, scope_of_client};
