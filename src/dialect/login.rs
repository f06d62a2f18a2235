//! How a user gets through a platform's pages: which page is shown, and what to do on it.
//!
//! ```yaml
//! hosts: ["*.platform.example"]
//! error: [".alert-error"]
//! pages:
//!   - name: sign in
//!     when: ["input[type=password]"]
//!     commands:
//!       - { fill: "#username", with: username }
//!       - { fill: "#password", with: password }
//!       - { click: "button[type=submit]" }
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// The pages between an authorization request and its answer.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoginScript {
    /// Hosts on which credentials may be typed: `host`, `host:port`, or `*.domain`.
    pub hosts: Vec<String>,
    /// The pages; where several are shown, the first in this list counts.
    pub pages: Vec<LoginPage>,
    /// CSS selectors of the boxes in which the platform tells an error.
    #[serde(default)]
    pub error: Vec<String>,
}

impl LoginScript {
    /// Whether credentials may be typed into a page of this address.
    pub fn trusts(&self, page: &Url) -> bool {
        let Some(host) = page.host_str() else { return false };
        let here = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        if page.scheme() != "https" && !here {
            return false;
        }
        let with_port = page.port_or_known_default().map(|port| format!("{host}:{port}"));
        self.hosts.iter().any(|allowed| match allowed.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
            None => allowed == host || Some(allowed) == with_port.as_ref(),
        })
    }
}

/// The host of a page as `hosts` names it: with its port, if that is not the usual one.
pub fn named(page: &Url) -> String {
    let host = page.host_str().unwrap_or_default();
    page.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// One page, and what a user does on it.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoginPage {
    /// Its name in reports.
    pub name: String,
    /// CSS selectors; a visible element that matches any of them means that this page is shown.
    pub when: Vec<String>,
    /// What to do, in order.
    pub commands: Vec<Command>,
    /// What a user does instead who wants to go no further.
    #[serde(default)]
    pub decline: Vec<Command>,
}

impl LoginPage {
    /// A page of the EHR on which a link is followed.
    pub fn chart(link: String) -> Self {
        let (name, when) = ("chart".to_owned(), vec![link.clone()]);
        Self { name, when, commands: vec![Command::Click(link)], decline: Vec::new() }
    }
}

/// One thing that a user does on a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Command {
    /// Types a value into the element of this CSS selector.
    Fill(String, Value),
    /// Ticks, unticks or picks among the elements of this CSS selector.
    Choose(String, Choice),
    /// Clicks the element of this CSS selector.
    Click(String),
}

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// The user's name.
    Username,
    /// The user's password.
    Password,
}

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Checkboxes whose `value` is a scope: all are ticked but those that the user denies.
    Scopes,
    /// The radio button, option, link or button that stands for the user's record.
    Record,
}

/// A command as it stands in a file.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// CSS selector of the element that a value is typed into.
    #[serde(skip_serializing_if = "Option::is_none")]
    fill: Option<String>,
    /// CSS selector of the elements that are ticked, unticked or picked.
    #[serde(skip_serializing_if = "Option::is_none")]
    choose: Option<String>,
    /// CSS selector of the element that is clicked.
    #[serde(skip_serializing_if = "Option::is_none")]
    click: Option<String>,
    /// What is typed or chosen: `username`, `password`, `scopes` or `record`.
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<Name>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
enum Name {
    Username,
    Password,
    Scopes,
    Record,
}

impl TryFrom<Written> for Command {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match (written.fill, written.choose, written.click, written.with) {
            (Some(at), None, None, Some(Name::Username)) => Ok(Self::Fill(at, Value::Username)),
            (Some(at), None, None, Some(Name::Password)) => Ok(Self::Fill(at, Value::Password)),
            (None, Some(at), None, Some(Name::Scopes)) => Ok(Self::Choose(at, Choice::Scopes)),
            (None, Some(at), None, Some(Name::Record)) => Ok(Self::Choose(at, Choice::Record)),
            (None, None, Some(at), None) => Ok(Self::Click(at)),
            (Some(_), None, None, _) => {
                Err("`fill` needs `with: username` or `with: password` beside it")
            }
            (None, Some(_), None, _) => {
                Err("`choose` needs `with: scopes` or `with: record` beside it")
            }
            (None, None, Some(_), Some(_)) => Err("`click` takes no `with`"),
            _ => Err("a command has exactly one of `fill`, `choose` and `click`"),
        }
    }
}

impl From<Command> for Written {
    fn from(command: Command) -> Self {
        let nothing = Self { fill: None, choose: None, click: None, with: None };
        match command {
            Command::Fill(at, Value::Username) => {
                Self { fill: Some(at), with: Some(Name::Username), ..nothing }
            }
            Command::Fill(at, Value::Password) => {
                Self { fill: Some(at), with: Some(Name::Password), ..nothing }
            }
            Command::Choose(at, Choice::Scopes) => {
                Self { choose: Some(at), with: Some(Name::Scopes), ..nothing }
            }
            Command::Choose(at, Choice::Record) => {
                Self { choose: Some(at), with: Some(Name::Record), ..nothing }
            }
            Command::Click(at) => Self { click: Some(at), ..nothing },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_does_one_thing() {
        let read = |text: &str| serde_json::from_str::<Command>(text).map_err(|e| e.to_string());
        assert_eq!(
            read(r##"{"fill": "#u", "with": "username"}"##),
            Ok(Command::Fill("#u".into(), Value::Username))
        );
        assert_eq!(read(r##"{"click": "#b"}"##), Ok(Command::Click("#b".into())));
        for (wrong, told) in [
            (r##"{"fill": "#u"}"##, "`fill` needs"),
            (r##"{"choose": "#u", "with": "password"}"##, "`choose` needs"),
            (r##"{"click": "#u", "fill": "#u", "with": "username"}"##, "exactly one"),
            (r##"{}"##, "exactly one"),
            (r##"{"press": "#u"}"##, "unknown field `press`"),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_command_is_written_as_it_is_read() {
        for text in [
            r##"{"fill":"#u","with":"username"}"##,
            r##"{"fill":"#u","with":"password"}"##,
            r##"{"choose":"#u","with":"scopes"}"##,
            r##"{"choose":"#u","with":"record"}"##,
            r##"{"click":"#u"}"##,
        ] {
            let command: Command = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&command).unwrap(), text);
        }
    }

    #[test]
    fn a_host_must_be_listed_to_be_trusted() {
        let script = LoginScript {
            hosts: vec!["*.example.org".into(), "127.0.0.1:81".into(), "login.test".into()],
            pages: vec![],
            error: vec![],
        };
        let trusts = |url: &str| script.trusts(&Url::parse(url).unwrap());
        assert!(trusts("https://a.example.org/x"));
        assert!(trusts("http://127.0.0.1:81/"));
        assert!(trusts("https://login.test:8443/"));
        assert!(!trusts("http://login.test/"), "a password in clear");
        assert!(!trusts("https://evilexample.org/"));
        assert!(!trusts("http://127.0.0.1:82/"));
        assert!(!trusts("https://login.test.evil/"));
        assert!(!trusts("about:blank"));
    }
}
