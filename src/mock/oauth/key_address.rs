//! Where apps may host their keys, and where the platform lets itself be sent.
//!
//! Anybody who registers an app makes the platform fetch an address of their choice. So the address
//! has to be protected, and what its name resolves to is looked at before the connection is made,
//! to that very address: a name cannot lead into a network that its owner could not reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

/// Whether an app may register this address: https, or http on this machine, without credentials
/// and without fragment.
pub(in crate::mock) fn may_host_keys(url: &Url) -> bool {
    let protected = url.scheme() == "https" || (url.scheme() == "http" && is_here(url));
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

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_name_of_this_machine(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `localhost` and the names below it (RFC 6761 §6.3).
fn is_name_of_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether an address belongs to the whole internet (IANA's registries of special addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0);
    let benchmarks = a == 198 && (18..20).contains(&b);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || shared
        || protocols
        || benchmarks
        || a == 0
        || a >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [.., a, b] = segments;
    let last = || {
        let [[a, b], [c, d]] = [a.to_be_bytes(), b.to_be_bytes()];
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // IPv4 in another dress: mapped, translated (RFC 6052), and 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(last()),
        [0x2002, a, b, ..] => {
            let [[a, b], [c, d]] = [a.to_be_bytes(), b.to_be_bytes()];
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Documentation, and Teredo, which hides an IPv4 address.
        [0x2001, 0xdb8 | 0, ..] => false,
        // Of all the rest only this eighth is given out.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
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
    fn special_addresses_are_not_public() {
        for (address, public) in [
            ("93.184.216.34", true),
            ("172.15.0.1", true),
            ("100.63.0.1", true),
            ("2606:2800:220:1::1", true),
            ("::ffff:93.184.216.34", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("192.0.0.192", false),
            ("192.168.1.1", false),
            ("198.18.0.1", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("64:ff9b::a9fe:a9fe", false),
            ("2002:a9fe:a9fe::1", false),
            ("2001:db8::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
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
