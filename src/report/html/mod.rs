//! The run as one page that needs nothing else: no network, no other file.
//!
//! `view.rs` says in plain values what the page shows, `page.html` lays it out, and `page.js`
//! unfolds a scenario from its record when somebody opens it; so a run of thousands of scenarios
//! opens at once. Whatever a platform answered is only ever text on this page: the template
//! escapes it, the script sets it as text, and the page's own policy forbids all other scripts.

mod connections;
mod fidelity;
mod page;
mod view;

pub use page::render;
