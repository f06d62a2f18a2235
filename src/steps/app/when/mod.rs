//! What is done with the app, and what happens meanwhile.

mod address;
mod only;
mod platform;
mod use_it;
