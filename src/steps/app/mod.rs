//! The app under test: how it is begun with, how it is used, and what it owes.

mod given;
mod then;
mod when;
