//! The validation dossier: one document of one run, to be brought to a vendor's validation call.
//!
//! Each section has a file that says in plain values what it shows; `dossier.html` lays them out, and
//! `page.rs` puts all together. There is no script in it: it can be read, printed and filed as it is, and
//! whatever a platform answered is only ever text.

mod addresses;
mod calls;
mod client;
mod cover;
mod declared;
mod evidence;
mod findings;
mod page;
mod requirements;
mod scopes;
mod surroundings;
mod unjudged;

pub use page::render;
