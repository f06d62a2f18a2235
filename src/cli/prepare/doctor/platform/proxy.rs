//! Whether requests to a host go through a proxy, as the environment says.

use url::Url;

use crate::cli::Surroundings;

/// The variable that names a proxy for this address, if one does.
pub(super) fn of(surroundings: &Surroundings, url: &Url) -> Option<&'static str> {
    let variable = |name: &str| surroundings.variable(name).filter(|value| !value.is_empty());
    let host = url.host_str().unwrap_or_default();
    let without = variable("no_proxy").or_else(|| variable("NO_PROXY")).unwrap_or_default();
    names(url).iter().copied().find(|name| variable(name).is_some() && !excepts(&without, host))
}

fn names(url: &Url) -> &'static [&'static str] {
    match url.scheme() {
        "https" => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        // In upper case it could be a header of a request to a CGI program.
        _ => &["http_proxy", "all_proxy", "ALL_PROXY"],
    }
}

/// Whether a list of hosts, domains and `*` names this host.
fn excepts(list: &str, host: &str) -> bool {
    let bare = host.trim_matches(['[', ']']);
    list.split(',').map(str::trim).filter(|one| !one.is_empty()).any(|one| {
        let domain = one.trim_start_matches("*.").trim_start_matches('.');
        one == "*" || bare == domain || bare.ends_with(&format!(".{domain}"))
    })
}

#[cfg(test)]
mod tests {
    use super::excepts;

    #[test]
    fn a_list_names_hosts_their_domains_and_everything() {
        for (list, host, expected) in [
            ("*", "api.example", true),
            ("localhost, .example", "api.example", true),
            ("*.example", "api.example", true),
            ("api.example", "api.example", true),
            ("::1", "[::1]", true),
            ("ample", "api.example", false),
            ("", "api.example", false),
        ] {
            assert_eq!(excepts(list, host), expected, "{list} {host}");
        }
    }
}
