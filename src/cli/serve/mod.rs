//! `checkride serve`: the runs that were kept, as pages to browse on this machine.

mod browse;
mod chart;
mod compare;
mod draw;
mod one;
mod over_time;
mod runs;

use std::path::Path;
use std::sync::Arc;

use browse::Browse;

use super::diff::declared;
use super::history::kept;
use super::run::{project, runtime, stopped};
use super::{Exit, Surroundings};
use crate::live::{Server, Site};
use crate::project::Mistake;

/// Browse the runs that were kept, in your browser: their reports, trends, and what changed between two.
/// Nothing can be changed there, and nobody on another machine can see it.
#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// The port of 127.0.0.1 to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8700)]
    port: u16,
}

/// Serves the project's history until somebody ends it.
pub(super) fn serve(
    surroundings: &Surroundings,
    file: Option<&Path>,
    args: &ServeArgs,
) -> Result<Exit, Mistake> {
    let project = project(surroundings, file)?;
    let keeping = kept(surroundings, &project)?;
    let reports = surroundings.folder.join(&project.root).join(&project.config.reports);
    let browse = Browse::new(keeping.place, reports, declared(&project));
    let browse = Arc::new(browse.map_err(|error| Mistake::new(format!("cannot {error}")))?);
    runtime()?.block_on(async {
        let server = listen(args.port).await?;
        // Whoever reads that it is ready may end it at once.
        let stop = stopped();
        surroundings.tell(&server.address());
        surroundings.remark("the history of this project; Ctrl-C ends it");
        let site = Site::to_read(move |ask| Arc::clone(&browse).answer(ask));
        server.serve(site, stop).await;
        Ok(Exit::Conforms)
    })
}

/// A server at this port.
///
/// # Errors
/// A [`Mistake`] if it cannot be had.
pub(super) async fn listen(port: u16) -> Result<Server, Mistake> {
    Server::listen(port).await.map_err(|error| {
        let mistake = Mistake::new(format!("cannot listen at port {port} of 127.0.0.1: {error}"));
        mistake
            .with_hint("end the program that has the port, or choose another; 0 takes a free one")
    })
}
