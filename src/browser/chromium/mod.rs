//! The browser as a program: found or installed, started in a profile of its own, ended without
//! leaving anything behind.

mod install;
mod launch;
mod locate;
mod profile;

pub(super) use launch::{Chromium, start};
pub(super) use locate::find;
