//! Where apps may host their keys, and where the platform lets itself be sent.
//!
//! Anybody who registers an app makes the platform fetch an address of their choice. So the address
//! has to be protected, and what its name resolves to is looked at before the connection is made,
//! to that very address: a name cannot lead into a network that its owner could not reach.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

use crate::protocol::reach::{is_name_of_this_machine, is_of_this_machine, is_public};

/// Whether an app may register this address: https, or http on this machine, without credentials
/// and without fragment.
pub(in crate::mock) fn may_host_keys(url: &Url) -> bool {
    let protected = url.scheme() == "https" || (url.scheme() == "http" && is_of_this_machine(url));
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    protected && plain && url.host().is_some()
}

/// Whether the platform may connect to the host of an address that is written as numbers; what a
/// name leads to is [`PublicOnly`]'s to say.
pub(super) fn may_be_reached(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || is_public(address.into()),
        Some(Host::Ipv6(address)) => address.is_loopback() || is_public(address.into()),
        Some(Host::Domain(_)) => true,
        None => false,
    }
}

/// Resolves names to public addresses only, and names of this machine to itself.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let found = lookup_host((host, 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| allows(host, found.ip())).collect();
            if allowed.is_empty() {
                return Err("the name leads to no public address".into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

fn allows(name: &str, address: IpAddr) -> bool {
    is_public(address) || (is_name_of_this_machine(name) && address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn keys_are_hosted_behind_https_or_on_this_machine() {
        for (address, allowed) in [
            ("https://app.example/keys", true),
            ("https://app.example:8443/keys?app=1", true),
            ("https://10.0.0.1/keys", true),
            ("http://127.0.0.1:8080/keys", true),
            ("http://[::1]:8080/keys", true),
            ("http://localhost/keys", true),
            ("http://app.localhost/keys", true),
            ("http://app.example/keys", false),
            ("http://localhost.example/keys", false),
            ("https://user@app.example/keys", false),
            ("https://user:secret@app.example/keys", false),
            ("https://:secret@app.example/keys", false),
            ("https://app.example/keys#first", false),
            ("file:///etc/passwd", false),
            ("data:application/json,{}", false),
            ("ftp://app.example/keys", false),
        ] {
            assert_eq!(may_host_keys(&Url::parse(address).unwrap()), allowed, "{address}");
        }
    }

    #[test]
    fn numbers_lead_to_public_addresses_or_to_this_machine() {
        for (address, allowed) in [
            ("https://93.184.216.34/keys", true),
            ("https://127.0.0.1/keys", true),
            ("https://[::1]/keys", true),
            ("https://app.example/keys", true),
            ("https://169.254.169.254/latest", false),
            ("https://2852039166/latest", false),
            ("https://0xa9.254.169.254/latest", false),
            ("https://[::ffff:169.254.169.254]/latest", false),
            ("https://10.0.0.1/keys", false),
        ] {
            assert_eq!(may_be_reached(&Url::parse(address).unwrap()), allowed, "{address}");
        }
    }

    #[test]
    fn a_name_leads_to_this_machine_only_if_it_says_so() {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        for (name, allowed) in [
            ("localhost", true),
            ("LOCALHOST.", true),
            ("app.localhost", true),
            ("app.example", false),
            ("localhost.example", false),
        ] {
            assert_eq!(allows(name, here), allowed, "{name}");
        }
        assert!(!allows("localhost", "10.0.0.1".parse().unwrap()));
        assert!(allows("app.example", "93.184.216.34".parse().unwrap()));
    }

    #[tokio::test]
    async fn the_name_of_this_machine_leads_to_this_machine() {
        let mut found = PublicOnly.resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(found.all(|found| found.ip().is_loopback()));
    }
}
