//! The `checkride` program: surroundings, command line, exit code.

use std::process::ExitCode;

use checkride::cli::{Surroundings, command_line};

fn main() -> ExitCode {
    command_line(&Surroundings::of_this_process()).into()
}
