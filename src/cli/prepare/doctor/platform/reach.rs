//! Whether a host can be reached; what keeps from it is told apart.

use url::Url;

use super::super::case::Case;
use super::super::finding::{Finding, Severity, Sheet};
use super::{certificate, proxy};
use crate::http::Unconnected;
use crate::project::Place;
use crate::protocol::reach::is_of_this_machine;

/// Connects to the host of an address; whether requests can be sent there.
pub(in crate::cli::prepare::doctor) async fn examine(
    case: &Case<'_>,
    url: &Url,
    place: impl Fn() -> Place,
    sheet: &mut Sheet,
) -> bool {
    let host = host(url);
    if let Some(proxy) = proxy::of(case.surroundings, url) {
        sheet.find(Finding::new(
            Severity::Untold,
            format!("the host {host}"),
            format!("requests go through the proxy of `{proxy}`"),
            "behind a proxy neither the host's address nor its certificate can be seen",
            format!("run `doctor` where there is none, or add the host to `NO_PROXY`: `{host}`"),
        ));
        return true;
    }
    match case.connector.connect(url).await {
        Ok(connected) => match &connected.handshake {
            Some(handshake) => certificate::examine(case, &host, handshake, place, sheet),
            None => {
                plain(case, url, &host, place, sheet);
                true
            }
        },
        Err(error) => {
            let (cause, fix) = explained(case, url, &error);
            let seen = format!("failed to {error}");
            let about = format!("the host {host}");
            sheet.find(Finding::new(Severity::Broken, about, seen, cause, fix).at(place()));
            false
        }
    }
}

/// Where a failed connection comes from, and what to do.
fn explained(case: &Case<'_>, url: &Url, error: &Unconnected) -> (String, String) {
    let of_machine = is_of_this_machine(url);
    let (cause, fix) = match error {
        Unconnected::Name { host, .. } => (
            "the name is misspelt, or this machine has no way to ask for it (DNS, VPN)",
            format!("look it up: `getent hosts {host}`; then correct `platform`, or the network"),
        ),
        Unconnected::Refused { address } if of_machine => (
            "nothing listens on this port of this machine",
            format!("start the server at {address}, or correct the port in `{}`", case.name),
        ),
        Unconnected::Refused { .. } => (
            "the machine is up, and nothing listens on the port or a firewall refuses it",
            "correct the port, or ask whoever runs the platform".to_owned(),
        ),
        Unconnected::Timeout { .. } => (
            "the machine is down, or a firewall swallows what is sent to it",
            "try from another network; if it answers there, let the firewall open the way"
                .to_owned(),
        ),
        Unconnected::NoWay { .. } => {
            ("this machine has no way to that network", "check the network and the VPN".to_owned())
        }
        Unconnected::Tls { .. } => (
            "the port speaks no TLS, or no version that this side accepts (1.2 and 1.3)",
            "correct the port, write `http://` for a server without TLS, or mend the server's TLS"
                .to_owned(),
        ),
    };
    (cause.to_owned(), fix)
}

/// A host that is spoken to without TLS.
fn plain(case: &Case<'_>, url: &Url, host: &str, place: impl Fn() -> Place, sheet: &mut Sheet) {
    if is_of_this_machine(url) {
        sheet.well(host, "reached, without TLS on this machine");
        return;
    }
    sheet.find(
        Finding::new(
            Severity::Warning,
            format!("the host {host}"),
            "it is spoken to over http: secrets and tokens can be read on the way",
            "an address begins with `http://`",
            format!("write `https://` into the target `{}`, if the host has it", case.name),
        )
        .at(place()),
    );
}

/// Host and port, for readers.
fn host(url: &Url) -> String {
    let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}
