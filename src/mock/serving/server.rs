//! A platform that is being served: from the first connection to the last answer.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::certificate::Kind;
use super::connection::Connections;
use crate::dialect::Rule;
use crate::mock::platform::Platform;

/// A platform that is being served; dropping it ends the service.
#[derive(Debug)]
pub struct Server {
    /// The platform.
    pub platform: Platform,
    /// Scheme, host and port, without trailing slash.
    pub base: String,
    stop: watch::Sender<()>,
    served: JoinHandle<()>,
}

/// Serves a platform on a free port of 127.0.0.1.
///
/// # Errors
/// If no port can be had.
pub async fn start(platform: Platform) -> io::Result<Server> {
    serve(platform, TcpListener::bind(("127.0.0.1", 0)).await?)
}

/// Serves a platform on a listener, over TLS if it has a certificate. It is found at the listener's
/// address unless it already has a base.
///
/// # Errors
/// If the listener does not know its own address.
pub fn serve(platform: Platform, listener: TcpListener) -> io::Result<Server> {
    let scheme = if platform.tls().is_some() { "https" } else { "http" };
    let address = listener.local_addr()?;
    platform.found_at(&format!("{scheme}://{address}"));
    if let Some(tls) = platform.tls()
        && platform.overlooks(Rule::CertificateHost)
    {
        tls.show(Kind::WrongHost, None).map_err(io::Error::other)?;
    }
    if !address.ip().is_loopback() {
        platform.expose();
    }
    let (stop, stopped) = watch::channel(());
    let connections = Connections::new(&platform, stopped.clone());
    let served = tokio::spawn(accept(listener, connections, stopped));
    Ok(Server { base: platform.base().to_owned(), platform, stop, served })
}

impl Server {
    /// Ends the service when the requests at hand are answered, and does not wait for long.
    ///
    /// # Errors
    /// If it had ended by itself.
    pub async fn stop(self) -> io::Result<()> {
        let Self { stop, served, .. } = self;
        let _ = stop.send(());
        served.await.map_err(io::Error::other)?;
        // Whoever is served still holds a receiver.
        let _ = timeout(LONGEST_END, stop.closed()).await;
        Ok(())
    }
}

async fn accept(listener: TcpListener, connections: Connections, mut stopped: watch::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // A dropped sender is a stop as well.
            _ = stopped.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => connections.serve(stream),
            Err(error) if of_one_connection(&error) => {}
            // The process has no more files to open: another connection has to end first.
            Err(_) => drop(timeout(PAUSE, stopped.changed()).await),
        }
    }
}

/// Whether a failed accept says nothing about the next one.
fn of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    [ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted].contains(&error.kind())
}

/// How long the end waits for requests at hand.
const LONGEST_END: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(100);
