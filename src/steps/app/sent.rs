//! The requests of the app that sentences speak of, and what stands in them.

use std::str::FromStr;

use super::words::filled;
use crate::mock::{Endpoint, Entry};
use crate::world::{Halt, Scene, Since};

/// A kind of request, in one or in many: `token request`, `API calls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, cucumber::Parameter)]
#[param(
    name = "sent",
    regex = "(?:authorization|token|refresh|discovery|OpenID configuration|key set|userinfo) requests?|API calls?|FHIR search(?:es)?"
)]
pub enum Kind {
    /// The user's browser is sent to sign in.
    Authorization,
    /// Tokens are asked for, by whatever grant.
    Token,
    /// Tokens are asked for by a refresh token.
    Refresh,
    /// What the platform says of itself is read, in whichever of its documents.
    Discovery,
    /// What the issuer says of itself is read.
    OpenIdConfiguration,
    /// The issuer's keys are read.
    KeySet,
    /// The issuer is asked about the user.
    Userinfo,
    /// Data is read or written.
    Api,
    /// Resources are searched for.
    Search,
}

impl Kind {
    fn endpoints(self) -> &'static [Endpoint] {
        match self {
            Self::Authorization => &[Endpoint::Authorize],
            Self::Token | Self::Refresh => &[Endpoint::Token],
            Self::Discovery => {
                &[Endpoint::SmartConfiguration, Endpoint::OpenidConfiguration, Endpoint::Metadata]
            }
            Self::OpenIdConfiguration => &[Endpoint::OpenidConfiguration],
            Self::KeySet => &[Endpoint::Keys],
            Self::Userinfo => &[Endpoint::Userinfo],
            Self::Api => API,
            Self::Search => &[Endpoint::Fhir],
        }
    }

    fn fits(self, entry: &Entry) -> bool {
        match self {
            Self::Authorization => parameter(entry, "client_id").is_some(),
            Self::Refresh => entry.request.form.get("grant_type") == Some("refresh_token"),
            Self::Search => {
                let name = entry.request.path.rsplit('/').next().unwrap_or_default();
                entry.request.method == "GET"
                    && name.starts_with(|it: char| it.is_ascii_uppercase())
            }
            _ => true,
        }
    }

    /// In words, for one of them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization request",
            Self::Token => "token request",
            Self::Refresh => "refresh request",
            Self::Discovery => "discovery request",
            Self::OpenIdConfiguration => "request for the openid-configuration",
            Self::KeySet => "request for the platform's keys",
            Self::Userinfo => "userinfo request",
            Self::Api => "API call",
            Self::Search => "FHIR search",
        }
    }

    /// Those that were sent, oldest first.
    ///
    /// # Errors
    /// [`Halt::Error`] if the scenario has no app under test.
    pub fn sent(self, scene: &Scene, since: Since) -> Result<Vec<Entry>, Halt> {
        let sent = scene.sent(self.endpoints(), since)?.0;
        Ok(sent.into_iter().filter(|entry| self.fits(entry)).collect())
    }

    /// Those that were sent since the app was started, of which there has to be one to be looked at:
    /// it is waited for.
    ///
    /// # Errors
    /// [`Halt::Inconclusive`] if there is none.
    pub async fn each(self, scene: &Scene) -> Result<Vec<Entry>, Halt> {
        scene.await_sent(self.endpoints(), Since::TheStart, 1).await?;
        let sent = self.sent(scene, Since::TheStart)?;
        match sent.is_empty() {
            true => Err(Halt::Inconclusive(format!("the app sent no {}", self.name()))),
            false => Ok(sent),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let one = text.trim_end_matches("es").trim_end_matches('s');
        Ok(match one.trim_end_matches(" request") {
            "authorization" => Self::Authorization,
            "token" => Self::Token,
            "refresh" => Self::Refresh,
            "discovery" => Self::Discovery,
            "OpenID configuration" => Self::OpenIdConfiguration,
            "key set" => Self::KeySet,
            "userinfo" => Self::Userinfo,
            "API call" => Self::Api,
            "FHIR search" => Self::Search,
            _ => return Err(format!("`{text}` is no kind of request")),
        })
    }
}

/// A parameter of a request, in its address or in its form.
pub fn parameter<'a>(entry: &'a Entry, name: &str) -> Option<&'a str> {
    let request = &entry.request;
    request.query.get(name).or_else(|| request.form.get(name))
}

/// Whether the app has read a resource: `Practitioner/123`.
///
/// # Errors
/// As for [`Kind::sent`].
pub fn read(scene: &Scene, resource: &str, since: Since) -> Result<bool, Halt> {
    let calls = Kind::Api.sent(scene, since)?;
    let is_it = |entry: &Entry| {
        let place = entry.request.path.strip_suffix(resource);
        entry.request.method == "GET" && place.is_some_and(|it| it.ends_with('/'))
    };
    Ok(calls.iter().any(is_it))
}

/// Judges a value against what a scenario says of it: `(none)`, `(any)`, or one of several texts,
/// separated by ` or `, whose words in curly brackets stand for what is so at this platform.
///
/// # Errors
/// [`Halt::NotMet`] if it is another.
pub fn judge(scene: &Scene, what: &str, value: Option<&str>, expected: &str) -> Result<(), Halt> {
    let claim = scene.must(what);
    match expected {
        "(none)" => {
            let seen = if value.is_some() { "it is there" } else { "it is not there" };
            claim.equal("it is not there", seen)
        }
        "(any)" => {
            let seen = if value.is_some() { "it is there" } else { "it is not there" };
            claim.equal("it is there", seen)
        }
        expected => {
            let expected: Vec<String> =
                expected.split(" or ").map(|one| filled(scene, one)).collect::<Result<_, _>>()?;
            let holds = value.is_some_and(|value| expected.iter().any(|one| one == value));
            let shown = scene.recorder.redactor().redact(&expected.join(" or "));
            let seen = scene.recorder.redactor().redact(value.unwrap_or("nothing"));
            claim.holds(holds, shown, seen)
        }
    }
}

/// Which of several requests is meant, to be told: `the 2nd token request`, or `the token request`.
pub fn which(kind: Kind, index: usize, count: usize) -> String {
    match count {
        1 => format!("the {}", kind.name()),
        _ => format!("{} {} of {count}", kind.name(), index + 1),
    }
}

/// The APIs that tokens are for.
pub const API: &[Endpoint] = &[Endpoint::Fhir, Endpoint::V1];
