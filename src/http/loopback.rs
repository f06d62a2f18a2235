//! Listeners at the redirect URIs that apps have on this machine (RFC 8252 §7.3).

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::{Host, Url};

/// The app's side of its loopback redirect URIs, which users really come back to.
///
/// It ends when the last clone is dropped.
#[derive(Clone, Debug, Default)]
pub struct Loopback {
    /// The addresses, as they are registered.
    served: BTreeSet<String>,
    _servers: Arc<JoinSet<()>>,
}

/// A port on which nobody can listen.
#[derive(Debug)]
pub struct Taken {
    /// The redirect URI.
    pub redirect_uri: String,
    /// The system's words.
    pub why: io::Error,
}

impl Loopback {
    /// Listens where these addresses lead to this machine by plain HTTP; `localhost` is both of its
    /// addresses. The others, and those whose port somebody else has, are not listened at.
    pub async fn listen(redirect_uris: impl Iterator<Item = String>) -> (Self, Vec<Taken>) {
        let (mut served, mut servers, mut taken) = (BTreeSet::new(), JoinSet::new(), Vec::new());
        let mut ports: BTreeSet<(String, u16)> = BTreeSet::new();
        for redirect_uri in redirect_uris {
            let Some((hosts, port)) = place(&redirect_uri) else { continue };
            let wanted = hosts.into_iter().map(|host| (host.to_owned(), port));
            let wanted: Vec<(String, u16)> = wanted.filter(|it| !ports.contains(it)).collect();
            match bind(&wanted).await {
                Ok(listeners) => {
                    ports.extend(wanted);
                    for listener in listeners {
                        servers.spawn(receive(listener));
                    }
                    served.insert(redirect_uri);
                }
                Err(why) => taken.push(Taken { redirect_uri, why }),
            }
        }
        (Self { served, _servers: Arc::new(servers) }, taken)
    }

    /// Whether users who are sent to this redirect URI are received.
    pub fn receives(&self, redirect_uri: &str) -> bool {
        self.served.contains(redirect_uri)
    }
}

/// The hosts and the port of an address on this machine.
fn place(redirect_uri: &str) -> Option<(Vec<&'static str>, u16)> {
    let url = Url::parse(redirect_uri).ok().filter(|url| url.scheme() == "http")?;
    let hosts = match url.host()? {
        Host::Domain("localhost") => vec![V4, V6],
        Host::Ipv4(address) if address.to_string() == V4 => vec![V4],
        Host::Ipv6(address) if address.is_loopback() => vec![V6],
        _ => return None,
    };
    Some((hosts, url.port_or_known_default()?))
}

/// All of them, or none; a machine without IPv6 has the others.
async fn bind(wanted: &[(String, u16)]) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for (host, port) in wanted {
        match TcpListener::bind((host.as_str(), *port)).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if host == V6 && error.kind() == io::ErrorKind::AddrNotAvailable => {}
            Err(error) => return Err(error),
        }
    }
    Ok(listeners)
}

async fn receive(listener: TcpListener) {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        // The address holds a code: nobody keeps it, and no other site is told.
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let router = Router::new().fallback(move || async move { (headers, PAGE) });
    // Ends with the task; a browser whose connection fails was on its way back all the same.
    let _ = axum::serve(listener, router).await;
}

const V4: &str = "127.0.0.1";
const V6: &str = "::1";
const PAGE: &str = "<!doctype html><html lang=en><title>Back in the app</title>\
                    <link rel=icon href=data:,><p>You are back in the app.</p>";

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    #[test]
    fn only_plain_addresses_of_this_machine_are_listened_at() {
        for (redirect_uri, expected) in [
            ("http://localhost:3000/cb", Some((vec![V4, V6], 3000))),
            ("http://127.0.0.1:3000/cb", Some((vec![V4], 3000))),
            ("http://[::1]:3000/cb", Some((vec![V6], 3000))),
            ("http://127.0.0.1/cb", Some((vec![V4], 80))),
            ("https://localhost:3000/cb", None),
            ("http://app.example:3000/cb", None),
            ("http://localhost.example/cb", None),
            ("org.example.app:/cb", None),
        ] {
            assert_eq!(place(redirect_uri), expected, "{redirect_uri}");
        }
    }

    #[tokio::test]
    async fn a_free_port_is_listened_at_and_a_taken_one_is_named() {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taken = format!("http://127.0.0.1:{}/cb", other.local_addr().unwrap().port());
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let ours = [format!("http://{address}/a"), format!("http://{address}/b?c=d")];
        let all = ours.iter().chain([&taken]).cloned();
        let (loopback, missed) = Loopback::listen(all).await;
        assert!(ours.iter().all(|uri| loopback.receives(uri)), "{loopback:?}");
        assert!(!loopback.receives(&taken));
        assert_eq!(missed[0].redirect_uri, taken);

        let mut stream = TcpStream::connect(address).await.unwrap();
        let asked = b"GET /a?code=x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(asked).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("cache-control: no-store"), "{answer}");
        drop(stream);
        drop(loopback);
    }
}
