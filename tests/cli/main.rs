//! The program through the door that its users take: the compiled binary, its files, its two
//! streams and its exit code.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[cfg(unix)]
mod again;
mod bank;
mod canary;
mod comes_back;
mod connections;
mod courtesy;
mod coverage;
mod deadlines;
mod dialects;
mod diff;
mod doctor;
mod dossier;
#[cfg(target_os = "linux")]
mod endings;
mod examine;
mod fidelity;
mod golden;
mod guide;
mod history;
mod hostile;
#[cfg(unix)]
mod killed;
mod live;
mod notify;
mod prepare;
#[path = "../history/records.rs"]
mod records;
mod remote;
mod review;
mod search;
mod secrets;
mod selection;
mod selftest;
mod serve;
#[cfg(unix)]
mod shards;
mod stage;
mod standalone;
mod transport;
mod trust;
#[cfg(unix)]
mod verify;
mod waivers;
mod wire;
