//! Addresses in answers, without what differs between two runs on one platform.

use std::collections::BTreeMap;

use url::Url;

use crate::record::Request;
use crate::record::endpoint::words;

/// What the addresses in an answer are called by.
pub struct Places {
    /// The address that was asked.
    asked: Option<Url>,
    /// Where the app is, if the request says so.
    app: Option<Url>,
    /// What the `Origin` header of the request says.
    pub origin: Option<String>,
}

impl Places {
    pub fn of(request: &Request) -> Self {
        let asked = Url::parse(&request.url).ok();
        let header = |wanted: &str| {
            let found = request.headers.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let in_query = asked.iter().flat_map(Url::query_pairs);
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(request.body.as_bytes()).collect();
        let address = in_query
            .chain(form)
            .find(|(name, _)| BACK.contains(&name.as_ref()))
            .and_then(|(_, value)| Url::parse(&value).ok());
        Self { app: address, origin: header("origin"), asked }
    }

    /// An address by what it is: `[platform]/oauth2/v1/token`, `https://other.example/x`.
    pub fn address(&self, text: &str) -> String {
        let Ok(url) = Url::parse(text) else { return text.to_owned() };
        format!("{}{}", self.host(&url), url.path().trim_end_matches('/'))
    }

    /// Where a `Location` leads, and the parameters that it brings.
    pub fn location(&self, text: &str) -> Option<Location> {
        let url = match (Url::parse(text), &self.asked) {
            (Ok(url), _) => url,
            (Err(_), Some(asked)) => asked.join(text).ok()?,
            (Err(_), None) => return None,
        };
        let is_app = self.app.as_ref().is_some_and(|app| {
            (app.scheme(), app.host_str(), app.port(), app.path())
                == (url.scheme(), url.host_str(), url.port(), url.path())
        });
        let place = match is_app {
            true => "[the app]".to_owned(),
            false => format!("{}{}", self.host(&url), words::path(url.path())),
        };
        let of = |part: Option<&str>| -> Vec<(String, String)> {
            url::form_urlencoded::parse(part.unwrap_or_default().as_bytes()).into_owned().collect()
        };
        let (query, fragment) = (of(url.query()), of(url.fragment()));
        Some(Location { place, query, fragment })
    }

    fn host(&self, url: &Url) -> String {
        let is_asked = self.asked.as_ref().is_some_and(|asked| asked.origin() == url.origin());
        let is_here = url.host_str().is_some_and(|host| HERE.contains(&host));
        match (is_asked || is_here, url.host_str()) {
            (true, _) => "[platform]".to_owned(),
            (false, Some(_)) => url.origin().ascii_serialization(),
            (false, None) => format!("{}:", url.scheme()),
        }
    }
}

/// Where a redirect leads.
pub struct Location {
    pub place: String,
    pub query: Vec<(String, String)>,
    pub fragment: Vec<(String, String)>,
}

impl Location {
    /// The value of a parameter, wherever it stands.
    pub fn parameter(&self, wanted: &str) -> Option<&str> {
        let all = self.query.iter().chain(&self.fragment);
        all.filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).next()
    }
}

/// Parameters that say where users come back to.
const BACK: [&str; 2] = ["redirect_uri", "post_logout_redirect_uri"];
/// Names of this machine.
const HERE: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
