//! Spellings of a redirect address that are near to the written one.

use url::Url;

/// Spellings that people register in place of one another: with and without the last slash, in lower
/// case, with and without the port, of the other scheme, of the other name of this machine.
pub(super) fn variants(written: &str) -> Vec<String> {
    let mut variants = Vec::new();
    let mut add = |variant: String| {
        if variant != written && !variants.contains(&variant) {
            variants.push(variant);
        }
    };
    match written.strip_suffix('/') {
        Some(without) => add(without.to_owned()),
        None if !written.contains('?') => add(format!("{written}/")),
        None => {}
    }
    add(written.to_lowercase());
    let Ok(url) = Url::parse(written) else { return variants };
    let Some((scheme, rest)) = written.split_once("://") else { return variants };
    let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => {
            (host, Some(port))
        }
        _ => (authority, None),
    };
    let usual = match scheme {
        "https" => Some("443"),
        "http" => Some("80"),
        _ => None,
    };
    match (port, usual) {
        (None, Some(usual)) => add(format!("{scheme}://{host}:{usual}{path}")),
        (Some(port), Some(_)) if url.port().is_some() || Some(port) == usual => {
            add(format!("{scheme}://{host}{path}"));
        }
        _ => {}
    }
    for (one, other) in [("http", "https"), ("https", "http")] {
        if scheme == one {
            add(format!("{other}://{authority}{path}"));
        }
    }
    for (one, other) in [("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")] {
        if host == one {
            add(format!("{scheme}://{}{path}", authority.replacen(one, other, 1)));
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::variants;

    #[test]
    fn the_usual_slips_are_tried() {
        assert_eq!(
            variants("https://App.example/Callback"),
            [
                "https://App.example/Callback/",
                "https://app.example/callback",
                "https://App.example:443/Callback",
                "http://App.example/Callback",
            ]
        );
        assert_eq!(
            variants("http://localhost:3000/cb/"),
            [
                "http://localhost:3000/cb",
                "http://localhost/cb/",
                "https://localhost:3000/cb/",
                "http://127.0.0.1:3000/cb/",
            ]
        );
        assert_eq!(variants("myapp:/cb"), ["myapp:/cb/"]);
    }
}
