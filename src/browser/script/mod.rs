//! Plays a platform's login script as a user does, with a mouse or with the keyboard alone.

mod keyboard;
mod play;

pub use play::{End, Played, Values};
