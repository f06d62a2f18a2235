//! Serves a platform on a port.

use std::convert::Infallible;
use std::future::ready;
use std::io;

use axum::serve::{IncomingStream, ListenerExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::util::service_fn;

use super::platform::Platform;
use super::router::service;

/// A platform that is being served; dropping it ends the service.
#[derive(Debug)]
pub struct Server {
    /// The platform.
    pub platform: Platform,
    /// Scheme, host and port, without trailing slash.
    pub base: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<io::Result<()>>,
}

/// Serves a platform on a free port of 127.0.0.1.
///
/// # Errors
/// If no port can be had.
pub async fn start(platform: Platform) -> io::Result<Server> {
    serve(platform, TcpListener::bind(("127.0.0.1", 0)).await?)
}

/// Serves a platform on a listener, at `http://` and the listener's address unless the platform
/// already has a base.
///
/// # Errors
/// If the listener does not know its own address.
pub fn serve(platform: Platform, listener: TcpListener) -> io::Result<Server> {
    let address = listener.local_addr()?;
    platform.found_at(&format!("http://{address}"));
    if !address.ip().is_loopback() {
        platform.expose();
    }
    // Answers are small and complete: waiting to fill a packet would only delay them.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let service = service(platform.clone());
    let each =
        service_fn(move |_: IncomingStream<'_, _>| ready(Ok::<_, Infallible>(service.clone())));
    let service = axum::serve(listener, each).with_graceful_shutdown(async {
        // A dropped sender is a stop as well.
        let _ = stopped.await;
    });
    let served = tokio::spawn(service.into_future());
    Ok(Server { base: platform.base().to_owned(), platform, stop, served })
}

impl Server {
    /// Ends the service when the requests at hand are answered.
    ///
    /// # Errors
    /// If it had ended by itself with an error.
    pub async fn stop(self) -> io::Result<()> {
        let _ = self.stop.send(());
        self.served.await.map_err(io::Error::other)?
    }

    /// Waits until the service ends by itself.
    ///
    /// # Errors
    /// What it ended with.
    pub async fn wait(self) -> io::Result<()> {
        let Self { served, stop, .. } = self;
        let end = served.await.map_err(io::Error::other)?;
        drop(stop);
        end
    }
}
