//! The dialects beside the first one: strict SMART and 1upHealth, each through the door that apps
//! take.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bench;
mod browser_app;
mod oneuphealth;
mod smart;
