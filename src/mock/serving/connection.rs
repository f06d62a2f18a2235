//! One connection: its handshake, its requests, its end.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy, sink};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::tls::Tls;
use crate::dialect::Rule;
use crate::mock::fault::unless_dropped;
use crate::mock::platform::Platform;
use crate::mock::router::service;
use crate::protocol::tls::old::OldVersion;

/// What all connections of a server have in common.
pub(super) struct Connections {
    platform: Platform,
    tls: Option<Tls>,
    http: http1::Builder,
    stopped: watch::Receiver<()>,
}

impl Connections {
    /// Connections that end when something is sent to `stopped`, or when its sender is gone.
    pub(super) fn new(platform: &Platform, stopped: watch::Receiver<()>) -> Self {
        let mut http = http1::Builder::new();
        // A client may say that it has no more to ask while it waits.
        http.half_close(true)
            .timer(TokioTimer::new())
            .header_read_timeout(LONGEST_IDLE)
            .max_buf_size(LARGEST_HEAD)
            .max_header_size(LARGEST_HEAD);
        Self { platform: platform.clone(), tls: platform.tls().cloned(), http, stopped }
    }

    /// Serves a connection in a task of its own.
    pub(super) fn serve(&self, stream: TcpStream) {
        // Answers are small and complete: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let (platform, http) = (self.platform.clone(), self.http.clone());
        let stopped = self.stopped.clone();
        match self.tls.clone() {
            None => drop(tokio::spawn(answer(platform, http, stream, stopped, None))),
            Some(tls) => drop(tokio::spawn(async move {
                // Subscribed before the handshake, which may show the certificate of before.
                let changed = tls.changed();
                let shaken = timeout(LONGEST_HANDSHAKE, shake_hands(&platform, &tls, stream));
                match shaken.await {
                    Ok(Ok(Shaken::Tls(stream))) => {
                        answer(platform, http, *stream, stopped, Some(changed)).await;
                    }
                    Ok(Ok(Shaken::Plain(stream))) => {
                        answer(platform, http, stream, stopped, Some(changed)).await;
                    }
                    Ok(Err(_)) | Err(_) => {}
                }
            })),
        }
    }
}

/// Answers a connection's requests until the client or the server ends it. When the certificate
/// changes it ends after the request at hand, so that the next one meets the new certificate.
async fn answer(
    platform: Platform,
    http: http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    mut stopped: watch::Receiver<()>,
    changed: Option<watch::Receiver<()>>,
) {
    let service = service(platform)
        .map_request(|request: hyper::Request<Incoming>| request.map(Body::new))
        // An error closes the connection.
        .map_result(unless_dropped);
    let service = TowerToHyperService::new(service);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let to_end = async move {
        match changed {
            None => drop(stopped.changed().await),
            Some(mut changed) => {
                tokio::select! {
                    _ = stopped.changed() => {}
                    _ = changed.changed() => {}
                }
            }
        }
    };
    tokio::select! {
        // What a client did wrong was told to it, as far as it listens.
        _ = connection.as_mut() => return,
        () = to_end => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// A connection that requests can come on.
enum Shaken {
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    /// Without TLS, where that is passed over.
    Plain(TcpStream),
}

/// The TLS handshake. Whoever speaks HTTP without it is told so.
async fn shake_hands(platform: &Platform, tls: &Tls, mut stream: TcpStream) -> io::Result<Shaken> {
    let mut first = [0; HELLO_UP_TO_VERSION];
    let peeked = stream.peek(&mut first).await?;
    if let Some(version) = OldVersion::offered(&first[..peeked])
        && platform.overlooks(Rule::TlsVersion)
    {
        // Farther than this nobody goes who looks whether it is spoken.
        stream.write_all(&version.server_hello([0; 32])).await?;
        stream.shutdown().await?;
        copy(&mut stream.take(LARGEST_HEAD as u64), &mut sink()).await?;
        return Err(io::ErrorKind::InvalidData.into());
    }
    if first[0].is_ascii_alphabetic() && platform.overlooks(Rule::TlsOnly) {
        return Ok(Shaken::Plain(stream));
    }
    if first[0].is_ascii_alphabetic() {
        let told = format!("This port speaks https: {}\n", platform.base());
        let length = told.len();
        let head = format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n"
        );
        stream.write_all(format!("{head}{told}").as_bytes()).await?;
        stream.shutdown().await?;
        // What is left unread when a connection is closed would take the answer with it.
        copy(&mut stream.take(LARGEST_HEAD as u64), &mut sink()).await?;
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Shaken::Tls(Box::new(TlsAcceptor::from(tls.config()).accept(stream).await?)))
}

/// Bytes of a record up to the version in the hello that it carries.
const HELLO_UP_TO_VERSION: usize = 11;

/// How long a client may take for the head of a request, or be silent between two.
const LONGEST_IDLE: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 60 });
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 10 });
/// Bytes of a request's first line and headers.
const LARGEST_HEAD: usize = 64 * 1024;
