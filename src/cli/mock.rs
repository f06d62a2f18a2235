//! `checkride mock`: the mock platform by itself, for manual work and for other tools.

use std::sync::Arc;

use tokio::net::TcpListener;

use super::args::MockArgs;
use super::run::stopped;
use super::{Exit, Surroundings};
use crate::clock::Clock;
use crate::mock::{Platform, serve};
use crate::project::{Mistake, built_in};

/// Serves the platform until somebody ends it.
pub(super) fn mock(surroundings: &Surroundings, args: &MockArgs) -> Result<Exit, Mistake> {
    let dialect = Arc::new(built_in::dialect(DIALECT)?);
    let sandbox = Arc::new(built_in::sandbox()?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Mistake::new(format!("cannot start the program's threads: {error}")))?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", args.port)).await.map_err(|error| {
            Mistake::new(format!("cannot listen on port {}: {error}", args.port))
                .with_hint("end the program that has the port, or choose another with `--port`")
        })?;
        let platform = Platform::new(dialect, sandbox, Clock::system())
            .map_err(|error| Mistake::new(format!("cannot {error}")))?;
        let server = serve(platform, listener)
            .map_err(|error| Mistake::new(format!("cannot serve the mock platform: {error}")))?;
        // Whoever reads that it is ready may end it at once.
        let stop = stopped();
        surroundings.tell(&welcome(&server.platform));
        stop.await;
        server
            .stop()
            .await
            .map_err(|error| Mistake::new(format!("cannot end in order: {error}")))?;
        Ok(Exit::Conforms)
    })
}

fn welcome(platform: &Platform) -> String {
    let users: Vec<String> = platform
        .sandbox()
        .users
        .iter()
        .map(|user| format!("{} ({})", user.username, user.name))
        .collect();
    format!(
        "The mock platform is ready; Ctrl-C ends it.\n\
         FHIR base:   {}\n\
         discovery:   {}/.well-known/smart-configuration\n\
         portal API:  {}\n\
         users:       {}\n\
         Their passwords are in dialects/athenahealth/sandbox.yaml; they open nothing else.",
        platform.fhir_base(),
        platform.fhir_base(),
        platform.portal_api(),
        users.join(", "),
    )
}

const DIALECT: &str = "athenahealth";
