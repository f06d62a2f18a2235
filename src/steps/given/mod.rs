//! What is so before a scenario begins.

mod app;
mod kept_token;
mod setting;
