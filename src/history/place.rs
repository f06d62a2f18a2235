//! Where a history is.

use std::path::PathBuf;

use thiserror::Error;
use url::Url;

use crate::secret::{Redactor, Secret};

/// Where a history is.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a file of its own.
    File(PathBuf),
    /// On a PostgreSQL server, by its URL, which may hold a password.
    Server(Secret),
}

/// Why a text is no URL of a history; never says the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// It is none at all.
    #[error("it is no URL: {0}")]
    NoUrl(#[from] url::ParseError),
    /// It is one of something else.
    #[error("it begins with `{0}:`, and only `postgres:` is known")]
    Scheme(String),
}

impl Place {
    /// A history on the server of this URL.
    ///
    /// # Errors
    /// [`PlaceError`] if it is none of PostgreSQL.
    pub fn server(url: &Secret) -> Result<Self, PlaceError> {
        let parsed = Url::parse(url.expose())?;
        match parsed.scheme() {
            "postgres" | "postgresql" => Ok(Self::Server(url.clone())),
            other => Err(PlaceError::Scheme(other.to_owned())),
        }
    }

    /// The URL for the driver.
    pub(super) fn url(&self) -> Secret {
        match self {
            // What means something in a URL is written as a code.
            Self::File(file) => match Url::from_file_path(file) {
                Ok(url) => Secret::new(format!("sqlite:{}?mode=rwc", url.path())),
                Err(()) => Secret::new(format!("sqlite:{}?mode=rwc", file.display())),
            },
            Self::Server(url) => url.clone(),
        }
    }

    /// The place in words, without a password.
    pub fn shown(&self) -> String {
        match self {
            Self::File(file) => file.display().to_string(),
            Self::Server(url) => match Url::parse(url.expose()) {
                Ok(mut url) => {
                    // A URL with a host takes both.
                    let _ = url.set_password(None);
                    url.set_query(None);
                    url.to_string()
                }
                Err(_) => "of the server".to_owned(),
            },
        }
    }

    /// A text about this place without what must not be seen.
    pub(super) fn redacted(&self, text: &str) -> String {
        let redactor = Redactor::new();
        if let Self::Server(url) = self {
            redactor.learn("history_url", url);
            let password = Url::parse(url.expose()).ok();
            let password = password.as_ref().and_then(Url::password).unwrap_or_default();
            if !password.is_empty() {
                redactor.learn("password", &Secret::new(password));
            }
        }
        redactor.redact(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_without_its_password() {
        let url = Secret::new("postgres://ci:canary@db.example:5433/runs?sslpassword=canary");
        let place = Place::server(&url).unwrap();
        assert_eq!(place.shown(), "postgres://ci@db.example:5433/runs");
        assert!(!format!("{place:?}").contains("canary"));
        let said = place.redacted("refused: ci with canary");
        assert!(!said.contains("canary"), "{said}");
    }

    #[test]
    fn only_postgres_is_a_server() {
        let error = |url: &str| Place::server(&Secret::new(url)).unwrap_err().to_string();
        assert!(error("mysql://u:canary@h/d").starts_with("it begins with `mysql:`"));
        assert!(error("canary").starts_with("it is no URL"));
        assert!(!error("canary").contains("canary"));
    }

    #[test]
    fn a_file_may_have_any_name() {
        let place = Place::File(PathBuf::from("/a b/50%?#.sqlite"));
        assert_eq!(place.url().expose(), "sqlite:/a%20b/50%25%3F%23.sqlite?mode=rwc");
    }
}
