//! The command line: one command, one file.
//!
//! What a command learns of its surroundings (environment, terminal) comes in as
//! [`Surroundings`]; what it has to say at the end goes out as an [`Exit`].

mod args;
mod bank;
mod browser;
mod coverage;
mod deadlines;
mod demo_app;
#[cfg(test)]
mod deployed;
mod diff;
mod history;
mod merge;
mod mock;
mod outcome;
mod prepare;
mod report;
mod review;
mod run;
mod selftest;
mod serve;
mod show_error;
mod steps;
mod subject;
mod surroundings;

use std::panic::{self, AssertUnwindSafe};

use clap::Parser as _;

pub use outcome::Exit;
pub use surroundings::Surroundings;

use args::{Args, Command};

use crate::project::Mistake;
use crate::secret::Redactor;

/// Runs the command that the arguments ask for.
pub fn command_line(surroundings: &Surroundings) -> Exit {
    let args = match Args::try_parse_from(&surroundings.arguments) {
        Ok(args) => args,
        Err(asked) => {
            // Clap writes help to the output stream and mistakes to the error stream.
            let _ = asked.print();
            return if asked.use_stderr() { Exit::Usage } else { Exit::Conforms };
        }
    };
    show_error::hear_panics(&Redactor::new());
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| perform(surroundings, &args)));
    // What went wrong was said when it did.
    let Ok(outcome) = outcome else { return Exit::NotJudged };
    outcome.unwrap_or_else(|mistake| {
        show_error::show(surroundings, &mistake);
        Exit::Usage
    })
}

fn perform(surroundings: &Surroundings, args: &Args) -> Result<Exit, Mistake> {
    match &args.command {
        Command::Run(of) => run::run(surroundings, args.project.as_deref(), of),
        Command::Merge(of) => merge::merge(surroundings, args.project.as_deref(), of),
        Command::History(of) => history::history(surroundings, args.project.as_deref(), of),
        Command::Serve(of) => serve::serve(surroundings, args.project.as_deref(), of),
        Command::Diff(of) => diff::diff(surroundings, args.project.as_deref(), of),
        Command::Deadlines(of) => deadlines::deadlines(surroundings, args.project.as_deref(), of),
        Command::Report(of) => report::report(surroundings, args.project.as_deref(), of),
        Command::Plan(of) => prepare::plan(surroundings, args.project.as_deref(), of),
        Command::Doctor(of) => prepare::doctor(surroundings, args.project.as_deref(), of),
        Command::Init(of) => prepare::init(surroundings, of),
        Command::Coverage(of) => coverage::coverage(surroundings, args.project.as_deref(), of),
        Command::Selftest(of) => selftest::selftest(surroundings, args.project.as_deref(), of),
        Command::Steps(of) => steps::steps(surroundings, args.project.as_deref(), &of.words),
        Command::Bank(of) => bank::bank(surroundings, args.project.as_deref(), of),
        Command::Mock(of) => mock::mock(surroundings, of),
        Command::DemoApp(of) => demo_app::demo_app(surroundings, of),
        Command::Review(of) => review::review(surroundings, args.project.as_deref(), of),
    }
}
