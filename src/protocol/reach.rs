//! How far an address leads: this machine, a private network, or the whole internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Whether somebody elsewhere can be expected to reach an address: a name of the internet's, or a
/// public number. What the name leads to is not looked up.
pub fn leads_outside(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let last = name.rsplit_once('.').map(|(_, last)| last);
            last.is_some_and(|last| !PRIVATE_DOMAINS.contains(&last))
        }
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        None => false,
    }
}

/// Whether an address leads to this machine itself.
pub fn is_of_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_name_of_this_machine(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `localhost` and the names below it (RFC 6761 §6.3).
pub fn is_name_of_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether an address belongs to the whole internet (IANA's registries of special addresses).
pub fn is_public(address: IpAddr) -> bool {
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

/// Top-level domains that are nobody's in the internet (RFC 6761, RFC 6762, RFC 8375).
const PRIVATE_DOMAINS: [&str; 8] =
    ["arpa", "example", "internal", "invalid", "lan", "local", "localhost", "test"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_of_a_private_network_lead_nowhere_outside() {
        for (address, outside) in [
            ("https://app.example.org/keys", true),
            ("https://app.example.org./keys", true),
            ("https://93.184.216.34/keys", true),
            ("https://localhost/keys", false),
            ("https://app.localhost/keys", false),
            ("https://printer.local/keys", false),
            ("https://host/keys", false),
            ("https://192.168.1.1/keys", false),
            ("https://[::1]/keys", false),
        ] {
            assert_eq!(leads_outside(&Url::parse(address).unwrap()), outside, "{address}");
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
}
