//! What is so before a scenario begins.

mod app;
mod setting;
