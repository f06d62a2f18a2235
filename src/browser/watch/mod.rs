//! What the tabs of a scenario have shown so far, and waiting for a change of it.
//!
//! The events of a lent tab, and of the tabs that its pages open, go into one [`Sight`]. Whoever waits
//! for something in it waits by a [`Watch`], and is woken at each change.

mod sight;
mod view;
mod views;
mod waiting;

pub(super) use sight::{Awaited, Sight};
pub(super) use view::View;
pub(super) use views::Views;
pub(super) use waiting::Watch;
