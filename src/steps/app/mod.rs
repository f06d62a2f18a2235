//! The app under test: how it is begun with, how it is used, and what it owes.

mod flow;
mod given;
mod sent;
mod then;
mod unguessable;
mod when;
mod words;
