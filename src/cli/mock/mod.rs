//! `checkride mock`: the mock platform by itself, for manual work and for other tools.
//!
//! The arguments become a [`Platform`] with its settings and its time; it is served, and a welcome
//! says what can be done with it.

mod control;
mod settings;
mod welcome;

use std::net::SocketAddr;

use tokio::net::TcpListener;
use url::Url;

use super::args::MockArgs;
use super::run::stopped;
use super::{Exit, Surroundings};
use crate::mock::{Platform, Tls, TlsError, serve};
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
        let mut platform = Platform::new(dialect.into(), sandbox.into(), clock)
            .map_err(|error| Mistake::new(format!("cannot {error}")))?
            .with_base(&base(args, address));
        if let Some(tls) = tls(surroundings, args)? {
            platform = platform.with_tls(tls);
        }
        let token = control::token(surroundings, args)?;
        if let Some(token) = &token {
            platform = platform.with_control_token(token.value().clone());
        }
        let server = serve(platform, listener)
            .map_err(|error| Mistake::new(format!("cannot serve the mock platform: {error}")))?;
        // Whoever reads that it is ready may end it at once.
        let stop = stopped();
        if let Some(warning) = welcome::exposure(args, address) {
            surroundings.remark(&warning);
        }
        surroundings.tell(&welcome::welcome(&server.platform, args, address, token.as_ref()));
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
    let scheme = if is_over_tls(args) { "https" } else { "http" };
    match &args.base {
        Some(base) => base.as_str().trim_end_matches('/').to_owned(),
        None if address.ip().is_unspecified() => format!("{scheme}://localhost:{}", address.port()),
        None => format!("{scheme}://{address}"),
    }
}

/// Its certificates, for every name that clients know it by.
fn tls(surroundings: &Surroundings, args: &MockArgs) -> Result<Option<Tls>, Mistake> {
    if !is_over_tls(args) {
        return Ok(None);
    }
    let mut hosts = Vec::new();
    if let Some(host) = args.base.as_ref().and_then(Url::host_str) {
        hosts.push(host.trim_matches(['[', ']']).to_owned());
    }
    if !args.bind.is_unspecified() {
        hosts.push(args.bind.to_string());
    }
    let tls = match &args.tls_ca {
        Some(folder) => Tls::kept_in(&surroundings.folder.join(folder), &hosts),
        None => Tls::in_memory(&hosts),
    };
    tls.map(Some).map_err(|error| {
        let hint = match &error {
            TlsError::OpenToOthers(key) => format!("chmod 600 {}", key.display()),
            _ => "`--tls-ca` takes an empty folder, or one that it was given before".to_owned(),
        };
        Mistake::new(format!("cannot {error}")).with_hint(hint)
    })
}

fn is_over_tls(args: &MockArgs) -> bool {
    args.tls || args.tls_ca.is_some()
}
