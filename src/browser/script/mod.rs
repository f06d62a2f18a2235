//! Plays a platform's login script as a user does, with a mouse or with the keyboard alone, and finds
//! its way through pages that the script does not describe.

mod keyboard;
mod play;
mod puzzle;
mod understood;

pub use play::{End, Played, Values};

pub(super) use puzzle::Puzzles;
pub(super) use understood::{Understood, Wants};
