//! The run as one page that needs nothing else: no network, no other file.
//!
//! `view.rs` says in plain values what the overview and the tables show, and `page/page.html` lays them
//! out. Scenarios are data apart from markup: `rows.rs` says what a line and a scenario are, `pack.rs`
//! packs them, and the script in `page/script` unpacks and draws what somebody looks at; so a run of
//! thousands of scenarios opens at once. While a run goes, `live.rs` gives the same page without the data:
//! there the script asks for it. Whatever a platform answered is only ever text on this page: the template
//! escapes it, the script sets it as text, and the page's own policy forbids all other scripts.

mod areas;
mod connections;
mod fidelity;
pub mod live;
mod news;
mod pack;
mod page;
mod rows;
mod view;

pub use page::{Picker, render, write};
