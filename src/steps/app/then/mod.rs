//! What the app owes.

mod assertion;
mod bearer;
mod browser;
mod bystander;
mod count;
mod credentials;
mod declared;
mod discovery;
mod key_set;
mod request;
mod scopes;
mod work;
