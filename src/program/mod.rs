//! The user's own programs: started, watched, and ended with everything that they started.
//!
//! A program gets a process group of its own and a mark in its environment, which what it starts
//! inherits: by both its tree is found at the end, also what left the group. What a program says on
//! stdout and stderr is kept, secrets taken out.

mod command;
mod output;
mod running;
mod tree;

pub use command::{Command, ProgramError};
pub use output::Output;
pub use running::Program;
pub use tree::sweep;
