//! `checkride mock`: the mock platform by itself, for manual work and for other tools.
//!
//! The arguments become a [`Platform`] with its settings and its time; it is served, and a welcome
//! says what can be done with it.

mod settings;
mod welcome;

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::args::MockArgs;
use super::run::stopped;
use super::{Exit, Surroundings};
use crate::mock::{Platform, serve};
use crate::project::{Mistake, built_in};

/// Serves the platform until somebody ends it.
pub(super) fn mock(surroundings: &Surroundings, args: &MockArgs) -> Result<Exit, Mistake> {
    let dialect = settings::dialect(args)?;
    let sandbox = built_in::sandbox(&args.dialect)?;
    let clock = settings::clock(args);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Mistake::new(format!("cannot start the program's threads: {error}")))?;
    runtime.block_on(async {
        let listener = listen(args).await?;
        let address = listener
            .local_addr()
            .map_err(|error| Mistake::new(format!("cannot listen: {error}")))?;
        let platform = Platform::new(dialect.into(), sandbox.into(), clock)
            .map_err(|error| Mistake::new(format!("cannot {error}")))?
            .with_base(&base(args, address));
        let server = serve(platform, listener)
            .map_err(|error| Mistake::new(format!("cannot serve the mock platform: {error}")))?;
        // Whoever reads that it is ready may end it at once.
        let stop = stopped();
        if let Some(warning) = welcome::exposure(args, address) {
            surroundings.remark(&warning);
        }
        surroundings.tell(&welcome::welcome(&server.platform, args, address));
        stop.await;
        server
            .stop()
            .await
            .map_err(|error| Mistake::new(format!("cannot end in order: {error}")))?;
        Ok(Exit::Conforms)
    })
}

async fn listen(args: &MockArgs) -> Result<TcpListener, Mistake> {
    let at = SocketAddr::new(args.bind, args.port);
    TcpListener::bind(at).await.map_err(|error| {
        let mistake = Mistake::new(format!("cannot listen on {at}: {error}"));
        mistake.with_hint(match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "end the program that has the port, or choose another with `--port`"
            }
            std::io::ErrorKind::AddrNotAvailable => {
                "`--bind` takes an address of this machine; 0.0.0.0 and :: stand for all of them"
            }
            _ => "choose another port with `--port`, or another address with `--bind`",
        })
    })
}

/// Where clients find it. A listener on every address has none of its own.
fn base(args: &MockArgs, address: SocketAddr) -> String {
    match &args.base {
        Some(base) => base.as_str().trim_end_matches('/').to_owned(),
        None if address.ip().is_unspecified() => format!("http://localhost:{}", address.port()),
        None => format!("http://{address}"),
    }
}
