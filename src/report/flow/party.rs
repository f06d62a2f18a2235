//! The parties of a flow.

use url::form_urlencoded;

use crate::record::endpoint::{Endpoint, Kind};
use crate::record::{Exchange, Sender};

/// Somebody who asks or answers, in the order in which a diagram shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Whoever registers the app.
    Developer,
    /// The user's browser.
    Browser,
    /// The app: its server or device.
    App,
    /// Where apps are registered.
    Portal,
    /// Pages of the platform that are not about signing in, as a chart from which an app is launched.
    Pages,
    /// Discovery documents and the CapabilityStatement.
    Discovery,
    /// The authorization endpoint.
    Authorization,
    /// The pages on which users sign in and consent.
    Login,
    /// The token endpoint.
    Token,
    /// The introspection endpoint.
    Introspection,
    /// The revocation endpoint.
    Revocation,
    /// The platform's key set.
    Keys,
    /// The userinfo endpoint.
    Userinfo,
    /// The end-session endpoint.
    Logout,
    /// FHIR and other data.
    Api,
    /// The platform, where it asks by itself.
    Platform,
}

impl Party {
    /// Its name above its lifeline.
    pub fn name(self) -> &'static str {
        match self {
            Self::Developer => "Developer",
            Self::Browser => "Browser",
            Self::App => "App",
            Self::Portal => "Portal",
            Self::Pages => "EHR pages",
            Self::Discovery => "Discovery",
            Self::Authorization => "Authorization",
            Self::Login => "Login",
            Self::Token => "Token",
            Self::Introspection => "Introspection",
            Self::Revocation => "Revocation",
            Self::Keys => "Keys",
            Self::Userinfo => "Userinfo",
            Self::Logout => "Logout",
            Self::Api => "API",
            Self::Platform => "Platform",
        }
    }

    pub(super) fn sending(sender: Sender) -> Self {
        match sender {
            Sender::App => Self::App,
            Sender::Browser => Self::Browser,
            Sender::Platform => Self::Platform,
            Sender::Developer => Self::Developer,
        }
    }

    /// Who of the platform is asked.
    pub(super) fn asked(
        endpoint: &Endpoint,
        exchange: &Exchange,
        sender: Sender,
        signs_in: bool,
    ) -> Self {
        match endpoint.kind {
            Kind::Discovery | Kind::Capabilities => Self::Discovery,
            Kind::Keys => Self::Keys,
            Kind::Authorization => Self::Authorization,
            Kind::Token => Self::Token,
            Kind::Introspection => Self::Introspection,
            Kind::Revocation => Self::Revocation,
            Kind::Logout => Self::Logout,
            Kind::Userinfo => Self::Userinfo,
            Kind::Fhir => Self::Api,
            // A run may have seen no document that names the platform's endpoints.
            Kind::Tls | Kind::Other if asks_for_authorization(exchange) => Self::Authorization,
            Kind::Tls | Kind::Other if asks_for_a_token(exchange) => Self::Token,
            Kind::Tls | Kind::Other => match sender {
                Sender::Developer => Self::Portal,
                Sender::Browser if signs_in => Self::Login,
                Sender::Browser => Self::Pages,
                Sender::App | Sender::Platform => Self::Api,
            },
        }
    }
}

/// RFC 6749 §4.1.1.
fn asks_for_authorization(exchange: &Exchange) -> bool {
    let query = exchange.request.url.split_once('?').map_or("", |(_, query)| query);
    has(query, "response_type") && has(query, "client_id")
}

/// RFC 6749 §4.1.3, §4.4.2, §6.
fn asks_for_a_token(exchange: &Exchange) -> bool {
    exchange.request.method == "POST" && has(&exchange.request.body, "grant_type")
}

fn has(form: &str, wanted: &str) -> bool {
    form_urlencoded::parse(form.as_bytes()).any(|(name, _)| name == wanted)
}
