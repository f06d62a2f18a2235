//! How a command ends: what is said of a run, who is told, and the exit code.

mod exit;
mod notify;
mod print;
mod summary;

pub use exit::Exit;
pub(super) use notify::{Herald, herald};
pub(super) use print::print;
pub(super) use summary::{counted, shell_word, summarised, troubles, waits};
