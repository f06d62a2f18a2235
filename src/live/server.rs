//! Listens on this machine, and serves.

use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Site;
use super::guard::{Guard, guard};

/// A port of this machine that nobody else can reach.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    port: u16,
}

impl Server {
    /// Listens at a port of 127.0.0.1; 0 takes a free one.
    ///
    /// # Errors
    /// The system's, if it cannot be had.
    pub async fn listen(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Where browsers find it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Serves until `stop` resolves; what is being answered then has a moment to be finished.
    pub async fn serve(self, site: Site, stop: impl Future<Output = ()>) {
        let guarded = Guard::new(self.port, site.token);
        let router = site.router.layer(from_fn_with_state(guarded, guard));
        let (tell, told) = oneshot::channel::<()>();
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(async {
            // Whoever would tell is gone as well.
            let _ = told.await;
        });
        let mut serving = tokio::spawn(async { serving.await });
        stop.await;
        drop(tell);
        if timeout(PATIENCE, &mut serving).await.is_err() {
            serving.abort();
        }
    }
}

/// A browser that takes longer to read is left alone.
const PATIENCE: Duration = Duration::from_secs(1);
